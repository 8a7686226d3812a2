"""Many items worked off by a few threads, in a way that an interrupt ends at once.

The main thread never blocks in a lock, because a real SIGINT would not wake it, and never waits
for a thread that sits in a system call.
"""

import queue
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["work_off"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_SLICE = 0.1  # seconds the main thread waits before it looks up
_MOMENT = 0.002  # seconds
_AHEAD = 16  # results that may wait to be taken: so many more are lost with a kernel that is killed
_PATIENCE = 0.5  # seconds an ended call waits for its threads


def work_off(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    stop: threading.Event,
    watch: Callable[[], None],
    abort: Callable[[], None],
) -> Generator[Result, None, None]:
    """Do the work on each item, in threads; yield the results as they come.

    No thread begins another item while a few results wait to be taken.

    Parameters
    ----------
    work : callable
        Takes an item. What it raises ends the whole call and is raised here.
    items : sequence
        Begun in this order.
    workers : int
        The largest number of threads.
    stop : threading.Event
        Set here when the call ends in any way; once set, no thread begins another item, and the
        call yields what is done and ends.
    watch : callable
        Called about ten times a second while results are waited for, also while they come.
    abort : callable
        Called when the call ends before its work: by an error, an interrupt, or its consumer.

    Yields
    ------
    Result
        One per item, in the order of their completion.
    """
    todo = deque(items)
    done: _Done[Result] = queue.SimpleQueue()
    room = threading.Semaphore(workers + _AHEAD)
    threads = [
        threading.Thread(target=_run, args=(work, todo, done, room, stop), name=f"aleph-{n}", daemon=True)
        for n in range(min(workers, len(items)))
    ]
    look_up = _spaced(watch)
    finished = False
    try:
        for thread in threads:
            thread.start()
        for _ in items:
            arrived = _next(done, threads, look_up)
            if arrived is None:
                break
            if isinstance(arrived, _Raised):
                raise _bare(arrived.error)
            room.release()
            yield arrived.result
        finished = True
    finally:
        stop.set()
        if not finished:
            abort()
        _join(threads)


@dataclass(frozen=True, slots=True)
class _Returned(Generic[Result]):
    result: Result


@dataclass(frozen=True, slots=True)
class _Raised:
    error: BaseException


_Done = queue.SimpleQueue[_Returned[Result] | _Raised]


def _run(
    work: Callable[[Item], Result],
    todo: deque[Item],
    done: _Done[Result],
    room: threading.Semaphore,
    stop: threading.Event,
) -> None:
    while not stop.is_set():
        if not room.acquire(timeout=_SLICE):
            continue
        try:
            item = todo.popleft()
        except IndexError:
            return
        try:
            done.put(_Returned(work(item)))
        except BaseException as error:  # noqa: BLE001, it is raised in the main thread
            done.put(_Raised(error))


def _spaced(call: Callable[[], None]) -> Callable[[], None]:
    """Return what makes the call if the last one is a slice ago."""
    last = time.monotonic()

    def call_if_due() -> None:
        nonlocal last
        if time.monotonic() - last >= _SLICE:
            call()
            last = time.monotonic()

    return call_if_due


def _next(
    done: _Done[Result], threads: list[threading.Thread], look_up: Callable[[], None]
) -> _Returned[Result] | _Raised | None:
    """Wait for the next result; None once every thread has ended and nothing is left."""
    while True:
        look_up()
        alive = any(thread.is_alive() for thread in threads)
        try:
            return done.get(timeout=_SLICE) if alive else done.get_nowait()
        except queue.Empty:
            if not alive:
                return None


def _join(threads: list[threading.Thread]) -> None:
    end = time.monotonic() + _PATIENCE
    for thread in threads:
        while thread.ident is not None:  # it was started
            try:
                thread.join(max(0.0, end - time.monotonic()))
            except RuntimeError:  # an interrupt came between its start and its first step
                if time.monotonic() < end:
                    time.sleep(_MOMENT)
                    continue
            break


def _bare(error: BaseException) -> BaseException:
    """Take the frames off an error of another thread: their locals may hold a request and its key."""
    where = "".join(traceback.format_tb(error.__traceback__))
    error.__context__ = error.__cause__ = None
    error.add_note(f"In a worker thread:\n{where}")
    return error.with_traceback(None)
