"""The client: what each answer comes to, what is tried again and when."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aleph_nb.client import Client
from aleph_nb.errors import (
    AlephError,
    APIError,
    AuthenticationError,
    ConfigurationError,
    MaintenanceError,
    MediaAccessError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
    ValidationError,
)
from aleph_nb.record import Record, State
from aleph_nb.settings import Settings
from tests.faults import FaultServer, Reply, envelope, failure, refuse, running, success

Make = Callable[..., Client]

_CLASSES = {
    401: AuthenticationError,
    402: APIError,
    403: APIError,
    404: ProtocolError,
    408: APIError,
    422: ValidationError,
    429: RateLimitError,
    433: APIError,
    451: MediaAccessError,
    455: MaintenanceError,
    500: ServerError,
    501: ServerError,
    502: ServerError,
    503: ServerError,
    504: ServerError,
    505: ServerError,
    550: ServerError,
}
_TRIED_AGAIN = {408, 429, 455, 500, 502, 503, 504}
_AT_ONCE = {"Retry-After": "0"}
_HTML = {"Content-Type": "text/html"} | _AT_ONCE


def _raised(client: Client, task_id: str = "a") -> AlephError:
    try:
        client.fetch(task_id)
    except AlephError as error:
        return error
    raise AssertionError("it did not fail")


def _rows(client: Client, *task_ids: str) -> dict[str, Record]:
    """Fetch them with one more that is answered, so that a failure is a row."""
    return {record.task_id: record for record in client.fetch_many([*task_ids, "answered"])}


# ── Codes ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", ["status", "envelope", "page"])
@pytest.mark.parametrize("code", _CLASSES)
def test_every_code_is_raised_for_one_and_a_row_among_many(
    server: FaultServer, make_client: Make, code: int, how: str
) -> None:
    if how == "page":
        reply = Reply(status=code, body="<h1>No</h1> error code: 1010", headers=_HTML)
    else:
        reply = refuse(code, "no luck", inside=how == "envelope", headers=_AT_ONCE)
    server.script("a", reply)
    client = make_client(server.base_url, retries=2)
    tries = 3 if code in _TRIED_AGAIN else 1

    if code == 404 and how != "page":
        record = client.fetch("a")
        assert (record.state, record.code, record.msg) == ("not_found", 404, "no luck")
        assert len(server.requests) == 1
        return

    error = _raised(client)
    assert type(error) is _CLASSES[code]
    assert error.__context__ is error.__cause__ is None
    assert "task a" in str(error)
    assert len(server.requests) == tries
    if isinstance(error, APIError):
        assert (error.code, error.msg) == (code, "" if how == "page" else "no luck")
    if code == 401:
        with pytest.raises(AuthenticationError):
            _rows(client, "a")
        return

    rows = _rows(client, "a")
    assert rows["answered"].state == "succeeded"
    row = rows["a"]
    assert row.state == "no_answer"
    assert row.reason == error.reason
    assert row.code == code
    assert row.msg == (None if how == "page" else "no luck")
    assert row.fetched_at is not None
    assert datetime.now(UTC) - row.fetched_at < timedelta(minutes=1)
    assert len(server.seen("a")) == 2 * tries


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("msg", ["recordInfo is null", "The record does not exist"])
def test_a_422_in_a_siblings_words_is_an_unknown_task(
    server: FaultServer, make_client: Make, msg: str, inside: bool
) -> None:
    server.script("a", refuse(422, msg, inside=inside))
    record = make_client(server.base_url).fetch("a")
    assert (record.state, record.code, record.msg) == ("not_found", 422, msg)


def test_a_404_that_is_no_envelope_names_the_base_url(server: FaultServer, make_client: Make) -> None:
    error = _raised(make_client(server.base_url + "/elsewhere", retries=2))
    assert isinstance(error, ProtocolError)
    assert "base_url" in str(error)
    assert len(server.requests) == 1


def test_a_403_of_the_cdn_is_not_told_as_a_bad_key(server: FaultServer, make_client: Make) -> None:
    server.script("a", Reply(status=403, body="error code: 1010", headers=_HTML))
    told = str(_raised(make_client(server.base_url)))
    assert "turned away before it reached the API" in told
    assert "KIE_API_KEY" not in told


def test_a_redirect_names_itself_and_is_not_tried_again(server: FaultServer, make_client: Make) -> None:
    with FaultServer() as other:
        server.script("a", Reply(status=302, headers={"Location": other.base_url}))
        error = _raised(make_client(server.base_url, retries=2))
        assert isinstance(error, ProtocolError)
        assert "a redirect" in str(error)
        assert (len(server.requests), other.accepted) == (1, 0)


def test_the_state_is_that_of_the_answer(server: FaultServer, make_client: Make) -> None:
    bodies = {"a": running("a"), "b": failure("b"), "c": envelope(), "d": success("d", successFlag=7)}
    for task_id, body in bodies.items():
        server.script(task_id, Reply(body=body))
    records = {record.task_id: record for record in make_client(server.base_url).fetch_many(bodies)}
    states = [str(records[task_id].state) for task_id in bodies]
    assert states == ["in_progress", "failed", "not_found", "unknown"]


def test_not_found_is_an_answer(server: FaultServer, make_client: Make) -> None:
    server.script("a", Reply(body=envelope()))
    server.script("b", refuse(500))
    records = make_client(server.base_url).fetch_many(["a", "b"])
    assert {record.task_id: record.state for record in records} == {"a": "not_found", "b": "no_answer"}


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_for_each_id_and_one_for_an_id_that_is_asked_twice(
    server: FaultServer, make_client: Make
) -> None:
    for number in range(0, 100, 3):
        server.script(str(number), refuse(451, "gone"))
    ids = [str(number) for number in range(100)]
    records = list(make_client(server.base_url).fetch_many(iter(ids + ids)))
    assert sorted(record.task_id for record in records) == sorted(ids)
    assert len(server.requests) == 100
    assert sum(record.state == "no_answer" for record in records) == 34


def test_records_come_as_they_arrive(server: FaultServer, make_client: Make) -> None:
    server.script("slow", Reply(body=success("slow"), delay=0.4))
    records = list(make_client(server.base_url).fetch_many(["slow", "quick"]))
    assert [record.task_id for record in records] == ["quick", "slow"]


def test_if_none_is_answered_the_first_failure_is_raised(server: FaultServer, make_client: Make) -> None:
    server.script("a", refuse(500, delay=0.4))
    server.script("b", refuse(451, delay=0.1))
    records = make_client(server.base_url).fetch_many(["a", "b"])
    with pytest.raises(ServerError):  # the first in the order asked, not to arrive
        next(records)


def test_no_ids_need_nothing(server: FaultServer) -> None:
    with Client(Settings.load({"base_url": server.base_url})) as client:
        assert list(client.fetch_many([])) == []
    assert server.requests == []


def test_workers_share_their_connections(server: FaultServer, make_client: Make) -> None:
    server.default = lambda task_id: Reply(body=success(task_id), delay=0.02)
    list(make_client(server.base_url, workers=8).fetch_many(map(str, range(100))))
    assert server.peak_in_flight <= 8
    assert server.accepted <= 8


# ── The key ──────────────────────────────────────────────────────────────────────────────────────


def test_without_a_key_nothing_is_asked(server: FaultServer) -> None:
    with Client(Settings.load({"base_url": server.base_url})) as client:
        error = _raised(client)
    assert isinstance(error, ConfigurationError)
    assert "KIE_API_KEY" in str(error)
    assert "%aleph_demo" in str(error)
    assert server.accepted == 0


def test_the_key_is_looked_for_at_each_call(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with Client(Settings.load({"base_url": server.base_url})) as client:
        monkeypatch.setenv("KIE_API_KEY", "first-key")
        client.fetch("a")
        monkeypatch.delenv("KIE_API_KEY")
        Path(".env").write_text("KIE_API_KEY=second-key\n")
        client.fetch("b")
    sent = [seen.headers["authorization"] for seen in server.requests]
    assert sent == ["Bearer first-key", "Bearer second-key"]


# ── More than one call, more than one service ────────────────────────────────────────────────────


def test_ending_one_call_leaves_another_alone(server: FaultServer, make_client: Make) -> None:
    server.script("slow", Reply(hang=True))
    server.script("mine", Reply(body=success("mine"), delay=1.0))
    client = make_client(server.base_url, retries=0)
    first = client.outcomes(["quick", "slow"])
    assert next(first).record.task_id == "quick"
    second = client.outcomes(["mine"])  # its thread may have the identifier of one that has ended
    threading.Timer(0.3, first.close).start()
    assert [outcome.record.state for outcome in second] == [State.succeeded]


def test_a_try_that_has_its_turn_when_all_is_stopped_sends_nothing(
    server: FaultServer, make_client: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(server.base_url)
    stop = threading.Event()
    stop.set()
    with pytest.raises(TransportError, match="ended"):
        client._transport.get("/", {}, timeout=1, about="x", stop=stop)
    assert server.requests == []
