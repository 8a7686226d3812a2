"""`Ledger`: its verbs."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar

from sqlalchemy import Connection

from aleph_nb.ledger.history import Wanted, read_history
from aleph_nb.ledger.judging import keep_verdicts, read_verdicts
from aleph_nb.ledger.keeping import forget, keep_asked, keep_records
from aleph_nb.ledger.place import find_place
from aleph_nb.ledger.rows import to_milliseconds
from aleph_nb.ledger.sqlite import Store
from aleph_nb.ledger.tasks import read_counts, read_ids, read_labels, read_open_tasks, read_records
from aleph_nb.record import Record, State
from aleph_nb.review import Verdict

__all__ = ["Ledger"]

T = TypeVar("T")

_RECENT = timedelta(days=7)  # what was asked for since then and is not final is still looked after
_FINAL = [state.value for state in State if state.is_final]


class Ledger:
    """Every task ever asked for, the last of it that could be read, its labels and its verdicts.

    A task is known by its service and its id. All threads may use it; kernels may share its file.
    Made by `open`; use it as a context manager, or call `close`.
    """

    def __init__(self, store: Store, where: str) -> None:
        self._store = store
        self._where = where
        self._last_asked: dict[str, tuple[dict[str, dict[str, str]], int]] = {}
        self._moves = 0  # of the store's: after these, what was last asked for was written again
        self._moves_told = 0

    @classmethod
    def open(cls, where: str | Path | None, *, patience: float | None = None) -> "Ledger":
        """Open a ledger, or make it.

        Parameters
        ----------
        where : str, Path or None
            A path, an `sqlite:///` URL (with `?mode=ro` it is only read), or None for memory.
        patience : float, optional
            Seconds to wait for another's lock; half a minute if not given.

        Raises
        ------
        ConfigurationError
            It is a URL of something else.
        StorageError
            It cannot be opened: one line, with what to do.
        """
        place = find_place(where)
        return cls(Store(place, patience), str(place))

    def __repr__(self) -> str:
        return f"Ledger({self._where!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A Ledger is not pickled: it holds an open file. Open it again by its path.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. A ledger in memory is gone then."""
        self._store.close()

    @property
    def id(self) -> str:
        """A uuid, made with the ledger and kept in it."""
        return self._store.id

    @property
    def where(self) -> str:
        """The ledger's path for a person to read, or "in memory"."""
        return self._where

    def take_notes(self) -> list[str]:
        """Return, once, the lines that tell what happened to the file while it was in use."""
        told, self._moves_told = self._moves_told, self._store.moves
        if told == self._moves_told:
            return []
        happened = f"The ledger {self._where} was deleted or replaced while it was in use"
        return [f"{happened}; what is written from now on goes into the one that is there now."]

    # ── Writing ──────────────────────────────────────────────────────────────────────────────────

    def ask(self, service: str, labels: Mapping[str, Mapping[str, str]], at: datetime) -> None:
        """Write down, all at once, that tasks are asked for; to be called before the first request.

        Parameters
        ----------
        service : str
            What the tasks belong to.
        labels : mapping
            By task id, in the order asked, the reviewer's own names. A name given again replaces;
            the others stay.
        at : datetime
            When they are asked for.

        Raises
        ------
        StorageError
            It cannot be written, and nothing of it is.
        """
        asked = {task_id: dict(names) for task_id, names in labels.items()}
        when = to_milliseconds(at) or 0
        self._last_asked[service] = asked, when
        self._write(lambda connection: keep_asked(connection, service, asked, when))

    def save(self, service: str, records: Sequence[Record], now: datetime | None = None) -> None:
        """Write records down, all at once.

        A `no_answer` replaces nothing. What is final is replaced by nothing that is not; of two
        that are equal in that, the one that was fetched later stays.

        Parameters
        ----------
        service : str
            What the tasks belong to.
        records : sequence of Record
            In the order in which they arrived.
        now : datetime, optional
            What is kept as fetched later than this does not count as later.

        Raises
        ------
        StorageError
            They cannot be written, and none of them is.
        """
        when = to_milliseconds(now or datetime.now(UTC)) or 0
        self._write(lambda connection: keep_records(connection, service, records, when))

    def judge(self, service: str, verdicts: Iterable[Verdict]) -> int:
        """Add lines to the verdict log, all at once; return how many were not there yet.

        A task that was never asked for is written down as one that was.

        Parameters
        ----------
        service : str
            What the tasks belong to.
        verdicts : iterable of Verdict
            In the order in which they arrived. One whose uuid is there already is passed over.

        Raises
        ------
        StorageError
            They cannot be written, and none of them is.
        """
        lines = list(verdicts)
        return self._write(lambda connection: keep_verdicts(connection, service, lines))

    def forget(self, service: str, ids: Iterable[str]) -> int:
        """Take tasks out, and all that is known of them; return how many there were.

        Raises
        ------
        StorageError
            It cannot be written, and nothing is taken out.
        """
        gone = list(ids)
        asked, _ = self._last_asked.get(service, ({}, 0))
        for task_id in gone:
            asked.pop(task_id, None)
        return self._write(lambda connection: forget(connection, service, gone))

    def _write(self, work: Callable[[Connection], T]) -> T:
        def whole(connection: Connection) -> T:
            if self._store.moves != self._moves:  # what was last asked for went with the old file
                for service, (asked, when) in list(self._last_asked.items()):
                    keep_asked(connection, service, asked, when)
            return work(connection)

        done = self._store.write(whole)
        self._moves = self._store.moves
        return done

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────

    def records(self, service: str, ids: Iterable[str]) -> dict[str, Record]:
        """Return the last records that could be read, by id; tasks never answered have none."""
        return self._records(service, list(ids), [state.value for state in State])

    def final(self, service: str, ids: Iterable[str]) -> dict[str, Record]:
        """Return the records, by id, that need no request: the service will not change its mind."""
        return self._records(service, list(ids), _FINAL)

    def _records(self, service: str, ids: Sequence[str], states: Sequence[str]) -> dict[str, Record]:
        return self._store.read(lambda connection: read_records(connection, service, ids, states))

    def labels(self, service: str, ids: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return the reviewer's own names by id; tasks without any are absent."""
        given = list(ids)
        return self._store.read(lambda connection: read_labels(connection, service, given))

    def open_tasks(self, service: str, now: datetime) -> tuple[list[str], int]:
        """Return the tasks that are still looked after.

        Returns
        -------
        tuple of list of str and int
            The ids, in the order first asked for, of those that were last seen running, or are not
            final and were first asked for within seven days; and how many that are not final are
            left out.
        """
        since = to_milliseconds(now - _RECENT) or 0
        return self._store.read(lambda connection: read_open_tasks(connection, service, since))

    def counts(self, service: str) -> dict[State, int]:
        """Return how many tasks there are, by state; those never answered count as `no_answer`."""
        return self._store.read(lambda connection: read_counts(connection, service))

    def ids(self, service: str, prefix: str = "", limit: int = 50) -> list[str]:
        """Return the ids that begin with a text, the one last asked for first."""
        return self._store.read(lambda connection: read_ids(connection, service, prefix, limit))

    def verdicts(
        self,
        service: str,
        ids: Iterable[str] | None = None,
        *,
        reviewer: str | None = None,
        fields: Collection[str] | None = None,
    ) -> list[Verdict]:
        """Return the lines of the verdict log in the order in which they arrived.

        Parameters
        ----------
        service : str
            What the tasks belong to.
        ids, reviewer, fields : optional
            Only those on these tasks; only this reviewer's; only those of these fields.
        """
        wanted = None if ids is None else list(ids)
        return self._store.read(
            lambda connection: read_verdicts(
                connection, service, ids=wanted, reviewer=reviewer, fields=fields
            )
        )

    def history(
        self,
        service: str,
        *,
        ids: Iterable[str] | None = None,
        states: Collection[State] | None = None,
        since: datetime | None = None,
        search: str = "",
        expiring: timedelta | None = None,
        limit: int | None = None,
        now: datetime | None = None,
        brief: bool = False,
    ) -> dict[str, list[Any]]:
        """Return what is known of tasks, newest first, as columns.

        Newest is by create_time and, where that is missing, by when a task was first asked for.

        Parameters
        ----------
        service : str
            What the tasks belong to.
        ids, states : collection, optional
            Only these tasks; only those in these states.
        since : datetime, optional
            Only those as new as this.
        search : str
            Only those whose id, prompt, reason, error or labels hold this text, in whatever case.
        expiring : timedelta, optional
            Only those whose result expires within this time, and has not yet.
        limit : int, optional
            How many at most.
        now : datetime, optional
            What `expiring` counts from.
        brief : bool
            Without params, msg, code and success_flag, and with first_asked.

        Returns
        -------
        dict of str to list
            A frame's columns, but elapsed and expires_at, and `labels` (dicts). Times are whole
            milliseconds in UTC, what is missing is None. What was never answered is a `no_answer`.
        """
        begin = to_milliseconds(now or datetime.now(UTC)) or 0
        span = None if expiring is None else (begin, begin + expiring // timedelta(milliseconds=1))
        wanted = Wanted(
            ids=ids if ids is None else list(ids),
            states=states,
            since=to_milliseconds(since),
            search=search or "",
            expiring=span,
            limit=limit,
            brief=brief,
        )
        return self._store.read(lambda connection: read_history(connection, service, wanted))
