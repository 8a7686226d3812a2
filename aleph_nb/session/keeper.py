"""The ledger as a session uses it: what cannot be written down is kept in this kernel, and told once."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from aleph_nb.errors import StorageError
from aleph_nb.ledger.glance import glance
from aleph_nb.record import Record, State
from aleph_nb.review import Verdict
from aleph_nb.session.held import Held

if TYPE_CHECKING:
    from aleph_nb.ledger import Ledger

__all__ = ["Keeper"]

T = TypeVar("T")

_BATCH = 24  # records; the pool has up to 8 more while they are written: a kill loses 32
_BATCH_SECONDS = 0.25
_LONG = 0.5  # seconds
_ALL = 10**9
_MEANWHILE = "What is asked for is kept in this kernel until then."


class Keeper:
    """A ledger that never stops a fetch.

    What is asked for is written at once, records in batches. Where that fails, a line tells it, and
    what was to be written waits in memory until the next call, which tries again: of `ask`,
    `open_tasks`, `counts` or `look`. All threads may use it, and it can be used again once it is
    closed.

    Parameters
    ----------
    where : str, Path or None
        As of `Ledger.open`.
    service : str
        What the tasks belong to.
    tell : callable
        Takes a line for the reader.

    Attributes
    ----------
    listeners : list of callable
        Each is called with lines of the verdict log that are in the ledger from now on.
    """

    def __init__(self, where: str | Path | None, service: str, tell: Callable[[str], None]) -> None:
        self.where = where
        self.service = service
        self.listeners: list[Callable[[Sequence[Verdict]], None]] = []
        self._tell = tell
        self._ledger: Ledger | None = None
        self._lock = threading.RLock()  # over what follows, and over the ledger while it is in use
        self._held = Held()
        self._due = float("inf")  # when the batch is to be written
        self._is_well = True  # whether to try: nothing went wrong in this call
        self._is_slow = False  # a read took so long to fail that this call reads no more
        self._told = ""  # what was wrong, of which the reader knows
        self._is_ahead = False  # a call of `open_tasks` has begun what a call of `ask` will go on with

    @property
    def shown(self) -> str:
        """Where the ledger is, for a person to read; or why it cannot be used."""
        try:
            return self.open().where
        except StorageError as error:
            self._told = error.reason
            return error.reason

    # ── Writing ──────────────────────────────────────────────────────────────────────────────────

    def ask(self, labels: Mapping[str, Mapping[str, str]]) -> None:
        """Write down which tasks are asked for; a frame's own columns are no labels."""
        with self._lock:
            self._held.ask(labels)
            self._begin(is_silent=self._is_ahead)
            self._is_ahead = False
            self._flush()

    def save(self, record: Record) -> None:
        """Write a record down, soon."""
        with self._lock:
            if self._held.save(record):
                self._due = min(self._due, time.monotonic() + _BATCH_SECONDS)
            self.flush_if_due()

    def flush_if_due(self) -> None:
        """Write the batch, if it is full or old enough."""
        if len(self._held.records) >= _BATCH or time.monotonic() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Write what is to be written; where that fails, it stays here."""
        with self._lock:
            self._flush()

    def _flush(self, tell: Callable[[str], None] | None = None) -> None:
        self._due = float("inf")
        if not self._is_well or not self._held:
            return
        held = self._held.copy()

        def write(ledger: "Ledger") -> bool:
            if held.asked:
                ledger.ask(self.service, held.asked, datetime.now(UTC))
            if held.records:
                ledger.save(self.service, list(held.records.values()))
            return True

        if self._attempt(write, tell):
            self._held.drop(held)

    def hand_over(self) -> Held:
        """Give away what could not be written: somebody has chosen another place."""
        with self._lock:
            if self._is_well:
                return Held()
            held, self._held = self._held, Held()
            return held

    def take_over(self, held: Held) -> None:
        """Take what another ledger of the service could not write, and write it with the next call."""
        with self._lock:
            self._held.take_over(held)

    def judge(self, verdicts: Sequence[Verdict]) -> int:
        """Write lines of the verdict log down, at once; return how many were not there yet.

        Raises
        ------
        StorageError
            They cannot be written. Nothing here keeps them: who gave them is to know.
        """
        with self._lock:
            ledger = self.open()
            count = ledger.judge(self.service, verdicts)
            for note in ledger.take_notes():
                self._tell(note)
        for listener in list(self.listeners):
            listener(verdicts)
        return count

    def forget(self, ids: Iterable[str]) -> int:
        """Take tasks out; return how many there were.

        Raises
        ------
        StorageError
            They are still there.
        """
        gone = list(ids)
        with self._lock:
            count = self.look(lambda ledger: ledger.forget(self.service, gone))
            return max(count, self._held.forget(gone))

    def clear(self) -> None:
        """Take all tasks of the service out; where that fails, a line tells it."""
        with self._lock:
            self._begin()
            self._held = Held()
            self._attempt(lambda ledger: ledger.forget(self.service, ledger.ids(self.service, limit=_ALL)))

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────

    def open(self) -> "Ledger":
        """Return the ledger.

        Raises
        ------
        StorageError
            It cannot be opened.
        """
        from aleph_nb.ledger import Ledger  # noqa: PLC0415, SQLAlchemy is slow to import

        with self._lock:
            if self._ledger is None:
                self._ledger = Ledger.open(self.where)
            return self._ledger

    def final(self, ids: Iterable[str]) -> dict[str, Record]:
        """Return the records, by id, that need no request."""
        wanted = list(ids)
        found = self._read(lambda ledger: ledger.final(self.service, wanted)) or {}
        with self._lock:
            return found | self._held.final(wanted)

    def labels(self, ids: Iterable[str]) -> dict[str, Mapping[str, str]]:
        """Return the reviewer's own names by id."""
        wanted = list(ids)
        read = self._read(lambda ledger: ledger.labels(self.service, wanted))
        found: dict[str, Mapping[str, str]] = dict(read or {})
        with self._lock:
            for task_id in wanted:
                if names := self._held.asked.get(task_id):
                    found[task_id] = {**found.get(task_id, {}), **names}
        return found

    def open_tasks(self) -> tuple[list[str], int]:
        """Return the tasks that are still looked after, and how many that are not final are left out."""
        with self._lock:
            self._begin()
            self._flush()
        read = self._read(lambda ledger: ledger.open_tasks(self.service, datetime.now(UTC)))
        ids, left = read or ([], 0)
        with self._lock:
            final, held = self._held.final(ids), self._held.open_tasks(set(ids))
        if held:  # the ledger may have some of them as final, and yet not take what is asked for
            final |= self.final(held)
        found = [task_id for task_id in [*ids, *held] if task_id not in final]
        self._is_ahead = bool(found)
        return found, left

    def counts(self) -> dict[State, int]:
        """Return how many tasks there are, by state."""
        with self._lock:
            self._begin(is_silent=True)
            self._flush()
        return self._read(lambda ledger: ledger.counts(self.service)) or {}

    def ids(self, prefix: str = "", limit: int = 50) -> list[str]:
        """Return the ids that begin with a text, the latest first; somebody types, and no fault is told."""
        with self._lock:
            here = [task_id for task_id in reversed(self._held.asked) if task_id.startswith(prefix)]
        if self.where is None:
            found = self.open().ids(self.service, prefix, limit)
        else:
            found = glance(self.where, self.service, prefix, limit)
        return list(dict.fromkeys([*here, *found]))[:limit]

    def durations(self, limit: int) -> list[float]:
        """Return the seconds that the latest tasks took to succeed."""
        read = self._read(lambda ledger: ledger.history(self.service, states=[State.succeeded], limit=limit))
        columns = read or {}
        pairs = zip(columns.get("create_time", []), columns.get("complete_time", []), strict=True)
        return [(end - begin) / 1000 for begin, end in pairs if begin is not None and end is not None]

    def verdicts(
        self,
        ids: Iterable[str] | None = None,
        *,
        reviewer: str | None = None,
        fields: Collection[str] | None = None,
    ) -> list[Verdict]:
        """Return lines of the verdict log, as `Ledger.verdicts` does.

        Raises
        ------
        StorageError
            The ledger cannot be read.
        """
        with self._lock:
            return self.open().verdicts(self.service, ids, reviewer=reviewer, fields=fields)

    def look(self, work: "Callable[[Ledger], T]") -> T:
        """Do something with the ledger, once what is held is written.

        Raises
        ------
        StorageError
            It cannot be done.
        """
        told: list[str] = []
        with self._lock:
            self._begin()
            self._flush(told.append)
            ledger = self.open()
            found = work(ledger)
            told += ledger.take_notes()
        for line in told:  # not where it cannot be read either: one line is enough
            self._tell(line)
        return found

    def close(self) -> None:
        """Write what is to be written, and close the file."""
        with self._lock:
            self._begin(is_silent=True)
            self._flush()
            if self._ledger is not None:
                self._ledger.close()
                self._ledger = None

    # ── Faults ───────────────────────────────────────────────────────────────────────────────────

    def _begin(self, *, is_silent: bool = False) -> None:
        """Try again: whatever was wrong may have been mended. Told again, too, or only what is new."""
        self._is_well = True
        if not is_silent:
            self._told = ""

    def _read(self, work: "Callable[[Ledger], T]") -> T | None:
        """Read from the ledger; None where that fails, and where it could not be opened a moment ago."""
        if not self._is_well and (self._ledger is None or self._is_slow):
            return None
        begun = time.monotonic()
        found = self._attempt(work)
        self._is_slow = not self._is_well and time.monotonic() - begun > _LONG
        return found

    def _attempt(self, work: "Callable[[Ledger], T]", tell: Callable[[str], None] | None = None) -> T | None:
        """Do something with the ledger. None where that fails, which is told once in a call."""
        tell = tell or self._tell
        with self._lock:
            try:
                ledger = self.open()
                done = work(ledger)
            except StorageError as error:
                self._is_well = False
                if error.reason != self._told:
                    self._told = error.reason
                    tell(f"{error} {_MEANWHILE}")
                return None
            for note in ledger.take_notes():
                tell(note)
            return done
