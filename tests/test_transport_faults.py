"""HTTP gone wrong: what breaks is told in words, what takes too long is ended."""

import gzip
import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aleph_nb.errors import TransportError
from aleph_nb.transport import Transport
from tests.faults import FaultServer, Reply, success
from tests.transports import get, why

Make = Callable[..., Transport]


_BODY = success("a")

_BROKEN: dict[str, tuple[Reply, str]] = {
    "reset": (Reply(reset=True), "the connection was reset"),
    "reset within the body": (Reply(body=_BODY, cut=20, reset=True), "the connection was reset"),
    "closed without a word": (Reply(raw=b""), "the server closed the connection without an answer"),
    "cut": (Reply(body=_BODY, cut=20), "the connection broke off"),
    "cut and chunked": (Reply(body=_BODY, cut=20, chunked=True), "the connection broke off"),
    "cut and gzip": (Reply(body=_BODY, cut=20, gzip=True), "the connection broke off"),
    "too long a length": (Reply(body=_BODY, headers={"Content-Length": "9999"}, close=True), "broke off"),
    "cut within the head": (
        Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-"),
        "the connection broke off",
    ),
    "cut before the length": (Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length:"), "the connection broke off"),
    "no http": (Reply(raw=b"SSH-2.0-OpenSSH_9.6\r\n"), "the connection broke off"),
    "bad chunks": (
        Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        "the connection broke off",
    ),
    "no gzip": (
        Reply(body=_BODY, headers={"Content-Encoding": "gzip"}),
        "the answer cannot be decompressed",
    ),
    "half a gzip": (
        Reply(body=gzip.compress(bytes(100))[:15], headers={"Content-Encoding": "gzip"}),
        "the answer cannot be decompressed",
    ),
    "another packing": (
        Reply(body=_BODY, headers={"Content-Encoding": "br"}),
        "the answer cannot be decompressed",
    ),
    "endless head": (
        Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X-More: x\r\n" * 1000),
        "the connection broke off",
    ),
    "a long line": (Reply(raw=b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), "the connection broke off"),
}


@pytest.mark.parametrize("name", _BROKEN)
def test_a_broken_answer_is_told_in_words(server: FaultServer, make_transport: Make, name: str) -> None:
    reply, words = _BROKEN[name]
    server.script("a", reply)
    transport = make_transport(server.base_url)
    assert words in why(transport)
    assert len(server.requests) == 1, "to try again is the client's matter"
    assert get(transport, "b").status == 200


def test_a_refused_connection_is_told_in_words(make_transport: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert why(make_transport(f"http://127.0.0.1:{port}")) == "the connection was refused"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(hang=True),
        Reply(body=_BODY, cut=20, hang=True),
        Reply(body=_BODY, drip=1),
        Reply(body=_BODY, drip=0.1),
        Reply(body=_BODY, drip=0.1, chunked=True),
        Reply(body=_BODY, drip=0.1, gzip=True),
        Reply(body=_BODY, drip=0.1, headers={"Connection": "close"}),
        Reply(body=_BODY, delay=3),
        Reply(body=_BODY, drip=0.1, status=302, headers={"Location": "/"}),
    ],
    ids=["silence", "cut", "slow", "drip", "chunked", "gzip", "close", "delay", "redirect"],
)
def test_an_answer_has_its_time_and_no_more(server: FaultServer, make_transport: Make, reply: Reply) -> None:
    server.script("a", reply)
    transport = make_transport(server.base_url)
    began = time.monotonic()
    reason = why(transport, timeout=0.35)
    assert 0.34 <= time.monotonic() - began < 2.5
    assert reason in ("no whole answer within 0.35 s", "the server did not answer in time")
    server.wait_until(lambda server: server.connections == 0)


def test_a_dripping_head_is_ended_from_outside(server: FaultServer, make_transport: Make) -> None:
    server.script("a", Reply(drip_headers=0.1))
    transport = make_transport(server.base_url)
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(get, transport, timeout=0.3)
        time.sleep(0.6)
        assert not asking.done(), "each byte is in time"
        transport.shut_overdue()
        error = asking.exception(5)
    assert isinstance(error, TransportError)
    assert error.reason == "no whole answer within 0.3 s"


def test_an_end_in_the_head_is_no_answer_however_little_has_come(
    server: FaultServer, make_transport: Make
) -> None:
    """A head without its last lines reads like one of an empty answer."""
    server.script("a", Reply(drip_headers=0.01, headers={"Content-Type": "x" * 9999}))
    transport = make_transport(server.base_url)
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(get, transport, timeout=0.4)
        time.sleep(0.5)
        transport.shut_overdue()
        error = asking.exception(5)
    assert isinstance(error, TransportError)
    assert error.reason == "no whole answer within 0.4 s"


def test_closing_ends_what_is_under_way(server: FaultServer, make_transport: Make) -> None:
    server.script("a", Reply(hang=True))
    transport = make_transport(server.base_url)
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(get, transport, timeout=30)
        server.wait_until(lambda server: len(server.requests) == 1)
        transport.close()
        assert isinstance(asking.exception(5), TransportError)
    server.wait_until(lambda server: server.connections == 0)
    assert repr(transport) == "Transport(connections in use: 0)"


def test_no_file_is_left_open(server: FaultServer, make_transport: Make) -> None:
    folder = Path(f"/proc/{os.getpid()}/fd")
    if not folder.is_dir():
        pytest.skip("this system does not list open files")
    server.default = lambda task_id: _BROKEN[task_id][0]
    before = len(list(folder.iterdir()))
    transport = make_transport(server.base_url)
    for name in _BROKEN:
        try:
            get(transport, name)
        except TransportError:
            continue
    transport.close()
    server.wait_until(lambda server: server.connections == 0)
    assert len(list(folder.iterdir())) <= before
