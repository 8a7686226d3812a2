"""No way from a stranger's URL into a private network: the peer is looked at before anything is sent."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

from aleph_nb.transport import MediaTransport
from tests.faults import FaultServer, Reply
from tests.transports import fetch, media, shown, why_not

_REFUSED = "the link leads into a private network or to this machine"


@pytest.fixture
def transport() -> Iterator[MediaTransport]:
    with media(private=False) as transport:
        yield transport


class _Ear:
    """A server that says nothing and notes what it is told."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listening = socket.create_server((address, 0), family=family)
        self._listening.settimeout(0.3)
        self.port = self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def heard(self) -> bytes | None:
        """Return what came first on a connection, b"" for its end; None where there was none."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                return None
            with connection:
                connection.settimeout(5)
                said = connection.recv(4096)
            # Some other program may knock that once knew the port; ours would speak HTTP or TLS.
            if said.startswith((b"GET ", b"CONNECT ", b"\x16")) or not said:
                return said


@pytest.fixture
def ear() -> Iterator[_Ear]:
    with _Ear() as ear:
        yield ear


def _assert_refused(transport: MediaTransport, url: str) -> None:
    error = why_not(transport, url)
    assert error.reason == _REFUSED
    assert not error.may_pass


def _lead(monkeypatch: pytest.MonkeyPatch, **names: str) -> None:
    """Let names with an underscore for their dot lead to addresses, and nothing else be looked up."""
    look_up = socket.getaddrinfo

    def answer(host: Any, *arguments: Any, **options: Any) -> Any:
        known = {name.replace("_", "."): address for name, address in names.items()}
        return look_up(known.get(host, host), *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def _pretend_public(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Let the peers at one port have a public address."""
    ask = socket.socket.getpeername

    def answer(sock: socket.socket) -> Any:
        peer = ask(sock)
        return ("8.8.8.8", port) if peer[1] == port else peer

    monkeypatch.setattr(socket.socket, "getpeername", answer)


# ── Written out ──────────────────────────────────────────────────────────────────────────────────

_SPELLINGS = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "0.0.0.0",  # noqa: S104, it leads here too
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1",
    "[::ffff:127.0.0.1]",
]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", _SPELLINGS)
def test_an_address_that_is_written_out_is_not_connected_to(
    transport: MediaTransport, ear: _Ear, scheme: str, host: str
) -> None:
    error = why_not(transport, f"{scheme}://{host}:{ear.port}/a.mp4")
    if host.isascii() and "%" not in host:
        assert error.reason == _REFUSED
    assert not error.may_pass
    assert ear.heard() is None


def test_nor_is_one_of_ipv6(transport: MediaTransport) -> None:
    with contextlib.ExitStack() as stack:
        try:
            ear = stack.enter_context(_Ear("::1"))
        except OSError:
            pytest.skip("this machine has no IPv6")
        _assert_refused(transport, f"http://[::1]:{ear.port}/a.mp4")
        assert ear.heard() is None


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "169.254.169.254", "192.168.0.1", "100.64.0.1", "[fe80::1]", "[fd00:ec2::254]"]
)
def test_nor_is_one_of_the_neighbours(transport: MediaTransport, host: str) -> None:
    _assert_refused(transport, f"http://{host}/latest/meta-data/")


# ── By name ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_leads_here_gets_a_connection_and_not_a_byte(
    transport: MediaTransport, ear: _Ear, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    _lead(monkeypatch, media_example="127.0.0.1")
    _assert_refused(transport, f"{scheme}://media.example:{ear.port}/a.mp4")
    assert ear.heard() == b""


def test_so_does_this_machines_own_name(transport: MediaTransport, ear: _Ear) -> None:
    name = socket.gethostname()
    try:
        address = socket.gethostbyname(name)
    except OSError:
        address = ""
    if not address.startswith("127."):
        pytest.skip("this machine's name does not lead to it")
    _assert_refused(transport, f"http://{name}:{ear.port}/a.mp4")
    assert ear.heard() == b""


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_the_peer_is_what_counts(
    transport: MediaTransport, server: FaultServer, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """What is connected to may differ from what the name led to a moment before."""
    _lead(monkeypatch, media_example="127.0.0.1")
    port = urlsplit(server.base_url).port or 0
    server.media("/a.mp4", b"clip")
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: (address, port))
    assert fetch(transport, f"http://media.example:{port}/a.mp4") == b"clip"
    for peer in ("::ffff:10.0.0.1", "fe80::1%eth0", "64:ff9b::a9fe:a9fe"):
        monkeypatch.setattr(socket.socket, "getpeername", lambda _, peer=peer: (peer, port, 0, 2))
        with media(private=False) as another:
            _assert_refused(another, f"http://media.example:{port}/a.mp4")
    assert len(server.requests) == 1


def test_a_refused_connection_is_closed(
    transport: MediaTransport, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lead(monkeypatch, media_example="127.0.0.1")
    for _ in range(3):
        _assert_refused(transport, server.base_url.replace("127.0.0.1", "media.example"))
    server.wait_until(lambda server: server.accepted == 3 and server.connections == 0)
    assert server.requests == []


# ── By a redirect ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def public(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return another base URL of the server, at which it seems to be a public one."""
    _lead(monkeypatch, media_example="127.0.0.1", inward_example="127.0.0.1")
    _pretend_public(monkeypatch, urlsplit(server.base_url).port or 0)
    return server.base_url.replace("127.0.0.1", "media.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "inward.example", "localhost"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_looked_at_like_the_first_url(
    server: FaultServer, public: str, ear: _Ear, host: str, status: int
) -> None:
    server.script("/a", Reply(status=status, headers={"Location": f"http://{host}:{ear.port}/?b=1"}))
    with media(private=False) as transport:
        error = why_not(transport, f"{public}/a")
    assert error.reason == _REFUSED
    assert f"from {host}:{ear.port}: " in str(error)
    assert "b=1" not in shown(error)
    assert not ear.heard()
    assert len(server.requests) == 1


# ── Behind a proxy ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def proxy(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """Return a proxy of the environment, which may stand on this machine."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, server.base_url.replace("//", "//somebody:else@"))
    return server


def test_a_proxy_looks_the_name_up(transport: MediaTransport, proxy: FaultServer) -> None:
    proxy.media("http://media.invalid/a.mp4", b"clip")
    assert fetch(transport, "http://media.invalid/a.mp4?sig=1") == b"clip"
    (seen,) = proxy.requests
    assert "authorization" not in seen.headers
    assert seen.headers["proxy-authorization"].startswith("Basic ")


def test_a_proxy_makes_the_way_for_tls(transport: MediaTransport, proxy: FaultServer) -> None:
    assert why_not(transport, "https://media.invalid/a.mp4").reason == "the proxy did not let it through"
    (seen,) = proxy.requests
    assert (seen.method, seen.path) == ("CONNECT", "media.invalid:443")


@pytest.mark.parametrize("host", [*_SPELLINGS, "169.254.169.254", "10.1", "[::1]", "[64:ff9b::a00:1]"])
def test_a_proxy_is_not_asked_for_an_address_that_is_written_out(
    transport: MediaTransport, proxy: FaultServer, host: str
) -> None:
    for scheme in ("http", "https"):
        assert not why_not(transport, f"{scheme}://{host}/a.mp4").may_pass
    proxy.script("http://media.invalid/", Reply(status=302, headers={"Location": f"http://{host}/"}))
    if host.isascii():
        assert not why_not(transport, "http://media.invalid/").may_pass
    assert {seen.path for seen in proxy.requests} <= {"http://media.invalid/"}


def test_a_redirect_through_a_proxy_may_lead_to_this_machine_only_if_it_is_private(
    proxy: FaultServer,
) -> None:
    with FaultServer() as other:
        target = other.media("/a.mp4", b"clip")
        proxy.script("http://media.invalid/", Reply(status=302, headers={"Location": target}))
        with media(private=False) as transport:
            _assert_refused(transport, "http://media.invalid/")
        assert other.accepted == 0
        with media(private=True) as transport:
            assert fetch(transport, "http://media.invalid/") == b"clip"
        assert [seen.path for seen in proxy.requests] == ["http://media.invalid/"] * 2, "loopback is direct"


@pytest.mark.parametrize("spelling", ["127.0.0.1", "localhost", "127.1", "2130706433"])
def test_this_machine_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch, spelling: str) -> None:
    with FaultServer() as proxy, FaultServer() as server, media() as transport:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.base_url)
        url = server.media("/a.mp4", b"clip")
        assert fetch(transport, url.replace("127.0.0.1", spelling)) == b"clip"
        assert proxy.accepted == 0


def test_what_no_proxy_names_is_connected_to_and_checked(
    transport: MediaTransport, proxy: FaultServer, ear: _Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "media.example")
    _lead(monkeypatch, media_example="127.0.0.1")
    _assert_refused(transport, f"http://media.example:{ear.port}/")
    assert ear.heard() == b""
    assert proxy.accepted == 0


def test_a_proxy_that_does_not_speak_http_is_told(
    transport: MediaTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://somebody:else@127.0.0.1:9")
    error = why_not(transport, "http://media.invalid/")
    assert "ALL_PROXY" in str(error)
    assert "else" not in str(error)


# ── Where it is allowed ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("change", [str, lambda url: url.replace("127.0.0.1", "localhost")])
def test_beside_a_base_url_on_this_machine_media_on_it_are_fetched(
    server: FaultServer, change: Callable[[str], str]
) -> None:
    url = server.media("/a.mp4", b"clip")
    with media(private=True) as transport:
        assert fetch(transport, change(url)) == b"clip"
