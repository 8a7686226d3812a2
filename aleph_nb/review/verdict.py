"""A line of the verdict log, and what it says as JSON."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

__all__ = ["FIELDS", "MOST_STARS", "Note", "Value", "Verdict", "as_milliseconds", "from_milliseconds"]

FIELDS = ("rating", "pick", "tag", "untag", "note", "undo")
"""What a line may speak of."""

MOST_STARS = 5
"""The best rating; the worst is 1, and 0 takes a rating away."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Note:
    """A note on a task.

    Attributes
    ----------
    id : str
        By which a later text replaces an earlier one.
    time : float or None
        The second of the result at which it was begun.
    text : str
        What it says; "" takes the note away.
    """

    id: str
    time: float | None
    text: str

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can say of it."""
        return {"id": self.id, "time": self.time, "text": self.text}


Value = int | str | Note | None


class Verdict(NamedTuple):
    """A line of the log. Lines are added, and never changed.

    It is a tuple because a tuple is made in a fifth of a frozen dataclass's time, and logs are long.

    Attributes
    ----------
    uuid : str
        Made where the verdict was given: a line that is handed over twice counts once.
    service, task_id : str
        The task.
    reviewer : str
        Who gave it.
    at : datetime
        When, by the clock of where it was given; aware, in UTC.
    field : str
        One of `FIELDS`.
    value : int, str, Note or None
        `rating`: 1 to 5, 0 takes it away. `pick`: "pick", "reject" or None. `tag`, `untag`: the tag.
        `note`: a `Note`. `undo`: the uuid of the line that is taken back.
    """

    uuid: str
    service: str
    task_id: str
    reviewer: str
    at: datetime
    field: str
    value: Value

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can say of it, the time as whole milliseconds since 1970."""
        return {
            "uuid": self.uuid,
            "service": self.service,
            "task_id": self.task_id,
            "reviewer": self.reviewer,
            "at": as_milliseconds(self.at),
            "field": self.field,
            "value": self.value.as_dict() if isinstance(self.value, Note) else self.value,
        }


def as_milliseconds(when: datetime) -> int:
    """Return the whole milliseconds since 1970."""
    return (when - _EPOCH) // _MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """Return an aware time in UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)
