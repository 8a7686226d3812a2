"""The DataFrame: its columns and dtypes, what is missing, and that it says what its records say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb.frame import COLUMNS, to_frame
from aleph_nb.record import Record, State

DTYPES = {
    "task_id": "string",
    "state": "category",
    "reason": "string",
    "prompt": "string",
    "create_time": "datetime64[ms, UTC]",
    "complete_time": "datetime64[ms, UTC]",
    "elapsed": "timedelta64[ms]",
    "expires_at": "datetime64[ms, UTC]",
    "error_code": "Int64",
    "error_message": "string",
    "source_video_url": "string",
    "result_video_url": "string",
    "result_image_url": "string",
    "success_flag": "Int64",
    "params": "object",
    "code": "Int64",
    "msg": "string",
    "fetched_at": "datetime64[ms, UTC]",
}
DONE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FULL = Record(
    task_id="a1",
    state=State.succeeded,
    prompt="p",
    source_video_url="https://a.b/s.mp4",
    result_video_url="https://a.b/r.mp4",
    result_image_url="https://a.b/r.png",
    create_time=DONE - timedelta(seconds=345),
    complete_time=DONE,
    success_flag=1,
    error_code=0,
    error_message="e",
    params={"prompt": "p", "list": [1]},
    code=200,
    msg="success",
    fetched_at=DONE,
)
BARE = Record(task_id="b2", state=State.no_answer, reason="timed out")


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}


@pytest.mark.parametrize("records", [[], [FULL], [BARE], [FULL, BARE], [BARE] * 50])
def test_columns_and_dtypes_never_change(records: list[Record]) -> None:
    frame = to_frame(records)
    assert type(frame) is pd.DataFrame
    assert dtypes(frame) == DTYPES
    assert tuple(frame.columns) == COLUMNS == tuple(DTYPES)
    assert type(frame.index) is pd.RangeIndex
    assert len(frame) == len(records)
    assert list(frame["state"].cat.categories) == [str(state) for state in State]
    for name, dtype in DTYPES.items():
        if dtype == "string":
            assert frame[name].dtype == pd.StringDtype()
            assert getattr(frame[name].dtype, "na_value", None) is pd.NA


def test_a_full_row() -> None:
    (row,) = to_frame([FULL]).to_dict("records")
    assert row == {
        "task_id": "a1",
        "state": "succeeded",
        "reason": "",
        "prompt": "p",
        "create_time": pd.Timestamp(DONE - timedelta(seconds=345)),
        "complete_time": pd.Timestamp(DONE),
        "elapsed": pd.Timedelta(seconds=345),
        "expires_at": pd.Timestamp(DONE + timedelta(days=14)),
        "error_code": 0,
        "error_message": "e",
        "source_video_url": "https://a.b/s.mp4",
        "result_video_url": "https://a.b/r.mp4",
        "result_image_url": "https://a.b/r.png",
        "success_flag": 1,
        "params": {"prompt": "p", "list": [1]},
        "code": 200,
        "msg": "success",
        "fetched_at": pd.Timestamp(DONE),
    }


def test_what_is_missing_is_na_but_for_the_reason_and_the_parameters() -> None:
    frame = to_frame([FULL, BARE])
    values: dict[Any, Any] = frame.loc[1].to_dict()
    missing = {name for name in COLUMNS if pd.isna(values[name]) is True}
    assert missing == set(COLUMNS) - {"task_id", "state", "reason", "params"}
    assert frame.loc[1, "prompt"] is pd.NA
    assert frame.loc[1, "code"] is pd.NA
    assert frame.loc[1, "elapsed"] is pd.NaT
    assert frame.loc[1, "params"] == {}
    assert frame.loc[0, "reason"] == ""
    assert not frame["reason"].isna().any()


def test_a_negative_elapsed_time_is_missing() -> None:
    record = Record(
        task_id="a", state=State.failed, create_time=DONE, complete_time=DONE - timedelta(seconds=1)
    )
    assert to_frame([record])["elapsed"].isna().all()


@pytest.mark.parametrize("state", State)
def test_only_what_succeeded_expires(state: State) -> None:
    frame = to_frame([Record(task_id="a", state=state, complete_time=DONE)])
    assert frame["expires_at"].notna().all() == (state is State.succeeded)
    assert frame.loc[0, "state"] == str(state)


def test_numbers_of_64_bits_stay_exact() -> None:
    for number in (2**63 - 1, -(2**63), 2**53 + 1, 0):
        frame = to_frame([Record(task_id="a", state=State.unknown, error_code=number), BARE])
        assert frame["error_code"].tolist() == [number, pd.NA]


def test_labels_are_columns_behind_the_last_one() -> None:
    labels = {
        "a1": {"shot": "12a", "prompt": "mine", "state": "x"},
        "b2": {"client": "Å"},
        "c3": {"late": "x"},
    }
    frame = to_frame([BARE, FULL], labels=labels)
    assert list(frame.columns) == [*COLUMNS, "client", "shot"]
    assert dtypes(frame) == DTYPES | {"client": "string", "shot": "string"}
    assert frame["shot"].tolist() == [pd.NA, "12a"]
    assert frame["client"].tolist() == ["Å", pd.NA]
    assert frame.loc[1, "prompt"] == "p"
    assert dtypes(to_frame([], labels=labels)) == DTYPES


def test_concat_and_merge_keep_the_dtypes() -> None:
    one, two, none = to_frame([FULL]), to_frame([BARE]), to_frame([])
    both = pd.concat([one, two, none], ignore_index=True)
    assert dtypes(both) == DTYPES
    pd.testing.assert_frame_equal(both, to_frame([FULL, BARE]))
    shots = pd.DataFrame({"task_id": ["a1", "zz"], "shot": ["12a", "9"]}).astype("string")
    merged = one.merge(shots, on="task_id", how="left")
    assert dtypes(merged) == DTYPES | {"shot": "string"}
    assert dtypes(both[both["state"] == "failed"]) == DTYPES


def test_a_state_can_be_selected_grouped_and_sorted() -> None:
    frame = to_frame([BARE, FULL])
    assert frame[frame["state"] == State.succeeded]["task_id"].tolist() == ["a1"]
    assert frame.groupby("state", observed=True).size().to_dict() == {"succeeded": 1, "no_answer": 1}
    assert frame.sort_values("state")["task_id"].tolist() == ["a1", "b2"]


# ── Equal to the records' own properties ─────────────────────────────────────────────────────────

TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2100, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
EXACT = TIMES.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
INT64 = st.none() | st.integers(-(2**63), 2**63 - 1)


def records(times: st.SearchStrategy[datetime]) -> st.SearchStrategy[Record]:
    return st.builds(
        Record,
        task_id=st.text("0123456789abcdef", min_size=1),
        state=st.sampled_from(State),
        reason=st.text(max_size=9),
        prompt=TEXT,
        result_video_url=TEXT,
        create_time=st.none() | times,
        complete_time=st.none() | times,
        fetched_at=st.none() | times,
        success_flag=INT64,
        error_code=INT64,
        error_message=TEXT,
        code=INT64,
        msg=TEXT,
        params=st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    )


def plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp | pd.Timedelta):
        return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value.to_pytimedelta()
    return value if isinstance(value, dict) or not pd.isna(value) else None


@settings(deadline=None, max_examples=80)
@given(st.lists(records(EXACT), max_size=4))
def test_a_frame_says_what_its_records_say(rows: list[Record]) -> None:
    frame = to_frame(rows)
    assert dtypes(frame) == DTYPES
    for name in COLUMNS:
        assert [plain(value) for value in frame[name].tolist()] == [getattr(row, name) for row in rows], name


def whole(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@settings(deadline=None, max_examples=200)
@given(st.lists(records(TIMES), min_size=1, max_size=4))
def test_times_are_cut_to_the_millisecond_never_rounded(rows: list[Record]) -> None:
    frame = to_frame(rows)
    for name in ("create_time", "complete_time", "fetched_at", "expires_at"):
        assert [plain(value) for value in frame[name].tolist()] == [whole(getattr(row, name)) for row in rows]
