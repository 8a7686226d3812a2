"""What is known of the tasks of each service: their last records, and the reviewer's names for them."""

from collections import Counter
from collections.abc import Mapping

from aleph_nb.client import Outcome
from aleph_nb.record import Record, State

__all__ = ["Known"]


class Known:
    """Records and labels of one service, in the order in which they were first heard of."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._labels: dict[str, dict[str, str]] = {}

    def keep(self, outcome: Outcome) -> None:
        """Remember an answer: silence replaces none, and nothing that is not final replaces what is."""
        old, new = self._records.get(outcome.record.task_id), outcome.record
        if old is None or new.is_final or (outcome.error is None and not old.is_final):
            self._records[new.task_id] = new

    def ids(self) -> list[str]:
        """Return the ids that were asked for, the latest first."""
        return list(self._records)[::-1]

    def counts(self) -> dict[State, int]:
        """Return how many tasks there are, by state."""
        found = Counter(record.state for record in self._records.values())
        return {state: found[state] for state in State if found[state]}

    def keep_labels(self, labels: Mapping[str, Mapping[str, str]]) -> None:
        """Remember the reviewer's own names for tasks; a frame's own columns are not labels."""
        named = {task_id: names for task_id, names in labels.items() if names}
        if not named:
            return
        from aleph_nb.frame import COLUMNS  # noqa: PLC0415, pandas is imported when it is needed

        for task_id, names in named.items():
            own = {name: value for name, value in names.items() if name not in COLUMNS}
            self._labels.setdefault(task_id, {}).update(own)

    def labels(self, task_id: str) -> Mapping[str, str]:
        """Return the reviewer's own names for a task."""
        return self._labels.get(task_id, {})
