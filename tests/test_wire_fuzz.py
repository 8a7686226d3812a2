"""Whatever an answer is: an `AlephError`, or a record that can be shown, kept and put into a frame."""

import json
import pickle
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb import errors, wire
from aleph_nb.record import Record, State
from tests.answers import CALLBACK, ID, KEY, NOW, PAGE, PARAMS, answer, everything

QUICK = settings(deadline=None, max_examples=120)
SCALARS: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(1_500_000_000_000, 5_000_000_000_000)
    | st.sampled_from([0, 1, 2, 3, 200, 404, 422, 10**30, 10**19, -1, "1", "0", "", "9" * 5000, 1e308])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters())
    | st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
    | st.sampled_from(
        ["https://a.b/c?d=e", "{}", '{"prompt": "p"}', "callBackUrl: https://a.b/c?d", "{", CALLBACK]
    )
)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(["callBackUrl", "prompt"]), inner, max_size=3)
    ),
    max_leaves=10,
)


def survive(body: bytes, status: int = 200) -> None:
    told: Record | errors.AlephError
    try:
        told = wire.parse(body, status=status, task_id=ID, fetched_at=NOW, redact=KEY.redact)
    except errors.AlephError as error:
        told = error
    again = pickle.loads(pickle.dumps(told))  # noqa: S301, our own
    if isinstance(told, errors.AlephError):
        assert "\n" not in str(told)
        assert str(again) == str(told)
    else:
        survived(told, again)


def survived(record: Record, again: Record) -> None:
    assert again == record
    assert record.state is not State.no_answer
    assert bool(record.reason) == (record.state not in {State.succeeded, State.in_progress})
    everything(record).encode()


@QUICK
@given(st.binary(max_size=200), st.integers(100, 599))
def test_any_bytes_are_survived(body: bytes, status: int) -> None:
    survive(body, status)


@QUICK
@given(JSON, st.integers(100, 599))
def test_any_json_is_survived(told: Any, status: int) -> None:
    survive(json.dumps(told).encode(), status)


@QUICK
@given(SCALARS, JSON)
def test_any_envelope_is_survived(code: Any, data: Any) -> None:
    survive(json.dumps({"code": code, "msg": data, "data": data}).encode())


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from([*PAGE["data"], "callBackUrl", "extra"]), JSON, max_size=5))
def test_any_change_of_a_good_answer_is_survived(fields: dict[str, Any]) -> None:
    survive(json.dumps(answer(**fields)).encode())


@QUICK
@given(st.data())
def test_any_broken_good_answer_is_survived(data: st.DataObject) -> None:
    body = json.dumps(answer(paramJson=PARAMS)).encode()
    start = data.draw(st.integers(0, len(body)))
    survive(body[:start] + data.draw(st.binary(max_size=4)) + body[start + data.draw(st.integers(0, 4)) :])
