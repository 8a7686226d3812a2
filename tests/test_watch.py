"""The watch: who is asked when, what settles a task, and that nothing is waited for for ever."""

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aleph_nb.record import Record, State
from aleph_nb.watch import Watch
from tests.benchmarks.polling import growing, ours, simulate, usual

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BEGUN = 5000.0
LONGEST = 15 * 1.2  # seconds between two looks at the usual interval of 5


@dataclass(frozen=True)
class Said:
    """An answer, and whether its failure may pass."""

    state: State
    may_pass: bool = False


RUNNING, SUCCEEDED, FAILED = Said(State.in_progress), Said(State.succeeded), Said(State.failed)
NOT_FOUND, UNKNOWN = Said(State.not_found), Said(State.unknown)
PASSING, LASTING = Said(State.no_answer, may_pass=True), Said(State.no_answer)


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311, no secret rests on it


def make(*ids: str, interval: float = 5.0, timeout: float = 1200.0, durations: Sequence[float] = ()) -> Watch:
    """Return a watch that begins at noon."""
    return Watch(
        ids or ["a"],
        interval=interval,
        timeout=timeout,
        now=BEGUN,
        today=NOON,
        random=chance(1),
        durations=durations,
    )


def hear(watch: Watch, task_id: str, said: Said, after: float, age: float | None = None) -> bool:
    """Tell the watch of an answer so many seconds after it began."""
    created = None if age is None else NOON - timedelta(seconds=age)
    record = Record(task_id=task_id, state=said.state, create_time=created)
    return watch.hear(record, may_pass=said.may_pass, now=BEGUN + after)


def looks(
    watch: Watch, answer: Callable[[str, float], Said], age: float = 0.0
) -> Iterator[tuple[str, float]]:
    """Watch to the end, each answer coming at once; give who is asked, and after how many seconds."""
    now = BEGUN
    for _ in range(100_000):
        if watch.is_over(now):
            return
        for task_id in watch.due(now):
            hear(watch, task_id, answer(task_id, now - BEGUN), now - BEGUN, age)
            yield task_id, now - BEGUN
        now += watch.wait(now)
    pytest.fail("the watch does not end")


def times(watch: Watch, *said: Said, age: float = 0.0) -> list[float]:
    """Watch one task, which says one thing after the other and stays at the last; return when it is asked."""
    left = list(said)
    return [at for _, at in looks(watch, lambda *_: left.pop(0) if len(left) > 1 else left[0], age)]


def gaps(at: Sequence[float]) -> list[float]:
    return [after - before for before, after in pairwise(at)]


def test_all_are_asked_at_once_each_once_in_the_order_given() -> None:
    watch = make("b", "a", "b", "c")
    assert watch.waiting == ["b", "a", "c"]
    assert watch.next_look == BEGUN
    assert watch.wait(BEGUN) == 0
    assert watch.due(BEGUN) == ["b", "a", "c"]
    assert watch.rounds == 1


def test_without_ids_there_is_nothing_to_do() -> None:
    watch = Watch([], interval=5, timeout=60, now=0, today=NOON, random=chance(1))
    assert watch.is_over(0)
    assert not watch.timed_out(60)
    assert watch.due(0) == []
    assert watch.wait(0) == 0
    assert watch.next_look is None


@pytest.mark.parametrize("said", [SUCCEEDED, FAILED])
def test_a_final_state_settles_at_once(said: Said) -> None:
    watch = make("a", "b")
    watch.due(BEGUN)
    assert not hear(watch, "b", RUNNING, 0)
    assert hear(watch, "a", said, 1)
    assert watch.waiting == ["b"]
    assert {task_id: record.state for task_id, record in watch.settled.items()} == {"a": said.state}
    assert list(watch.latest) == ["a", "b"]
    assert not watch.is_over(BEGUN + 1)
    assert hear(watch, "b", said, 2)
    assert watch.is_over(BEGUN + 2)
    assert list(watch.settled) == ["a", "b"]


def test_one_that_is_not_found_has_half_a_minute_and_no_more() -> None:
    watch = make()
    at = times(watch, NOT_FOUND)
    assert at[-1] == pytest.approx(30)
    assert 2 < len(at) < 8
    assert watch.settled["a"].state is State.not_found
    late = make()
    assert not any(map(late.is_over, (BEGUN, BEGUN + 29)))
    assert times(late, NOT_FOUND, NOT_FOUND, RUNNING, SUCCEEDED)
    assert late.settled["a"].state is State.succeeded


def test_one_that_was_there_a_moment_ago_is_not_given_up_for_one_not_found() -> None:
    watch = make()
    at = times(watch, *[RUNNING] * 5, NOT_FOUND, RUNNING, NOT_FOUND)
    assert watch.settled["a"].state is State.not_found
    assert at[-1] - at[6] == pytest.approx(30)


@pytest.mark.parametrize("said", [UNKNOWN, LASTING])
def test_what_will_not_change_leaves_after_three_rounds_soon(said: Said) -> None:
    watch = make()
    at = times(watch, said)
    assert len(at) == 3
    assert at[-1] <= 2 * 5 * 1.2
    assert watch.settled["a"].state is said.state


def test_unknown_and_what_will_not_change_count_together() -> None:
    assert len(times(make(), UNKNOWN, LASTING, UNKNOWN)) == 3


def test_a_task_seen_running_in_between_is_counted_anew() -> None:
    assert len(times(make(), UNKNOWN, UNKNOWN, RUNNING, UNKNOWN)) == 6


def test_a_failure_that_can_pass_tells_nothing_of_the_task() -> None:
    assert len(times(make(), UNKNOWN, PASSING, UNKNOWN, PASSING, NOT_FOUND, UNKNOWN)) == 6
    assert len(times(make(), LASTING, PASSING, LASTING, PASSING, LASTING)) == 5


@pytest.mark.parametrize(
    "said", [[RUNNING, LASTING], [RUNNING, PASSING], [PASSING], [UNKNOWN, PASSING], [RUNNING]], ids=str
)
def test_what_may_still_come_is_waited_for_until_the_timeout(said: list[Said]) -> None:
    watch = make(timeout=600)
    at = times(watch, *said)
    assert at[-1] > 590
    assert max(gaps(at)) <= LONGEST
    assert watch.timed_out(BEGUN + 600)
    assert not watch.timed_out(BEGUN + 599)
    assert watch.waiting == ["a"]
    assert watch.settled == {}
    assert watch.latest["a"].state is said[-1].state


def test_where_nobody_ever_answers_the_timeout_ends_it() -> None:
    watch = make("a", "b", timeout=60)
    assert watch.due(BEGUN) == ["a", "b"]
    assert watch.next_look is None
    assert watch.wait(BEGUN) == 60
    assert not watch.is_over(BEGUN + 59)
    assert watch.is_over(BEGUN + 60)
    assert watch.due(BEGUN + 60) == []
    assert watch.waiting == ["a", "b"]
    assert watch.latest == {}


@pytest.mark.parametrize("timeout", [0.5, 7.0, 60.0, 61.0, 1200.0])
def test_all_are_asked_once_more_just_before_the_timeout(timeout: float) -> None:
    watch = make("a", "b", timeout=timeout)
    asked = list(looks(watch, lambda task_id, _: RUNNING if task_id == "a" else PASSING))
    for task_id in ("a", "b"):
        last = max(at for name, at in asked if name == task_id)
        assert timeout - 6.001 <= last < timeout
        assert last >= 0.7 * timeout
    assert watch.next_look is None


def test_an_answer_that_comes_late_still_counts() -> None:
    watch = make("a", "b", timeout=60)
    watch.due(BEGUN)
    assert not hear(watch, "b", RUNNING, 61)
    assert hear(watch, "a", SUCCEEDED, 61)
    assert watch.settled["a"].state is State.succeeded
    assert watch.timed_out(BEGUN + 61)


def test_once_settled_only_a_final_answer_is_news() -> None:
    watch = make("a", "b", "c")
    assert [hear(watch, "a", UNKNOWN, at) for at in range(3)] == [False, False, True]
    assert not hear(watch, "a", RUNNING, 3)
    assert watch.latest["a"].state is State.unknown
    assert hear(watch, "a", SUCCEEDED, 4)
    assert not hear(watch, "a", FAILED, 5)
    assert [watch.settled["a"].state, watch.latest["a"].state] == [State.succeeded] * 2
    assert watch.waiting == ["b", "c"]


def test_one_whose_answer_is_awaited_is_not_asked_again() -> None:
    watch = make("a", "b")
    watch.due(BEGUN)
    hear(watch, "a", RUNNING, 0)
    assert watch.due(BEGUN + 100) == ["a"]
    hear(watch, "b", RUNNING, 100)
    assert watch.due(BEGUN + 200) == ["b"]


def test_after_a_slow_answer_there_is_a_pause() -> None:
    watch = make()
    watch.due(BEGUN)
    hear(watch, "a", RUNNING, 100)
    assert watch.due(BEGUN + 102) == []
    assert 2 < watch.wait(BEGUN + 100) < LONGEST


def test_what_is_put_back_is_asked_again_and_nothing_is_said_of_it() -> None:
    watch = make("a", "b", "c")
    watch.due(BEGUN)
    hear(watch, "a", SUCCEEDED, 1)
    watch.put_back(["a", "b"], BEGUN + 2)
    watch.put_back(["c"], BEGUN + 7)
    assert watch.next_look == BEGUN + 2
    assert watch.due(BEGUN + 1) == []
    assert watch.due(BEGUN + 2) == ["b"]
    assert watch.due(BEGUN + 7) == ["c"]
    assert list(watch.latest) == ["a"]
    assert not hear(watch, "b", RUNNING, 8)  # an answer that comes all the same counts


def test_it_is_asking_until_the_last_answer_has_come_or_is_awaited_no_more() -> None:
    watch = make("a", "b", "c")
    seen = [watch.is_asking]
    watch.due(BEGUN)
    hear(watch, "a", RUNNING, 0)
    hear(watch, "b", SUCCEEDED, 0)
    seen.append(watch.is_asking)
    watch.put_back(["c"], BEGUN + 7)
    seen.append(watch.is_asking)
    watch.due(BEGUN + 7)
    seen.append(watch.is_asking)
    hear(watch, "c", SUCCEEDED, 8)
    seen.append(watch.is_asking)
    assert seen == [False, True, False, True, False]


def test_who_has_been_due_for_longest_is_asked_first() -> None:
    watch = make("a", "b", "c", "d")
    assert watch.due(BEGUN) == ["a", "b", "c", "d"]
    for task_id in "ab":
        hear(watch, task_id, RUNNING, 0)
    watch.put_back(["d", "c"], BEGUN)  # their turn has not come
    look = BEGUN + watch.wait(BEGUN)
    assert watch.due(look) == ["c", "d"]
    watch.put_back(["c", "d"], BEGUN)
    assert watch.due(BEGUN + LONGEST) == ["c", "d", "a", "b"]


def test_there_is_a_record_for_each_in_the_order_given() -> None:
    watch = make("b", "a", "c")
    watch.due(BEGUN)
    hear(watch, "a", SUCCEEDED, 1)
    hear(watch, "c", RUNNING, 1)
    told = [(record.task_id, record.state, record.reason) for record in watch.records]
    assert told == [
        ("b", State.no_answer, "no answer yet"),
        ("a", State.succeeded, ""),
        ("c", State.in_progress, ""),
    ]


def test_tasks_of_one_age_are_asked_together_to_the_end() -> None:
    watch = make(*"abcdefgh", timeout=600)
    asked = list(looks(watch, lambda *_: RUNNING))
    assert watch.rounds == len({at for _, at in asked}) == len(asked) / 8


def test_what_is_due_in_a_moment_is_asked_along() -> None:
    watch = make("a", "b", "c")
    watch.due(BEGUN)
    hear(watch, "a", RUNNING, 20)
    hear(watch, "b", RUNNING, 20.9)
    hear(watch, "c", RUNNING, 22)
    look = watch.next_look
    assert look is not None
    assert watch.due(look - 0.1) == []
    assert watch.due(look) == ["a", "b"]
    assert watch.wait(look) == pytest.approx(2)


def test_rounds_are_not_evenly_spaced() -> None:
    old = gaps(times(make(timeout=600), RUNNING, age=7200))[:-1]
    assert len({round(gap, 3) for gap in old}) > 20
    assert 12 <= min(old) < 13
    assert 17 < max(old) <= LONGEST


@pytest.mark.parametrize("age", [0, 100, 7200])
def test_the_interval_scales_all(age: float) -> None:
    usual_gaps = gaps(times(make(), RUNNING, age=age))
    halved = gaps(times(make(interval=2.5), RUNNING, age=age))
    assert halved[0] == pytest.approx(usual_gaps[0] / 2, rel=0.1)
    assert len(halved) == pytest.approx(2 * len(usual_gaps), rel=0.1)


def test_a_young_task_is_asked_more_rarely_than_one_that_may_end_now() -> None:
    young = [gaps(times(make(), RUNNING, age=age))[0] for age in (0, 10, 60, 150, 250, 3600)]
    assert young[0] > young[2] > young[3] < young[5]
    assert len(times(make(timeout=60), RUNNING)) <= 6


def test_durations_that_were_seen_say_when_to_look() -> None:
    random = chance(1)
    seen = [random.gauss(90, 5) for _ in range(500)]
    at = times(make(durations=seen), RUNNING)
    knowing = sum(75 < time < 105 for time in at)
    assert knowing >= 5
    assert knowing > sum(75 < time < 105 for time in times(make(), RUNNING))
    assert sum(time < 60 for time in at) <= 5


def test_a_task_older_than_all_that_were_seen_is_like_a_usual_one() -> None:
    random = chance(1)
    seen = [random.gauss(90, 5) for _ in range(500)]
    for age in (200, 400, 10_000):
        knowing, usual_gap = (
            gaps(times(make(durations=durations, timeout=60), RUNNING, age=age))[0]
            for durations in (seen, ())
        )
        assert knowing == pytest.approx(usual_gap, rel=0.02)


def test_a_few_durations_do_not_outweigh_the_usual() -> None:
    few, usual_gap = (gaps(times(make(durations=seen), RUNNING, age=150))[0] for seen in ((20.0, 400.0), ()))
    assert few == pytest.approx(usual_gap, rel=0.1)


def test_however_sure_the_end_is_an_interval_lies_between_two_looks() -> None:
    at = times(make(durations=[90.0] * 5000), RUNNING)
    assert 5 * 0.8 <= min(gaps(at)[:-1]) < 6


def test_a_clock_that_says_a_task_is_yet_to_be_created_makes_it_new() -> None:
    assert times(make(), RUNNING, age=-3600) == times(make(), RUNNING, age=0)


def test_who_wakes_a_hair_too_early_need_not_sleep_again() -> None:
    watch = make("a", "b")
    watch.due(BEGUN)
    hear(watch, "a", RUNNING, 0)
    look = watch.next_look
    assert look is not None
    early = math.nextafter(look, 0)
    assert watch.wait(early) == 0
    assert watch.due(early) == ["a"]
    assert watch.is_over(math.nextafter(BEGUN + 1200, 0))


def test_durations_that_are_none_are_passed_over() -> None:
    odd = [math.nan, math.inf, -math.inf, -5.0, 0.0]
    assert times(make(durations=odd), RUNNING) == times(make(), RUNNING)


@pytest.mark.parametrize("earliest", [0.0, 300.0])
@pytest.mark.parametrize("count", [0, 200])
def test_fifty_tasks_take_fewer_requests_and_less_lag_than_at_growing_intervals(
    earliest: float, count: int
) -> None:
    random = chance(0)
    found = simulate(ours([usual(random) for _ in range(count)]), usual, earliest)
    assert fmean(found.requests) <= 22
    assert fmean(found.lags) <= 8
    assert max(found.lags) <= LONGEST
    assert found.is_less_than(simulate(growing, usual, earliest))


ANSWERS = st.sampled_from([RUNNING, SUCCEEDED, FAILED, NOT_FOUND, UNKNOWN, PASSING, LASTING])
SCRIPTS = st.lists(st.lists(ANSWERS, min_size=1, max_size=12), min_size=1, max_size=5)
DELAYS = st.lists(st.floats(0, 90) | st.just(0.0) | st.just(math.inf), min_size=1, max_size=12)
AGES = st.none() | st.floats(-1e6, 1e6)


def gave_up(heard: Sequence[Said]) -> bool:
    """Whether no more may be waited for: three odd answers since the task was last seen running."""
    since = heard[len(heard) - heard[::-1].index(RUNNING) :] if RUNNING in heard else heard
    odd = {UNKNOWN} if RUNNING in heard else {UNKNOWN, LASTING}
    return sum(said in odd for said in since) >= 3


@given(
    scripts=SCRIPTS, interval=st.floats(0.5, 30), timeout=st.floats(0.5, 900), age=AGES, seed=st.integers()
)
def test_whatever_is_answered_all_are_asked_often_enough_and_it_ends(
    scripts: list[list[Said]], interval: float, timeout: float, age: float | None, seed: int
) -> None:
    said = {str(number): list(script) for number, script in enumerate(scripts)}
    watch = Watch(said, interval=interval, timeout=timeout, now=BEGUN, today=NOON, random=chance(seed))
    heard: dict[str, list[Said]] = {task_id: [] for task_id in said}
    asked: dict[str, list[float]] = {task_id: [] for task_id in said}
    now, longest = BEGUN, LONGEST * interval / 5
    while not watch.is_over(now):
        for task_id in watch.due(now):
            assert task_id not in watch.settled
            answer = said[task_id].pop(0) if len(said[task_id]) > 1 else said[task_id][0]
            asked[task_id].append(now)
            heard[task_id].append(answer)
            settles = hear(watch, task_id, answer, now - BEGUN, age)
            assert settles == (task_id in watch.settled) == (task_id not in watch.waiting)
            assert settles >= (answer in (SUCCEEDED, FAILED) or gave_up(heard[task_id]))
            assert watch.latest[task_id].state is answer.state
        assert {*watch.settled, *watch.waiting} == set(said)
        now += watch.wait(now)
    assert now <= BEGUN + timeout + 0.01
    for task_id, at in asked.items():
        end = at[-1] if task_id in watch.settled else BEGUN + timeout
        assert max(gaps([*at, end]), default=0) <= longest + 0.01
        assert len(at) <= 4 + timeout / (interval * 0.6)


@given(scripts=SCRIPTS, delays=DELAYS, timeout=st.floats(0.5, 900), seed=st.integers())
def test_whenever_answers_come_or_do_not_none_is_lost_and_it_ends(
    scripts: list[list[Said]], delays: list[float], timeout: float, seed: int
) -> None:
    said = {str(number): list(script) for number, script in enumerate(scripts)}
    watch = Watch(said, interval=5, timeout=timeout, now=BEGUN, today=NOON, random=chance(seed))
    under_way: list[tuple[float, str]] = []
    random, finals, now = chance(seed), set(), BEGUN
    while not watch.is_over(now):
        due = watch.due(now)
        assert not {*due} & {*watch.settled}
        assert not {*due} & {task_id for _, task_id in under_way}
        for task_id in due:
            heapq.heappush(under_way, (now + random.choice(delays), task_id))
        while under_way and under_way[0][0] <= now:
            _, task_id = heapq.heappop(under_way)
            answer = said[task_id].pop(0) if len(said[task_id]) > 1 else said[task_id][0]
            hear(watch, task_id, answer, now - BEGUN)
            finals |= {task_id} if answer in (SUCCEEDED, FAILED) else set()
        assert {*watch.settled, *watch.waiting} == set(said)
        now = min(now + watch.wait(now), under_way[0][0] if under_way else math.inf)
    assert now <= BEGUN + timeout + 0.01
    assert {task_id for task_id, record in watch.settled.items() if record.is_final} == finals
