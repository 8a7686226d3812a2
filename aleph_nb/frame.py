"""Records → a DataFrame, built from columns. The columns and their dtypes are declared once, here."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

from aleph_nb.record import RESULT_LIFETIME, Record, State

__all__ = ["COLUMNS", "to_frame"]

Maker = Callable[[list[Any]], Any]

_STATES = pd.CategoricalDtype([str(state) for state in State])
_CODES = {state: code for code, state in enumerate(State)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MISSING = np.iinfo(np.int64).min  # what numpy's times take for NaT


def _strings(values: list[Any]) -> Any:
    return pd.array(values, dtype=pd.StringDtype())


def _integers(values: list[Any]) -> Any:
    missing = np.fromiter((value is None for value in values), dtype=bool, count=len(values))
    numbers = np.fromiter((value or 0 for value in values), dtype=np.int64, count=len(values))
    return pd.arrays.IntegerArray(numbers, missing)


def _states(values: list[Any]) -> Any:
    codes = np.fromiter((_CODES[value] for value in values), dtype=np.int8, count=len(values))
    return pd.Categorical.from_codes(codes, dtype=_STATES)


def _times(values: list[Any]) -> Any:
    """Aware times in UTC → `datetime64[ms, UTC]`, cut to the millisecond."""
    milliseconds = [_MISSING if value is None else (value - _EPOCH) // _MILLISECOND for value in values]
    return pd.DatetimeIndex(np.array(milliseconds, dtype=np.int64).view("datetime64[ms]")).tz_localize("UTC")


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
    made["elapsed"] = _elapsed(made["create_time"], made["complete_time"])
    made["expires_at"] = _expires_at(made["state"], made["complete_time"])
    columns = {name: made[name] for name in COLUMNS}
    given = {row.task_id: (labels or {}).get(row.task_id, {}) for row in rows} if labels else {}
    for name in dict.fromkeys(name for names in given.values() for name in names):
        if name not in columns:
            columns[name] = _strings([given[row.task_id].get(name) for row in rows])
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))


def _elapsed(created: pd.DatetimeIndex, completed: pd.DatetimeIndex) -> Any:
    """From creation to completion; missing where one of them is, and where it would be negative."""
    elapsed: Any = completed - created
    return elapsed.where(elapsed >= pd.Timedelta(0)).as_unit("ms")


def _expires_at(states: pd.Categorical, completed: pd.DatetimeIndex) -> Any:
    """When the service deletes the result; missing for everything but `succeeded`."""
    expires: Any = completed + pd.Timedelta(RESULT_LIFETIME)
    return expires.where(np.asarray(states == State.succeeded)).as_unit("ms")
