"""What a desk is about: the tasks of one service, and what one ledger has of them."""

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aleph_nb.asked import Asked
from aleph_nb.dashboard.feed import columns_of, some
from aleph_nb.errors import StorageError
from aleph_nb.record import Record, State
from aleph_nb.review import Review, Verdict, VerdictLog
from aleph_nb.session import Session

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Shelf"]

_Mark = Any  # by which a row is told from what it was before: when it was fetched, and its labels if any

_NO_LABELS: Mapping[str, str] = {}
_NOTHING: Mapping[str, object] = {}


class Shelf:
    """The tasks of a desk, of the service and the ledger that the session had when it was made.

    Parameters
    ----------
    session : Session
        Who asks.
    asked : Asked or None
        The tasks; None for all that the ledger knows.

    Attributes
    ----------
    service, reviewer : str
        Whose tasks they are, and who looks at them.
    trouble : str
        Why the ledger cannot be used; "" where it can.
    """

    def __init__(self, session: Session, asked: Asked | None) -> None:
        self.keeper = session.keeper
        self.book = session.book
        self.service = self.book.service
        self.reviewer = self.book.reviewer
        self.trouble = ""
        self._session = session
        self._ids = None if asked is None else dict.fromkeys(asked.ids)
        self._marks: dict[str, _Mark] = {}  # of every row that was handed out
        self._states: dict[str, str] = {}  # of these, where only some tasks are the desk's
        self._log = VerdictLog()
        self._lock = threading.Lock()  # over the marks and the log: cells and the desk's thread use them

    # ── Where ────────────────────────────────────────────────────────────────────────────────────

    @property
    def ledger_id(self) -> str:
        """The ledger's own id; "" where it cannot be opened."""
        try:
            found = self.book.ledger_id
        except StorageError as error:
            self.trouble = str(error)
            return ""
        self.trouble = ""
        return found

    @property
    def can_write(self) -> bool:
        """Whether the ledger was asked for to be written, too."""
        from aleph_nb.ledger.place import find_place  # noqa: PLC0415, SQLAlchemy is slow to import

        return find_place(self.keeper.where).may_write

    @property
    def elsewhere(self) -> str:
        """Why nobody can be asked about these tasks now, and what to do; "" while that can be."""
        now = self._session.service
        if now == self.service and self._session.keeper is self.keeper:
            return ""
        if now == self.service:
            return "The session has another ledger now. Open a new desk for it: %aleph_dashboard"
        back = "Start it again (%aleph_demo)" if self.service == "demo" else "Go back to it"
        if self.service != "demo" and now == "demo":
            back = "Stop the demo (%aleph_demo stop)"
        return (
            f"This desk is about tasks of {self.service}, and requests go to {now} now. {back}, "
            "or open another desk: %aleph_dashboard. Verdicts are kept all the same."
        )

    # ── Tasks ────────────────────────────────────────────────────────────────────────────────────

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._marks or (self._ids is not None and task_id in self._ids)

    def those_of(self, ids: Collection[str]) -> Collection[str]:
        """Return which tasks are the desk's; without tasks of its own it is about all."""
        return ids if self._ids is None else [task_id for task_id in ids if task_id in self._ids]

    def has(self, task_id: str) -> bool:
        """Whether it has a task; one that was not handed out yet is looked for in the ledger."""
        if task_id in self or self._ids is not None:
            return task_id in self
        return bool(self._read(None, [task_id])["task_id"])

    @property
    def total(self) -> int:
        """How many tasks there are."""
        if self._ids is not None:
            return len(self._ids)
        return max(sum(self.keeper.counts().values()), len(self._marks))

    def add(self, ids: Iterable[str]) -> None:
        """Take up tasks that are in the ledger already."""
        if self._ids is not None:
            self._ids |= dict.fromkeys(ids)

    def first(self, limit: int) -> dict[str, list[Any]]:
        """Return the newest rows as columns; none where the ledger cannot be read."""
        return self._read(limit)

    def take(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Note that rows were handed out."""
        with self._lock:
            self._marks.update(zip(columns["task_id"], _marks(columns), strict=True))
            if self._ids is not None:
                self._states.update(zip(columns["task_id"], columns["state"], strict=True))

    def changed(self) -> tuple[dict[str, list[Any]], set[str], bool]:
        """Look into the ledger again.

        Returns
        -------
        tuple of dict, set of str and bool
            The rows that are not as they were handed out; which of these are new; and whether others
            are gone.
        """
        columns = self._read(None)
        places, now, before = self._not_as_handed_out(columns)
        gone = bool(now) and bool(before.keys() - now.keys())
        return some(columns, places), now.keys() - before.keys(), gone

    def changed_of(self, ids: Collection[str]) -> tuple[dict[str, list[Any]], set[str]]:
        """Look at some tasks again; return the rows that are not as handed out, and which are new."""
        columns = self.keeper.rows(ids) or columns_of([], {})
        places, now, before = self._not_as_handed_out(columns)
        return some(columns, places), now.keys() - before.keys()

    def _not_as_handed_out(
        self, columns: Mapping[str, Sequence[Any]]
    ) -> tuple[list[int], Mapping[str, _Mark], Mapping[str, _Mark]]:
        """Return the places of rows that are not as they were, and the marks of now and before."""
        now = dict(zip(columns["task_id"], _marks(columns), strict=True))
        with self._lock:
            before = dict(self._marks)
        places = [at for at, (task_id, mark) in enumerate(now.items()) if before.get(task_id) != mark]
        return places, now, before

    def arrived(self, records: Sequence[Record]) -> dict[str, list[Any]]:
        """Return as columns what has just been answered; a batch of it may not be in the ledger yet."""
        final = self.keeper.final([each.task_id for each in records if not each.is_final])
        shown = [final.get(record.task_id, record) for record in records]
        return columns_of(shown, self.keeper.labels([each.task_id for each in shown]))

    def handed_out(self) -> Mapping[str, object]:
        """Return by what the rows that were handed out are told from what they may become."""
        with self._lock:
            return dict(self._marks)

    def forget_handed_out(self, but: Mapping[str, object] = _NOTHING) -> None:
        """Begin anew: nothing was handed out but what `handed_out` returned once."""
        with self._lock:
            self._marks = dict(but)

    def open_tasks(self) -> list[str]:
        """Return the tasks of the desk that are still looked after."""
        if self._ids is None:
            return self.keeper.open_tasks()[0]
        final = self.keeper.final(self._ids)
        return [task_id for task_id in self._ids if task_id not in final]

    def states(self) -> Counter[str]:
        """Return how many tasks there are by state."""
        if self._ids is None:
            return Counter({state.value: count for state, count in self.keeper.counts().items()})
        with self._lock:
            found = Counter(str(self._states[each]) for each in self._ids if each in self._states)
        found[State.no_answer.value] += len(self._ids) - found.total()
        return +found

    def newest(self, limit: int) -> dict[str, list[Any]]:
        """Return what the ledger has of the newest tasks, as columns."""
        return self._read(limit)

    def of(self, ids: Sequence[str]) -> dict[str, list[Any]]:
        """Return what the ledger has of some tasks, as columns."""
        return self._read(None, ids)

    def record(self, task_id: str) -> Record | None:
        """Return what the ledger has of a task; None where it was never answered."""
        try:
            return self.keeper.open().records(self.service, [task_id]).get(task_id)
        except StorageError:
            return None

    def labels(self, task_id: str) -> Mapping[str, str]:
        """Return the reviewer's own names for a task."""
        return self.keeper.labels([task_id]).get(task_id, _NO_LABELS)

    def _read(self, limit: int | None, ids: Sequence[str] | None = None) -> dict[str, list[Any]]:
        """Read from the ledger; nothing where that fails, which is told by `trouble`."""
        try:
            return self._history(ids, limit, brief=True)
        except StorageError as error:
            self.trouble = str(error)
            return columns_of([], {})

    def _history(self, ids: Sequence[str] | None, limit: int | None, *, brief: bool) -> dict[str, list[Any]]:
        if ids is None and self._ids is not None:
            ids = list(self._ids)
        return self.keeper.history(ids=ids, limit=limit, brief=brief)

    # ── Verdicts ─────────────────────────────────────────────────────────────────────────────────

    def baseline(self) -> list[Verdict]:
        """Read what the ledger has of this reviewer."""
        try:
            lines = self.keeper.verdicts(
                None if self._ids is None else list(self._ids), reviewer=self.reviewer
            )
        except StorageError as error:
            self.trouble = str(error)
            return []
        with self._lock:
            self._log = VerdictLog(lines)
        return lines

    def heard(self, lines: Iterable[Verdict]) -> list[Verdict]:
        """Take in lines that are in the ledger; return those that were not known yet."""
        with self._lock:
            mine = [line for line in lines if line.reviewer == self.reviewer]
            return self._log.add(line for line in mine if self._ids is None or line.task_id in self._ids)

    def reviews(self) -> dict[str, Review]:
        """Return the current verdict of each task that has one."""
        with self._lock:
            return self._log.reviews(self.reviewer)

    def frame(self, reviews: Mapping[str, Review], limit: int | None = None) -> "pd.DataFrame":
        """Return the tasks as a DataFrame with verdicts, the newest first.

        Raises
        ------
        StorageError
            The ledger cannot be read.
        """
        from aleph_nb.frame import from_columns  # noqa: PLC0415, pandas is imported when it is needed

        return from_columns(self._history(None, limit, brief=False), reviews=reviews)

    def reviews_frame(self) -> "pd.DataFrame":
        """Return the verdicts that the ledger has as a DataFrame.

        Raises
        ------
        StorageError
            The ledger cannot be read.
        """
        from aleph_nb.frame import reviews_frame  # noqa: PLC0415, likewise

        return reviews_frame(self.book.reviews(None if self._ids is None else list(self._ids)).values())


def _marks(columns: Mapping[str, Sequence[Any]]) -> Iterable[_Mark]:
    fetched, labels = columns["fetched_at"], columns["labels"]
    return [when if not names else (when, names) for when, names in zip(fetched, labels, strict=True)]
