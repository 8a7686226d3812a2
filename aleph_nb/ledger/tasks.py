"""What is read of tasks: records and labels, which are still looked after, counts, ids by their beginning."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from aleph_nb.ledger.keeping import chunks, of_service
from aleph_nb.ledger.rows import FIELDS, labels_of, stored_text, to_record
from aleph_nb.ledger.schema import ANSWERS, LAST_ASKED, RECORDS, STATE, TASKS
from aleph_nb.record import Record, State

__all__ = ["read_counts", "read_ids", "read_labels", "read_open_tasks", "read_records"]

_LATELY = 2_000  # tasks, among which a completion is looked for first
_NOT_FINAL = [state.value for state in State if not state.is_final]
_LAST = "\U0010ffff"  # no character comes after it


def read_open_tasks(connection: Connection, service: str, since: int) -> tuple[list[str], int]:
    """Read which tasks are still looked after; see `Ledger.open_tasks`."""
    not_final = (of_service(service), TASKS.c.state.in_(_NOT_FINAL))
    looked_after = or_(TASKS.c.state == State.in_progress.value, TASKS.c.first_asked >= since)
    ids = select(TASKS.c.task_id).where(*not_final, looked_after)
    found = _texts(connection.scalars(ids.order_by(TASKS.c.first_asked, TASKS.c.key)))
    count = connection.scalar(select(func.count()).select_from(TASKS).where(*not_final))
    return found, int(count or 0) - len(found)


def read_records(
    connection: Connection, service: str, ids: Sequence[str], states: Collection[str]
) -> dict[str, Record]:
    """Read the last records, by id in the order given, of tasks in one of some states."""
    asked = {stored_text(task_id): task_id for task_id in ids}
    tables = TASKS.join(RECORDS, RECORDS.c.task == TASKS.c.key)
    tables = tables.outerjoin(ANSWERS, ANSWERS.c.task == TASKS.c.key)
    fields = (RECORDS.c[name] for name in FIELDS)
    these = select(TASKS.c.task_id, TASKS.c.state, ANSWERS.c.raw, *fields).select_from(tables)
    rows = _read_rows(connection, these.where(of_service(service), STATE.in_(states)), ids)
    found = {
        asked[row["task_id"]]: to_record(asked[row["task_id"]], row["state"], row, row["raw"])
        for row in rows
        if row["task_id"] in asked and row["state"] in states  # in a damaged file they may not be
    }
    return {task_id: found[task_id] for task_id in dict.fromkeys(ids) if task_id in found}


def read_labels(connection: Connection, service: str, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Read the reviewer's own names by id; tasks without any are absent."""
    asked = {stored_text(task_id): task_id for task_id in ids}
    these = select(TASKS.c.task_id, TASKS.c.labels).where(of_service(service), TASKS.c.labels.is_not(None))
    rows = _read_rows(connection, these, ids)
    return {asked[row["task_id"]]: labels_of(row["labels"]) for row in rows if row["task_id"] in asked}


def _read_rows(connection: Connection, these: Select[Any], ids: Iterable[str]) -> list[Mapping[str, Any]]:
    """Read the rows of some ids, a part of them at a time."""
    parts = (connection.execute(these.where(TASKS.c.task_id.in_(some))) for some in chunks(ids))
    return [row._asdict() for part in parts for row in part]


def read_counts(connection: Connection, service: str) -> dict[State, int]:
    """Read how many tasks there are, by state; see `Ledger.counts`."""
    query = select(TASKS.c.state, func.count()).where(of_service(service)).group_by(TASKS.c.state)
    found = dict([(*row,) for row in connection.execute(query)])
    return {state: found[state.value] for state in State if state.value in found}


def read_ids(connection: Connection, service: str, prefix: str, limit: int) -> list[str]:
    """Read which tasks begin with a text; see `Ledger.ids`."""
    begin = stored_text(prefix) or ""
    latest = (TASKS.c.last_asked.desc(), TASKS.c.key.desc())
    ids = select(TASKS.c.task_id).where(of_service(service))
    lately = ids.order_by(*latest).limit(max(limit, _LATELY if begin else 0))
    found = [task_id for task_id in _texts(connection.scalars(lately)) if task_id.startswith(begin)]
    if begin and len(found) < limit:
        range_ = (TASKS.c.task_id >= begin, TASKS.c.task_id < begin + _LAST)
        sorted_ = (LAST_ASKED.desc(), TASKS.c.key.desc())
        found = _texts(connection.scalars(ids.where(*range_).order_by(*sorted_).limit(limit)))
    return found[:limit]


def _texts(found: Iterable[Any]) -> list[str]:
    return [task_id for task_id in found if isinstance(task_id, str)]  # the ledger was touched by others
