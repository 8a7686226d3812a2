"""The pool: items worked off in threads, ended at once by an error, a stop or the consumer."""

import threading
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from typing import Any

import pytest

from aleph_nb.pool import work_off


class _Calls:
    """What a call was given besides its work, and what it did with it."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.watched: list[float] = []
        self.aborted: list[float] = []

    def work_off(
        self, work: Callable[[Any], Any], items: Sequence[Any], workers: int = 4
    ) -> Generator[Any, None, None]:
        return work_off(
            work,
            items,
            workers=workers,
            stop=self.stop,
            watch=lambda: self.watched.append(time.monotonic()),
            abort=lambda: self.aborted.append(time.monotonic()),
        )


@pytest.fixture
def calls() -> _Calls:
    return _Calls()


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("aleph-")]


def test_every_item_is_worked_off_once(calls: _Calls) -> None:
    seen: list[int] = []

    def work(n: int) -> int:
        seen.append(n)
        return n * n

    results = list(calls.work_off(work, range(1000)))
    assert sorted(results) == [n * n for n in range(1000)]
    assert sorted(seen) == list(range(1000))
    assert not calls.aborted
    assert calls.stop.is_set()
    assert not _threads()


def test_no_item_is_begun_while_many_results_wait(calls: _Calls) -> None:
    begun: list[int] = []
    results = calls.work_off(begun.append, range(100), workers=4)
    next(results)
    for taken in (1, 2):
        end = time.monotonic() + 5
        while len(begun) < 4 + 16 + taken:
            assert time.monotonic() < end
            time.sleep(0.005)
        time.sleep(0.2)
        assert len(begun) == 4 + 16 + taken
        next(results)
    assert len(list(results)) == 97
    assert sorted(begun) == list(range(100))


def test_no_items_need_no_thread(calls: _Calls) -> None:
    assert list(calls.work_off(lambda n: n, [])) == []


def test_results_come_as_they_are_done_and_items_begin_in_their_order(calls: _Calls) -> None:
    begun: list[float] = []

    def work(seconds: float) -> float:
        begun.append(seconds)
        time.sleep(seconds)
        return seconds

    assert list(calls.work_off(work, [0.5, 0.25, 0.0], workers=3)) == [0.0, 0.25, 0.5]
    assert list(calls.work_off(work, [3], workers=1)) == [], "its stop is set"
    begun.clear()
    calls.stop.clear()
    assert list(calls.work_off(work, [0.02, 0.0, 0.01], workers=1)) == [0.02, 0.0, 0.01]
    assert begun == [0.02, 0.0, 0.01]


@pytest.mark.parametrize(("workers", "items", "expected"), [(3, 12, 3), (8, 2, 2)])
def test_no_more_threads_than_workers_or_items(
    calls: _Calls, workers: int, items: int, expected: int
) -> None:
    names: set[str] = set()

    def work(_: int) -> None:
        names.add(threading.current_thread().name)
        time.sleep(0.02)

    list(calls.work_off(work, range(items), workers=workers))
    assert len(names) == expected
    assert all(name.startswith("aleph-") for name in names)


def test_what_the_work_raises_ends_the_call_and_is_raised_without_its_frames(calls: _Calls) -> None:
    def work(n: int) -> int:
        secret = "a local of the worker"
        if n == 3:
            try:
                {"": 0}[secret]
            except KeyError as error:
                raise ValueError("no") from error
        time.sleep(0.05)
        return n

    with pytest.raises(ValueError, match="no") as caught:
        list(calls.work_off(work, range(1000)))
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "in work" in error.__notes__[0]
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "a local of the worker" not in shown
    assert len(calls.aborted) == 1
    assert calls.stop.is_set()
    assert not _threads()


def test_once_stopped_no_item_is_begun_and_what_is_done_is_yielded(calls: _Calls) -> None:
    begun: list[int] = []

    def work(n: int) -> int:
        begun.append(n)
        if n == 10:
            calls.stop.set()
        return n

    results = list(calls.work_off(work, range(1000), workers=1))
    assert results == begun == list(range(11))
    assert not calls.aborted, "it ended by itself"


def test_a_consumer_that_goes_ends_the_threads(calls: _Calls) -> None:
    begun: list[int] = []

    def work(n: int) -> int:
        begun.append(n)
        time.sleep(0.01)
        return n

    results = calls.work_off(work, range(1000))
    next(results)
    results.close()
    assert not _threads()
    assert len(calls.aborted) == 1
    assert len(begun) < 100


def test_a_thread_in_a_system_call_is_not_waited_for(calls: _Calls) -> None:
    release = threading.Event()
    results = calls.work_off(lambda n: n or release.wait(20), [1, 0])
    assert next(results) == 1
    at = time.monotonic()
    results.close()
    assert time.monotonic() - at < 2
    (stuck,) = _threads()
    assert stuck.daemon, "it would keep the interpreter from ending"
    release.set()
    stuck.join(5)


def test_the_watch_is_kept_while_nothing_comes(calls: _Calls) -> None:
    list(calls.work_off(lambda _: time.sleep(0.55), [0]))
    assert len(calls.watched) >= 3


def test_the_watch_is_kept_while_results_come_in_quick_succession(calls: _Calls) -> None:
    list(calls.work_off(lambda _: time.sleep(0.01), range(160), workers=2))
    assert len(calls.watched) >= 3


def test_results_that_are_done_before_the_consumer_asks_are_not_lost(calls: _Calls) -> None:
    results = calls.work_off(lambda n: n, range(8), workers=8)
    first = next(results)
    for thread in _threads():
        thread.join(5)
    assert sorted([first, *results]) == list(range(8))


class _Interrupted(threading.Thread):
    """A thread whose start is interrupted: it has its number already, and takes its first step later."""

    def start(self) -> None:
        self._ident = 1
        threading.Timer(0.05, super().start).start()
        raise KeyboardInterrupt


def test_an_interrupt_while_a_thread_starts_is_that_interrupt(
    calls: _Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aleph_nb.pool.threading.Thread", _Interrupted)
    with pytest.raises(KeyboardInterrupt) as raised:
        next(calls.work_off(lambda item: item, [1, 2, 3]))
    assert raised.value.__context__ is None
    monkeypatch.undo()
    assert not _threads()
