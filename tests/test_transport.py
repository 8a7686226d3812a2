"""HTTP without what is said over it: what is sent, what is read, and how long either may take."""

import gzip
import json
import os
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from aleph_nb._version import __version__
from aleph_nb.errors import ConfigurationError, TransportError
from aleph_nb.transport import Reply as Answer
from aleph_nb.transport import Transport
from tests.faults import RECORD_PATH, FaultServer, Reply, make_certificate, success
from tests.keys import KEY

_BOMB = Reply(body=bytes(2**26), gzip=True)

Make = Callable[..., Transport]


@pytest.fixture
def make() -> Iterator[Make]:
    """Return a maker of transports that carry the made-up key."""
    made: list[Transport] = []

    def make(base_url: str, connections: int = 4) -> Transport:
        made.append(Transport(base_url, lambda: KEY, connections=connections))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


def _get(transport: Transport, task_id: str = "a", timeout: float = 5.0) -> Answer:
    return transport.get(RECORD_PATH, {"taskId": task_id}, timeout=timeout, about=f"task {task_id}")


def _why(transport: Transport, timeout: float = 5.0) -> str:
    with pytest.raises(TransportError) as caught:
        _get(transport, timeout=timeout)
    assert str(caught.value).startswith("No answer for task a: ")
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    return caught.value.reason


# ── What is sent ─────────────────────────────────────────────────────────────────────────────────


def test_the_key_an_agent_of_our_own_and_no_more_than_is_needed(server: FaultServer, make: Make) -> None:
    _get(make(server.base_url), "a b&c=d/é")
    (seen,) = server.requests
    assert (seen.method, seen.path, seen.task_id) == ("GET", RECORD_PATH, "a b&c=d/é")
    assert seen.headers.pop("host") == server.base_url.removeprefix("http://")
    assert seen.headers.pop("connection", "keep-alive") == "keep-alive"
    assert seen.headers == {
        "authorization": f"Bearer {KEY}",
        "user-agent": f"aleph-nb/{__version__}",
        "accept": "application/json",
        "accept-encoding": "gzip",
    }


def test_a_path_in_the_base_url_is_kept(server: FaultServer, make: Make) -> None:
    server.script("/proxy" + RECORD_PATH, Reply(body=b"there"))
    assert _get(make(server.base_url + "/proxy")).body == b"there"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(server: FaultServer, make: Make, status: int) -> None:
    with FaultServer() as other:
        target = other.base_url + RECORD_PATH
        server.script("a", Reply(status=status, headers={"Location": target}))
        server.script("b", Reply(status=status, headers={"Location": "/elsewhere"}))
        transport = make(server.base_url)
        assert _get(transport).status == status
        assert _get(transport, "b").status == status
        assert (other.accepted, len(server.requests)) == (0, 2)


def test_cookies_are_not_kept(server: FaultServer, make: Make) -> None:
    server.default = lambda _: Reply(headers={"Set-Cookie": "a=b; Path=/"})
    transport = make(server.base_url)
    _get(transport)
    _get(transport)
    assert "cookie" not in server.requests[1].headers


def test_a_netrc_does_not_replace_the_key(
    server: FaultServer, make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    _get(make(server.base_url))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_password_in_the_base_url_does_not_replace_the_key(server: FaultServer, make: Make) -> None:
    _get(make(server.base_url.replace("//", "//somebody:else@")))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_loopback_is_asked_without_a_proxy(
    server: FaultServer, make: Make, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with FaultServer() as proxy:
        monkeypatch.setenv(name, proxy.base_url)
        assert _get(make(server.base_url)).status == 200
        assert proxy.accepted == 0


def test_a_proxy_of_the_environment_gets_no_key(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """No name of another machine is looked up for this: the proxy would do it, and it refuses."""
    with FaultServer() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.base_url.replace("//", "//somebody:else@"))
        transport = make("https://aleph.invalid")
        monkeypatch.delenv("HTTPS_PROXY")  # the environment was looked at once
        assert _why(transport) == "the proxy did not let it through"
        (seen,) = proxy.requests
        assert (seen.method, seen.path) == ("CONNECT", "aleph.invalid:443")
        assert "authorization" not in seen.headers
        assert seen.headers["proxy-authorization"].startswith("Basic ")
        assert KEY not in str(seen)


def test_a_host_that_no_proxy_names_is_asked_without_one(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "aleph.invalid")
    assert make("https://aleph.invalid")._session.proxies == {}


# ── What is read ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunked": True},
        {"gzip": True},
        {"gzip": True, "chunked": True},
        {"close": True},
        {"headers": {"Connection": "close"}},
        {"headers": {"Content-Length": "many"}, "close": True},
        {"delay": 0.1},
        {"status": 500},
        {"headers": {"Content-Encoding": "identity"}},
    ],
    ids=str,
)
def test_an_answer_is_read_whole(server: FaultServer, make: Make, options: dict[str, Any]) -> None:
    body = success("a", paramJson="é" * 50_000)
    server.script("a", Reply(body=body, **options))
    transport = make(server.base_url)
    for _ in range(2):
        answer = _get(transport)
        assert json.loads(answer.body) == body
        assert answer.status == options.get("status", 200)
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "GZIP", "deflate"])
def test_an_answer_may_be_packed(server: FaultServer, make: Make, name: str) -> None:
    packed = zlib.compress(b"{}") if name == "deflate" else gzip.compress(b"{}")
    server.script("a", Reply(body=packed, headers={"Content-Encoding": name}))
    server.script("b", Reply(headers={"Content-Encoding": name}))
    transport = make(server.base_url)
    assert _get(transport).body == b"{}"
    assert _get(transport, "b").body == b""


def test_an_answer_without_a_length_ends_with_its_connection(server: FaultServer, make: Make) -> None:
    server.script("a", Reply(raw=b"HTTP/1.1 200 OK\r\n\r\n{}"))
    assert _get(make(server.base_url)).body == b"{}"


def test_connections_are_kept(server: FaultServer, make: Make) -> None:
    transport = make(server.base_url)
    for _ in range(20):
        _get(transport)
    assert server.accepted == 1


def test_what_a_wrong_length_leaves_behind_is_no_part_of_the_next_answer(
    server: FaultServer, make: Make
) -> None:
    server.script("a", Reply(body=b'{"a": 1}HTTP/1.1 200 OK\r\n\r\n', headers={"Content-Length": "8"}))
    server.script("b", Reply(body=b"the second"))
    transport = make(server.base_url)
    assert _get(transport).body == b'{"a": 1}'
    time.sleep(0.1)  # what is left over has arrived
    assert _get(transport, "b").body == b"the second"


@pytest.mark.parametrize(("size", "is_read"), [(16 * 2**20, True), (16 * 2**20 + 1, False)])
@pytest.mark.parametrize("options", [{}, {"gzip": True}], ids=str)
def test_an_answer_is_read_up_to_16_mb(
    server: FaultServer, make: Make, size: int, is_read: bool, options: dict[str, Any]
) -> None:
    server.script("a", Reply(body=bytes(size), **options))
    transport = make(server.base_url)
    if is_read:
        assert len(_get(transport, timeout=60).body) == size
    else:
        assert _why(transport, timeout=60) == "the answer is larger than 16 MB"


def test_a_bomb_is_not_unpacked(server: FaultServer, make: Make) -> None:
    server.script("a", _BOMB)
    assert len(_BOMB.payload) < 2**17
    transport = make(server.base_url)
    tracemalloc.start()
    try:
        assert _why(transport, timeout=60) == "the answer is larger than 16 MB"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50 * 2**20


def test_a_bomb_in_a_bomb_is_refused(server: FaultServer, make: Make) -> None:
    """Each packing multiplies: a few bytes of the outer one would be too many of the inner."""
    server.script("a", Reply(body=_BOMB.payload, gzip=True, headers={"Content-Encoding": "gzip, gzip"}))
    assert _why(make(server.base_url)) == "the answer cannot be decompressed"


# ── What is no answer ────────────────────────────────────────────────────────────────────────────


_BODY = success("a")

_BROKEN: dict[str, tuple[Reply, str]] = {
    "reset": (Reply(reset=True), "the connection was reset"),
    "reset within the body": (Reply(body=_BODY, cut=20, reset=True), "the connection was reset"),
    "closed without a word": (Reply(raw=b""), "the server closed the connection without an answer"),
    "cut": (Reply(body=_BODY, cut=20), "the connection broke off"),
    "cut and chunked": (Reply(body=_BODY, cut=20, chunked=True), "the connection broke off"),
    "cut and gzip": (Reply(body=_BODY, cut=20, gzip=True), "the connection broke off"),
    "too long a length": (Reply(body=_BODY, headers={"Content-Length": "9999"}, close=True), "broke off"),
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
def test_a_broken_answer_is_told_in_words(server: FaultServer, make: Make, name: str) -> None:
    reply, words = _BROKEN[name]
    server.script("a", reply)
    transport = make(server.base_url)
    assert words in _why(transport)
    assert len(server.requests) == 1, "to try again is the client's matter"
    assert _get(transport, "b").status == 200


def test_a_refused_connection_is_told_in_words(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert _why(make(f"http://127.0.0.1:{port}")) == "the connection was refused"


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
    ],
    ids=["silence", "cut", "slow", "drip", "chunked", "gzip", "close", "delay"],
)
def test_an_answer_has_its_time_and_no_more(server: FaultServer, make: Make, reply: Reply) -> None:
    server.script("a", reply)
    transport = make(server.base_url)
    began = time.monotonic()
    why = _why(transport, timeout=0.35)
    assert 0.34 <= time.monotonic() - began < 2.5
    assert why in ("no whole answer within 0.35 s", "the server did not answer in time")
    server.wait_until(lambda server: server.connections == 0)


def test_a_dripping_head_is_ended_from_outside(server: FaultServer, make: Make) -> None:
    server.script("a", Reply(drip_headers=0.1))
    transport = make(server.base_url)
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(_get, transport, timeout=0.3)
        time.sleep(0.6)
        assert not asking.done(), "each byte is in time"
        transport.shut_overdue()
        error = asking.exception(5)
    assert isinstance(error, TransportError)
    assert error.reason == "no whole answer within 0.3 s"


def test_closing_ends_what_is_under_way(server: FaultServer, make: Make) -> None:
    server.script("a", Reply(hang=True))
    transport = make(server.base_url)
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(_get, transport, timeout=30)
        server.wait_until(lambda server: len(server.requests) == 1)
        transport.close()
        assert isinstance(asking.exception(5), TransportError)
    server.wait_until(lambda server: server.connections == 0)
    assert repr(transport) == "Transport(connections in use: 0)"


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return make_certificate(tmp_path)


@pytest.fixture
def tls_server(certificate: tuple[Path, Path]) -> Iterator[FaultServer]:
    with FaultServer(tls=certificate) as server:
        yield server


def test_a_certificate_of_its_own_is_refused(tls_server: FaultServer, make: Make) -> None:
    assert _why(make(tls_server.base_url)) == "the server's TLS certificate cannot be trusted"
    assert tls_server.requests == []


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_of_the_environment_is_trusted(
    tls_server: FaultServer, make: Make, monkeypatch: pytest.MonkeyPatch, certificate: Any, name: str
) -> None:
    monkeypatch.setenv(name, str(certificate[0]))
    transport = make(tls_server.base_url)
    monkeypatch.setenv(name, "nowhere")  # it was looked at once
    assert _get(transport).status == 200


def test_a_bundle_may_be_a_folder(
    tls_server: FaultServer, make: Make, monkeypatch: pytest.MonkeyPatch, certificate: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder))
    assert _why(make(tls_server.base_url)) == "the server's TLS certificate cannot be trusted"


def test_a_certificate_for_another_host_is_refused(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = make_certificate(tmp_path, "elsewhere.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other[0]))
    with FaultServer(tls=other) as server:
        assert _why(make(server.base_url)) == "the server's TLS certificate cannot be trusted"
        assert server.requests == []


@pytest.mark.parametrize("content", [None, "", "no certificate"])
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_cannot_be_used_is_named(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, content: str | None
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv(name, str(bundle))
    with pytest.raises(ConfigurationError) as caught:
        make("https://127.0.0.1:1")
    assert name in str(caught.value)
    assert str(bundle) in str(caught.value)
    assert caught.value.__context__ is None
    make("http://127.0.0.1:1")  # there it is not needed


def test_twenty_connections_share_one_context(
    tls_server: FaultServer, make: Make, monkeypatch: pytest.MonkeyPatch, certificate: Any
) -> None:
    """Each context loads the CA bundle anew, which costs more than a request."""
    loads: list[Any] = []
    load = ssl.SSLContext.load_verify_locations

    def counted(self: ssl.SSLContext, *args: Any, **kwargs: Any) -> None:
        loads.append((args, kwargs))
        load(self, *args, **kwargs)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", counted)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    transport = make(tls_server.base_url, connections=20)
    together = threading.Barrier(20)
    tls_server.default = lambda _: Reply(delay=0.3)

    def ask(number: int) -> int:
        together.wait()
        return _get(transport, str(number), timeout=30).status

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(ask, range(20))) == [200] * 20
    assert tls_server.accepted > 10
    assert len(loads) == 1


def test_a_handshake_has_its_time_too(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        transport = make(f"https://127.0.0.1:{listening.getsockname()[1]}")
        began = time.monotonic()
        assert _why(transport, timeout=0.3) == "no whole answer within 0.3 s"
        assert time.monotonic() - began < 2.5


def test_plain_speech_to_a_tls_server_is_told_in_words(tls_server: FaultServer, make: Make) -> None:
    assert _why(make(tls_server.base_url.replace("https:", "http:"), 1)) != "the request failed"


def test_tls_to_a_plain_server_is_told_in_words(server: FaultServer, make: Make) -> None:
    assert _why(make(server.base_url.replace("http:", "https:"))) == "the TLS connection failed"
    assert server.requests == []


def test_no_file_is_left_open(server: FaultServer, make: Make) -> None:
    folder = Path(f"/proc/{os.getpid()}/fd")
    if not folder.is_dir():
        pytest.skip("this system does not list open files")
    server.default = lambda task_id: _BROKEN[task_id][0]
    before = len(list(folder.iterdir()))
    transport = make(server.base_url)
    for name in _BROKEN:
        try:
            _get(transport, name)
        except TransportError:
            continue
    transport.close()
    server.wait_until(lambda server: server.connections == 0)
    assert len(list(folder.iterdir())) <= before
