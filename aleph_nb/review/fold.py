"""The fold of the log: what counts of all that was said of a task."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from aleph_nb.review.verdict import Note, Verdict, as_milliseconds
from aleph_nb.words import plural

__all__ = ["Review", "VerdictLog"]

_AT = attrgetter("at")
_Key = tuple[str, str]  # reviewer and task
_PICKED = {"pick": "picked", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class Review:
    """What a reviewer says of a task at last.

    Attributes
    ----------
    task_id, reviewer : str
        The task, and who says it.
    rating : int or None
        1 to 5.
    pick : str or None
        "pick", "reject" or None.
    tags : tuple of str
        In the order given.
    notes : tuple of Note
        In the order in which they were begun.
    reviewed_at : datetime or None
        When the last of it was said that was not taken back; None where nothing was.
    """

    task_id: str
    reviewer: str
    rating: int | None = None
    pick: str | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    reviewed_at: datetime | None = None

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.rating or self.pick or self.tags or self.notes)

    def __str__(self) -> str:
        """Return it in words: "4 stars; picked; tagged sky, dusk; 2 notes"."""
        parts = [
            plural(self.rating, "star") if self.rating else "",
            _PICKED.get(self.pick or "", ""),
            f"tagged {', '.join(self.tags)}" if self.tags else "",
            plural(len(self.notes), "note") if self.notes else "",
        ]
        return "; ".join(part for part in parts if part) or "no verdict"

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can say of it, the time as whole milliseconds since 1970."""
        return {
            "task_id": self.task_id,
            "reviewer": self.reviewer,
            "rating": self.rating,
            "pick": self.pick,
            "tags": list(self.tags),
            "notes": [note.as_dict() for note in self.notes],
            "reviewed_at": self.reviewed_at and as_milliseconds(self.reviewed_at),
        }


class VerdictLog:
    """The lines of one service, and what comes of them.

    Only what new lines speak of is folded again. A line whose uuid is known already does not count.

    Parameters
    ----------
    lines : iterable of Verdict
        In the order in which they arrived.
    """

    def __init__(self, lines: Iterable[Verdict] = ()) -> None:
        self._lines: dict[_Key, list[Verdict]] = {}
        self._uuids: set[str] = set()
        self._folded: dict[_Key, Review] = {}
        self.add(lines)

    def __len__(self) -> int:
        return len(self._uuids)

    def __repr__(self) -> str:
        return f"VerdictLog({plural(len(self), 'line')})"

    def __contains__(self, uuid: object) -> bool:
        return uuid in self._uuids

    def add(self, lines: Iterable[Verdict]) -> list[Verdict]:
        """Add lines in the order in which they arrived; return those that were not known yet."""
        new: list[Verdict] = []
        for line in lines:
            if line.uuid in self._uuids:
                continue
            self._uuids.add(line.uuid)
            new.append(line)
            key = (line.reviewer, line.task_id)
            self._folded.pop(key, None)
            if key in self._lines:
                self._lines[key].append(line)
            else:
                self._lines[key] = [line]
        return new

    def review(self, task_id: str, reviewer: str) -> Review:
        """Return what a reviewer says of a task; an empty one where nothing is said."""
        key = (reviewer, task_id)
        if key not in self._folded:
            self._folded[key] = _fold(reviewer, task_id, self._lines.get(key, ()))
        return self._folded[key]

    def reviews(self, reviewer: str) -> dict[str, Review]:
        """Return what a reviewer says, by task; tasks of which nothing is said are absent."""
        theirs = (task_id for name, task_id in self._lines if name == reviewer)
        return {task_id: review for task_id in theirs if (review := self.review(task_id, reviewer))}

    def tags(self) -> list[str]:
        """Return the tags in use by whomever, the most used first."""
        counts = Counter(
            tag for reviewer, task_id in self._lines for tag in self.review(task_id, reviewer).tags
        )
        return [tag for tag, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]

    def latest(self, task_id: str, reviewer: str) -> datetime | None:
        """Return the time of the last line of a reviewer on a task; a new one comes after it."""
        return max(map(_AT, self._lines.get((reviewer, task_id), ())), default=None)

    def last(self, task_id: str, reviewer: str) -> list[Verdict]:
        """Return what an undo takes back: the lines that were given last, at one time, and still stand."""
        standing = _standing(self._lines.get((reviewer, task_id), ()))
        return [line for line in standing if line.at == standing[-1].at]


def _standing(lines: Sequence[Verdict]) -> Sequence[Verdict]:
    """Return the lines that were not taken back, those that take back aside, in the order of `at`."""
    ordered = lines if len(lines) == 1 else sorted(lines, key=_AT)  # ties stay as they arrived
    undos = [line for line in ordered if line.field == "undo"]
    if not undos:
        return ordered
    taken = _taken_back(undos)
    return [line for line in ordered if line.field != "undo" and line.uuid not in taken]


def _taken_back(undos: Sequence[Verdict]) -> set[object]:
    """Return the uuids that stand no more.

    Clocks differ, so whatever takes a line back counts, also where it seems to be the earlier one. It
    counts unless it is taken back itself: those that nobody names are decided first, then those that
    they name. Lines that name each other in a circle can name nothing else.
    """
    by_uuid = {line.uuid: line for line in undos}
    named_by = Counter(line.value for line in undos)
    taken: set[object] = set()
    decided = [line for line in undos if not named_by[line.uuid]]
    while decided:
        line = decided.pop()
        if line.uuid not in taken:
            taken.add(line.value)
        named_by[line.value] -= 1
        if not named_by[line.value] and str(line.value) in by_uuid:
            decided.append(by_uuid[str(line.value)])
    return taken


def _fold(reviewer: str, task_id: str, lines: Sequence[Verdict]) -> Review:
    rating: Any = None
    pick: Any = None
    tags: dict[Any, None] = {}
    notes: dict[str, Note] = {}
    standing = _standing(lines)
    for _, _, _, _, _, field, value in standing:
        if field == "rating":
            rating = value or None
        elif field == "pick":
            pick = value
        elif field == "tag":
            tags[value] = None
        elif field == "untag":
            tags.pop(value, None)
        elif isinstance(value, Note) and value.text:
            notes[value.id] = value
        elif isinstance(value, Note):
            notes.pop(value.id, None)
    at = standing[-1].at if standing else None
    return Review(task_id, reviewer, rating, pick, tuple(tags), tuple(notes.values()), at)
