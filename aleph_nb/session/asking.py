"""Asking what became of tasks: from the ledger what is final, from the service the rest."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace

from aleph_nb import words
from aleph_nb.client import Client, Outcome
from aleph_nb.errors import AlephError
from aleph_nb.record import Record
from aleph_nb.session.keeper import Keeper

__all__ = ["Observer", "ask", "beside"]

Observer = Callable[[Record], None]


def ask(
    ids: Sequence[str],
    keeper: Keeper,
    client: Callable[[], Client],
    *,
    fresh: bool,
    observe: Observer,
    meanwhile: Callable[[], None] = lambda: None,
) -> list[Record]:
    """Return a record for each id, in the order given.

    Parameters
    ----------
    ids : sequence of str
        Each once, and in the ledger already.
    keeper : Keeper
        What is known, and keeps what comes.
    client : callable
        Returns the client, which is made only where a request is due.
    fresh : bool
        Ask for what is final, too.
    observe : callable
        Called with each record as it arrives.
    meanwhile : callable
        Called about ten times a second while answers are awaited. What it raises ends the call.

    Raises
    ------
    AlephError
        There is no key, it was refused, or nothing is known of any of the ids: the first failure.
    """
    final = keeper.final(ids)
    records = {} if fresh else dict(final)
    for record in records.values():
        observe(record)
    errors: dict[str, AlephError] = {}
    due = [task_id for task_id in ids if task_id not in records]

    def look_up() -> None:
        keeper.flush_if_due()
        meanwhile()

    if due:
        try:
            with closing(client().outcomes(due, meanwhile=look_up)) as arriving:
                for outcome in arriving:
                    _take(outcome, keeper, final, records, errors)
                    observe(records[outcome.record.task_id])
        finally:
            keeper.flush()
    if errors and not final and len(errors) == len(ids):
        raise next(errors[task_id] for task_id in ids)
    return [records[task_id] for task_id in ids]


def _take(
    outcome: Outcome,
    keeper: Keeper,
    final: dict[str, Record],
    records: dict[str, Record],
    errors: dict[str, AlephError],
) -> None:
    record = outcome.record
    keeper.save(record)
    records[record.task_id] = beside(record, final.get(record.task_id))
    if outcome.error is not None:
        errors[record.task_id] = outcome.error


def beside(record: Record, kept: Record | None) -> Record:
    """Say in a record that is not final that the ledger has one that is."""
    if kept is None or record.is_final:
        return record
    when = kept.complete_time or kept.fetched_at
    since = f" of {words.date(when, record.fetched_at or when)}" if when else ""
    still = f"the ledger still has the record{since}, {kept.state}: %aleph_history {record.task_id}"
    return replace(record, reason="; ".join(part for part in (record.reason, still) if part))
