"""The sockets under way: whatever a thread does on one, it can be shut from outside."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3

from aleph_nb.transport.sockets import Sockets
from tests.faults import RECORD_PATH, FaultServer, Reply, make_certificate

_LONG = 30.0  # seconds that a request may take; the tests are far shorter


class _Requests:
    """Requests over a pool of connections that are noted, each in a thread of its own."""

    def __init__(self) -> None:
        self.sockets = Sockets()
        self.context = ssl.create_default_context()
        self.sockets.watch_handshakes(self.context)
        self.pools = urllib3.PoolManager(retries=False, ssl_context=self.context, timeout=_LONG)
        self.pools.pool_classes_by_scheme = self.sockets.pool_classes()
        self._executor = ThreadPoolExecutor(4)

    def ask(self, base_url: str, task_id: str = "a", seconds: float = _LONG) -> int:
        self.sockets.enter(time.monotonic() + seconds, task_id)
        try:
            url = f"{base_url}{RECORD_PATH}?taskId={task_id}"
            return self.pools.request("GET", url).status
        finally:
            self.sockets.leave()

    def begin(self, *arguments: Any) -> Future[int]:
        return self._executor.submit(self.ask, *arguments)

    def close(self) -> None:
        self._executor.shutdown()
        self.pools.clear()


@pytest.fixture
def requests() -> Iterator[_Requests]:
    requests = _Requests()
    yield requests
    requests.close()


def _assert_broken(request: Future[int]) -> None:
    assert isinstance(request.exception(5), urllib3.exceptions.HTTPError | OSError)


@contextmanager
def _silent_server() -> Iterator[tuple[str, Callable[[], socket.socket]]]:
    """Listen for connections, and say nothing on them."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        yield f"127.0.0.1:{listening.getsockname()[1]}", lambda: listening.accept()[0]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(hang=True),
        Reply(body="x" * 100, cut=10, hang=True),
        Reply(body="x" * 100, cut=10, hang=True, headers={"Connection": "close"}),
        Reply(drip_headers=0.05, headers={"X-Long": "x" * 5000}),
    ],
    ids=["silence", "within the body", "within the last body", "within the head"],
)
def test_a_thread_that_reads_is_woken(server: FaultServer, requests: _Requests, reply: Reply) -> None:
    server.script("a", reply)
    request = requests.begin(server.base_url)
    server.wait_until(lambda server: len(server.requests) == 1)
    time.sleep(0.1)  # the head is read, where there is one
    assert not request.done()
    requests.sockets.shut("a")
    _assert_broken(request)
    assert len(requests.sockets) == 0


def test_a_tls_handshake_is_ended_too(requests: _Requests) -> None:
    with _silent_server() as (address, accept):
        request = requests.begin(f"https://{address}")
        with accept() as peer:
            peer.recv(1)  # the client's greeting is there
            assert not request.done()
            requests.sockets.shut_all()
            _assert_broken(request)


@pytest.fixture
def tls_server(tmp_path: Path, requests: _Requests) -> Iterator[FaultServer]:
    certificate = make_certificate(tmp_path)
    requests.context.load_verify_locations(certificate[0])
    with FaultServer(tls=certificate) as server:
        yield server


def test_shutting_tls_does_not_take_the_encryption_away(tls_server: FaultServer, requests: _Requests) -> None:
    """Else what another thread sends in this moment would be readable on its way."""
    port = urlsplit(tls_server.base_url).port
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        requests.context.wrap_socket(plain, server_hostname="127.0.0.1") as sock,
    ):
        requests.sockets.enter(time.monotonic() + _LONG, "mine")
        requests.sockets.note(sock)
        requests.sockets.shut_all()
        requests.sockets.leave()
        assert sock.cipher() is not None
        with pytest.raises(OSError):  # noqa: PT011, of which kind is OpenSSL's matter
            sock.sendall(b"GET / HTTP/1.1\r\n\r\n")


def test_what_is_shut_before_its_handshake_sends_no_request(
    tls_server: FaultServer, requests: _Requests
) -> None:
    assert requests.ask(tls_server.base_url) == 200
    requests.pools.clear()
    requests.sockets.enter(time.monotonic() + _LONG, "mine")
    requests.sockets.shut_all()
    with pytest.raises((urllib3.exceptions.HTTPError, OSError)):
        requests.pools.request("GET", tls_server.base_url + RECORD_PATH)
    requests.sockets.leave()
    assert len(tls_server.requests) == 1


@pytest.mark.parametrize("is_warm", [False, True])
def test_what_is_shut_before_it_begins_sends_no_request(
    server: FaultServer, requests: _Requests, is_warm: bool
) -> None:
    if is_warm:
        assert requests.ask(server.base_url) == 200
    requests.sockets.enter(time.monotonic() + _LONG, "mine")
    requests.sockets.shut_all()
    with pytest.raises((urllib3.exceptions.HTTPError, OSError)):
        requests.pools.request("GET", server.base_url + RECORD_PATH)
    requests.sockets.leave()
    assert len(server.requests) == is_warm
    assert requests.ask(server.base_url) == 200, "the next request of the thread is another matter"


def test_only_those_past_their_time_are_shut(server: FaultServer, requests: _Requests) -> None:
    server.default = lambda _: Reply(hang=True)
    short = requests.begin(server.base_url, "short", 0.2)
    long = requests.begin(server.base_url, "long")
    server.wait_until(lambda server: len(server.requests) == 2)
    requests.sockets.shut_overdue(time.monotonic() - 10)
    time.sleep(0.3)
    assert not short.done()
    requests.sockets.shut_overdue(time.monotonic())
    _assert_broken(short)
    assert not long.done()
    assert len(requests.sockets) == 1
    requests.sockets.shut_all()
    _assert_broken(long)


def test_a_connection_that_went_on_to_another_thread_is_left_alone(
    server: FaultServer, requests: _Requests
) -> None:
    assert requests.ask(server.base_url, "first") == 200
    server.script("second", Reply(delay=0.3))
    second = requests.begin(server.base_url, "second")
    server.wait_until(lambda server: len(server.requests) == 2)
    assert server.accepted == 1, "the same connection"
    requests.sockets.shut("first")
    assert second.result(5) == 200


def test_a_thread_that_begins_anew_has_no_hold_on_its_last_connection(
    server: FaultServer, requests: _Requests
) -> None:
    assert requests.ask(server.base_url, "first") == 200
    server.script("second", Reply(delay=0.3))
    second = requests.begin(server.base_url, "second")
    server.wait_until(lambda server: len(server.requests) == 2)
    requests.sockets.enter(time.monotonic() + _LONG, "mine")
    requests.sockets.shut("mine")
    requests.sockets.leave()
    assert server.accepted == 1, "the same connection"
    assert second.result(5) == 200


def test_shutting_what_is_not_under_way_is_nothing(server: FaultServer, requests: _Requests) -> None:
    requests.sockets.shut_all()
    requests.sockets.shut("nobody's")
    requests.sockets.shut_overdue(time.monotonic())
    assert requests.ask(server.base_url) == 200
