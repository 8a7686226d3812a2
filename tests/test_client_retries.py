"""The client's patience: what is tried again, how often and when, and how long it may take."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest

from aleph_nb.client import Client
from aleph_nb.errors import (
    AlephError,
    AuthenticationError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
)
from aleph_nb.record import Record
from tests.faults import FaultServer, Reply, envelope, refuse, success
from tests.keys import KEY

Make = Callable[..., Client]

_AT_ONCE = {"Retry-After": "0"}
_CODES = [402, 403, 404, 408, 422, 429, 433, 451, 455, 500, 501, 502, 503, 504, 505, 550]


def _raised(client: Client, task_id: str = "a") -> AlephError:
    try:
        client.fetch(task_id)
    except AlephError as error:
        return error
    raise AssertionError("it did not fail")


def _row(client: Client) -> Record:
    """Fetch a task with one more that is answered, so that its failure is a row."""
    records = {record.task_id: record for record in client.fetch_many(["a", "answered"])}
    assert records["answered"].state == "succeeded"
    return records["a"]


# ── What is tried again ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "reply",
    [
        Reply(reset=True),
        Reply(raw=b""),
        Reply(body=success("a"), cut=20),
        Reply(hang=True),
        Reply(drip_headers=0.05, headers={"X-Long": "x" * 999}),
        refuse(503, headers=_AT_ONCE),
        refuse(408, inside=True, headers=_AT_ONCE),
    ],
    ids=["reset", "closed", "cut", "silence", "slow head", "503", "408"],
)
def test_a_fault_that_passes_is_not_noticed(server: FaultServer, make_client: Make, reply: Reply) -> None:
    server.script("a", reply, Reply(body=success("a")))
    record = make_client(server.base_url, retries=1, timeout=0.5).fetch("a")
    assert record.state == "succeeded"
    assert len(server.requests) == 2


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_there_are_as_many_tries_after_the_first_as_retries(
    server: FaultServer, make_client: Make, monkeypatch: pytest.MonkeyPatch, retries: int
) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, _: low)
    server.script("a", Reply(reset=True))
    assert isinstance(_raised(make_client(server.base_url, retries=retries)), TransportError)
    assert len(server.requests) == retries + 1


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"code": 200}', b'{"code": NaN}', envelope(data=[]), success("another"), "<p>Hello"],
    ids=["empty", "list", "half", "no data", "NaN", "data a list", "another task", "a page"],
)
def test_what_is_no_answer_is_not_tried_again(server: FaultServer, make_client: Make, body: Any) -> None:
    server.script("a", Reply(body=body))
    assert isinstance(_raised(make_client(server.base_url, retries=2)), ProtocolError)
    assert len(server.requests) == 1


def test_the_waits_double_up_to_eight_seconds_with_full_jitter(
    server: FaultServer, make_client: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds: list[tuple[float, float]] = []

    def shortest(low: float, high: float) -> float:
        bounds.append((low, high))
        return low

    monkeypatch.setattr(random, "uniform", shortest)
    server.script("a", refuse(500))
    _raised(make_client(server.base_url, retries=6))
    assert bounds[:6] == [(0, 0.5), (0, 1), (0, 2), (0, 4), (0, 8), (0, 8)]
    assert len(server.requests) == 7


def test_the_waits_are_waited(
    server: FaultServer, make_client: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "uniform", lambda _, high: high)
    server.script("a", refuse(500))
    _raised(make_client(server.base_url, retries=2))
    first, second = (later.time - earlier.time for earlier, later in pairwise(server.requests))
    assert first >= 0.49
    assert second >= 0.99


# ── Retry-After ──────────────────────────────────────────────────────────────────────────────────


def _http_date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3),
        ("2.5", 2.5),
        (" 3 ", 3),
        ("0", 0),
        pytest.param(lambda: _http_date(40), 40, id="a date"),
        pytest.param(lambda: _http_date(-40), 20, id="a date that is past"),
        pytest.param(lambda: _http_date(10**8), 60, id="a date far off"),
        ("61", 60),
        ("1e9", 60),
        ("9" * 400, 60),
        ("inf", 60),
        ("nan", 20),
        ("soon", 20),
        ("-5", 20),
        ("", 20),
        ("3, 4", 20),
        ("Mon, 99 Foo 20260 99:99:99 GMT", 20),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 20),
        (None, 20),
    ],
    ids=str,
)
def test_a_429_cools_everybody_down_for_as_long_as_it_says(
    server: FaultServer, make_client: Make, header: Any, seconds: float, inside: bool
) -> None:
    """The jitter is a tenth on top; `retry_wait`, where nothing that can be read is said, is 20."""
    header = header() if callable(header) else header
    headers = {} if header is None else {"Retry-After": header}
    server.script("a", refuse(429, inside=inside, headers=headers))
    client = make_client(server.base_url, retry_wait=20)
    assert isinstance(_raised(client), RateLimitError)
    assert seconds * 0.9 - 1.5 <= client.pace.cooling <= seconds * 1.1
    assert bool(client.pace.cooling) == bool(seconds)


def test_the_cool_down_is_a_little_longer_than_was_asked_for(
    server: FaultServer, make_client: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that those whom the service told the same do not all come back at the same moment."""
    monkeypatch.setattr(random, "uniform", lambda _, high: high)
    server.script("a", refuse(429, headers={"Retry-After": "40"}))
    client = make_client(server.base_url)
    _raised(client)
    assert 41 < client.pace.cooling <= 44


def test_within_the_cool_down_nobody_asks(server: FaultServer, make_client: Make) -> None:
    server.default = lambda task_id: Reply(body=success(task_id), delay=0.02)
    server.script("20", refuse(429, headers={"Retry-After": "1"}), Reply(body=success("20")))
    client = make_client(server.base_url, workers=8, retries=1)
    records = list(client.fetch_many(map(str, range(120))))
    assert {record.state for record in records} == {"succeeded"}
    refused, again = server.seen("20")
    assert again.time - refused.time >= 1
    waited = [seen.time - refused.time for seen in server.requests]
    assert not [seconds for seconds in waited if 0.25 < seconds < 0.99]
    assert sum(seconds > 0.99 for seconds in waited) > 50


def test_a_retry_after_of_another_code_concerns_its_id_alone(server: FaultServer, make_client: Make) -> None:
    server.script("a", refuse(503, headers={"Retry-After": "0.8"}), Reply(body=success("a")))
    server.script("b", Reply(body=success("b"), delay=0.2), Reply(body=success("b")))
    client = make_client(server.base_url, workers=2, retries=1)
    records = [record.task_id for record in client.fetch_many(["a", "b", "c", "d"])]
    assert records == ["b", "c", "d", "a"]
    first, second = server.seen("a")
    assert second.time - first.time >= 0.8
    assert client.pace.cooling == 0


def test_a_wait_beyond_the_deadline_is_not_begun(server: FaultServer, make_client: Make) -> None:
    server.script("a", refuse(503, headers={"Retry-After": "30"}))
    began = time.monotonic()
    assert isinstance(_raised(make_client(server.base_url, retries=9, deadline=5)), ServerError)
    assert time.monotonic() - began < 5
    assert len(server.requests) == 1


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_deadline_ends_the_tries(server: FaultServer, make_client: Make) -> None:
    server.script("a", refuse(503, "busy", headers={"Retry-After": "0.2"}))
    row = _row(make_client(server.base_url, retries=100, deadline=0.9))
    assert (row.state, row.code, row.msg) == ("no_answer", 503, "busy")
    times = [seen.time for seen in server.seen("a")]
    assert len(times) >= 2
    assert times[-1] - times[0] < 1.5


def test_the_deadline_cuts_a_try_short(server: FaultServer, make_client: Make) -> None:
    server.script("a", Reply(hang=True))
    began = time.monotonic()
    error = _raised(make_client(server.base_url, timeout=30, deadline=0.4, retries=9))
    assert time.monotonic() - began < 5
    assert isinstance(error, TransportError)
    assert len(server.requests) == 1


def test_the_wait_for_the_first_turn_is_no_part_of_the_deadline(
    server: FaultServer, make_client: Make
) -> None:
    client = make_client(server.base_url, rate=10, deadline=0.2)
    assert len(list(client.fetch_many(map(str, range(8))))) == 8


_SLOW = [Reply(hang=True), Reply(body=success("a"), drip=1), Reply(body=success("a"), drip=0.05)]
_SLOW += [Reply(drip_headers=0.05, headers={"X-Long": "x" * 999}), Reply(body=success("a"), cut=9, hang=True)]


@pytest.mark.parametrize("reply", _SLOW, ids=["silence", "second", "drip", "head", "cut"])
def test_a_try_has_its_time_and_no_more(server: FaultServer, make_client: Make, reply: Reply) -> None:
    server.script("a", reply)
    began = time.monotonic()
    row = _row(make_client(server.base_url, timeout=0.3))
    assert time.monotonic() - began < 4
    assert row.state == "no_answer"
    assert row.code is None
    assert row.reason in ("no whole answer within 0.3 s", "the server did not answer in time")


def test_a_dripping_head_is_ended_while_others_answer(server: FaultServer, make_client: Make) -> None:
    """The main thread looks for it while it is busy with what the others bring."""
    server.script("slow", Reply(drip_headers=0.05, headers={"X-Long": "x" * 9999}))
    server.default = lambda task_id: Reply(body=success(task_id), delay=0.01)
    client = make_client(server.base_url, timeout=0.3, workers=2)
    ids = [record.task_id for record in client.fetch_many(["slow", *map(str, range(150))])]
    assert "slow" in ids[:-10]


@pytest.fixture
def many(server: FaultServer) -> list[str]:
    """Return ids whose answers are of every kind but 401."""
    faults = [refuse(code, inside=inside) for code in _CODES for inside in (True, False)]
    faults += [Reply(reset=True), Reply(raw=b""), Reply(hang=True), Reply(body=b"x" * 99, cut=9), *_SLOW]
    faults += [Reply(status=404, body="<h1>404</h1>"), Reply(body=b"{" * 100_000), Reply(body=KEY)]
    for number, reply in enumerate(faults):
        server.script(str(number), reply)
    return [str(number) for number in range(len(faults) + 20)]


def test_a_batch_of_all_there_is_has_a_row_for_each(
    server: FaultServer, make_client: Make, many: list[str]
) -> None:
    client = make_client(server.base_url, timeout=0.3, retry_wait=0.01, workers=16)
    records = {record.task_id: record for record in client.fetch_many(many)}
    assert set(records) == set(many)
    assert all(record.reason for record in records.values() if record.state != "succeeded")
    assert sum(record.state == "succeeded" for record in records.values()) == 20


def test_the_same_batch_with_one_401_is_that_error(
    server: FaultServer, make_client: Make, many: list[str]
) -> None:
    server.script(many[30], refuse(401))
    client = make_client(server.base_url, timeout=0.3, retry_wait=0.01, workers=16)
    with pytest.raises(AuthenticationError):
        list(client.fetch_many(many))
