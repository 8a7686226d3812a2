"""The fault server does what it says: each fault as a plain client sees it."""

import contextlib
import gzip
import http.client
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults import (
    RECORD_PATH,
    FaultServer,
    Reply,
    envelope,
    failure,
    refuse,
    running,
    success,
)
from tests.faults_client import ask, connect, port_of, read_all, send


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


def _json(server: FaultServer, key: str = "a") -> Any:
    return json.loads(ask(server, key)[1])


# Bodies


def test_an_id_without_a_script_succeeds_in_the_spelling_of_the_page(server: FaultServer) -> None:
    response, body = ask(server, "8f%2F1")
    answer = json.loads(body)
    record = answer.pop("data")
    assert (response.status, response.getheader("Content-Type")) == (200, "application/json")
    assert answer == {"code": 200, "msg": "success"}
    assert (record["taskId"], record["response"]["taskId"]) == ("8f/1", "8f/1")
    assert (record["successFlag"], record["errorCode"], record["errorMessage"]) == (1, 0, "")
    assert set(json.loads(record["paramJson"])) == {"prompt", "videoUrl"}
    created, completed = (datetime.fromisoformat(record[name]) for name in ("createTime", "completeTime"))
    assert completed - created == timedelta(seconds=345)
    assert abs(datetime.now(UTC) - timedelta(days=1) - completed) < timedelta(seconds=10)


def test_the_other_bodies_and_their_changes() -> None:
    assert running("a")["data"].items() >= {"successFlag": 0, "errorCode": 0, "completeTime": None}.items()
    assert (
        failure("a", 422, "too long")["data"].items()
        >= {"errorCode": 422, "errorMessage": "too long"}.items()
    )
    assert success("a", successFlag=3, extra=[1])["data"].items() >= {"successFlag": 3, "extra": [1]}.items()
    assert envelope(500, "down") == {"code": 500, "msg": "down", "data": None}


def test_a_body_is_bytes_text_or_json(server: FaultServer) -> None:
    server.script("a", Reply(body=b"\xff"), Reply(body="<p>\u00e9"), Reply(body=[None, float("nan")]))
    assert [ask(server)[1] for _ in range(3)] == [b"\xff", "<p>\u00e9".encode(), b"[null, NaN]"]


# Scripts


def test_a_script_is_played_in_order_and_its_last_reply_repeats(server: FaultServer) -> None:
    server.script("a", refuse(500), Reply(body=running("a")), Reply(body=success("a")))
    server.script_all(refuse(455), refuse(429, inside=True, headers={"Retry-After": "7"}))
    assert [ask(server)[0].status for _ in range(2)] == [500, 200]
    assert [_json(server)["data"]["successFlag"] for _ in range(2)] == [1, 1]
    assert ask(server, "b")[0].status == 455
    response, body = ask(server, "c")
    assert (response.status, response.reason, response.getheader("Retry-After")) == (200, "OK", "7")
    assert json.loads(body) == {"code": 429, "msg": "refused", "data": None}
    server.default = lambda task_id: Reply(body=envelope(data=task_id))
    assert _json(server, "b")["data"] == "b"
    with pytest.raises(ValueError, match="at least one"):
        server.script("a")


def test_requests_are_seen_as_they_were_sent(server: FaultServer) -> None:
    before = time.monotonic()
    ask(server, "a", Authorization="Bearer k")
    ask(server, "/elsewhere")
    first, second = server.requests
    assert (first.method, first.path, first.task_id) == ("GET", RECORD_PATH, "a")
    assert (first.headers["authorization"], second.path, second.task_id) == ("Bearer k", "/elsewhere", "")
    assert before <= first.time <= second.time <= time.monotonic()
    assert (server.seen("a"), server.seen("/elsewhere")) == ([first], [second])


def test_a_redirect_leads_to_a_path_with_a_script_or_to_404(server: FaultServer) -> None:
    server.script("a", Reply(status=302, headers={"Location": f"{server.base_url}/there"}))
    server.script("/there", Reply(body=b"here"))
    response, _ = ask(server)
    assert (response.status, response.getheader("Location")) == (302, f"{server.base_url}/there")
    assert ask(server, "/there")[1] == b"here"
    response, body = ask(server, "/nowhere")
    assert (response.status, response.getheader("Content-Type"), body[:4]) == (404, "text/html", b"<h1>")


# Connections


def test_a_connection_is_kept_and_pipelined_requests_are_answered_in_turn(server: FaultServer) -> None:
    server.default = lambda task_id: Reply(body=task_id, delay=0.05 if task_id == "a" else 0)
    with connect(server) as connection:
        send(connection, "a")
        send(connection, "b")
        received = b""
        while not received.endswith(b"\r\n\r\nb"):
            received += connection.recv(65536)
        assert b"\r\n\r\naHTTP/1.1 200 OK\r\n" in received
        assert (server.accepted, server.connections) == (1, 1)
    server.wait_until(lambda server: server.connections == 0)


def test_a_connection_ends_where_the_client_asks_for_it(server: FaultServer) -> None:
    server.script("a", Reply(body=b"{}"))
    with connect(server) as connection:
        connection.sendall(f"GET {RECORD_PATH}?taskId=a HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
        assert read_all(connection).endswith(b"\r\n\r\n{}")


def test_the_body_of_a_request_is_read_over(server: FaultServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server.base_url), timeout=5)
    for method, body in (("POST", b"x" * 300_000), ("GET", None)):
        connection.request(method, "/", body=body)
        assert connection.getresponse().read()
    connection.close()
    assert (server.accepted, [seen.method for seen in server.requests]) == (1, ["POST", "GET"])


def test_head_gets_a_head_alone(server: FaultServer) -> None:
    server.media("/a.mp4", b"12345")
    with connect(server) as connection:
        connection.sendall(b"HEAD /a.mp4 HTTP/1.1\r\nConnection: close\r\n\r\n")
        head, end, body = read_all(connection).partition(b"\r\n\r\n")
    assert b"Content-Length: 5" in head
    assert (end, body) == (b"\r\n\r\n", b"")


def test_an_unannounced_close_is_found_by_the_next_request(server: FaultServer) -> None:
    server.script("a", Reply(body=b"{}", close=True))
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server.base_url), timeout=5)
    connection.request("GET", f"{RECORD_PATH}?taskId=a")
    response = connection.getresponse()
    assert (response.read(), response.will_close) == (b"{}", False)
    server.wait_until(lambda server: server.connections == 0)
    connection.request("GET", f"{RECORD_PATH}?taskId=a")  # taken by our own kernel
    with pytest.raises(ConnectionError):
        connection.getresponse()
    connection.close()


# Faults


def test_a_delay_comes_before_the_first_byte(server: FaultServer) -> None:
    server.script("a", Reply(delay=0.2))
    with connect(server) as connection:
        began = time.monotonic()
        send(connection)
        connection.recv(1)
        assert 0.2 <= time.monotonic() - began < 1


def test_a_body_drips_behind_a_head_that_comes_at_once(server: FaultServer) -> None:
    server.script("a", Reply(body=b"12345678", drip=0.05))
    with connect(server) as connection:
        send(connection)
        began = time.monotonic()
        head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
        assert b"\r\nContent-Length: 8" in head
        assert len(body) < 8
        while len(body) < 8:
            body += connection.recv(65536)
        assert body == b"12345678"
        assert 0.3 < time.monotonic() - began < 3


def test_a_head_drips_too(server: FaultServer) -> None:
    server.script("a", Reply(body=b"{}", drip_headers=0.02))
    with connect(server) as connection:
        send(connection)
        assert b"\r\n\r\n" not in connection.recv(65536)
    server.script("b", Reply(body=b"{}", drip_headers=0))
    assert ask(server, "b")[1] == b"{}"


@pytest.mark.parametrize("options", [{}, {"chunked": True}, {"gzip": True}, {"drip": 0}])
def test_a_body_is_cut_by_a_clean_close(server: FaultServer, options: dict[str, Any]) -> None:
    server.script("a", Reply(body=b"x" * 100, cut=7, **options))
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(server)
    whole = gzip.compress(b"x" * 100) if "gzip" in options else b"x" * 100
    assert len(caught.value.partial) == 7
    assert "gzip" in options or caught.value.partial == whole[:7]
    server.script("b", Reply(body=b"x" * 100, cut=0))
    with pytest.raises(http.client.IncompleteRead):
        ask(server, "b")


def test_a_reset_comes_instead_of_an_answer_or_within_it(server: FaultServer) -> None:
    server.script("a", Reply(reset=True), Reply(body=b"x" * 100, cut=7, reset=True))
    with pytest.raises(ConnectionResetError):
        ask(server)
    with connect(server) as connection:
        send(connection)
        with pytest.raises(ConnectionResetError):
            read_all(connection)


def test_silence_comes_instead_of_an_answer_or_within_it(server: FaultServer) -> None:
    server.script("a", Reply(hang=True), Reply(body=b"x" * 100, cut=7, hang=True))
    with connect(server) as silent, connect(server) as stuck:
        send(silent)
        server.wait_until(lambda server: len(server.requests) == 1)
        send(stuck)
        received = b""
        while not received.endswith(b"\r\n\r\n" + b"x" * 7):
            received += stuck.recv(65536)
        for connection in (silent, stuck):
            connection.settimeout(0.1)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        assert server.connections == 2
    server.wait_until(lambda server: server.connections == 0)


def test_raw_bytes_stand_for_an_answer_that_is_no_http(server: FaultServer) -> None:
    server.script("a", Reply(raw=b"SSH-2.0-x\r\n"), Reply(raw=b""))
    for expected in (b"SSH-2.0-x\r\n", b""):
        with connect(server) as connection:
            send(connection)
            assert read_all(connection) == expected


def test_gzip_and_chunks_arrive_as_such(server: FaultServer) -> None:
    server.script("a", Reply(body=bytes(5_000_000), gzip=True), Reply(body=b"1234", chunked=True, drip=0))
    response, body = ask(server)
    assert response.getheader("Content-Encoding") == "gzip"
    assert len(body) < 100_000
    assert gzip.decompress(body) == bytes(5_000_000)
    response, body = ask(server)
    assert (response.getheader("Content-Length"), response.chunked, body) == (None, True, b"1234")


# Pace


def test_above_the_limit_within_any_second_it_refuses(server: FaultServer) -> None:
    server.per_second = 3
    assert [ask(server)[0].status for _ in range(5)] == [200, 200, 200, 429, 429]
    assert server.peak_per_second == 5
    server.refusal = refuse(429, inside=True, headers={"Retry-After": "1"})
    response, body = ask(server)
    assert (response.status, response.getheader("Retry-After"), json.loads(body)["code"]) == (200, "1", 429)
    time.sleep(1.05)
    assert _json(server)["code"] == 200
    assert server.peak_per_second == 6


def test_the_most_unanswered_at_one_time_are_counted(server: FaultServer) -> None:
    server.media("/a.mp4", b"1")
    server.default = lambda task_id: Reply(hang=True)
    for total in (3, 5):  # three at a time, then two
        with contextlib.ExitStack() as stack:
            while len(server.requests) < total:
                arrived = len(server.requests)
                send(stack.enter_context(connect(server)))
                server.wait_until(lambda server: len(server.requests) > arrived)  # noqa: B023 - called here
        server.wait_until(lambda server: server.connections == 0)
    server.default = lambda task_id: Reply(body=b"{}")
    with connect(server) as connection:
        for task_id in "abcd":
            send(connection, task_id)
            assert connection.recv(65536)
    ask(server, "/a.mp4")
    assert server.peak_in_flight == 3
    with pytest.raises(TimeoutError):
        server.wait_until(lambda server: server.peak_in_flight == 4, timeout=0.01)


# Media


@pytest.mark.parametrize(
    ("asked", "status", "content", "place"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("junk", 200, b"0123456789", None),
    ],
)
def test_media_are_served_by_range(
    server: FaultServer, asked: str, status: int, content: bytes, place: str | None
) -> None:
    assert server.media("/a.mp4", b"0123456789") == f"{server.base_url}/a.mp4"
    response, body = ask(server, "/a.mp4", Range=asked)
    assert (response.status, body, response.getheader("Content-Range")) == (status, content, place)


def test_media_have_cors_only_where_it_was_asked_for(server: FaultServer) -> None:
    server.media("/a.mp4", b"a")
    server.media("/b.png", b"b", "image/png", cors=True)
    response, body = ask(server, "/a.mp4")
    assert (body, response.getheader("Content-Type")) == (b"a", "video/mp4")
    assert response.getheader("Accept-Ranges") == "bytes"
    assert response.getheader("Access-Control-Allow-Origin") is None
    response, _ = ask(server, "/b.png")
    assert response.getheader("Access-Control-Allow-Origin") == "*"
    with connect(server) as connection:
        connection.sendall(b"OPTIONS /b.png HTTP/1.1\r\nConnection: close\r\n\r\n")
        told = read_all(connection)
    assert told.startswith(b"HTTP/1.1 204 ")
    assert b"Access-Control-Allow-Headers: Range" in told
    server.script("/a.mp4", Reply(status=403))
    assert ask(server, "/a.mp4")[0].status == 403
