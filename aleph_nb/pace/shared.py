"""Turns and cool-downs shared with the kernels that use the same key, as far as their folder allows."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from aleph_nb.pace.board import Board, Entry, cache_folder, fingerprint

__all__ = ["GLANCE", "Due", "Shared"]

GLANCE = 0.05
"""Seconds between two looks at whether another kernel was told to cool down."""

_LEASE = 0.25  # seconds' worth of turns at most that a kernel reserves at a time, and loses when it dies
_AHEAD = 0.02  # seconds before its own next turn at which it reserves
_HORIZON = 1.0  # seconds from now within which a lease begins, so that what is later can be told for junk
_LATE = 0.01  # seconds, or half a gap if that is more, by which a turn may be late before it is lost
_LONGEST_COOL_DOWN = 60.0  # that another kernel can cause
_BACK_OFF = 60.0  # seconds without sharing after the folder has failed
_SLOW = 0.15  # seconds that a look under the lock takes where something is wrong
_STRIKES = 3  # slow looks in a row, and the folder has failed


class Due(NamedTuple):
    """When to take a turn, or when to ask again.

    Attributes
    ----------
    at : float
        In seconds of the kernel's clock.
    is_turn : bool
        Whether there is a turn then.
    """

    at: float
    is_turn: bool


@dataclass(slots=True)
class _Lease:
    """Turns that are ours alone: so many, from the first one's time to the last one's."""

    start: float
    end: float
    left: int
    used: int = 0


class Shared:
    """What a kernel shares with others.

    Parameters
    ----------
    folder : Path or None
        The cache folder; the user's if None.
    clock, wall : callable
        The kernel's clock, which never goes back, and that of the wall.

    Attributes
    ----------
    why_alone : str
        Why nothing is shared, in words; "" where it is.
    """

    def __init__(self, folder: Path | None, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        self.why_alone = ""
        self._folder = folder
        self._clock = clock
        self._wall = wall
        self._name = ""
        self._board: Board | None = None
        self._lease = _Lease(0, 0, 0)
        self._alone_until = 0.0
        self._strikes = 0
        self._seen_cool_down = 0.0

    def join(self, reveal: Callable[[], str], service: str) -> None:
        """Share with those that use this key for this service, and with nobody else."""
        if self._board is None and self.is_alone():
            return
        try:
            folder = self._folder or cache_folder()
            name = fingerprint(reveal, service, folder)
        except (OSError, RuntimeError) as error:
            self._fail(error)
            self._name, self._board = "", None
            return
        if not self.is_alone():
            self.why_alone = ""
        if name != self._name:
            self._name, self._board = name, Board(folder, name)
            self._drop()

    def _drop(self) -> None:
        self._lease = _Lease(0, 0, 0)
        self._seen_cool_down = 0.0

    def after_fork(self) -> None:
        """Leave to the parent what the parent has reserved."""
        self._lease = _Lease(0, 0, 0)

    def is_alone(self) -> bool:
        """Whether the folder has failed a short while ago."""
        return self._clock() < self._alone_until

    def glance(self) -> float:
        """Return when the cool-down ends that stands on the board, by our clock; 0 where none does."""
        board = self._board
        if board is None or self.is_alone():
            return 0.0
        try:
            cool_until = board.read().cool_until
        except OSError:  # whoever takes the lock next tells of it
            return 0.0
        if cool_until == self._seen_cool_down:  # told once: the wall's clock may have been set since
            return 0.0
        self._seen_cool_down = cool_until
        left = cool_until - self._wall()
        return self._clock() + left if 0 < left <= _LONGEST_COOL_DOWN else 0.0

    def cool_down(self, seconds: float, stop: threading.Event) -> None:
        """Tell the others."""
        until = self._wall() + min(seconds, _LONGEST_COOL_DOWN)

        def change(entry: Entry) -> Entry | None:
            return (
                None if until <= _sane(entry, self._wall()).cool_until else entry._replace(cool_until=until)
            )

        self._change(change, stop)

    def due(self, own: float, gap: float, stop: threading.Event) -> Due:
        """Tell when this kernel has a turn, and reserve some where it has none.

        Parameters
        ----------
        own : float
            When its next turn were due if it were alone.
        gap : float
            Seconds between two of its turns.
        stop : threading.Event
            Ends the waiting for the lock.
        """
        if self._board is None or self.is_alone():
            return Due(own, is_turn=True)
        lease = self._lease
        late = max(gap / 2, _LATE)
        now = self._clock()
        at = max(own, lease.start)
        if lease.left > 0 and max(at, now) <= lease.end + late:
            return Due(at, is_turn=True)
        if own > now + _AHEAD:
            return Due(own - _AHEAD, is_turn=False)
        return self._reserve(own, gap, stop)

    def took(self) -> None:
        """Note that the turn was taken."""
        self._lease.left -= 1
        self._lease.used += 1

    def _reserve(self, own: float, gap: float, stop: threading.Event) -> Due:
        """Reserve twice as many turns as were used of those before, up to a quarter of a second's worth."""
        turns = max(1, min(int(_LEASE / gap + 1e-9), 2 * self._lease.used))
        due = Due(own, is_turn=True)

        def change(entry: Entry) -> Entry | None:
            nonlocal due
            now, wall = self._clock(), self._wall()
            entry = _sane(entry, wall)
            ahead = wall - now
            start = max(own + ahead, wall, entry.last + min(gap, entry.gap), entry.cool_until)
            if start > wall + _HORIZON:
                due = Due(start - _HORIZON - ahead, is_turn=False)
                return None
            end = start + (turns - 1) * gap
            self._lease = _Lease(start - ahead, end - ahead, turns)
            due = Due(self._lease.start, is_turn=True)
            return entry._replace(last=end, gap=gap)

        self._change(change, stop)
        return due

    def _change(self, change: Callable[[Entry], Entry | None], stop: threading.Event) -> None:
        """Look under the lock; where that fails or is slow, share nothing for a while."""
        board = self._board
        if board is None or self.is_alone():
            return
        began = time.monotonic()
        try:
            if not board.change(change, stop):
                return
        except (OSError, RuntimeError) as error:
            self._fail(error)
            return
        self.why_alone = ""
        self._strikes = self._strikes + 1 if time.monotonic() - began > _SLOW else 0
        if self._strikes >= _STRIKES:
            self._strikes = 0
            self._fail(TimeoutError("its disk is slow"))

    def _fail(self, error: Exception) -> None:
        self.why_alone = getattr(error, "strerror", None) or str(error) or type(error).__name__
        self._alone_until = self._clock() + _BACK_OFF
        self._lease = _Lease(0, 0, 0)


def _sane(entry: Entry, now: float) -> Entry:
    """Drop what nobody can have written, unless the clock was set back since, or goes wrong elsewhere."""
    latest = now + _HORIZON + 2 * _LEASE
    return Entry(
        entry.last if 0 <= entry.last <= latest else 0.0,
        entry.gap if entry.gap > 0 else 0.0,
        entry.cool_until if 0 <= entry.cool_until <= now + _LONGEST_COOL_DOWN else 0.0,
    )
