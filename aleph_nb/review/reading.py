"""Lines of a browser → `Verdict`s. What cannot be used is told in a line, and nothing is swallowed."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import index
from reprlib import Repr
from typing import Any

from aleph_nb.review.verdict import FIELDS, MOST_STARS, Note, Value, Verdict, from_milliseconds
from aleph_nb.values import as_text

__all__ = ["Refusal", "read_reviewer", "read_value", "read_verdict", "read_verdicts"]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_NAME = 100  # characters of a tag, a reviewer, a note's id
_MOST_ID = 10_000  # of a task's id, and of a service's name
_MOST_NOTE = 20_000
_LAST = 253_402_214_400_000  # milliseconds; a datetime has room for a day more
_PICKS = ("pick", "reject", None)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that cannot be used.

    Attributes
    ----------
    place : int
        Where it stands among the lines that were handed over, from 0.
    uuid : str
        Its uuid; "" where it has none.
    why : str
        What is wrong with it, in one line.
    """

    place: int
    uuid: str
    why: str


def read_verdicts(lines: Iterable[Any], service: str) -> tuple[list[Verdict], list[Refusal]]:
    """Read lines that somebody else wrote.

    Parameters
    ----------
    lines : iterable
        Each as `Verdict.as_dict` writes it; names that it does not have are passed over.
    service : str
        What the tasks must belong to.

    Returns
    -------
    tuple of list of Verdict and list of Refusal
        Those that can be used, in the order given, and the others.
    """
    read: list[Verdict] = []
    refused: list[Refusal] = []
    for place, line in enumerate(lines):
        try:
            read.append(_of_service(read_verdict(line), service))
        except ValueError as error:
            given = line.get("uuid") if isinstance(line, Mapping) else None
            uuid = given if isinstance(given, str) and _UUID.fullmatch(given) else ""
            refused.append(Refusal(place, uuid, str(error)))
    return read, refused


def _of_service(verdict: Verdict, service: str) -> Verdict:
    if verdict.service != service:
        raise ValueError(f"it belongs to {_shown(verdict.service)}, and not to {service}")
    return verdict


def read_verdict(line: Any) -> Verdict:
    """Read a line that somebody else wrote.

    Raises
    ------
    ValueError
        It cannot be used; the message is one line that says why.
    """
    if not isinstance(line, Mapping):
        raise ValueError(f"{_shown(line)} is no line of verdicts")  # noqa: TRY004, as all that is wrong here
    missing = [name for name in Verdict._fields if name not in line]
    if missing:
        raise ValueError(f"it has no {missing[0]}")
    field = line["field"]
    if not isinstance(field, str) or field not in FIELDS:
        raise ValueError(f"field {_shown(field)} is none of {', '.join(FIELDS)}")
    verdict = Verdict(
        uuid=_read_uuid("uuid", line["uuid"]),
        service=_read_plain("service", line["service"], _MOST_ID),
        task_id=_read_plain("task_id", line["task_id"], _MOST_ID),
        reviewer=read_reviewer(line["reviewer"]),
        at=_read_at(line["at"]),
        field=field,
        value=read_value(field, line["value"]),
    )
    if field == "undo" and verdict.value == verdict.uuid:
        raise ValueError("undo names its own line")
    return verdict


def read_value(field: str, value: Any) -> Value:
    """Read what a line says of its field.

    Raises
    ------
    ValueError
        It cannot be used; the message is one line that says why.
    """
    return _READERS[field](value)


def read_reviewer(value: Any) -> str:
    """Read a reviewer's name: its blanks as one, and none around it.

    Raises
    ------
    ValueError
        It cannot be used; the message is one line that says why.
    """
    return _read_name("reviewer", value)


# ── Each field ───────────────────────────────────────────────────────────────────────────────────


def _read_rating(value: Any) -> int:
    rating = -1
    if not isinstance(value, bool) and hasattr(value, "__index__"):  # numpy's integers are no int
        rating = index(value)
    if not 0 <= rating <= MOST_STARS:
        raise ValueError(f"rating {_shown(value)} is no whole number from 0 to {MOST_STARS}")
    return rating


def _read_pick(value: Any) -> str | None:
    if not (value is None or isinstance(value, str)) or value not in _PICKS:
        raise ValueError(f"pick {_shown(value)} is neither 'pick' nor 'reject' nor None")
    return value


def _read_note(value: Any) -> Note:
    if not isinstance(value, Mapping) or set(value) != {"id", "time", "text"}:
        raise ValueError(f"note {_shown(value)} is not made of id, time and text")
    text = value["text"]
    if not isinstance(text, str):
        raise ValueError(f"note {_shown(text)} is no text")  # noqa: TRY004, likewise
    if len(text) > _MOST_NOTE:
        raise ValueError(f"note {_shown(text)} has more than {_MOST_NOTE:,} characters")
    note_id = _read_plain("the note's id", value["id"], _MOST_NAME)
    return Note(note_id, _read_seconds(value["time"]), as_text(text) or "")


def _read_seconds(value: Any) -> float | None:
    if value is None:
        return None
    seconds = math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            seconds = float(value)
        except OverflowError:
            seconds = math.inf
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"the note's time {_shown(value)} is no number of seconds from 0 on")
    return seconds


_READERS: dict[str, Callable[[Any], Value]] = {
    "rating": _read_rating,
    "pick": _read_pick,
    "tag": lambda value: _read_name("tag", value),
    "untag": lambda value: _read_name("untag", value),
    "note": _read_note,
    "undo": lambda value: _read_uuid("undo", value),
}


def _read_at(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LAST:
        raise ValueError(f"at {_shown(value)} is no number of milliseconds since 1970")
    return from_milliseconds(value)


def _read_uuid(what: str, value: Any) -> str:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError(f"{what} {_shown(value)} is no uuid in small letters")
    return value


def _read_plain(what: str, value: Any, most: int) -> str:
    """Read what is kept as it stands."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{what} {_shown(value)} is no text, or an empty one")
    _check(what, value, most)
    return value


def _read_name(what: str, value: Any) -> str:
    """Read what a person typed: blanks as one, accents in one spelling."""
    text = unicodedata.normalize("NFC", " ".join(value.split())) if isinstance(value, str) else ""
    if not text:
        raise ValueError(f"{what} {_shown(value)} is no text, or an empty one")
    _check(what, text, _MOST_NAME)
    return text


def _check(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise ValueError(f"{what} {_shown(text)} has more than {most:,} characters")
    if any(unicodedata.category(mark) in ("Cc", "Cs") for mark in text):
        raise ValueError(f"{what} {_shown(text)} holds a control character, or half of one")


_MOST_SHOWN = 80
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 60


def _shown(value: Any) -> str:
    """Return a value as a message quotes it: short, and in one line."""
    shown = " ".join(_SHORT.repr(value).split())
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[: _MOST_SHOWN - 3]}..."
