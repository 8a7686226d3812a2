"""Something that is done a while after it was called for, once for many calls."""

import threading
import time
from collections.abc import Callable

__all__ = ["Later"]

_PATIENCE = 1.0  # seconds that `close` waits for what is being done


class Later:
    """Does something in a timer's thread, at most every so many seconds.

    Parameters
    ----------
    action : callable
        What is done. It raises nothing.
    pause : float
        Seconds at least between two times.
    delay : float
        Seconds from a call to the action, so that what follows at once is in it too.
    """

    def __init__(self, action: Callable[[], None], *, pause: float, delay: float) -> None:
        self._action = action
        self._pause, self._delay = pause, delay
        self._lock = threading.Lock()
        self._last = float("-inf")
        self._timer: threading.Timer | None = None  # that waits
        self._running: threading.Thread | None = None
        self._is_closed = False

    def soon(self) -> None:
        """Do it soon; where that is planned already, nothing changes."""
        with self._lock:
            if self._timer is None and not self._is_closed:
                wait = max(self._delay, self._last + self._pause - time.monotonic())
                timer = threading.Timer(wait, self._run)
                timer.name, timer.daemon = "aleph-desk-later", True
                timer.start()  # before it is noted: where an interrupt comes between, it is planned again
                self._timer = timer

    def done(self) -> None:
        """Count from now: it has just been done by other means."""
        self._last = time.monotonic()

    def close(self) -> None:
        """Plan nothing more; what was planned is done now, in the caller's thread."""
        with self._lock:
            timer, running = self._timer, self._running
            self._timer, self._is_closed = None, True
        for thread in (timer, running):
            if timer is not None:
                timer.cancel()
            if thread is not None and thread is not threading.current_thread():
                thread.join(_PATIENCE)
        if timer is not None:
            self._action()

    def _run(self) -> None:
        with self._lock:
            if self._is_closed:
                return
            self._timer, self._last = None, time.monotonic()
            self._running = threading.current_thread()
        self._action()
        with self._lock:
            self._running = None
