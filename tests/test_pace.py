"""The pace: turns evenly spaced, never made up for in a burst, held back by a cool-down."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from aleph_nb.client import Client
from aleph_nb.pace import Pace
from tests.faults import FaultServer


class _Time(threading.Event):
    """A clock, and a stop event whose waiting lets the clock run on instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.on_wait: Callable[[], None] = lambda: None

    def clock(self) -> float:
        return self.now

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        before = self.now
        self.on_wait()
        self.now = max(self.now, before + timeout)
        return self.is_set()


def _turns(pace: Pace, fake: _Time, number: int) -> list[float]:
    """Take turns as fast as they are given; return when."""
    taken = []
    for _ in range(number):
        assert pace.turn(fake)
        taken.append(fake.now - 1000)
    return taken


def test_turns_are_evenly_spaced_from_the_first_on() -> None:
    fake = _Time()
    assert _turns(Pace(4, clock=fake.clock), fake, 5) == [0, 0.25, 0.5, 0.75, 1]


def test_turns_missed_in_a_stall_are_not_made_up_for() -> None:
    fake = _Time()
    pace = Pace(4, clock=fake.clock)
    _turns(pace, fake, 3)
    fake.now = 1100
    assert _turns(pace, fake, 4) == [100, 100.25, 100.5, 100.75]


def test_a_rate_of_0_is_unlimited() -> None:
    fake = _Time()
    assert _turns(Pace(0, clock=fake.clock), fake, 1000) == [0] * 1000


@pytest.mark.parametrize("rate", [0, 4])
def test_a_cool_down_holds_back_every_turn(rate: float) -> None:
    fake = _Time()
    pace = Pace(rate, clock=fake.clock)
    pace.cool_down(10)
    assert pace.cooling == 10
    assert _turns(pace, fake, 2) == [10, 10.25 if rate else 10]
    assert pace.cooling == 0


def test_a_shorter_cool_down_does_not_end_a_longer_one() -> None:
    fake = _Time()
    pace = Pace(4, clock=fake.clock)
    pace.cool_down(60)
    pace.cool_down(1)
    assert _turns(pace, fake, 1) == [60]


def test_a_cool_down_that_begins_while_one_waits_for_a_turn_counts() -> None:
    fake = _Time()
    pace = Pace(0.1, clock=fake.clock)
    _turns(pace, fake, 1)
    fake.on_wait = lambda: pace.cool_down(25) if not pace.cooling else None
    assert _turns(pace, fake, 1) == [25]


def test_of_two_cool_downs_at_one_time_the_longer_counts() -> None:
    """The other thread's cool-down falls within this one's look at the clock."""
    others: list[threading.Thread] = []

    def clock() -> float:
        if not others:
            others.append(threading.Thread(target=pace.cool_down, args=[60]))
            others[0].start()
            others[0].join(0.2)
        return 1000

    pace = Pace(4, clock=clock)
    pace.cool_down(5)
    others[0].join()
    assert pace.cooling == 60


def test_a_set_stop_gives_no_turn() -> None:
    stop = threading.Event()
    stop.set()
    assert not Pace(0).turn(stop)
    assert not Pace(9).turn(stop)
    cooling = Pace(0)
    cooling.cool_down(60)
    assert not cooling.turn(stop)


def test_sixteen_threads_never_exceed_the_rate_in_any_second() -> None:
    looked = threading.local()  # each thread's last look at the clock, which is its turn's time

    def clock() -> float:
        looked.at = time.monotonic()
        return float(looked.at)

    pace = Pace(50, clock=clock)
    stop = threading.Event()
    start = threading.Barrier(16)

    def take(number: int) -> list[float]:
        start.wait()
        return [looked.at for _ in range(number) if pace.turn(stop)]

    with ThreadPoolExecutor(16) as threads:
        taken = sorted(at for turns in threads.map(take, [7] * 4 + [6] * 12) for at in turns)
    assert len(taken) == 100
    assert min(later - earlier for earlier, later in pairwise(taken)) >= 0.02 - 1e-6
    assert taken[-1] - taken[0] < 99 * 0.02 * 5, "the pace is far too slow"


def test_stop_ends_the_waiting_of_all_at_once() -> None:
    pace = Pace(0.01)
    stop = threading.Event()
    assert pace.turn(stop)  # the next one is due in 100 seconds
    with ThreadPoolExecutor(16) as threads:
        waiting = [threads.submit(pace.turn, stop) for _ in range(16)]
        time.sleep(0.1)
        assert not any(turn.done() for turn in waiting)
        at = time.monotonic()
        stop.set()
        assert [turn.result(5) for turn in waiting] == [False] * 16
        assert time.monotonic() - at < 2
    stop.clear()
    assert not pace._door.locked()


def test_a_service_that_refuses_above_ten_a_second_refuses_nothing(
    server: FaultServer, make_client: Callable[..., Client]
) -> None:
    server.per_second = 10
    client = make_client(server.base_url, rate=9, workers=16)
    records = list(client.fetch_many(map(str, range(24))))
    assert {record.state for record in records} == {"succeeded"}
    assert len(server.requests) == 24
    assert server.peak_per_second <= 10
