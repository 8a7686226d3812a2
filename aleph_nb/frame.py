"""Records → a DataFrame, built from columns. The columns and their dtypes are declared once, here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

from aleph_nb.record import RESULT_LIFETIME, Record, State
from aleph_nb.review import Review

__all__ = ["COLUMNS", "VERDICT_COLUMNS", "from_columns", "reviews_frame", "to_frame"]

Maker = Callable[[list[Any]], Any]

_STATES = pd.CategoricalDtype([str(state) for state in State])
_CODES = {state: code for code, state in enumerate(State)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MISSING = np.iinfo(np.int64).min  # what numpy's times take for NaT
_CALENDAR = 250_000_000_000_000  # milliseconds since 1970, near the year 9900; later times are none


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
    numbers[(numbers > _CALENDAR) | (numbers < -_CALENDAR)] = _MISSING
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

_JUDGED: dict[str, Maker] = {"rating": _integers, "pick": _strings, "tags": _objects, "notes": _objects}

VERDICT_COLUMNS = ("task_id", *_JUDGED, "reviewer", "reviewed_at")
"""The columns of a frame of reviews, in their order."""

Reviews = Mapping[str, Review] | pd.DataFrame


def to_frame(
    records: Sequence[Record],
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    reviews: Reviews | None = None,
) -> pd.DataFrame:
    """Make a DataFrame with a row per record.

    Parameters
    ----------
    records : sequence of Record
        In the order of the rows.
    labels : mapping, optional
        The reviewer's own names by task id: `{"id": {"shot": "12a"}}`. Each name becomes a column
        of strings behind `fetched_at`.
    reviews : DataFrame or mapping of str to Review, optional
        What a reviewer says, as `Session.reviews` returns it: rating (`Int64`), pick (a string), tags
        and notes (lists) become columns between `fetched_at` and the labels; a label of such a
        name is left out. A task that is not in it has NA, NA and two empty lists.

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
    judged = {} if reviews is None else _judged([row.task_id for row in rows], reviews)
    return _frame(made, [labels.get(row.task_id) for row in rows] if labels else [], judged)


def from_columns(columns: Mapping[str, list[Any]], *, reviews: Reviews | None = None) -> pd.DataFrame:
    """Make the same DataFrame from columns, as a ledger's history has them.

    Parameters
    ----------
    columns : mapping
        By name, those of `COLUMNS` but elapsed and expires_at; times are whole milliseconds since
        1970. In `labels`, if it is there, are the reviewer's own names for each row, or None.
    reviews : DataFrame or mapping of str to Review, optional
        As of `to_frame`.

    Returns
    -------
    pandas.DataFrame
        As `to_frame` makes it.
    """
    makers = {name: _milliseconds if make is _times else make for name, make in _READ.items()}
    made = {name: make(columns[name]) for name, make in makers.items()}
    judged = {} if reviews is None else _judged(columns["task_id"], reviews)
    return _frame(made, columns.get("labels", []), judged)


def reviews_frame(reviews: Iterable[Review]) -> pd.DataFrame:
    """Make a DataFrame with a row per review.

    Returns
    -------
    pandas.DataFrame
        With a RangeIndex and always all of `VERDICT_COLUMNS`: rating `Int64`; pick "pick", "reject" or
        NA; tags lists of strings; notes lists of `{"time": seconds or None, "text": str}`; reviewed_at
        `datetime64[ms, UTC]`; task_id and reviewer strings.
    """
    rows = list(reviews)
    ids = [row.task_id for row in rows]
    columns = {"task_id": _strings(ids), **_judged(ids, {row.task_id: row for row in rows})}
    columns["reviewer"] = _strings([row.reviewer for row in rows])
    columns["reviewed_at"] = _times([row.reviewed_at for row in rows])
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))


def _judged(ids: Sequence[str], reviews: Reviews) -> dict[str, Any]:
    """Make the columns that say what a reviewer says of tasks."""
    if isinstance(reviews, pd.DataFrame):
        cells = zip(*(reviews[name] for name in _JUDGED), strict=True)
        said = dict(zip(reviews["task_id"], map(_of_row, cells), strict=True))
    else:
        said = {task_id: _of_review(review) for task_id, review in reviews.items()}
    rows: list[tuple[Any, ...]] = [said.get(task_id) or (None, None, [], []) for task_id in ids]
    makers = enumerate(_JUDGED.items())
    return {name: make([row[place] for row in rows]) for place, (name, make) in makers}


def _of_row(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    rating, pick, tags, notes = cells
    return None if pd.isna(rating) else int(rating), None if pd.isna(pick) else pick, list(tags), list(notes)


def _of_review(review: Review) -> tuple[Any, ...]:
    notes = [{"time": note.time, "text": note.text} for note in review.notes]
    return review.rating, review.pick, list(review.tags), notes


def _frame(
    made: dict[str, Any], labels: Sequence[Mapping[str, str] | None], judged: Mapping[str, Any]
) -> pd.DataFrame:
    """Put columns in order, with those that follow from others; then verdicts, then labels."""
    made["elapsed"] = _elapsed(made["create_time"], made["complete_time"])
    made["expires_at"] = _expires_at(made["state"], made["complete_time"])
    columns = {name: made[name] for name in COLUMNS} | dict(judged)
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
