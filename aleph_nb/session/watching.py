"""Watching tasks to their end: `Watch` decides whom to ask when, this asks, and waits in between."""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime

from aleph_nb.client import Client
from aleph_nb.record import Record
from aleph_nb.session.keeper import Keeper
from aleph_nb.watch import Watch

__all__ = ["Watched", "watch"]

_SLICE = 0.1  # seconds between two looks at whether somebody interrupts
_HELD_UP = 10.0  # seconds without any answer, while others are due
_DURATIONS = 500  # of the latest tasks: how long they took

Watched = Callable[[Watch, float], None]


class _HeldUpError(Exception):
    """Those that are asked do not answer, and others are due."""


def watch(
    ids: Sequence[str],
    keeper: Keeper,
    client: Callable[[], Client],
    *,
    interval: float,
    timeout: float,
    observe: Watched,
    is_ended: Callable[[], bool],
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
        Called about ten times a second with the watch and the time by its clock. What the ledger has
        as final is settled before the first call.
    is_ended : callable
        Whether somebody has ended it meanwhile.

    Raises
    ------
    AlephError
        There is no key, or it was refused.
    """
    final = keeper.final(ids)
    state = Watch(
        ids,
        interval=interval,
        timeout=timeout,
        now=time.monotonic(),
        today=datetime.now(UTC),
        random=random.Random(),  # noqa: S311, no secret rests on it
        durations=keeper.durations(_DURATIONS) if len(final) < len(ids) else (),
    )
    for record in final.values():
        state.hear(record, may_pass=False, now=time.monotonic())
    try:
        while not (state.is_over(time.monotonic()) or is_ended()):
            keeper.flush_if_due()
            observe(state, time.monotonic())
            wait = state.wait(time.monotonic())
            if wait > 0:
                time.sleep(min(wait, _SLICE))
            else:
                _ask(state, keeper, client(), interval, observe)
    finally:
        keeper.flush()
        observe(state, time.monotonic())
    return state.records


def _ask(state: Watch, keeper: Keeper, client: Client, interval: float, observe: Watched) -> None:
    """Ask for those that are due; who is late with an answer does not hold up the others."""
    asked = heard = time.monotonic()  # the last time that anybody was
    left = dict.fromkeys(state.due(asked))
    pace = client.pace
    patience = _HELD_UP + (1 / pace.rate if pace.rate else 0)

    def meanwhile() -> None:
        keeper.flush_if_due()
        now = time.monotonic()
        observe(state, now)
        others = state.next_look
        is_due = len(left) > workers or (others is not None and others <= now)
        is_quiet = now - heard > patience and not pace.cooling
        if state.timed_out(now) or (is_due and is_quiet):
            raise _HeldUpError

    workers = client.settings.workers
    try:
        with closing(client.outcomes(left, meanwhile=meanwhile)) as arriving:
            for outcome in arriving:
                heard = time.monotonic()
                keeper.save(outcome.record)
                del left[outcome.record.task_id]
                state.hear(outcome.record, may_pass=outcome.may_pass, now=heard)
                observe(state, heard)
    except _HeldUpError:
        begun = list(left)[:workers]  # they are begun in their order: the others have not been asked yet
        state.put_back(left, asked)  # and come before all that are due since
        state.put_back(begun, time.monotonic() + interval)
