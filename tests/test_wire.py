"""The API's JSON → `Record`: the page, what is true beyond it, and what is no answer at all."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aleph_nb import errors, wire
from aleph_nb.record import Record, State
from tests.answers import ID, NONE, NOW, PAGE, answer, everything, read, refusal

# ── The page ─────────────────────────────────────────────────────────────────────────────────────


def test_every_field_of_the_page() -> None:
    record = read(PAGE)
    assert record == Record(
        task_id=ID,
        state=State.succeeded,
        reason="",
        prompt="A majestic eagle soaring through mountain clouds at sunset",
        source_video_url="https://example.com/input-video.mp4",
        result_video_url="https://file.com/k/xxxxxxx.mp4",
        result_image_url="https://file.com/m/xxxxxxxx.png",
        create_time=datetime(2023, 8, 15, 14, 25, tzinfo=UTC),
        complete_time=datetime(2023, 8, 15, 14, 30, 45, tzinfo=UTC),
        success_flag=1,
        error_code=0,
        error_message=None,
        params={
            "prompt": "A majestic eagle soaring through mountain clouds at sunset",
            "videoUrl": "https://example.com/input-video.mp4",
        },
        code=200,
        msg="success",
        fetched_at=NOW,
        raw=PAGE,
    )
    assert record.elapsed == timedelta(minutes=5, seconds=45)
    assert record.expires_at == datetime(2023, 8, 29, 14, 30, 45, tzinfo=UTC)
    assert record.is_final


def test_the_one_path_and_the_one_parameter() -> None:
    assert wire.PATH == "/api/v1/aleph/record-info"
    assert wire.query(ID) == {"taskId": ID}


CODES = {
    401: errors.AuthenticationError,
    402: errors.APIError,
    403: errors.APIError,
    408: errors.APIError,
    422: errors.ValidationError,
    429: errors.RateLimitError,
    433: errors.APIError,
    451: errors.MediaAccessError,
    455: errors.MaintenanceError,
    500: errors.ServerError,
    501: errors.ServerError,
    505: errors.ServerError,
    550: errors.ServerError,
    777: errors.APIError,
    0: errors.APIError,
    -1: errors.APIError,
}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("status", [200, 500])
def test_the_envelopes_code_decides_whatever_the_status(code: int, status: int) -> None:
    error = refusal({"code": code, "msg": "no  such\nluck", "data": None}, status=status)
    assert type(error) is CODES[code]
    assert isinstance(error, errors.APIError)
    assert error.code == code
    assert str(code) in error.reason
    assert '("no such luck")' in error.reason


@pytest.mark.parametrize("code", [code for code in CODES if 400 <= code < 600])
@pytest.mark.parametrize("body", [b"<html>Sorry</html>", b"", b"\xff\xfe", b'{"error": "x"}', b"[]", b"null"])
def test_the_status_decides_where_there_is_no_envelope(code: int, body: bytes) -> None:
    error = refusal(body, status=code)
    assert type(error) is CODES[code]
    assert "Sorry" not in str(error)


def test_a_page_of_the_cdn_is_not_told_as_a_bad_key() -> None:
    error = refusal(b"<html>error code: 1010</html>", status=403)
    assert type(error) is errors.APIError
    assert "key is not known to be wrong" in str(error)


def test_a_401_without_data_is_a_401() -> None:
    assert type(refusal({"code": 401, "msg": "Unauthorized"})) is errors.AuthenticationError


@pytest.mark.parametrize("status", [200, 204, 404, 500])
def test_a_good_envelope_counts_whatever_the_status(status: int) -> None:
    assert read(PAGE, status=status).state is State.succeeded


# ── No answer ────────────────────────────────────────────────────────────────────────────────────


def test_a_404_without_an_envelope_is_not_the_api_speaking() -> None:
    error = refusal(b"<h1>Not Found</h1>", status=404)
    assert type(error) is errors.ProtocolError
    assert "not the Aleph API" in str(error)
    assert "base_url" in str(error)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_no_answer(status: int) -> None:
    error = refusal(b"", status=status)
    assert type(error) is errors.ProtocolError
    assert "redirect" in str(error)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>welcome</html>",
        b"null",
        b"[]",
        b"200",
        b'"code"',
        b"{}",
        b'{"data": {}}',
        b'{"code": null}',
        b'{"code": true, "data": {}}',
        b'{"code": "OK", "data": {}}',
        b'{"code": 2e400, "data": {}}',
        b'{"code": 200.5, "data": {}}',
        b'{"code": ' + b"9" * 30 + b', "data": {}}',
        b'{"code": ' + b"9" * 5000 + b', "data": {}}',
        b'{"code": 200, "msg": "success", "data": NaN}',
        b'{"code": 200, "data": {"successFlag": NaN}}',
        b'{"code": 200, "data": {"errorCode": -Infinity}}',
        json.dumps(PAGE).encode()[:-1],
        json.dumps(PAGE).encode() + b"}",
        b'{"code": 200, "data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"\xff\xfe\x00" * 7,
    ],
)
def test_a_body_that_is_no_envelope_is_no_answer(body: bytes) -> None:
    assert type(refusal(body)) is errors.ProtocolError


@pytest.mark.parametrize("data", [[], "", "x", 0, 1.5, True, False, [PAGE["data"]]])
def test_data_that_are_neither_an_object_nor_null_are_no_answer(data: Any) -> None:
    assert type(refusal({"code": 200, "msg": "success", "data": data})) is errors.ProtocolError


def test_missing_data_are_no_answer() -> None:
    assert type(refusal({"code": 200, "msg": "success"})) is errors.ProtocolError


@pytest.mark.parametrize("other", ["1" * 32, ID[:-1], ID + "0", 7, ["x"]])
def test_a_record_of_another_task_is_no_answer(other: Any) -> None:
    error = refusal(answer(taskId=other))
    assert type(error) is errors.ProtocolError
    assert "another task" in error.reason


@pytest.mark.parametrize("same", [ID, ID.upper(), ID.replace("-", ""), None, NONE])
def test_a_task_id_may_differ_in_hyphens_and_case_or_be_missing(same: Any) -> None:
    assert read(answer(taskId=same)).task_id == ID


def test_ids_are_opaque() -> None:
    assert read(answer(taskId="shot_12a/7"), task_id="shot_12a/7").state is State.succeeded


# ── Not found ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "told",
    [
        {"code": 200, "msg": "success", "data": None},
        {"code": "200", "msg": None, "data": None},
        {"code": 404, "msg": "Not Found", "data": None},
        {"code": 404},
        {"code": 422, "msg": "recordInfo is null"},
        {"code": 422, "msg": " RecordInfo  is null. ", "data": None},
        {"code": 422, "msg": "The record does not exist", "data": None},
    ],
)
@pytest.mark.parametrize("status", [200, 404, 422])
def test_an_unknown_task_is_an_answer(told: dict[str, Any], status: int) -> None:
    record = read(told, status=status)
    assert record.state is State.not_found
    assert record.reason
    assert not record.is_final
    assert record.task_id == ID
    assert record.raw == told
    assert record.fetched_at == NOW


def test_any_other_422_is_no_answer() -> None:
    assert type(refusal({"code": 422, "msg": "taskId is empty"})) is errors.ValidationError


# ── The table of states ──────────────────────────────────────────────────────────────────────────

FAILED, RUNNING, UNKNOWN = State.failed, State.in_progress, State.unknown
DONE = "2023-08-15T14:30:45Z"


@pytest.mark.parametrize(
    ("fields", "state", "reason"),
    [
        ({}, State.succeeded, ""),
        ({"successFlag": "1"}, State.succeeded, ""),
        ({"errorCode": None, "errorMessage": None}, State.succeeded, ""),
        ({"completeTime": None}, State.succeeded, ""),
        ({"response": None}, UNKNOWN, "success without a video"),
        ({"response": NONE}, UNKNOWN, "success without a video"),
        ({"response": {}}, UNKNOWN, "success without a video"),
        ({"response": {"resultVideoUrl": ""}}, UNKNOWN, "success without a video"),
        ({"response": {"resultVideoUrl": "javascript:x"}}, UNKNOWN, "success without a video"),
        ({"response": "https://file.com/x.mp4"}, UNKNOWN, "success without a video"),
        ({"successFlag": 2}, FAILED, "creation failed"),
        ({"successFlag": 3}, FAILED, "generation failed"),
        ({"successFlag": "3"}, FAILED, "generation failed"),
        ({"successFlag": 3, "errorCode": 500, "errorMessage": None}, FAILED, "500: "),
        ({"successFlag": 3, "errorCode": 400, "errorMessage": "bad\nprompt"}, FAILED, "400: bad prompt"),
        ({"successFlag": 0, "errorCode": 422}, FAILED, "422: "),
        ({"successFlag": 0, "errorCode": "422"}, FAILED, "422: "),
        ({"successFlag": 0, "errorMessage": "no luck"}, FAILED, "no luck"),
        ({"successFlag": 0, "errorMessage": {"why": "no luck"}}, FAILED, '{"why": "no luck"}'),
        ({"successFlag": 0, "errorCode": 400, "completeTime": None}, FAILED, "400"),
        ({"successFlag": 0, "completeTime": None}, RUNNING, ""),
        ({"successFlag": 0, "completeTime": ""}, RUNNING, ""),
        ({"successFlag": 0, "completeTime": NONE}, RUNNING, ""),
        ({"successFlag": 0, "completeTime": "soon"}, RUNNING, ""),
        ({"successFlag": 0, "completeTime": 0}, RUNNING, ""),
        ({"successFlag": 0, "completeTime": "9999-12-31T23:59:59Z"}, RUNNING, ""),
        ({"successFlag": 0, "completeTime": None, "errorCode": None, "errorMessage": None}, RUNNING, ""),
        ({"successFlag": 0, "completeTime": None, "errorCode": "0", "errorMessage": "  "}, RUNNING, ""),
        ({"successFlag": 0, "completeTime": None, "errorCode": 10**30}, RUNNING, ""),
        ({"successFlag": 0}, UNKNOWN, "completed, success not reported"),
        ({"successFlag": 4}, UNKNOWN, "the success flag is 4"),
        ({"successFlag": -1, "errorCode": 500}, UNKNOWN, "the success flag is -1"),
        ({"successFlag": None}, UNKNOWN, "the success flag is missing or unreadable"),
        ({"successFlag": NONE}, UNKNOWN, "the success flag is missing or unreadable"),
        ({"successFlag": True}, UNKNOWN, "the success flag is missing or unreadable"),
        ({"successFlag": "yes"}, UNKNOWN, "the success flag is missing or unreadable"),
        ({"successFlag": 10**30}, UNKNOWN, "the success flag is missing or unreadable"),
    ],
)
def test_the_table_of_states(fields: dict[str, Any], state: State, reason: str) -> None:
    record = read(answer(**fields))
    assert record.state is state
    assert record.reason.startswith(reason)
    assert bool(record.reason) == bool(reason)
    assert record.is_final == (state in {State.succeeded, State.failed})
    assert (record.expires_at is not None) == (state is State.succeeded and record.complete_time is not None)


def test_an_empty_record_is_unknown() -> None:
    assert read({"code": 200, "data": {}}).state is State.unknown


# ── Beyond the page ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "create", [1692109500000, "1692109500000", "2023-08-15 14:25:00", "2023-08-15T14:25:00"]
)
def test_times_in_other_spellings(create: Any) -> None:
    record = read(answer(createTime=create, completeTime=1692109845000))
    assert record.create_time == datetime(2023, 8, 15, 14, 25, tzinfo=UTC)
    assert record.elapsed == timedelta(minutes=5, seconds=45)


def test_two_clocks_that_differ_give_no_elapsed_time() -> None:
    assert read(answer(createTime="2023-08-15T14:30:46Z")).elapsed is None


@pytest.mark.parametrize(
    ("params", "prompt", "source", "kept"),
    [
        (None, None, None, {}),
        ("", None, None, {}),
        ("a prompt", None, None, {}),
        ("{broken", None, None, {}),
        ("[1]", None, None, {}),
        ("NaN", None, None, {}),
        (7, None, None, {}),
        ("[" * 100_000, None, None, {}),
        ('{"prompt": NaN}', None, None, {}),
        ({"prompt": "p", "videoUrl": "https://a.b/c"}, "p", "https://a.b/c", {"prompt": "p", "videoUrl": "https://a.b/c"}),
        ('{"prompt": "", "videoUrl": "c.mp4"}', None, None, {"prompt": "", "videoUrl": "c.mp4"}),
        ('{"video_url": "https://a.b/c"}', None, "https://a.b/c", {"video_url": "https://a.b/c"}),
        ('{"prompt": 5, "seed": null}', None, None, {"prompt": 5, "seed": None}),
        ('{"prompt": "a\\u0000b\\ud83d"}', "ab\ufffd", None, {"prompt": "ab\ufffd"}),
    ],
)  # fmt: skip
def test_param_json(params: Any, prompt: str | None, source: str | None, kept: dict[str, Any]) -> None:
    record = read(answer(paramJson=params))
    assert (record.prompt, record.source_video_url, record.params) == (prompt, source, kept)
    assert record.state is State.succeeded


def test_every_parameter_that_was_seen_is_kept() -> None:
    told = {
        "prompt": "p",
        "videoUrl": "https://a.b/c",
        "uploadCn": False,
        "aspectRatio": "16:9",
        "seed": 7,
        "waterMark": "",
        "referenceImage": "https://a.b/r.png",
        "callBackUrl": "https://a.b/cb",
    }
    assert read(answer(paramJson=json.dumps(told))).params == told


def test_unknown_fields_are_kept_in_raw() -> None:
    told = answer(costTime=12, model={"name": "aleph", "tags": ["a", None, 1.5]}) | {"traceId": "abc"}
    assert read(told).raw == told


@pytest.mark.parametrize("field", [name for name in PAGE["data"] if name != "taskId"])
@pytest.mark.parametrize("value", [None, [], {}, "\ud800", 10**30, True, ["x" * 9], {"a": {"b": "c"}}])
def test_what_is_unreadable_in_one_field_costs_that_field_alone(field: str, value: Any) -> None:
    spoilt, whole = read(answer(**{field: value})), read(PAGE)
    theirs = {
        "paramJson": {"prompt", "source_video_url", "params"},
        "response": {"result_video_url", "result_image_url"},
        "completeTime": {"complete_time"},
        "createTime": {"create_time"},
        "successFlag": {"success_flag"},
        "errorCode": {"error_code"},
        "errorMessage": {"error_message"},
    }[field] | {"raw", "state", "reason"}
    for name in Record.__dataclass_fields__:
        if name not in theirs:
            assert getattr(spoilt, name) == getattr(whole, name)


def test_control_characters_and_half_pairs_reach_no_text() -> None:
    dirty = "a\x00\x1b[31m\ud800\x85b\nc"
    told = answer(errorMessage=dirty, successFlag=3, paramJson=json.dumps({"prompt": dirty}))
    record = read(told | {"msg": dirty})
    assert record.error_message == record.prompt == record.msg == "a[31m\ufffdb\nc"
    assert record.reason == "a[31m\ufffdb c"
    error = refusal({"code": 500, "msg": dirty})
    assert "a[31m\ufffdb c" in str(error)
    json.dumps(record.raw, ensure_ascii=False).encode()


def test_deep_nesting_costs_no_more_than_itself() -> None:
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    record = read(answer(extra=deep))
    assert record.state is State.succeeded
    everything(record)
