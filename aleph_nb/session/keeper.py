"""The ledger as a session uses it: it never stops a fetch."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aleph_nb.ledger.glance import glance
from aleph_nb.record import Record, State
from aleph_nb.review import Verdict
from aleph_nb.session.held import Held
from aleph_nb.session.moved import moved_columns, moved_record
from aleph_nb.session.scribe import BATCH_SECONDS, Scribe

__all__ = ["Keeper"]

_ALL = 10**9


class Keeper(Scribe):
    """A ledger that never stops a fetch.

    What is asked for is written at once, records in batches. Where that fails, a line tells it, and
    what was to be written waits in memory until the next call of `ask`, `open_tasks`, `counts` or
    `history`, which tries again. All threads may use it, also once it is closed.

    Attributes
    ----------
    base_url : str
        Where the service is now, if it is elsewhere each time it starts; else "".
    listeners : list of callable
        Each is called with lines of the verdict log that are in the ledger from now on.
    asked_listeners : list of callable
        Each is called with the ids of tasks that are asked for, and again when one is answered, in the
        thread of whoever asks. They are in the ledger a moment later.
    """

    def __init__(self, where: str | Path | None, service: str, tell: Callable[[str], None]) -> None:
        super().__init__(where, service, tell)
        self.base_url = ""
        self.listeners: list[Callable[[Sequence[Verdict]], None]] = []
        self.asked_listeners: list[Callable[[Collection[str]], None]] = []
        self._is_ahead = False  # a call of `open_tasks` has begun what a call of `ask` will go on with

    def ask(self, labels: Mapping[str, Mapping[str, str]]) -> None:
        """Write down which tasks are asked for; a frame's own columns are no labels."""
        with self._lock:
            self._held.ask(labels)
            self._begin(is_silent=self._is_ahead)
            self._is_ahead = False
            self._flush()
        self._tell_listeners(labels)

    def save(self, record: Record) -> None:
        """Write a record down, soon."""
        with self._lock:
            if self._held.save(record):
                self._due = min(self._due, time.monotonic() + BATCH_SECONDS)
            self.flush_if_due()
        self._tell_listeners((record.task_id,))

    def _tell_listeners(self, ids: Collection[str]) -> None:
        for listener in list(self.asked_listeners):
            listener(ids)

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

    def final(self, ids: Iterable[str]) -> dict[str, Record]:
        """Return the records, by id, that need no request."""
        wanted = list(ids)
        found = self._read(lambda ledger: ledger.final(self.service, wanted)) or {}
        with self._lock:
            found |= self._held.final(wanted)
        return {task_id: moved_record(record, self.base_url) for task_id, record in found.items()}

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

    def rows(self, ids: Iterable[str]) -> dict[str, list[Any]] | None:
        """Return what is known of tasks, as a brief `history`; None where the ledger cannot be read.

        It tries nothing again that has failed, so that whoever asks meanwhile does not wait for it.
        """
        wanted = list(ids)
        self.flush()
        read = self._read(lambda ledger: ledger.history(self.service, ids=wanted, brief=True))
        return None if read is None else moved_columns(read, self.base_url)

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

    def history(self, **wanted: Any) -> dict[str, list[Any]]:
        """Return what is known, as `Ledger.history` does; raises as `look` does."""
        columns = self.look(lambda ledger: ledger.history(self.service, **wanted))
        return moved_columns(columns, self.base_url)
