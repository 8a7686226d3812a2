"""Media take their time and no more; a call that is ended ends them; TLS is checked."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aleph_nb.errors import TransportError
from aleph_nb.transport import MediaTransport
from tests.faults import FaultServer, Reply, make_certificate
from tests.test_transport_words import _KINDS, _Failing
from tests.transports import fetch, media, shown, why_not

_CLIP = bytes(range(256)) * 40


@pytest.fixture
def transport() -> Iterator[MediaTransport]:
    with media() as transport:
        yield transport


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "reply",
    [
        Reply(hang=True),
        Reply(body=_CLIP, cut=20, hang=True),
        Reply(body=_CLIP, cut=20, hang=True, chunked=True),
        Reply(body=_CLIP, delay=3),
        Reply(body=_CLIP, drip=2),
    ],
    ids=["silence", "cut", "chunked", "delay", "slow"],
)
def test_a_silence_ends_it(server: FaultServer, transport: MediaTransport, reply: Reply) -> None:
    server.script("/a.mp4", reply)
    began = time.monotonic()
    error = why_not(transport, f"{server.base_url}/a.mp4", stall=0.3, timeout=30)
    assert 0.29 <= time.monotonic() - began < 2
    assert error.reason == "nothing came for 0.3 s"
    assert error.may_pass
    server.wait_until(lambda server: server.connections == 0)


@pytest.mark.parametrize(
    "options", [{}, {"chunked": True}, {"gzip": True}, {"headers": {"Connection": "close"}}], ids=str
)
def test_a_drip_ends_with_its_time(
    server: FaultServer, transport: MediaTransport, options: dict[str, Any]
) -> None:
    server.script("/a.mp4", Reply(body=_CLIP, drip=0.05, **options))
    began = time.monotonic()
    error = why_not(transport, f"{server.base_url}/a.mp4", timeout=0.4)
    assert 0.39 <= time.monotonic() - began < 2
    assert error.reason == "it did not come whole within 0.4 s"


def test_redirects_are_within_the_time(server: FaultServer, transport: MediaTransport) -> None:
    for n in range(5):
        server.script(f"/{n}", Reply(status=302, headers={"Location": f"/{n + 1}"}, delay=0.2))
    began = time.monotonic()
    error = why_not(transport, f"{server.base_url}/0", timeout=0.5)
    assert time.monotonic() - began < 0.9
    assert error.reason == "it did not come whole within 0.5 s"


# ── Ended from outside ───────────────────────────────────────────────────────────────────────────


@contextmanager
def _begun(transport: MediaTransport, url: str, **options: Any) -> Iterator[Future[bytes]]:
    with ThreadPoolExecutor(1) as threads:
        yield threads.submit(fetch, transport, url, **options)


def _told(asking: Future[bytes]) -> str:
    began = time.monotonic()
    error = asking.exception(5)
    assert time.monotonic() - began < 1
    assert isinstance(error, TransportError)
    return error.reason


def test_a_dripping_head_is_ended(server: FaultServer, transport: MediaTransport) -> None:
    server.script("/a.mp4", Reply(body=_CLIP, drip_headers=0.05, headers={"X-Long": "x" * 999}))
    with _begun(transport, f"{server.base_url}/a.mp4", timeout=0.3) as asking:
        time.sleep(0.6)
        assert not asking.done(), "each byte is in time"
        transport.shut_overdue()
        assert _told(asking) == "it did not come whole within 0.3 s"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(hang=True),
        Reply(body=_CLIP, cut=20, hang=True),
        Reply(body=_CLIP, cut=20, hang=True, headers={"Connection": "close"}),
        Reply(body=_CLIP, drip_headers=0.05, headers={"X-Long": "x" * 999}),
    ],
    ids=["silence", "body", "last body", "head"],
)
def test_an_interrupt_ends_it(server: FaultServer, transport: MediaTransport, reply: Reply) -> None:
    server.script("/a.mp4", reply)
    stop = threading.Event()
    with _begun(transport, f"{server.base_url}/a.mp4", timeout=30, stall=30, stop=stop) as asking:
        server.wait_until(lambda server: len(server.requests) == 1)
        time.sleep(0.1)
        stop.set()
        transport.shut(stop)
        assert _told(asking) == "the call was ended"
    server.wait_until(lambda server: server.connections == 0)


@pytest.mark.parametrize("how", ["shut", "shut_overdue", "close"])
def test_what_was_shut_is_not_taken_for_whole(transport: MediaTransport, how: str) -> None:
    """Where no length was told, the end of the connection is the end of the file."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/a.mp4"
        with _begun(transport, url, timeout=0.5, stall=30, stop=stop) as asking:
            peer, _ = listening.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf a clip")
                time.sleep(0.2 if how != "shut_overdue" else 0.4)
                if how == "shut":
                    transport.shut(stop)
                elif how == "close":
                    transport.close()
                else:
                    peer.sendall(b"more")
                    time.sleep(0.09)
                    peer.sendall(b"more")
                    time.sleep(0.2)
                    transport.shut_overdue()
                assert isinstance(asking.exception(5), TransportError)


def test_what_is_ended_before_it_begins_sends_nothing(server: FaultServer, transport: MediaTransport) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(TransportError, match="the call was ended"):
        fetch(transport, server.media("/a.mp4", _CLIP), stop=stop)
    assert server.accepted == 0


def test_what_is_ended_between_two_redirects_goes_no_further(
    server: FaultServer, transport: MediaTransport
) -> None:
    server.script("/a", Reply(status=302, headers={"Location": "/b"}, delay=0.3))
    stop = threading.Event()
    with _begun(transport, f"{server.base_url}/a", stop=stop) as asking:
        server.wait_until(lambda server: len(server.requests) == 1)
        stop.set()
        assert _told(asking) == "the call was ended"
    assert len(server.requests) == 1


def test_another_calls_end_is_no_matter(server: FaultServer, transport: MediaTransport) -> None:
    server.script("/a.mp4", Reply(body=_CLIP, delay=0.3))
    with _begun(transport, f"{server.base_url}/a.mp4") as asking:
        server.wait_until(lambda server: len(server.requests) == 1)
        transport.shut(threading.Event())
        transport.shut_overdue()
        assert asking.result(5) == _CLIP


def test_closing_ends_what_is_under_way(server: FaultServer, transport: MediaTransport) -> None:
    server.script("/a.mp4", Reply(hang=True))
    with _begun(transport, f"{server.base_url}/a.mp4", timeout=30, stall=30) as asking:
        server.wait_until(lambda server: len(server.requests) == 1)
        assert repr(transport) == "MediaTransport(connections in use: 1)"
        transport.close()
        assert _told(asking)
    server.wait_until(lambda server: server.connections == 0)


# ── Words ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", dict.fromkeys(_KINDS), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_exception_below_is_told_in_words(transport: MediaTransport, kind: type[Exception]) -> None:
    def make() -> Exception:
        error = kind.__new__(kind)
        error.args = ("http://media.example/a.mp4?secret",)
        return error

    adapter: Any = _Failing(make)
    transport._adapters[False] = adapter
    error = why_not(transport, "http://media.example/a.mp4?secret")
    assert type(error) is TransportError
    assert "secret" not in shown(error)
    assert "16 MB" not in str(error)


def test_a_refused_connection_is_told(transport: MediaTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = why_not(transport, f"http://127.0.0.1:{port}/a.mp4?secret")
    assert error.reason == "the connection was refused"
    assert "secret" not in shown(error)


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[Callable[[str], FaultServer]]:
    running: list[FaultServer] = []

    def serve(name: str) -> FaultServer:
        server = FaultServer(tls=make_certificate(tmp_path, name))
        running.append(server.__enter__())
        return server

    yield serve
    for server in running:
        server.__exit__()


def test_certificates_are_checked(
    tls_server: Callable[[str], FaultServer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good, other = tls_server("localhost"), tls_server("elsewhere.example")
    with media() as transport:
        error = why_not(transport, good.media("/a.mp4", _CLIP))
        assert error.reason == "the server's TLS certificate cannot be trusted"
    bundle = tmp_path / "both.pem"
    bundle.write_bytes(b"".join(path.read_bytes() for path in tmp_path.glob("*.crt")))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with media() as transport:
        assert fetch(transport, f"{good.base_url}/a.mp4") == _CLIP
        error = why_not(transport, other.media("/a.mp4", _CLIP))
        assert error.reason == "the server's TLS certificate cannot be trusted"
    assert [len(server.requests) for server in (good, other)] == [1, 0]


def test_all_connections_share_one_context_made_when_it_is_needed(
    tls_server: Callable[[str], FaultServer],
    server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    loads: list[Any] = []
    load = ssl.SSLContext.load_verify_locations

    def counted(self: ssl.SSLContext, *args: Any, **kwargs: Any) -> None:
        loads.append((args, kwargs))
        load(self, *args, **kwargs)

    secure = tls_server("localhost")
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", counted)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "localhost.crt"))
    secure.script("/a.mp4", Reply(body=_CLIP, delay=0.2))
    with media(connections=8) as transport, ThreadPoolExecutor(8) as threads:
        fetch(transport, server.media("/a.mp4", _CLIP))
        assert loads == []
        urls = [f"{secure.base_url}/a.mp4"] * 8
        assert [*threads.map(lambda url: fetch(transport, url), urls)] == [_CLIP] * 8
    assert secure.accepted > 4
    assert len(loads) == 1


def test_a_bundle_that_cannot_be_used_is_told_and_plain_http_goes_on(
    server: FaultServer, transport: MediaTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "nowhere.pem")
    assert "REQUESTS_CA_BUNDLE" in str(why_not(transport, "https://127.0.0.1:9/"))
    assert fetch(transport, server.media("/a.mp4", _CLIP)) == _CLIP


def test_a_redirect_may_lead_from_plain_http_to_tls(
    tls_server: Callable[[str], FaultServer],
    server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    secure = tls_server("localhost")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "localhost.crt"))
    server.script("/a", Reply(status=301, headers={"Location": secure.media("/a.mp4", _CLIP)}))
    with media() as transport:
        assert fetch(transport, f"{server.base_url}/a") == _CLIP


def test_a_handshake_has_its_time_too(transport: MediaTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        error = why_not(transport, f"https://127.0.0.1:{listening.getsockname()[1]}", stall=0.3)
    assert error.reason == "nothing came for 0.3 s"
