"""The pace: evenly spaced turns, and the cool-down that all threads of a kernel share."""

import math
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from weakref import WeakSet

from aleph_nb.pace.shared import GLANCE, Shared

__all__ = ["Pace"]

_LOOK = 0.5  # seconds at most between two looks at when the next turn is due
_SLICE = 0.05  # seconds between two looks at whether to give up waiting for another's turn
_CATCH_UP = 0.25  # of a gap, by which the turn after a late one may follow sooner; where turns are shared


class Pace:
    """Hands out turns, one to an attempt, at most `rate` of them a second.

    Turns missed in a stall are not made up for in a burst: the service counts by the second.
    A cool-down holds back every turn, whoever was told to wait. Both are for this kernel alone, until
    it is told with whom to `share` them.

    Parameters
    ----------
    rate : float
        Turns a second; 0 for as many as are asked for.
    clock : callable
        The seconds of a clock that never goes back.
    wall : callable
        The seconds of a clock that all kernels have.
    folder : Path, optional
        Where kernels tell one another of their turns; the user's cache folder if not given.
    """

    def __init__(
        self,
        rate: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        folder: Path | None = None,
    ) -> None:
        self.rate = rate
        self._clock = clock
        self._wall = wall
        self._folder = folder
        self._shared: Shared | None = None
        self._last = -math.inf  # when the last turn was given
        self._cool_until = 0.0
        self._glance_at = math.inf
        self._renew_locks()
        _paces.add(self)

    def _renew_locks(self) -> None:
        self._door = threading.Lock()  # whoever holds it waits for the next turn; the others wait for it
        self._cooling = threading.Lock()

    def share(self, reveal: Callable[[], str], service: str) -> None:
        """Share turns and cool-downs with the kernels that use the same key for the same service.

        Where the cache folder does not serve, this kernel paces itself, and `why_alone` tells why.

        Parameters
        ----------
        reveal : callable
            Returns the key. It is not kept.
        service : str
            The origin of the service.
        """
        if self._shared is None:
            self._shared = Shared(self._folder, self._clock, self._wall)
        self._shared.join(reveal, service)
        self._glance_at = -math.inf

    @property
    def shared(self) -> bool:
        """Whether other kernels' turns count."""
        return self._shared is not None and not self._shared.why_alone

    @property
    def why_alone(self) -> str:
        """Why this kernel paces itself though it was to share, in words; "" where that is not so."""
        return self._shared.why_alone if self._shared else ""

    def turn(self, stop: threading.Event) -> bool:
        """Wait for a turn.

        Parameters
        ----------
        stop : threading.Event
            Ends the waiting.

        Returns
        -------
        bool
            Whether there is a turn; False once `stop` is set.
        """
        if not self.rate and self._cool_until <= self._clock() < self._glance_at:
            return not stop.is_set()
        while not self._door.acquire(timeout=_SLICE):
            if stop.is_set():
                return False
        try:
            return self._wait(stop)
        finally:
            self._door.release()

    def _wait(self, stop: threading.Event) -> bool:
        while not stop.is_set():
            # A cool-down or another rate may have come while this waited: look again.
            due = self._next(stop)
            if due is None:
                return True
            stop.wait(min(due - self._clock(), _LOOK if self._shared is None else GLANCE))
        return False

    def _next(self, stop: threading.Event) -> float | None:
        """Take a turn where one is due and return None, else when to look again."""
        gap = 1 / self.rate if self.rate else 0.0
        shared = self._shared
        if shared is None:
            now = self._clock()
            due = max(self._last + gap, self._cool_until)
            if due > now:
                return due
            self._last = now
            return None
        self._glance(shared)
        at, is_turn = max(self._last + gap, self._cool_until), True
        if gap:
            at, is_turn = shared.due(at, gap, stop)
        now = self._clock()
        if at > now or not is_turn or stop.is_set():
            return max(at, now)
        if gap:
            shared.took()
        self._last = max(at, now - gap * _CATCH_UP)
        return None

    def _glance(self, shared: Shared) -> None:
        """See now and then whether another kernel was told to cool down."""
        if self._clock() >= self._glance_at:
            until = shared.glance()
            with self._cooling:
                self._cool_until = max(self._cool_until, until)
            self._glance_at = self._clock() + GLANCE  # now only: until here nobody passes by the door

    def cool_down(self, seconds: float) -> None:
        """Give nobody a turn for so many seconds from now."""
        with self._cooling:  # of two at one time, the longer one counts
            until = self._clock() + seconds
            is_longer = until > self._cool_until
            self._cool_until = max(self._cool_until, until)
        if is_longer and self._shared is not None:
            self._shared.cool_down(seconds, threading.Event())

    @property
    def cooling(self) -> float:
        """Seconds for which nobody gets a turn; 0 where there is no cool-down."""
        return max(0.0, self._cool_until - self._clock())

    def _after_fork(self) -> None:
        self._renew_locks()  # a thread that the child does not have may hold them
        if self._shared is not None:
            self._shared.after_fork()


_paces: WeakSet[Pace] = WeakSet()


def _after_fork() -> None:
    for pace in list(_paces):
        pace._after_fork()  # noqa: SLF001, a part of the class


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
