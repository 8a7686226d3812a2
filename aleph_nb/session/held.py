"""What is to be written into a ledger, and is not there yet."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from aleph_nb.record import Record, State

__all__ = ["Held"]


@dataclass(slots=True)
class Held:
    """Tasks that were asked for and records that arrived, until the ledger has them.

    Attributes
    ----------
    asked : dict
        By id, in the order asked, the reviewer's own names.
    records : dict
        By id, the record that the ledger is to have.
    """

    asked: dict[str, Mapping[str, str]] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.asked or self.records)

    def ask(self, labels: Mapping[str, Mapping[str, str]]) -> None:
        """Hold tasks that are asked for; a frame's own columns are no labels."""
        from aleph_nb.frame import COLUMNS, VERDICT_COLUMNS  # noqa: PLC0415, pandas is imported when it is needed

        for task_id, names in labels.items():
            theirs: Collection[str] = COLUMNS
            if "reviewed_at" in names or {"state", "params"} <= names.keys():  # it is a row of ours
                theirs = {*COLUMNS, *VERDICT_COLUMNS}
            own = {name: value for name, value in names.items() if name not in theirs}
            self.asked[task_id] = {**self.asked.get(task_id, {}), **own}

    def save(self, record: Record) -> bool:
        """Hold a record, unless it replaces nothing; tell whether it is held."""
        old = self.records.get(record.task_id)
        if record.state is State.no_answer or (old and old.is_final and not record.is_final):
            return False
        self.records[record.task_id] = record
        return True

    def copy(self) -> "Held":
        """Return what is held now."""
        return Held(dict(self.asked), dict(self.records))

    def drop(self, written: "Held") -> None:
        """Let go of what was written, but not of what came since."""
        for task_id in written.asked:
            self.asked.pop(task_id, None)
        for task_id, record in written.records.items():
            if self.records.get(task_id) is record:
                del self.records[task_id]

    def take_over(self, older: "Held") -> None:
        """Hold what another one held before."""
        self.asked = older.asked | self.asked
        newer, self.records = self.records, dict(older.records)
        for record in newer.values():
            self.save(record)

    def forget(self, ids: Iterable[str]) -> int:
        """Let go of tasks; return how many were to be written."""
        count = 0
        for task_id in ids:
            count += self.asked.pop(task_id, None) is not None
            self.records.pop(task_id, None)
        return count

    def final(self, ids: Iterable[str]) -> dict[str, Record]:
        """Return the records, by id, that need no request."""
        found = ((task_id, self.records.get(task_id)) for task_id in ids)
        return {task_id: record for task_id, record in found if record is not None and record.is_final}

    def open_tasks(self, known: Collection[str]) -> list[str]:
        """Return the tasks that are asked for and not held as final, but for those that are known."""
        final = self.final(self.asked)
        return [task_id for task_id in self.asked if task_id not in known and task_id not in final]
