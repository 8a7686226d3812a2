"""What the desk is told of tasks and verdicts: columns as bytes, some thousand rows a message.

Nothing is made for a row: a column of texts is one JSON array, a column of numbers their bytes. Times are
whole milliseconds since 1970.
"""

import json
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import nan
from typing import Any

from aleph_nb.record import RESULT_LIFETIME, Record, State

__all__ = ["AT_ONCE", "Message", "columns_of", "line_messages", "milliseconds", "row_messages", "some"]

Message = tuple[dict[str, Any], list[bytes]]
"""What a message says, and its buffers."""

AT_ONCE = 200
"""Rows that go out before all others."""

_CHUNK = 4_000  # rows or lines of one message: neither side is held up for long
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LIFETIME = RESULT_LIFETIME // _MILLISECOND
_CODES = {state.value: code for code, state in enumerate(State)}
_UNKNOWN, _SUCCEEDED = _CODES[State.unknown], _CODES[State.succeeded]
_LARGEST = 2**31 - 1

_TEXTS = {
    "task_id": "task_id",
    "prompt": "prompt",
    "reason": "reason",
    "error_message": "error_message",
    "source": "source_video_url",
    "result": "result_video_url",
    "thumbnail": "result_image_url",
    "labels": "labels",
}
_TIMES = {
    "created": "create_time",
    "completed": "complete_time",
    "fetched": "fetched_at",
    "asked": "first_asked",
}
_RECORD = (*(name for name in _TEXTS.values() if name != "labels"), "state", "error_code")

Columns = Mapping[str, Sequence[Any]]


# ── Tasks ────────────────────────────────────────────────────────────────────────────────────────


def row_messages(columns: Columns, *, first: int = 0, total: int, **more: Any) -> Iterator[Message]:
    """Make the messages that tell of rows.

    Parameters
    ----------
    columns : mapping
        As a ledger's history has them; a column that is not there is missing in every row.
    first : int
        The place of the first row among all.
    total : int
        How many rows there are in all.
    **more
        What else the messages say: `done`, which is true of none but the last; `fresh`.
    """
    count = len(columns["task_id"])
    for start in range(0, count, _CHUNK) or (0,):
        end = min(start + _CHUNK, count)
        buffers = _buffers(columns, slice(start, end))
        told = {name: value for name, value in more.items() if name != "done" or end == count}
        yield (
            {
                "type": "rows",
                "names": list(buffers),
                "first": first + start,
                "count": end - start,
                "total": total,
                "done": False,
                **told,
            },
            list(buffers.values()),
        )


def _buffers(columns: Columns, part: slice) -> dict[str, bytes]:
    count = len(columns["task_id"][part])

    def column(name: str) -> Sequence[Any]:
        return columns[name][part] if name in columns else [None] * count

    buffers = {name: _json(column(source)) for name, source in _TEXTS.items()}
    states = [_CODES.get(state, _UNKNOWN) for state in column("state")]
    buffers["state"] = bytes(states)
    buffers |= {name: _floats(column(source)) for name, source in _TIMES.items()}
    buffers["expires"] = _floats(
        [
            done + _LIFETIME if code == _SUCCEEDED and done is not None else None
            for code, done in zip(states, column("complete_time"), strict=True)
        ]
    )
    codes = [-1 if code is None or not 0 <= code <= _LARGEST else code for code in column("error_code")]
    buffers["error_code"] = _bytes(array("i", codes))
    return buffers


def _json(values: Sequence[Any]) -> bytes:
    return _ENCODER.encode(values).encode()


_ENCODER = json.JSONEncoder(separators=(",", ":"))  # in ASCII, which no half of a pair can break


def _floats(values: Sequence[Any]) -> bytes:
    return _bytes(array("d", [nan if value is None else value for value in values]))


def _bytes(numbers: "array[Any]") -> bytes:
    """Return numbers as browsers read them, the lowest byte first."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def some(columns: Mapping[str, list[Any]], places: Sequence[int]) -> dict[str, list[Any]]:
    """Return the rows at some places, which rise."""
    if places and places[-1] - places[0] == len(places) - 1:  # they stand in a row
        return {name: values[places[0] : places[-1] + 1] for name, values in columns.items()}
    return {name: [values[at] for at in places] for name, values in columns.items()}


def columns_of(records: Sequence[Record], labels: Mapping[str, Mapping[str, str]]) -> dict[str, list[Any]]:
    """Return records as a ledger's history has them: those that have just arrived."""
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in records] for name in _RECORD}
    for name in ("create_time", "complete_time", "fetched_at"):
        columns[name] = [milliseconds(getattr(row, name)) for row in records]
    columns["labels"] = [dict(labels.get(row.task_id, {})) or None for row in records]
    return columns


def milliseconds(when: datetime | None) -> int | None:
    """Return the whole milliseconds since 1970; None stays None."""
    return None if when is None else (when - _EPOCH) // _MILLISECOND


# ── Verdicts ─────────────────────────────────────────────────────────────────────────────────────


def line_messages(lines: Iterable[Mapping[str, Any]], *, baseline: bool) -> Iterator[Message]:
    """Make the messages that tell of verdict lines, in the order in which they arrived.

    Parameters
    ----------
    lines : iterable of mapping
        As JSON has them.
    baseline : bool
        Whether these are all that the ledger has, not those that have just been added.
    """
    given = list(lines)
    for start in range(0, len(given), _CHUNK) or (0,):
        part = given[start : start + _CHUNK]
        is_last = start + _CHUNK >= len(given)
        yield {"type": "lines", "count": len(part), "baseline": baseline, "done": is_last}, [_json(part)]
