"""Every state, code and trap of the API through `%aleph_status`: alone, in a batch, beside a 401."""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pytest

from aleph_nb.errors import (
    AlephError,
    APIError,
    AuthenticationError,
    MaintenanceError,
    MediaAccessError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
    ValidationError,
)
from tests.faults import FaultServer, Reply, envelope, failure, refuse, running, success
from tests.keys import KEY, key_parts
from tests.shell import Shell


@dataclass(frozen=True)
class Case:
    """What a server says, and what becomes of it."""

    reply: Reply
    state: str
    code: int | None = 200
    error: type[AlephError] | None = None  # raised where the id is asked for alone
    reason: str = ""  # stands in the row's reason


def answer(state: str, reason: str = "", **changes: Any) -> Case:
    """Make the case of a record with these fields."""
    return Case(Reply(body=success("x", **changes)), state, reason=reason)


def silence(reply: Reply, error: type[AlephError], reason: str = "", code: int | None = None) -> Case:
    """Make the case of no answer; its code is the HTTP status where there was no envelope."""
    if error is ProtocolError:
        code = reply.status
    return Case(reply, "no_answer", code, error, reason)


PAGE = "<html><h1>403</h1>error code: 1010, key was Bearer " + KEY + "</html>"
GONE: dict[str, Any] = {"response": None, "successFlag": 0}

RECORDS = {
    "success": answer("succeeded"),
    "success-with-an-error-code": answer("succeeded", errorCode=200),
    "success-in-digits": answer("succeeded", successFlag="1"),
    "success-without-a-video": answer("unknown", "without a video", response={"resultVideoUrl": ""}),
    "success-with-a-script-for-a-video": answer(
        "unknown", "without a video", response={"resultVideoUrl": "javascript:alert(1)"}
    ),
    "running": Case(Reply(body=running("x")), "in_progress"),
    "running-with-nulls": answer("in_progress", **GONE, completeTime=None, errorCode=None, errorMessage=None),
    "failed": Case(Reply(body=failure("x", 422, "flagged")), "failed", reason="422: flagged"),
    "failed-by-message-alone": answer("failed", "too dark", **GONE, errorMessage="too dark"),
    "failed-in-creation": answer("failed", "creation failed", **(GONE | {"successFlag": 2})),
    "failed-in-generation": answer("failed", "500", **(GONE | {"successFlag": 3}), errorCode=500),
    "completed-without-a-word": answer("unknown", "success not reported", **GONE),
    "a-flag-nobody-knows": answer("unknown", "7", **(GONE | {"successFlag": 7})),
    "no-flag": answer("unknown", "missing", **(GONE | {"successFlag": None})),
    "milliseconds": answer("succeeded", createTime=1_763_900_000_000, completeTime=1_763_900_345_000),
    "a-time-without-a-zone": answer("succeeded", createTime="2026-11-20 10:00:00"),
    "a-year-that-overflows": answer("succeeded", completeTime="9999-12-31T23:59:59Z"),
    "a-number-too-large": answer("succeeded", errorCode=10**30),
    "params-that-are-no-json": answer("succeeded", paramJson="{not json"),
    "params-as-an-object": answer("succeeded", paramJson={"prompt": "as an object"}),
    "params-null": answer("succeeded", paramJson=None),
    "half-a-pair": answer("succeeded", errorMessage="\ud83d"),
    "no-task-id": answer("succeeded", taskId=None),
    "more-fields": answer("succeeded", newField={"a": [1]}),
    "null": Case(Reply(body=envelope(data=None)), "not_found"),
    "404-in-an-envelope": Case(refuse(404, "not here"), "not_found", 404),
    "422-recordinfo-is-null": Case(refuse(422, "recordInfo is null"), "not_found", 422),
    "422-does-not-exist": Case(refuse(422, "The record does not exist", inside=True), "not_found", 422),
}

SILENCES = {
    "422": silence(refuse(422), ValidationError, "422", 422),
    "422-inside": silence(refuse(422, inside=True), ValidationError, "422", 422),
    "429": silence(refuse(429), RateLimitError, "429", 429),
    "429-inside": silence(refuse(429, inside=True), RateLimitError, "429", 429),
    "451": silence(refuse(451), MediaAccessError, "451", 451),
    "451-inside": silence(refuse(451, inside=True), MediaAccessError, "451", 451),
    "455": silence(refuse(455), MaintenanceError, "maintenance", 455),
    "455-inside": silence(refuse(455, inside=True), MaintenanceError, "maintenance", 455),
    "500": silence(refuse(500), ServerError, "500", 500),
    "500-inside": silence(refuse(500, inside=True), ServerError, "500", 500),
    "402-inside": silence(refuse(402, inside=True), APIError, "credits", 402),
    "433-inside": silence(refuse(433, inside=True), APIError, "433", 433),
    "505-inside": silence(refuse(505, inside=True), ServerError, "505", 505),
    "404-without-an-envelope": silence(
        Reply(status=404, body="nothing here"), ProtocolError, "not the Aleph API"
    ),
    "403-html-that-echoes-the-key": silence(Reply(status=403, body=PAGE), APIError, "403", 403),
    "502-html": silence(Reply(status=502, body=PAGE), ServerError, "502", 502),
    "html": silence(Reply(body=PAGE), ProtocolError),
    "empty": silence(Reply(body=b""), ProtocolError),
    "not-a-number": silence(Reply(body='{"code":200,"msg":"","data":{"successFlag":NaN}}'), ProtocolError),
    "no-data": silence(Reply(body={"code": 200, "msg": "success"}), ProtocolError, "no data"),
    "data-in-a-text": silence(Reply(body=envelope(data="x")), ProtocolError, "no record"),
    "another-task": silence(Reply(body=success("other")), ProtocolError, "another task"),
    "a-redirect": silence(
        Reply(status=302, headers={"Location": "http://127.0.0.1:9/"}), ProtocolError, "redirect"
    ),
    "a-deep-nest": silence(Reply(body="[" * 100_000), ProtocolError),
    "a-message-that-echoes-the-key": silence(
        refuse(500, f"no such key: {KEY}, Bearer {KEY[:20]}"), ServerError, "***", 500
    ),
    "a-reset": silence(Reply(reset=True), TransportError),
    "a-break-off": silence(Reply(body=success("x"), cut=40), TransportError, "broke off"),
    "silence": silence(Reply(hang=True), TransportError, "within 1 s"),
    "a-dripping-body": silence(Reply(body=success("x"), drip=1.0), TransportError, "within 1 s"),
    "a-dripping-head": silence(Reply(body=success("x"), drip_headers=0.3), TransportError, "within 1 s"),
    "a-gzip-bomb": silence(Reply(body=bytes(20 * 2**20), gzip=True), TransportError, "16 MB"),
}

CASES = RECORDS | SILENCES
REFUSED = {
    "401": Reply(status=401, body={"code": 401, "msg": f"bad key {KEY}"}),  # without data, as it was seen
    "401-inside": refuse(401, inside=True),
    "401-html": Reply(status=401, body=PAGE),
}


@pytest.fixture
def faulty(shell: Shell, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    monkeypatch.setenv("KIE_API_KEY", KEY)
    monkeypatch.setenv("ALEPH_NB_BASE_URL", server.base_url)
    for setting in ("rate = 0", "retries = 0", "timeout = 1", "retry_wait = 0"):
        shell.good(f"%config AlephMagics.{setting}")
    for name, case in CASES.items():
        reply = case.reply
        if isinstance(reply.body, dict) and isinstance(reply.body.get("data"), dict):
            data = dict(reply.body["data"])
            if data["taskId"] == "x":
                data["taskId"] = name
            reply = replace(reply, body=reply.body | {"data": data})
        server.script(name, reply)
    return server


def check_row(row: "pd.Series[Any]", case: Case) -> None:
    assert row.state == case.state
    assert case.reason in row.reason
    assert (row.reason == "") == (case.state in ("succeeded", "in_progress"))
    assert (None if pd.isna(row.code) else row.code) == case.code
    assert row.fetched_at is not pd.NaT


def check_secrets(text: str) -> None:
    assert not [part for part in key_parts(8) if part in text]


@pytest.mark.parametrize("name", CASES)
def test_alone(shell: Shell, faulty: FaultServer, name: str) -> None:
    case = CASES[name]
    ran = shell.run(f"df = %aleph_status {name}")
    check_secrets(ran.everything)
    if case.error is None:
        assert ran.error is None, ran.printed
        check_row(shell["df"].iloc[0], case)
        return
    assert type(ran.error) is case.error
    assert name in str(ran.error)
    assert case.reason in str(ran.error)
    assert ran.printed.strip().count("\n") == 0  # one line, no traceback
    assert (ran.error.__context__, ran.error.__cause__) == (None, None)


def test_all_in_one_batch(shell: Shell, faulty: FaultServer) -> None:
    shell["ids"] = list(CASES)
    ran = shell.good("df = %aleph_status $ids")
    frame = shell["df"]
    assert list(frame.task_id) == list(CASES)
    for (_, row), case in zip(frame.iterrows(), CASES.values(), strict=True):
        check_row(row, case)
    check_secrets(
        ran.everything + frame.to_json(date_format="iso") + repr([list(p.items()) for p in frame.params])
    )


@pytest.mark.parametrize("name", REFUSED)
def test_all_in_one_batch_with_one_refused_key(shell: Shell, faulty: FaultServer, name: str) -> None:
    shell.good("%config AlephMagics.workers = 2")
    faulty.script("refused", REFUSED[name])
    first, later = list(RECORDS)[:5], [*list(RECORDS)[5:], *SILENCES]
    for task_id in later:  # slow, so that the refusal is read before the other worker has its next answer
        faulty.script(task_id, replace(CASES[task_id].reply, delay=0.5))
    shell["ids"] = [*first, "refused", *later]
    ran = shell.bad("%aleph_status $ids")
    assert isinstance(ran.error, AuthenticationError)
    assert (ran.error.__context__, ran.error.__cause__) == (None, None)
    assert "KIE_API_KEY" in ran.printed
    check_secrets(ran.everything)
    # Nothing further is asked: at most the other worker's request was under way, or went out with it.
    asked = [seen.task_id for seen in faulty.requests]
    assert len(asked) <= asked.index("refused") + 3
