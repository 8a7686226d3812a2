"""`to_frame` of 100,000 Records beside `pd.json_normalize` of their answers and the same conversions."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from aleph_nb import Record, State, to_frame, wire
from tests.benchmarks.measure import Row, as_ratio, interleave, timed
from tests.faults import failure, running, success

__all__ = ["measure"]

_ROUNDS = 5
_MOST = 0.5  # times the peer
_RECORDS = 100_000


def measure() -> list[Row]:
    """Measure it; first see that the peer comes to the same frame."""
    records, answers = _made(_RECORDS)
    fetched = [record.fetched_at for record in records]
    pd.testing.assert_frame_equal(to_frame(records), _normalized(answers, fetched))
    found = interleave(
        {
            "ours": timed(lambda: to_frame(records)),
            "same": timed(lambda: _normalized(answers, fetched)),
            "times": timed(lambda: _normalized_times(answers)),
            "alone": timed(lambda: pd.json_normalize(answers)),
        },
        _ROUNDS,
    )
    ratio = as_ratio(found["ours"], found["same"])
    frame = f"frame of {_RECORDS:,}"
    return [
        Row(
            what=f"{frame}: to_frame",
            figures=found["ours"],
            against="json_normalize, same conversions",
            compared=f"{ratio:.2f} times",
            target=f"at most {_MOST}",
            met=ratio <= _MOST,
        ),
        Row(what=f"{frame}: json_normalize, same conversions", figures=found["same"]),
        Row(what=f"{frame}: json_normalize, to_datetime alone", figures=found["times"]),
        Row(what=f"{frame}: json_normalize, no conversion", figures=found["alone"]),
    ]


def _made(count: int) -> tuple[list[Record], list[Any]]:
    """Make answers, one in twenty failed and one running, and the records that they are parsed to."""
    records, answers = [], []
    for number in range(count):
        task_id = f"{number:032x}"
        make = {0: failure, 1: running}.get(number % 20, success)
        body = json.dumps(make(task_id)).encode()
        records.append(wire.parse(body, status=200, task_id=task_id, fetched_at=datetime.now(UTC)))
        answers.append(json.loads(body))
    return records, answers


def _normalized_times(answers: list[Any]) -> pd.DataFrame:
    flat = pd.json_normalize(answers)
    for name in ("data.createTime", "data.completeTime"):
        flat[name] = pd.to_datetime(flat[name], utc=True, format="ISO8601")
    return flat


def _normalized(answers: list[Any], fetched: list[datetime | None]) -> pd.DataFrame:
    """Make the same frame as a good user of pandas would, column by column."""
    flat = pd.json_normalize(answers)
    params = [json.loads(text) for text in flat["data.paramJson"]]
    asked = pd.DataFrame(params)
    created, completed = _times(flat["data.createTime"]), _times(flat["data.completeTime"])
    message = _texts(flat["data.errorMessage"])
    flag, error = flat["data.successFlag"].astype("Int64"), flat["data.errorCode"].astype("Int64")
    result = _texts(flat["data.response.resultVideoUrl"])
    has_error = (error.fillna(0) != 0) | message.notna()
    succeeded = (flag == 1) & result.notna()
    failed = flag.isin([2, 3]) | ((flag == 0) & has_error)
    reason = pd.Series("", index=flat.index, dtype=pd.StringDtype())
    reason[failed] = error[failed].astype(str) + ": " + message[failed]
    elapsed = completed - created
    states = np.select(
        [succeeded, failed, (flag == 0) & completed.isna()], ["succeeded", "failed", "in_progress"], "unknown"
    )
    return pd.DataFrame(
        {
            "task_id": _texts(flat["data.taskId"]),
            "state": pd.Categorical(states, categories=[str(state) for state in State]),
            "reason": reason,
            "prompt": _texts(asked["prompt"]),
            "create_time": created,
            "complete_time": completed,
            "elapsed": elapsed.where(elapsed >= pd.Timedelta(0)),
            "expires_at": (completed + pd.Timedelta(days=14)).where(succeeded).dt.as_unit("ms"),
            "error_code": error,
            "error_message": message,
            "source_video_url": _texts(asked["videoUrl"]),
            "result_video_url": result,
            "result_image_url": _texts(flat["data.response.resultImageUrl"]),
            "success_flag": flag,
            "params": params,
            "code": flat["code"].astype("Int64"),
            "msg": _texts(flat["msg"]),
            "fetched_at": _times(pd.Series(fetched)),
        }
    )


def _times(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, utc=True, format="ISO8601").dt.as_unit("ms")


def _texts(column: pd.Series) -> pd.Series:
    texts = column.astype(pd.StringDtype())
    return texts.mask(texts == "")
