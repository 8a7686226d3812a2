"""The verdict log in its table: lines are added and read, within a transaction."""

import json
import time
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from aleph_nb.ledger.history import read_columns
from aleph_nb.ledger.keeping import chunks, new_task, of_service, service_key
from aleph_nb.ledger.rows import EPOCH, stored_json, stored_text, to_milliseconds
from aleph_nb.ledger.schema import TASKS, VERDICTS
from aleph_nb.review import Note, Verdict

__all__ = ["keep_verdicts", "read_verdicts"]

_FEW = 500  # tasks; some SQLite take no more than 999 of anything in a statement
_READ = (
    VERDICTS.c.key,
    VERDICTS.c.uuid,
    TASKS.c.task_id,
    VERDICTS.c.reviewer,
    VERDICTS.c.at,
    VERDICTS.c.field,
    VERDICTS.c.value,
)
_KINDS: dict[str, Any] = {
    "rating": int,
    "pick": (str, type(None)),
    "tag": str,
    "untag": str,
    "note": Note,
    "undo": str,
}
_JOINED = VERDICTS.join(TASKS, TASKS.c.key == VERDICTS.c.task)


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────


def keep_verdicts(connection: Connection, service: str, verdicts: Iterable[Verdict]) -> int:
    """Add those lines whose uuid is not known yet; return how many they are.

    A task that was never asked for is from now on one that was.
    """
    lines: dict[str, Verdict] = {}
    for verdict in verdicts:
        lines.setdefault(verdict.uuid, verdict)
    for some in chunks(list(lines)):
        for uuid in connection.scalars(select(VERDICTS.c.uuid).where(VERDICTS.c.uuid.in_(some))):
            del lines[uuid]
    if lines:
        keys = _task_keys(connection, service, list(dict.fromkeys(line.task_id for line in lines.values())))
        rows = [_to_row(line, keys[stored_text(line.task_id) or ""]) for line in lines.values()]
        connection.execute(insert(VERDICTS), rows)
    return len(lines)


def _task_keys(connection: Connection, service: str, ids: Collection[str]) -> dict[str, int]:
    """Return the keys of tasks by their ids as they are stored."""
    key = service_key(connection, service)
    keys: dict[str, int] = {}
    for some in chunks(ids):
        these = select(TASKS.c.task_id, TASKS.c.key).where(TASKS.c.service == key, TASKS.c.task_id.in_(some))
        found = {row.task_id: row.key for row in connection.execute(these)}
        now = time.time_ns() // 1_000_000
        new = [new_task(key, task_id, now, {}) for task_id in some if task_id not in found]
        if new:
            connection.execute(insert(TASKS), new)
            found = {row.task_id: row.key for row in connection.execute(these)}
        keys |= found
    return keys


def _to_row(line: Verdict, task: int) -> dict[str, Any]:
    value = line.value.as_dict() if isinstance(line.value, Note) else line.value
    return {
        "uuid": line.uuid,
        "task": task,
        "reviewer": stored_text(line.reviewer),
        "at": to_milliseconds(line.at),
        "field": line.field,
        "value": "null" if value is None else stored_json(value),
    }


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────


def read_verdicts(
    connection: Connection,
    service: str,
    *,
    ids: Iterable[str] | None,
    reviewer: str | None,
    fields: Collection[str] | None,
) -> list[Verdict]:
    """Read lines in the order in which they arrived; see `Ledger.verdicts`."""
    asked = None if ids is None else {stored_text(task_id) or "": task_id for task_id in ids}
    # Many are read in the order in which they lie there, those of a few tasks by way of the index.
    few = list(asked) if asked is not None and len(asked) <= _FEW else None
    found = select(*_READ).select_from(_JOINED).where(of_service(service, by_index=few is not None))
    if few is not None:
        found = found.where(TASKS.c.task_id.in_(few))
    if reviewer is not None:
        found = found.where(VERDICTS.c.reviewer == stored_text(reviewer))
    if fields is not None:
        found = found.where(VERDICTS.c.field.in_(list(fields)))
    return _to_verdicts(service, read_columns(connection, found.order_by(VERDICTS.c.key)), asked)


def _to_verdicts(service: str, columns: list[list[Any]], asked: dict[str, str] | None) -> list[Verdict]:
    """Make lines of columns, those on tasks that were asked for, with their ids as they were given."""
    _, uuids, ids, reviewers, times, fields, values = columns
    lines: list[Verdict] = []
    for uuid, stored, reviewer, at, field, tree in zip(
        uuids, ids, reviewers, times, fields, _trees(values), strict=True
    ):
        task_id = stored if asked is None else asked.get(stored)
        if task_id is None:
            continue
        try:
            when = EPOCH + timedelta(milliseconds=at)
            value = Note(tree["id"], tree["time"], tree["text"]) if field == "note" else tree
        except (KeyError, TypeError, OverflowError):
            continue  # the ledger was touched by others
        if isinstance(value, _KINDS.get(field, ())):
            lines.append(Verdict(uuid, service, task_id, reviewer, when, field, value))
    return lines


def _trees(texts: list[str]) -> list[Any]:
    """Read JSON, all of it at once: that is quicker than one by one."""
    try:
        found = json.loads(f"[{','.join(texts)}]")
    except (ValueError, RecursionError, TypeError):
        found = []
    return found if len(found) == len(texts) else [_tree(text) for text in texts]


def _tree(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError, TypeError):
        return {}  # which no field can be
