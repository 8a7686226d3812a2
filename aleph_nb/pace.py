"""The pace: evenly spaced turns, and the cool-down that all threads of a kernel share."""

import math
import threading
import time
from collections.abc import Callable

__all__ = ["Pace"]

_LOOK = 0.5  # seconds at most between two looks at when the next turn is due
_SLICE = 0.05  # seconds between two looks at whether to give up waiting for another's turn


class Pace:
    """Hands out turns, one to an attempt, at most `rate` of them a second.

    Turns missed in a stall are not made up for in a burst: the service counts by the second.
    A cool-down holds back every turn, whoever was told to wait.

    Parameters
    ----------
    rate : float
        Turns a second; 0 for as many as are asked for.
    clock : callable
        The seconds of a clock that never goes back.
    """

    def __init__(self, rate: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._door = threading.Lock()  # whoever holds it waits for the next turn; the others wait for it
        self._last = -math.inf  # when the last turn was given
        self._cooling = threading.Lock()
        self._cool_until = 0.0

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
        if not self.rate and self._cool_until <= self._clock():
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
            now = self._clock()
            due = max(self._last + (1 / self.rate if self.rate else 0), self._cool_until)
            if due <= now:
                self._last = now
                return True
            stop.wait(min(due - now, _LOOK))  # a cool-down or another rate may have come: look again
        return False

    def cool_down(self, seconds: float) -> None:
        """Give nobody a turn for so many seconds from now."""
        with self._cooling:  # of two at one time, the longer one counts
            self._cool_until = max(self._cool_until, self._clock() + seconds)

    @property
    def cooling(self) -> float:
        """Seconds for which nobody gets a turn; 0 where there is no cool-down."""
        return max(0.0, self._cool_until - self._clock())
