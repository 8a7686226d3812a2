"""`Asked`: the ids that a person gave, what they call them, and what was odd about them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Asked", "listed"]

_SPREADSHEET_NUMBER = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+[0-9]+")  # never a hex id: those have no plus
_MOST_NAMES = 8  # that a message lists


@dataclass
class Asked:
    """Ids, each once, in the order given.

    Attributes
    ----------
    labels : dict
        By id, the reviewer's own names and their values: `{"id": {"shot": "12a"}}`.
    """

    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    _repeated: set[str] = field(default_factory=set)
    _renamed: set[str] = field(default_factory=set)
    _blanks: int = 0
    _notes: list[str] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """Each id once, in the order given."""
        return list(self.labels)

    @property
    def notes(self) -> list[str]:
        """Lines that tell what was odd about the ids; none of it is an error."""
        notes = list(self._notes)
        numbers = [found for found in self.labels if _SPREADSHEET_NUMBER.fullmatch(found)]
        if numbers:
            notes.append(
                f"{listed(numbers)} looks like an id that a spreadsheet turned into a number. "
                "Format its column as text, paste the ids again, and export it once more."
            )
        if self._repeated:
            notes.append(f"Given more than once, asked for once: {listed(sorted(self._repeated))}.")
        if self._renamed:
            ids = listed(sorted(self._renamed))
            notes.append(f"Named in more than one way, the last one counts: {ids}.")
        if self._blanks:
            notes.append(f"{self._blanks} {'row has' if self._blanks == 1 else 'rows have'} no id.")
        return notes

    def add(self, task_id: str | None, labels: Mapping[str, str] | None = None) -> None:
        """Add an id; None or "" is a blank."""
        if not task_id:
            self._blanks += 1
            return
        if task_id in self.labels:
            self._repeated.add(task_id)
            mine = self.labels[task_id]
            if any(mine.get(name, value) != value for name, value in (labels or {}).items()):
                self._renamed.add(task_id)
        self.labels.setdefault(task_id, {}).update(labels or {})

    def first(self, count: int) -> "Asked":
        """Return the first few ids, and all that is told."""
        few = Asked({task_id: self.labels[task_id] for task_id in self.ids[:count]})
        few._notes = list(self.notes)
        return few

    def tell(self, note: str) -> None:
        """Add a line to what is told; "" is none."""
        if note:
            self._notes.append(note)


def listed(names: Sequence[str]) -> str:
    """Return the first few names in a row, and how many more there are."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
