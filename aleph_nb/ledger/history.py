"""What the ledger knows of many tasks, as columns: nothing is made for a row that a frame does not need."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from aleph_nb.ledger.keeping import chunks, of_service
from aleph_nb.ledger.rows import FIELDS, as_params, fold_text, labels_of
from aleph_nb.ledger.schema import DATED, RECORDS, STATE, TASKS
from aleph_nb.ledger.sound import sound_values

__all__ = ["NOT_YET", "Columns", "Wanted", "read_columns", "read_history"]

NOT_YET = "asked for, no answer yet"
"""The reason of a task that was asked for and never answered."""

_AT_ONCE = 500  # rows; Ctrl-C waits no longer than they take
_MOST = 2**63 - 1  # rows; no integer of SQLite is more
_LONGEST_SEARCH = 10_000  # characters; SQLite takes no pattern of more than 50,000 bytes
_JOINED = TASKS.outerjoin(RECORDS, RECORDS.c.task == TASKS.c.key)
_NEWEST_FIRST = (TASKS.c.dated.desc(), TASKS.c.key.desc())
_SORTED = (DATED.desc(), TASKS.c.key.desc())
_SHOWN = (
    TASKS.c.task_id,
    TASKS.c.state,
    func.coalesce(RECORDS.c.reason, NOT_YET).label("reason"),
    *(RECORDS.c[name] for name in FIELDS if name != "reason"),
    TASKS.c.labels,
)
_LEFT_OUT = ("params", "msg", "code", "success_flag")
_BRIEF = (*(column for column in _SHOWN if column.key not in _LEFT_OUT), TASKS.c.first_asked)

Columns = dict[str, list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a history is to hold; what is None is not asked for.

    Attributes
    ----------
    ids, states : collection, optional
        The tasks, and their states.
    since : int, optional
        Created or, where that is not known, first asked for no earlier than this; in milliseconds.
    search : str
        What their id, prompt, reason, error or labels hold, in whatever case.
    expiring : tuple of int, optional
        Between when and when their result expires; in milliseconds, the first excluded.
    limit : int, optional
        How many at most.
    brief : bool
        Without what a list of many does not show, which reads a third quicker; with `first_asked`.
    """

    ids: Iterable[str] | None = None
    states: Collection[str] | None = None
    since: int | None = None
    search: str = ""
    expiring: tuple[int, int] | None = None
    limit: int | None = None
    brief: bool = False

    @property
    def shown(self) -> Sequence[ColumnElement[Any]]:
        """The columns that are read."""
        return _BRIEF if self.brief else _SHOWN


def read_history(connection: Connection, service: str, wanted: Wanted) -> Columns:
    """Read the tasks of a service, newest first; see `Ledger.history`."""
    limit = None if wanted.limit is None else min(max(wanted.limit, 0), _MOST)
    conditions = _conditions(wanted)
    if wanted.ids is not None:
        return _of_ids(connection, [of_service(service), *conditions], wanted, limit)
    # To look into every row, in the order in which they lie there, is quicker than by way of an index.
    is_scan = bool(wanted.search) or wanted.expiring is not None
    order = _SORTED if is_scan else _NEWEST_FIRST
    conditions.insert(0, of_service(service, by_index=not is_scan))
    if limit is None:
        found = select(*wanted.shown).select_from(_JOINED).where(*conditions).order_by(*order)
    else:  # the few are chosen before anything else of them is read
        few = select(TASKS.c.key).where(*conditions).order_by(*order).limit(limit).subquery()
        tables = few.join(TASKS, TASKS.c.key == few.c.key).outerjoin(RECORDS, RECORDS.c.task == TASKS.c.key)
        found = select(*wanted.shown).select_from(tables).order_by(*_SORTED)
    return _readable(read_columns(connection, found), wanted.shown)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    state, dated = (TASKS.c.state, TASKS.c.dated) if wanted.ids is None else (STATE, DATED)
    if wanted.states:
        conditions.append(state.in_([str(state) for state in wanted.states]))
    if wanted.since is not None:
        conditions.append(dated >= wanted.since)
    if wanted.expiring is not None:
        after, until = wanted.expiring
        conditions += (TASKS.c.expires_at > after, TASKS.c.expires_at <= until)
    if wanted.search:
        text = fold_text(wanted.search)[:_LONGEST_SEARCH]
        conditions.append(TASKS.c.searched.contains(text, autoescape=True))
    return conditions


def _of_ids(
    connection: Connection, conditions: list[ColumnElement[bool]], wanted: Wanted, limit: int | None
) -> Columns:
    """Read certain tasks: as many at a time as a statement takes, and put in order here."""
    found = select(TASKS.c.dated, TASKS.c.key, *wanted.shown).select_from(_JOINED).where(*conditions)
    columns: list[list[Any]] = []
    for some in chunks(dict.fromkeys(wanted.ids or ())):
        part = read_columns(connection, found.where(TASKS.c.task_id.in_(some)))
        columns = [[*have, *more] for have, more in zip(columns, part, strict=True)] if columns else part
    columns = columns or [[] for _ in range(len(wanted.shown) + 2)]
    dated, keys = sound_values("dated", TASKS.c.dated.type, columns[0]), columns[1]
    order = sorted(range(len(keys)), key=lambda at: (dated[at] or 0, keys[at]), reverse=True)[:limit]
    return _readable([[column[at] for at in order] for column in columns[2:]], wanted.shown)


def read_columns(connection: Connection, found: Select[Any]) -> list[list[Any]]:
    """Read rows as columns, from the driver's own tuples: SQLAlchemy's take a third longer."""
    columns: list[list[Any]] = [[] for _ in found.selected_columns]
    with connection.execute(found) as result:
        cursor: Any = result.cursor
        while rows := cursor.fetchmany(_AT_ONCE):
            for column, values in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(values)
    return columns


def _readable(columns: list[list[Any]], shown: Sequence[ColumnElement[Any]]) -> Columns:
    """Name the columns, see that what is in them can stand there, and read the JSON in them."""
    named = {
        str(column.key): sound_values(str(column.key), column.type, values)
        for column, values in zip(shown, columns, strict=True)
    }
    named["task_id"] = [task_id or "" for task_id in named["task_id"]]
    params, labels = named.get("params", []), named["labels"]
    for start in range(0, len(params), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        params[part] = as_params(params[part])
    labels[:] = [text and labels_of(text) for text in labels]
    return named
