"""A watch of 50 tasks in a simulation, beside looking at fixed and at growing intervals."""

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import fmean

from aleph_nb.record import Record, State
from aleph_nb.watch import Watch
from tests.benchmarks.measure import Row

__all__ = ["Found", "growing", "measure", "ours", "simulate", "usual"]

_TASKS = 50
_SEEDS = range(1, 21)
_TIMEOUT = 1200.0
_MOST_REQUESTS = 22.0  # a task
_MOST_LAG = 8.0  # seconds
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

Kind = Callable[[Random], float]
"""Draws the seconds that a task of some kind takes."""

Policy = Callable[[Sequence[tuple[float, float]], Random], "Found"]
"""Watches tasks, each given as when it is created and when it ends; the watch begins at 0."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a policy came to.

    Attributes
    ----------
    requests : sequence of int
        How often each task was asked about.
    lags : sequence of float
        Seconds from each end to our hearing of it: of the tasks that ended while they were watched.
    """

    requests: Sequence[int]
    lags: Sequence[float]

    @property
    def told(self) -> str:
        """The means, and what 19 of 20 lags are below."""
        late = sorted(self.lags)[int(0.95 * len(self.lags))]
        return f"{fmean(self.requests):.1f} requests, {fmean(self.lags):.1f} s (95 %: {late:.1f} s)"

    def is_less_than(self, other: "Found") -> bool:
        """Whether it took fewer requests, and still less lag."""
        return fmean(self.requests) < fmean(other.requests) and fmean(self.lags) < fmean(other.lags)


def measure() -> list[Row]:
    """Measure it."""
    rows = []
    for title, earliest in (("created as the watch begins", 0.0), ("created in the 5 min before", 300.0)):
        grown = simulate(growing, usual, earliest)
        for seen in (0, 200):
            found = simulate(ours(_seen(usual, seen)), usual, earliest)
            rows.append(_row(f"{title}: Watch, {seen} durations seen", found, grown))
        rows.append(_shown(f"{title}: 5 s growing to 15 s, jitter a fifth", grown))
        rows += [
            _shown(f"{title}: every {gap:.0f} s", simulate(every(gap), usual, earliest)) for gap in (5, 6, 13)
        ]
    for title, kind in _OTHERS.items():
        rows += [
            _shown(f"{title}: Watch, {seen} durations seen", simulate(ours(_seen(kind, seen)), kind))
            for seen in (0, 5, 200)
        ]
        rows.append(_shown(f"{title}: 5 s growing to 15 s", simulate(growing, kind)))
    misled = simulate(ours(_seen(_OTHERS["90 s ± 10 %"], 200)), usual)
    rows.append(_shown("created as the watch begins: Watch, 200 durations of 90 s ± 10 % seen", misled))
    return rows


def usual(random: Random) -> float:
    """Draw the seconds of a usual task: half take up to 149, 95 % up to 491."""
    return random.lognormvariate(math.log(149), math.log(491 / 149) / 1.6449)


_OTHERS: dict[str, Kind] = {
    "90 s ± 10 %": lambda random: random.gauss(90, 9),
    "15 s or 10 to 20 min": lambda random: random.choice((random.gauss(15, 2), random.uniform(600, 1180))),
    "half by 400 s": lambda random: random.lognormvariate(math.log(400), 0.5),
}


def ours(durations: Sequence[float]) -> Policy:
    """Return the policy of a Watch that was handed these durations."""

    def run(tasks: Sequence[tuple[float, float]], random: Random) -> Found:
        ends = {str(number): task for number, task in enumerate(tasks)}
        watch = Watch(
            ends,
            interval=5,
            timeout=_TIMEOUT,
            now=0,
            today=_NOON,
            random=random,
            durations=durations,
        )
        requests, lags, now = dict.fromkeys(ends, 0), [], 0.0
        while not watch.is_over(now):
            for task_id in watch.due(now):
                created, end = ends[task_id]
                requests[task_id] += 1
                record = Record(
                    task_id=task_id,
                    state=State.succeeded if end <= now else State.in_progress,
                    create_time=_NOON + timedelta(seconds=created),
                )
                if watch.hear(record, may_pass=False, now=now) and end >= 0:
                    lags.append(now - end)
            now += watch.wait(now)
        return Found(list(requests.values()), lags)

    return run


def every(gap: float) -> Policy:
    """Return the policy of looking at fixed intervals."""
    return _looking(lambda _looks: gap, jitter=0)


def _looking(gap_after: Callable[[int], float], jitter: float) -> Policy:
    """Return a policy whose intervals hang on how often all were looked at so far."""

    def run(tasks: Sequence[tuple[float, float]], random: Random) -> Found:
        waiting = [end for _created, end in tasks]
        heapq.heapify(waiting)
        requests, lags, now, looks = [], [], 0.0, 0
        while waiting and now < _TIMEOUT:
            looks += 1
            while waiting and waiting[0] <= now:
                end = heapq.heappop(waiting)
                requests.append(looks)
                lags += [now - end] if end >= 0 else []
            now += gap_after(looks) * (1 + jitter * random.uniform(-1, 1))
        return Found(requests + [looks] * len(waiting), lags)

    return run


growing = _looking(lambda looks: min(15.0, 5 * 1.25 ** (looks - 1)), jitter=0.2)
"""The policy of looking after 5 s, and each time a quarter later, up to 15 s."""


def simulate(policy: Policy, kind: Kind, earliest: float = 0.0, seeds: Sequence[int] = _SEEDS) -> Found:
    """Let a policy watch 50 tasks a seed, created up to `earliest` seconds before the watch begins."""
    requests: list[int] = []
    lags: list[float] = []
    for seed in seeds:
        random = _chance(seed)
        created = [-random.uniform(0, earliest) for _ in range(_TASKS)]
        tasks = [(at, at + kind(random)) for at in created]
        found = policy(tasks, _chance(1000 + seed))  # of its own, so that all policies meet the same tasks
        requests += found.requests
        lags += found.lags
    return Found(requests, lags)


def _chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311, no secret rests on it


def _seen(kind: Kind, count: int) -> list[float]:
    random = _chance(0)  # none of the seeds of those that are watched
    return [kind(random) for _ in range(count)]


def _row(what: str, found: Found, grown: Found) -> Row:
    is_within = fmean(found.requests) <= _MOST_REQUESTS and fmean(found.lags) <= _MOST_LAG
    return Row(
        what=what,
        against="5 s growing to 15 s",
        compared=found.told,
        target=f"less of both; at most {_MOST_REQUESTS:.0f}, {_MOST_LAG:.0f} s",
        met=is_within and found.is_less_than(grown),
    )


def _shown(what: str, found: Found) -> Row:
    return Row(what=what, compared=found.told)
