"""Watching tasks to their end: `Watch` decides whom to ask when, this asks, and waits in between."""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime

from aleph_nb.client import Client
from aleph_nb.record import Record, State
from aleph_nb.session.keeper import Keeper
from aleph_nb.watch import Watch

__all__ = ["Watched", "watch"]

_SLICE = 0.1  # seconds between two looks at whether somebody interrupts
_HELD_UP = 10.0  # seconds that answers may take while others are due
_DURATIONS = 500  # of the latest tasks: how long they took

Watched = Callable[[Watch, float], None]


class _HeldUpError(Exception):
    """Answers are awaited for long, and others are due."""


def watch(
    ids: Sequence[str],
    keeper: Keeper,
    client: Callable[[], Client],
    *,
    interval: float,
    timeout: float,
    observe: Watched,
) -> list[Record]:
    """Ask until every task has settled or time is up; return a record for each id, in the order given.

    Parameters
    ----------
    ids : sequence of str
        Each once, and in the ledger already.
    keeper : Keeper
        What is known, and keeps what comes.
    client : callable
        Returns the client, which is made only where a request is due. It should try once: what fails
        is asked for again.
    interval, timeout : float
        Seconds.
    observe : callable
        Called about ten times a second with the watch and the time by its clock.

    Raises
    ------
    AlephError
        There is no key, or it was refused.
    """
    final = keeper.final(ids)
    due = [task_id for task_id in ids if task_id not in final]
    state = Watch(
        due,
        interval=interval,
        timeout=timeout,
        now=time.monotonic(),
        today=datetime.now(UTC),
        random=random.Random(),  # noqa: S311, no secret rests on it
        durations=keeper.durations(_DURATIONS) if due else (),
    )
    try:
        while not state.is_over(time.monotonic()):
            keeper.flush_if_due()
            observe(state, time.monotonic())
            wait = state.wait(time.monotonic())
            if wait > 0:
                time.sleep(min(wait, _SLICE))
            else:
                _ask(state, keeper, client(), observe)
    finally:
        keeper.flush()
        observe(state, time.monotonic())
    heard = state.latest
    return [final.get(task_id) or heard.get(task_id) or _silent(task_id) for task_id in ids]


def _ask(state: Watch, keeper: Keeper, client: Client, observe: Watched) -> None:
    """Ask for those that are due; who is late with an answer does not hold up the others."""
    begun = time.monotonic()
    left = dict.fromkeys(state.due(begun))

    def meanwhile() -> None:
        keeper.flush_if_due()
        now = time.monotonic()
        observe(state, now)
        others = state.next_look
        is_due = others is not None and others <= now
        if state.timed_out(now) or (is_due and now - begun > _HELD_UP):
            raise _HeldUpError

    try:
        with closing(client.outcomes(left, meanwhile=meanwhile)) as arriving:
            for outcome in arriving:
                keeper.save(outcome.record)
                del left[outcome.record.task_id]
                state.hear(outcome.record, may_pass=outcome.may_pass, now=time.monotonic())
                observe(state, time.monotonic())
    except _HeldUpError:
        for task_id in left:
            state.hear(_silent(task_id), may_pass=True, now=time.monotonic())


def _silent(task_id: str) -> Record:
    reason = "no answer came in time"
    return Record(task_id=task_id, state=State.no_answer, reason=reason, fetched_at=datetime.now(UTC))
