"""`Record`, its own properties, and the table that decides a state."""

import copy
import dataclasses
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aleph_nb.record import RESULT_LIFETIME, Record, State, decide_state

DONE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
S = timedelta(seconds=1)


def record(state: State = State.succeeded, **fields: Any) -> Record:
    return Record(task_id="a1", state=state, **fields)


def test_the_states_are_these_six_in_this_order() -> None:
    assert list(State) == ["in_progress", "succeeded", "failed", "not_found", "unknown", "no_answer"]
    assert [str(state) for state in State if state.is_final] == ["succeeded", "failed"]


def test_the_fields_are_the_designs() -> None:
    assert [field.name for field in dataclasses.fields(Record)] == [
        "task_id",
        "state",
        "reason",
        "prompt",
        "source_video_url",
        "result_video_url",
        "result_image_url",
        "create_time",
        "complete_time",
        "success_flag",
        "error_code",
        "error_message",
        "params",
        "code",
        "msg",
        "fetched_at",
        "raw",
    ]


def test_a_record_is_frozen_hashable_and_can_be_copied() -> None:
    one = record(params={"a": [1]}, raw={"code": 200})
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.state = State.failed  # type: ignore[misc]
    assert {one, copy.deepcopy(one), pickle.loads(pickle.dumps(one))} == {one}  # noqa: S301, our own
    assert record().params == {}
    assert record().reason == ""


def test_a_records_repr_holds_neither_raw_nor_params() -> None:
    assert "hidden" not in repr(record(params={"a": "hidden"}, raw="hidden"))


@pytest.mark.parametrize(
    ("created", "completed", "elapsed"),
    [
        (DONE, DONE + 345 * S, 345 * S),
        (DONE, DONE, 0 * S),
        (DONE, DONE - S, None),
        (DONE, None, None),
        (None, DONE, None),
        (None, None, None),
    ],
)
def test_elapsed(created: datetime | None, completed: datetime | None, elapsed: timedelta | None) -> None:
    assert record(create_time=created, complete_time=completed).elapsed == elapsed


@pytest.mark.parametrize("state", State)
def test_only_what_succeeded_expires(state: State) -> None:
    one = record(state, complete_time=DONE)
    expires = DONE + RESULT_LIFETIME
    assert timedelta(days=14) == RESULT_LIFETIME
    assert one.is_final == (state in {"succeeded", "failed"})
    if state is State.succeeded:
        assert one.expires_at == expires
        assert not one.has_expired(expires - S)
        assert one.has_expired(expires)
    else:
        assert one.expires_at is None
        assert not one.has_expired(expires + 100 * S)
    assert record(state).expires_at is None


@pytest.mark.parametrize("flag", [None, -1, 0, 1, 2, 3, 4, 2**63 - 1])
@pytest.mark.parametrize("code", [None, 0, 400, 999])
@pytest.mark.parametrize("message", [None, "no luck"])
@pytest.mark.parametrize("has_result", [True, False])
@pytest.mark.parametrize("is_completed", [True, False])
def test_every_row_of_the_table(
    flag: int | None, code: int | None, message: str | None, has_result: bool, is_completed: bool
) -> None:
    state, reason = decide_state(
        flag, error_code=code, error_message=message, has_result=has_result, is_completed=is_completed
    )
    error = bool(code) or message is not None
    match flag:
        case 1:
            expected = State.succeeded if has_result else State.unknown
        case 2 | 3:
            expected = State.failed
        case 0 if error:
            expected = State.failed
        case 0:
            expected = State.unknown if is_completed else State.in_progress
        case _:
            expected = State.unknown
    assert state is expected
    assert bool(reason) == (state not in {State.succeeded, State.in_progress})
    if state is State.failed:
        assert not code or str(code) in reason
        assert message is None or message in reason


def test_the_reason_of_an_error_code_says_what_the_code_means() -> None:
    _, reason = decide_state(3, error_code=500, error_message=None, has_result=False, is_completed=True)
    assert reason == "500: the service met an unexpected error"
