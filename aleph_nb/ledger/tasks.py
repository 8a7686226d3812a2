"""Which tasks there are: those that are still looked after, how many of each state, those that begin so."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from aleph_nb.ledger.keeping import chunks, of_service
from aleph_nb.ledger.rows import stored_text
from aleph_nb.ledger.schema import LAST_ASKED, TASKS
from aleph_nb.record import State

__all__ = ["read_counts", "read_ids", "read_open_tasks", "read_rows"]

_LATELY = 2_000  # tasks, among which a completion is looked for first
_NOT_FINAL = [state.value for state in State if not state.is_final]
_LAST = "\U0010ffff"  # no character comes after it


def read_open_tasks(connection: Connection, service: str, since: int) -> tuple[list[str], int]:
    """Read which tasks are still looked after; see `Ledger.open_tasks`."""
    not_final = (of_service(service), TASKS.c.state.in_(_NOT_FINAL))
    looked_after = or_(TASKS.c.state == State.in_progress.value, TASKS.c.first_asked >= since)
    ids = select(TASKS.c.task_id).where(*not_final, looked_after)
    found = list(connection.scalars(ids.order_by(TASKS.c.first_asked, TASKS.c.key)))
    count = connection.scalar(select(func.count()).select_from(TASKS).where(*not_final))
    return found, int(count or 0) - len(found)


def read_rows(connection: Connection, these: Select[Any], ids: Iterable[str]) -> list[Mapping[str, Any]]:
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
    found = [task_id for task_id in connection.scalars(lately) if task_id.startswith(begin)]
    if begin and len(found) < limit:
        range_ = (TASKS.c.task_id >= begin, TASKS.c.task_id < begin + _LAST)
        sorted_ = (LAST_ASKED.desc(), TASKS.c.key.desc())
        found = list(connection.scalars(ids.where(*range_).order_by(*sorted_).limit(limit)))
    return found[:limit]
