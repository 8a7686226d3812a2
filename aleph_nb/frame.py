"""Records → a DataFrame, built from columns. The columns and their dtypes are declared once, here."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

from aleph_nb.record import RESULT_LIFETIME, Record, State

__all__ = ["COLUMNS", "from_columns", "to_frame"]

Maker = Callable[[list[Any]], Any]

_STATES = pd.CategoricalDtype([str(state) for state in State])
_CODES = {state: code for code, state in enumerate(State)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MISSING = np.iinfo(np.int64).min  # what numpy's times take for NaT


def _strings(values: list[Any]) -> Any:
    return pd.array(values, dtype=pd.StringDtype())


def _integers(values: list[Any]) -> Any:
    missing = np.array([value is None for value in values], dtype=bool)
    numbers = np.array([value or 0 for value in values], dtype=np.int64)
    return pd.arrays.IntegerArray(numbers, missing)


def _states(values: list[Any]) -> Any:
    codes = np.array([_CODES[value] for value in values], dtype=np.int8)
    return pd.Categorical.from_codes(codes, dtype=_STATES)


def _times(values: list[Any]) -> Any:
    """Aware times in UTC → `datetime64[ms, UTC]`, cut to the millisecond."""
    return _milliseconds([None if value is None else (value - _EPOCH) // _MILLISECOND for value in values])


def _milliseconds(values: list[Any]) -> Any:
    """Whole milliseconds since 1970 → `datetime64[ms, UTC]`."""
    numbers = np.array([_MISSING if value is None else value for value in values], dtype=np.int64)
    return pd.DatetimeIndex(numbers.view("datetime64[ms]")).tz_localize("UTC")


def _objects(values: list[Any]) -> Any:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


_READ: dict[str, Maker] = {
    "task_id": _strings,
    "state": _states,
    "reason": _strings,
    "prompt": _strings,
    "create_time": _times,
    "complete_time": _times,
    "error_code": _integers,
    "error_message": _strings,
    "source_video_url": _strings,
    "result_video_url": _strings,
    "result_image_url": _strings,
    "success_flag": _integers,
    "params": _objects,
    "code": _integers,
    "msg": _strings,
    "fetched_at": _times,
}

COLUMNS = (
    "task_id",
    "state",
    "reason",
    "prompt",
    "create_time",
    "complete_time",
    "elapsed",
    "expires_at",
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
"""The columns of every frame, in their order; a reviewer's own labels stand behind them."""


def to_frame(
    records: Sequence[Record], *, labels: Mapping[str, Mapping[str, str]] | None = None
) -> pd.DataFrame:
    """Make a DataFrame with a row per record.

    Parameters
    ----------
    records : sequence of Record
        In the order of the rows.
    labels : mapping, optional
        The reviewer's own names by task id: `{"id": {"shot": "12a"}}`. Each name becomes a column
        of strings behind `fetched_at`.

    Returns
    -------
    pandas.DataFrame
        With a RangeIndex and always all of `COLUMNS`. `state` is categorical with all six states;
        times are `datetime64[ms, UTC]`, elapsed `timedelta64[ms]`; success_flag, error_code and
        code `Int64`; params objects (dicts); the rest `pd.StringDtype()`. What is missing is NA,
        but `reason` is "" then.
    """
    rows = list(records)
    made = {name: make(list(map(attrgetter(name), rows))) for name, make in _READ.items()}
    return _frame(made, [labels.get(row.task_id) for row in rows] if labels else [])


def from_columns(columns: Mapping[str, list[Any]]) -> pd.DataFrame:
    """Make the same DataFrame from columns, as a ledger's history has them.

    Parameters
    ----------
    columns : mapping
        By name, those of `COLUMNS` but elapsed and expires_at; times are whole milliseconds since
        1970. In `labels`, if it is there, are the reviewer's own names for each row, or None.

    Returns
    -------
    pandas.DataFrame
        As `to_frame` makes it.
    """
    makers = {name: _milliseconds if make is _times else make for name, make in _READ.items()}
    made = {name: make(columns[name]) for name, make in makers.items()}
    return _frame(made, columns.get("labels", []))


def _frame(made: dict[str, Any], labels: Sequence[Mapping[str, str] | None]) -> pd.DataFrame:
    """Put columns in order, with those that follow from others, and the labels behind them."""
    made["elapsed"] = _elapsed(made["create_time"], made["complete_time"])
    made["expires_at"] = _expires_at(made["state"], made["complete_time"])
    columns = {name: made[name] for name in COLUMNS}
    for name in dict.fromkeys(name for names in labels if names for name in names):
        if name not in columns:
            columns[name] = _strings([names.get(name) if names else None for names in labels])
    return pd.DataFrame(columns, index=pd.RangeIndex(len(made["task_id"])))


def _elapsed(created: pd.DatetimeIndex, completed: pd.DatetimeIndex) -> Any:
    """From creation to completion; missing where one of them is, and where it would be negative."""
    elapsed: Any = completed - created
    return elapsed.where(elapsed >= pd.Timedelta(0)).as_unit("ms")


def _expires_at(states: pd.Categorical, completed: pd.DatetimeIndex) -> Any:
    """When the service deletes the result; missing for everything but `succeeded`."""
    expires: Any = completed + pd.Timedelta(RESULT_LIFETIME)
    return expires.where(np.asarray(states == State.succeeded)).as_unit("ms")
