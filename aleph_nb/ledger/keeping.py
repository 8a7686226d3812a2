"""What replaces what, and how it is written: within a transaction, whoever else writes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, insert, select, update

from aleph_nb.ledger.rows import (
    labels_of,
    searched_text,
    stored_json,
    stored_text,
    to_milliseconds,
    to_row,
)
from aleph_nb.ledger.schema import ANSWERS, LAST_ASKED, RECORDS, SERVICE, SERVICES, TASKS, VERDICTS
from aleph_nb.ledger.sound import sound_number, sound_state
from aleph_nb.record import Record, State

__all__ = [
    "chunks",
    "forget",
    "keep_asked",
    "keep_records",
    "new_task",
    "of_service",
    "outranks",
    "service_key",
]

_MOST_AT_ONCE = 500  # ids in one statement; some SQLite take no more than 999

_Rows = list[dict[str, Any]]
_JOINED = TASKS.outerjoin(RECORDS, RECORDS.c.task == TASKS.c.key)


class _Kept(NamedTuple):
    """What decides whether a record is replaced."""

    state: str
    fetched_at: int | None


def outranks(old: tuple[str, int | None] | None, new: tuple[str, int | None]) -> bool:
    """Whether a record stays when another of the same task arrives.

    Silence replaces nothing. What is final goes before what is not; of two that are equal in that
    the later stays, and the one that came last where they were fetched at the same time.

    Parameters
    ----------
    old, new : tuple of state and time
        The state, and when it was fetched.
    """
    if new[0] == State.no_answer:
        return True
    return old is not None and old[0] != State.no_answer and _rank(old) > _rank(new)


def _rank(kept: tuple[str, int | None]) -> tuple[bool, bool, int]:
    return State(kept[0]).is_final, kept[1] is not None, kept[1] or 0


def of_service(service: str, *, by_index: bool = True) -> ColumnElement[bool]:
    """Return the condition that a task is one of a service; it may keep the database from using an index."""
    column = TASKS.c.service if by_index else SERVICE
    return column == select(SERVICES.c.key).where(SERVICES.c.name == service).scalar_subquery()


def chunks(ids: Iterable[str]) -> Iterable[list[str]]:
    """Return ids as they are stored, as many at a time as one statement takes."""
    stored = [stored_text(task_id) or "" for task_id in ids]
    for start in range(0, len(stored), _MOST_AT_ONCE):
        yield stored[start : start + _MOST_AT_ONCE]


# ── Asked ────────────────────────────────────────────────────────────────────────────────────────


def keep_asked(
    connection: Connection, service: str, labels: Mapping[str, Mapping[str, str]], at: int
) -> None:
    """Write down that tasks are asked for, and what the reviewer calls them."""
    key = service_key(connection, service)
    named = {stored_text(task_id) or "": dict(names) for task_id, names in labels.items()}
    for ids in chunks(labels):
        these = (TASKS.c.service == key) & TASKS.c.task_id.in_(ids)
        connection.execute(update(TASKS).where(these, at > LAST_ASKED).values(last_asked=at))
        known = named.keys() & set(connection.scalars(select(TASKS.c.task_id).where(these)))
        new = [
            new_task(key, task_id, at, named[task_id])
            for task_id in dict.fromkeys(ids)
            if task_id not in known
        ]
        if new:
            connection.execute(insert(TASKS), new)
        _add_labels(connection, key, {task_id: named[task_id] for task_id in known if named[task_id]})


def service_key(connection: Connection, service: str) -> int:
    """Return the key of a service, which is written down where it is new."""
    found = connection.scalar(select(SERVICES.c.key).where(SERVICES.c.name == service))
    if found is None:
        connection.execute(insert(SERVICES).values(name=service))
        found = connection.scalar(select(SERVICES.c.key).where(SERVICES.c.name == service))
    return int(found or 0)


def new_task(service: int, task_id: str, at: int, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the row of a task that was never answered."""
    return {
        "service": service,
        "task_id": task_id,
        "state": State.no_answer.value,
        "first_asked": at,
        "last_asked": at,
        "dated": at,
        "labels": stored_json(dict(labels) or None),
        "searched": searched_text(task_id, {}, labels),
    }


def _add_labels(connection: Connection, service: int, named: Mapping[str, Mapping[str, str]]) -> None:
    """Put names beside those that tasks have; one that is given again replaces."""
    if not named:
        return
    told = (RECORDS.c.prompt, RECORDS.c.error_message, RECORDS.c.reason)
    found = select(TASKS.c.key, TASKS.c.task_id, TASKS.c.labels, *told).select_from(_JOINED)
    changed: _Rows = []
    for row in connection.execute(found.where(TASKS.c.service == service, TASKS.c.task_id.in_(named))):
        old = labels_of(row.labels)
        new = {**old, **named.get(row.task_id, {})}
        if new != old:
            searched = searched_text(row.task_id, row._asdict(), new)
            changed.append({"its_key": row.key, "labels": stored_json(new), "searched": searched})
    _update_tasks(connection, changed)


# ── Records ──────────────────────────────────────────────────────────────────────────────────────


def keep_records(connection: Connection, service: str, records: Sequence[Record], now: int) -> None:
    """Write down records, where they replace what is there."""
    key = service_key(connection, service)
    by_id: dict[str, list[Record]] = {}
    for record in records:
        by_id.setdefault(stored_text(record.task_id) or "", []).append(record)
    for ids in chunks(by_id):
        arrived = {task_id: by_id[task_id] for task_id in ids}
        tasks = _found(connection, key, arrived)
        known = {task.task_id for task in tasks}
        new = {task_id: came for task_id, came in arrived.items() if task_id not in known}
        if new:
            _ask_for(connection, key, new, now)
            tasks += _found(connection, key, new)
        _keep(connection, tasks, arrived, now)


def _found(connection: Connection, service: int, ids: Collection[str]) -> list[Row[Any]]:
    """Read what is there of tasks, which nobody else may change until the transaction ends."""
    columns = (TASKS.c.key, TASKS.c.task_id, TASKS.c.state, TASKS.c.first_asked, TASKS.c.last_asked)
    found = select(*columns, TASKS.c.labels, RECORDS.c.task, RECORDS.c.fetched_at).select_from(_JOINED)
    these = found.where(TASKS.c.service == service, TASKS.c.task_id.in_(list(ids)))
    tasks: list[Row[Any]] = list(connection.execute(these.with_for_update(of=TASKS)))
    return [task for task in tasks if task.task_id in ids]  # it is another's where the index is damaged


def _ask_for(connection: Connection, service: int, arrived: Mapping[str, Sequence[Record]], now: int) -> None:
    """Write down tasks that were not asked for through this ledger: they were when they were fetched."""
    new = [
        new_task(service, task_id, min(_times(records), default=now), {})
        for task_id, records in arrived.items()
    ]
    connection.execute(insert(TASKS), new)


def _keep(
    connection: Connection, tasks: Sequence[Row[Any]], arrived: Mapping[str, Sequence[Record]], now: int
) -> None:
    changed: _Rows = []
    silent: _Rows = []
    rows: _Rows = []
    answers: _Rows = []
    for task in tasks:
        came = arrived[task.task_id]
        last_asked = max([sound_number(task.last_asked) or 0, *_times(came)])
        asked = {"its_key": task.key, "last_asked": last_asked}
        record = _last_of(_kept(task, now), came)
        if record is None:
            silent.append(asked)
            continue
        row = to_row(record)
        first_asked = sound_number(task.first_asked) or 0
        dated = first_asked if row["create_time"] is None else row["create_time"]
        told = {
            "state": record.state.value,
            "dated": dated,
            "expires_at": to_milliseconds(record.expires_at),
            "searched": searched_text(task.task_id, row, labels_of(task.labels)),
        }
        changed.append(asked | told)
        rows.append({"task": task.key, **row})
        answers.append({"task": task.key, "raw": stored_json(record.raw)})
    _update_tasks(connection, silent)
    _update_tasks(connection, changed)
    replaced = [task.key for task in tasks if task.task is not None]
    kept = {row["task"] for row in rows}
    for table, new in ((RECORDS, rows), (ANSWERS, answers)):
        old = [key for key in replaced if key in kept]
        if old:
            connection.execute(delete(table).where(table.c.task.in_(old)))
        if new:
            connection.execute(insert(table), new)


def _kept(task: Row[Any], now: int) -> _Kept:
    """Return what is there. What was fetched later than now was by a clock that has been set back since."""
    fetched_at = sound_number(task.fetched_at)
    is_ahead = fetched_at is not None and fetched_at > now
    return _Kept(sound_state(task.state), None if is_ahead else fetched_at)


def _last_of(kept: _Kept, arrived: Sequence[Record]) -> Record | None:
    """Return the record that is to be kept now; None where what is kept stays."""
    last = None
    for record in arrived:
        new = _Kept(record.state.value, to_milliseconds(record.fetched_at))
        if not outranks(kept, new):
            kept, last = new, record
    return last


def _times(records: Sequence[Record]) -> list[int]:
    times = [to_milliseconds(record.fetched_at) for record in records]
    return [time for time in times if time is not None]


def _update_tasks(connection: Connection, rows: _Rows) -> None:
    if rows:
        connection.execute(update(TASKS).where(TASKS.c.key == bindparam("its_key")), rows)


def forget(connection: Connection, service: str, ids: Iterable[str]) -> int:
    """Take tasks out with all that is known of them, and return how many there were."""
    count = 0
    for some in chunks(ids):
        these = select(TASKS.c.key).where(of_service(service), TASKS.c.task_id.in_(some))
        keys = list(connection.scalars(these))
        for table in (ANSWERS, RECORDS, VERDICTS):
            connection.execute(delete(table).where(table.c.task.in_(keys)))
        connection.execute(delete(TASKS).where(TASKS.c.key.in_(keys)))
        count += len(keys)
    return count
