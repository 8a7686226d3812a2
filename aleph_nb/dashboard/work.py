"""The desk's one thread: it lives while there is something to do, and ends when it is told to."""

import threading
from collections import deque
from collections.abc import Callable

__all__ = ["EndedError", "Job", "Worker"]

Job = Callable[[], None]

_PATIENCE = 1.0  # seconds that a desk which closes waits for its thread


class EndedError(Exception):
    """A job is to stop where it is: nobody wants it any more, or another goes first."""


class Worker:
    """Does one job after another in a thread, and a lasting one, such as a watch, while there is no other.

    Parameters
    ----------
    failed : callable
        Takes what a job raised, in that thread.
    """

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._lock = threading.Lock()  # over what follows
        self._jobs: deque[Job] = deque()
        self._lasting: Job | None = None
        self._now: Job | None = None
        self._lasts_now = False  # what is done now is the lasting one
        self._is_closed = False
        self._thread: threading.Thread | None = None

    @property
    def is_busy(self) -> bool:
        """Whether there is anything to do."""
        return self._thread is not None

    @property
    def is_here(self) -> bool:
        """Whether the caller is a job of it."""
        return self._thread is threading.current_thread()

    @property
    def is_lasting(self) -> bool:
        """Whether there is a lasting job."""
        return self._lasting is not None

    def do(self, job: Job) -> None:
        """Do a job when its turn comes; the lasting one stops for it, and begins again behind it."""
        with self._lock:
            self._jobs.append(job)
            self._wake()

    def last(self, job: Job | None) -> None:
        """Do a job whenever there is no other, until it returns; None ends the one that there is."""
        with self._lock:
            self._lasting = job
            self._wake()

    def check(self) -> None:
        """Go on, or not; to be called by a job about ten times a second.

        Raises
        ------
        EndedError
            It is to stop.
        """
        with self._lock:
            is_over = self._lasts_now and (bool(self._jobs) or self._lasting is not self._now)
            if is_over or self._thread is not threading.current_thread():
                raise EndedError

    def stop(self) -> None:
        """End what is done and what is to be done, within about a second; more may be given later."""
        with self._lock:
            self._jobs.clear()
            self._lasting = self._now = self._thread = None

    def close(self) -> None:
        """End it all, and wait a moment for the thread."""
        thread = self._thread
        self._is_closed = True
        self.stop()
        if thread is not None and thread is not threading.current_thread():
            thread.join(_PATIENCE)

    def _wake(self) -> None:
        if self._is_closed:
            self._jobs.clear()
            self._lasting = None
        elif self._thread is None and (self._jobs or self._lasting):
            self._thread = threading.Thread(target=self._run, name="aleph-desk", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except EndedError:
                continue
            except Exception as error:  # noqa: BLE001, a failure is told in a line, whatever it is
                self._failed(error)
            self._done(job)

    def _next(self) -> Job | None:
        with self._lock:
            if self._thread is not threading.current_thread():
                return None
            self._lasts_now = not self._jobs
            self._now = self._jobs.popleft() if self._jobs else self._lasting
            if self._now is None:
                self._thread = None
            return self._now

    def _done(self, job: Job) -> None:
        with self._lock:
            if self._thread is threading.current_thread() and self._lasting is job:
                self._lasting = None
