"""`Watch`: which tasks are asked about, when, and when each is settled. It has no clock and no threads."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from random import Random
from statistics import NormalDist

from aleph_nb.record import Record, State

__all__ = ["Watch"]

_JITTER = 0.2  # of the time between two looks, one draw a round: tasks that are due together stay together
_GRACE = 30.0  # seconds for which a task that was not found may still turn up
_MOST_STRIKES = 3  # rounds in a row that bring nothing to wait for
_WINDOW = 0.2  # of the interval: what is due within it is asked along with what is due now
_TICK = 1e-3  # seconds that are none: a clock that slept until a time may come out just before it

_LONGEST = 3.0  # intervals between two looks; one is the least
_THRIFT = 0.215  # intervals between two looks, divided by the root of the chance of an end in a second
_USUAL = NormalDist(math.log(149), 0.725)  # of the logarithm of a task's seconds: half by 149, 95 % by 491
_WEIGHT = 20.0  # tasks that the usual counts for, beside those that were handed in
_AGES = (0.0, *accumulate([1.25] * 26, float.__mul__, initial=10.0))  # the life table's, to an hour


@dataclass(slots=True)
class _Task:
    """What the watch knows of one task; times are the watch's clock's."""

    due: float
    born: float
    asked: float
    known: float  # when it was last known to be there; at first, when the watch began
    jitter: float = 1.0
    strikes: int = 0
    was_running: bool = False


class Watch:
    """Decides whom to ask when, and when a task is settled. Time and chance are handed in.

    How often a task is looked at follows its age: looks lie as densely as the square root of the chance
    that a task of that age ends within the next second, which gives the least lag for the number of
    requests. The chance is a life table's: how many of the `durations` that came to this age ended soon
    after, along with a few usual ones, which alone count where none is as old. One to three intervals lie
    between two looks, a fifth more or less by chance.

    Every task is asked about at once, and all waiting ones shortly before the timeout. `succeeded` and
    `failed` settle a task. `not_found` does once half a minute has gone by since the watch began or the
    task was last seen. `unknown`, and a failure that cannot pass of a task that was not seen running, do when
    they have come three times and the task was not running in between. All else waits for the timeout.

    Parameters
    ----------
    ids : iterable of str
        The tasks, each of which counts once.
    interval : float
        The least seconds between two looks at a running task; all others grow and shrink with it.
    timeout : float
        Seconds after which nothing is waited for.
    now : float
        The time, by a clock that never goes back: here and in every method, in seconds.
    today : datetime
        The same moment by the calendar, aware; a task's age is told by it.
    random : Random
        Draws the jitter.
    durations : sequence of float
        Seconds that earlier tasks took to succeed.

    Attributes
    ----------
    settled : dict
        By id, the record that each was settled with, in the order in which that came.
    rounds : int
        How often some were asked about.
    """

    def __init__(
        self,
        ids: Iterable[str],
        *,
        interval: float,
        timeout: float,
        now: float,
        today: datetime,
        random: Random,
        durations: Sequence[float] = (),
    ) -> None:
        self.settled: dict[str, Record] = {}
        self.rounds = 0
        self._begun, self._today = now, today
        self._end = now + timeout
        before = min(interval, timeout / 10)
        self._last = self._end - before  # what is asked then is still heard
        self._window = max(before * _WINDOW, _TICK)
        self._interval, self._random = interval, random
        self._looks = _Looks(durations, interval)
        self._tasks = {task_id: _Task(due=now, born=now, asked=now, known=now) for task_id in ids}
        self._waiting = dict(self._tasks)
        self._latest: dict[str, Record] = {}
        self._awaited: set[str] = set()

    @property
    def waiting(self) -> list[str]:
        """The tasks that are not settled, in the order given."""
        return list(self._waiting)

    @property
    def latest(self) -> dict[str, Record]:
        """By id, what was last heard of each, in the order given; the settled ones are among them."""
        return {task_id: self._latest[task_id] for task_id in self._tasks if task_id in self._latest}

    @property
    def records(self) -> list[Record]:
        """A record for each, in the order given: what was last heard, or that nothing was."""
        return [self._latest.get(task_id) or _silent(task_id) for task_id in self._tasks]

    @property
    def is_asking(self) -> bool:
        """Whether answers are awaited of some who are waiting."""
        return bool(self._awaited)

    @property
    def next_look(self) -> float | None:
        """When, by the clock, the next look is due; None while none is planned: all answers are awaited."""
        due = min((task.due for task in self._waiting.values()), default=math.inf)
        return due if due < self._end else None

    def timed_out(self, now: float) -> bool:
        """Whether time is up for tasks that are still waiting."""
        return bool(self._waiting) and self._end - now < _TICK

    def is_over(self, now: float) -> bool:
        """Whether there is nothing more to do: all are settled, or time is up."""
        return not self._waiting or self.timed_out(now)

    def wait(self, now: float) -> float:
        """Return the seconds until the next look is due or time is up; 0 where that is so."""
        if self.is_over(now):
            return 0.0
        look = self.next_look
        left = (self._end if look is None else look) - now
        return left if left >= _TICK else 0.0

    def due(self, now: float) -> list[str]:
        """Return the tasks to ask about now; none of them is due again before `hear` was told of it.

        Those that would be due in a moment are among them, so that a table changes in one go. Whoever
        has been due for longest comes first: where rounds are broken off, nobody is passed over.
        """
        if self.is_over(now) or self.wait(now) > 0:
            return []
        ready = (item for item in self._waiting.items() if item[1].due <= now + self._window)
        round_ = dict(sorted(ready, key=lambda item: item[1].due))
        jitter = 1 + _JITTER * self._random.uniform(-1, 1)
        for task in round_.values():
            task.asked, task.jitter, task.due = now, jitter, math.inf
        self._awaited.update(round_)
        self.rounds += bool(round_)
        return list(round_)

    def hear(self, record: Record, *, may_pass: bool, now: float) -> bool:
        """Take in what was answered, or that nothing was.

        Parameters
        ----------
        record : Record
            The answer, also one that comes after the timeout.
        may_pass : bool
            Whether the failure that a `no_answer` tells of may pass.
        now : float
            The time.

        Returns
        -------
        bool
            Whether the task has settled with this record.
        """
        self._awaited.discard(record.task_id)
        task, before = self._tasks[record.task_id], self.settled.get(record.task_id)
        if before is not None and (before.is_final or not record.is_final):
            return False  # an answer that was under way when the task settled: only a final one is news
        self._latest[record.task_id] = record
        is_lasting = record.state is State.no_answer and not (may_pass or task.was_running)
        is_strike = record.state is State.unknown or is_lasting
        task.strikes += is_strike
        if record.state is State.in_progress:
            task.was_running, task.strikes = True, 0
        if record.state in (State.in_progress, State.unknown):
            task.known = now
        is_gone = record.state is State.not_found and now >= task.known + _GRACE
        if record.is_final or is_gone or task.strikes >= _MOST_STRIKES:
            self.settled[record.task_id] = record
            self._waiting.pop(record.task_id, None)
            return True
        if record.create_time is not None:
            age = (self._today - record.create_time).total_seconds()
            task.born = self._begun - max(age, 0.0)  # it was there when the watch began, whatever clocks say
        gap = self._interval if is_strike else self._looks.gap(task.asked - task.born)
        task.due = self._next(task, gap * task.jitter, now)
        if record.state is State.not_found:
            task.due = min(task.due, task.known + _GRACE)
        return False

    def put_back(self, task_ids: Iterable[str], due: float) -> None:
        """Ask about tasks whose answers are no longer awaited again, at `due`."""
        for task_id in task_ids:
            self._awaited.discard(task_id)
            if task_id in self._waiting:
                self._waiting[task_id].due = due

    def _next(self, task: _Task, gap: float, now: float) -> float:
        """Return when to ask again about a task that was heard of now."""
        if task.asked + self._window >= self._last:
            return math.inf
        due = max(task.asked + gap, now + gap / 2)  # where answers are slow, there is still a pause
        return min(due, max(self._last, now))


class _Looks:
    """How many looks a task has had by which age, if all goes as it should: a line with a bend an age.

    Parameters
    ----------
    durations : sequence of float
        Seconds that earlier tasks took.
    interval : float
        The least seconds between two looks.
    """

    def __init__(self, durations: Sequence[float], interval: float) -> None:
        seen = sorted(seconds for seconds in durations if 0 < seconds < math.inf)
        self._ages, self._counts = [0.0], [0.0]
        for low, high in pairwise(_AGES):
            ended = bisect_left(seen, high) - bisect_left(seen, low)
            lived = sum(min(seconds, high) - low for seconds in seen[bisect_right(seen, low) :])
            left = 1 - _ended(low), 1 - _ended(high)
            chance = (ended + _WEIGHT * (left[0] - left[1])) / (
                lived + _WEIGHT * (high - low) * (left[0] + left[1]) / 2
            )
            self._add(high - low, interval * min(_LONGEST, max(1.0, _THRIFT / math.sqrt(chance))))
        self._add(interval, interval * _LONGEST)  # and so on for ever

    def _add(self, seconds: float, gap: float) -> None:
        self._ages.append(self._ages[-1] + seconds)
        self._counts.append(self._counts[-1] + seconds / gap)

    def gap(self, age: float) -> float:
        """Return the seconds from a look at this age to the next."""
        looks = _along(self._ages, self._counts, age)
        return _along(self._counts, self._ages, looks + 1) - age


def _silent(task_id: str) -> Record:
    return Record(task_id=task_id, state=State.no_answer, reason="no answer yet")


def _ended(age: float) -> float:
    """Return the share of usual tasks that have ended by an age."""
    return _USUAL.cdf(math.log(age)) if age > 0 else 0.0


def _along(places: Sequence[float], heights: Sequence[float], at: float) -> float:
    """Return a line's height at a place; its last stretch goes on."""
    end = min(bisect_right(places, at), len(places) - 1)
    slope = (heights[end] - heights[end - 1]) / (places[end] - places[end - 1])
    return heights[end - 1] + (at - places[end - 1]) * slope
