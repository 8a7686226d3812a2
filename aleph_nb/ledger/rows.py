"""A `Record` ↔ its rows. No value of a record keeps it from being written."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aleph_nb.ledger.sound import sound_number, sound_text
from aleph_nb.record import Record, State
from aleph_nb.values import as_integer, load_json

__all__ = [
    "EPOCH",
    "FIELDS",
    "answer_of",
    "as_params",
    "fold_text",
    "from_milliseconds",
    "labels_of",
    "searched_text",
    "stored_json",
    "stored_text",
    "to_milliseconds",
    "to_record",
    "to_row",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # half a pair has no UTF-8; PostgreSQL knows no NUL
_SPACES = re.compile(r"\s+")
_DEEPEST = 100  # levels of JSON that are kept where more cannot be written
_MOST_BITS = 4096  # of an integer that is written in digits

_TEXTS = ("prompt", "error_message", "source_video_url", "result_video_url", "result_image_url", "msg")
_INTEGERS = ("error_code", "success_flag", "code")
_TIMES = ("create_time", "complete_time", "fetched_at")

FIELDS = (
    "reason",
    "prompt",
    "create_time",
    "complete_time",
    "error_code",
    "error_message",
    "source_video_url",
    "result_video_url",
    "result_image_url",
    "success_flag",
    "params",
    "code",
    "msg",
    "fetched_at",
)
"""What of a record stands in the table of records, in the order of a frame's columns."""


def to_row(record: Record) -> dict[str, Any]:
    """Return the `FIELDS` of a record as they are stored."""
    row: dict[str, Any] = {name: stored_text(getattr(record, name)) for name in _TEXTS}
    row |= {name: as_integer(getattr(record, name)) for name in _INTEGERS}
    row |= {name: to_milliseconds(getattr(record, name)) for name in _TIMES}
    row["reason"] = stored_text(record.reason) or ""
    row["params"] = stored_json(dict(record.params)) if record.params else None
    return row


def to_record(task_id: str, state: str, row: Mapping[str, Any], raw: str | None) -> Record:
    """Make a record again; times are cut to the millisecond."""
    values: dict[str, Any] = {name: sound_text(row[name]) for name in _TEXTS}
    values |= {name: sound_number(row[name]) for name in _INTEGERS}
    values |= {name: from_milliseconds(sound_number(row[name])) for name in _TIMES}
    values["reason"] = sound_text(row["reason"]) or ""
    values["params"] = as_params([row["params"]])[0]
    return Record(task_id=task_id, state=State(state), raw=answer_of(raw), **values)


def to_milliseconds(when: datetime | None) -> int | None:
    """Return the whole milliseconds since 1970; None stays None."""
    return None if when is None else (when - EPOCH) // _MILLISECOND


def from_milliseconds(milliseconds: int | None) -> datetime | None:
    """Return an aware time in UTC; None stays None, and is what no calendar has."""
    try:
        return None if milliseconds is None else EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:  # the ledger was touched by others
        return None


def stored_text(text: str | None) -> str | None:
    """Return a text as it can be stored: what cannot is escaped, and so still told from others."""
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def stored_json(tree: Any) -> str | None:
    """Return a value as compact JSON, cut where it is nested too deeply; None where it is None."""
    if tree is None:
        return None
    try:
        text = _ENCODER.encode(tree)
    except (TypeError, ValueError, RecursionError):
        text = _ENCODER.encode(_plain(tree, _DEEPEST))
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(json.loads(text), separators=(",", ":"))  # half a pair, escaped
    return text


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _plain(tree: Any, deepest: int) -> Any:
    """Return what JSON can say of a value that JSON cannot say."""
    if isinstance(tree, dict | list | tuple) and deepest <= 0:
        return "(nested too deeply)"
    if isinstance(tree, dict):
        return {str(key): _plain(value, deepest - 1) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_plain(value, deepest - 1) for value in tree]
    if isinstance(tree, int) and tree.bit_length() > _MOST_BITS:
        return hex(tree)
    return tree if isinstance(tree, str | int | float | None) else str(tree)


def answer_of(raw: str | None) -> Any:
    """Return an answer as it was received; None where there is none."""
    try:
        return None if raw is None else json.loads(raw)
    except (ValueError, RecursionError, TypeError):
        return None


def as_params(texts: Sequence[Any]) -> list[dict[str, Any]]:
    """Read the parameters of many records: all at once, which is quicker than one by one."""
    try:
        found = json.loads(f"[{','.join([text or '{}' for text in texts])}]")
    except (ValueError, RecursionError, TypeError):
        found = []
    if len(found) != len(texts):  # the ledger was touched by others
        found = [load_json(sound_text(text) or "{}") for text in texts]
    return [params if isinstance(params, dict) else {} for params in found]


def labels_of(text: Any) -> dict[str, str]:
    """Read the reviewer's own names for a task."""
    return as_params([text])[0] if text else {}  # most tasks have none


def searched_text(task_id: str, row: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Return what is searched of a task: its id, prompt, reason, error and labels, folded."""
    told = [task_id, row.get("prompt"), row.get("error_message"), row.get("reason")]
    for name, value in labels.items():
        told += (name, value)
    return "\n".join(fold_text(str(text)) for text in told if text)  # no search text holds a line break


def fold_text(text: str) -> str:
    """Return a text as it is compared: without case, accents in one spelling, blanks as one."""
    text = _SPACES.sub(" ", stored_text(text) or "")
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.casefold())
