"""Media without the key: what is sent, what is read, where it leads, and what is refused."""

import gzip
import os
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aleph_nb._version import __version__
from aleph_nb.errors import TransportError
from aleph_nb.transport import MediaTooLargeError, MediaTransport
from tests.faults import FaultServer, Reply
from tests.transports import fetch, media, shown, why_not

_CLIP = bytes(range(256)) * 400
_SECRET = "Xq7signatureQ9"


@pytest.fixture
def transport() -> Iterator[MediaTransport]:
    with media() as transport:
        yield transport


# ── What is sent ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Lay a `.netrc` with a password for everybody wherever one is looked for."""
    path = tmp_path / ".netrc"
    path.write_text("machine 127.0.0.1 login a password b\ndefault login a password b\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    monkeypatch.setenv("HOME", str(tmp_path))


def test_nothing_of_the_users_is_sent(server: FaultServer, transport: MediaTransport, netrc: None) -> None:
    with FaultServer() as other:
        cookie = {"Set-Cookie": "a=b; Path=/", "WWW-Authenticate": "Basic realm=x"}
        other.script("/b.mp4", Reply(body=_CLIP, headers=cookie))
        for path, target in (("/a", "/to"), ("/to", f"{other.base_url}/b.mp4")):
            server.script(path, Reply(status=302, headers={"Location": target, **cookie}))
        for _ in range(2):
            assert fetch(transport, f"{server.base_url}/a") == _CLIP
        requests = server.requests + other.requests
    assert len(requests) == 6
    for seen in requests:
        headers = dict(seen.headers)
        assert headers.pop("host").startswith("127.0.0.1:")
        assert headers.pop("connection", "keep-alive") == "keep-alive"
        assert headers == {
            "user-agent": f"aleph-nb/{__version__}",
            "accept": "*/*",
            "accept-encoding": "identity",
        }


def test_a_query_is_sent_as_it_is_and_a_fragment_is_not(
    server: FaultServer, transport: MediaTransport
) -> None:
    server.media("/a%20b/%C3%A9.mp4", _CLIP)
    fetch(transport, f"{server.base_url}/a%20b/é.mp4?taskId=a%2Fb%2B%3D#t=1")
    (seen,) = server.requests
    assert (seen.path, seen.task_id) == ("/a%20b/%C3%A9.mp4", "a/b+=")


@pytest.mark.parametrize("user", ["somebody:else", "somebody", ":else", "", "a%40b:else"])
def test_a_password_in_a_url_is_refused_and_not_shown(
    server: FaultServer, transport: MediaTransport, user: str
) -> None:
    url = server.base_url.replace("//", f"//{user}@")
    server.script("/a", Reply(status=302, headers={"Location": f"{url}/b"}))
    for link in (f"{url}/b", f"{server.base_url}/a"):
        error = why_not(transport, link)
        assert error.reason == "the link holds a user name or a password, and those are not sent"
        assert "somebody" not in shown(error)
        assert "else" not in shown(error).replace("else:", "")
    assert [seen.path for seen in server.requests] == ["/a"]


_HOSTILE = [
    "",
    "a.mp4",
    "//127.0.0.1/a.mp4",
    "file:///etc/passwd",
    "ftp://127.0.0.1/a.mp4",
    "gopher://127.0.0.1/",
    "data:video/mp4;base64,AAAA",
    "javascript:alert(1)",
    "http:///a.mp4",
    "http://",
    "http:a.mp4",
    "{0}/a b.mp4",
    " {0}/a.mp4",
    "{0}/a.mp4 ",
    "{0}/a\tb.mp4",
    "{0}/a\r\nX-Evil: 1",
    "{0}/a\x00.mp4",
    "{0}/a\x7f.mp4",
    "{0}/a\u2028.mp4",
    "{0}\\@media.example/a.mp4",
    "{0}/a\\b.mp4",
    "http://a b/",
    "http://a<b/",
    "http://*.example/",
    "http://[::1/",
    "http://[nonsense]/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:x/",
    "http://" + "a" * 300 + "/",
    "http://\ud800/",
    "{0}/\ud800",
    "http://[fe80::1%25eth0]/",
]


@pytest.mark.parametrize("url", _HOSTILE, ids=ascii)
def test_what_is_no_plain_url_is_refused(server: FaultServer, transport: MediaTransport, url: str) -> None:
    error = why_not(transport, url.format(server.base_url))
    assert error.reason in (
        "the link is, or leads on to, no plain http or https URL",
        "the link cannot be used",
    )
    assert not error.may_pass
    assert server.accepted == 0


# ── What is read ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "options",
    [{}, {"chunked": True}, {"gzip": True}, {"gzip": True, "chunked": True}, {"delay": 0.1}],
    ids=str,
)
def test_a_file_is_read_whole(
    server: FaultServer, transport: MediaTransport, options: dict[str, Any]
) -> None:
    server.script("/a.mp4", Reply(body=_CLIP, headers={"Content-Type": "video/mp4"}, **options))
    for _ in range(2):
        assert fetch(transport, f"{server.base_url}/a.mp4") == _CLIP


def test_a_file_without_a_length_ends_with_its_connection(
    server: FaultServer, transport: MediaTransport
) -> None:
    server.script("/a.mp4", Reply(raw=b"HTTP/1.1 200 OK\r\n\r\nclip"))
    assert fetch(transport, f"{server.base_url}/a.mp4") == b"clip"


def test_a_connection_may_end_with_its_file(server: FaultServer, transport: MediaTransport) -> None:
    server.script("/a.mp4", Reply(body=_CLIP, close=True))
    for _ in range(2):
        assert fetch(transport, f"{server.base_url}/a.mp4") == _CLIP
        time.sleep(0.1)  # the end has arrived


def test_connections_are_kept(server: FaultServer, transport: MediaTransport) -> None:
    url = server.media("/a.mp4", _CLIP)
    for _ in range(20):
        fetch(transport, url)
    assert server.accepted == 1


# ── Too large ────────────────────────────────────────────────────────────────────────────────────


def _too_large(transport: MediaTransport, url: str, most: int) -> MediaTooLargeError:
    error = why_not(transport, url, most=most, timeout=30)
    assert isinstance(error, MediaTooLargeError)
    assert not error.may_pass
    return error


def test_what_says_that_it_is_too_large_is_not_read(server: FaultServer, transport: MediaTransport) -> None:
    server.script("/a.mp4", Reply(body=_CLIP, headers={"Content-Length": "34000000"}, cut=9, hang=True))
    began = time.monotonic()
    error = _too_large(transport, f"{server.base_url}/a.mp4", 2 * 10**6)
    assert time.monotonic() - began < 2
    assert error.size == 34_000_000
    assert error.reason == "it is 34 MB, and 2 MB are allowed"
    server.wait_until(lambda server: server.connections == 0)


@pytest.mark.parametrize(
    "options", [{"chunked": True}, {"gzip": True}, {"headers": {"Content-Length": "many"}, "close": True}]
)
def test_what_turns_out_too_large_is_ended(
    server: FaultServer, transport: MediaTransport, options: dict[str, Any]
) -> None:
    server.script("/a.mp4", Reply(body=_CLIP, **options))
    url = f"{server.base_url}/a.mp4"
    assert fetch(transport, url, most=len(_CLIP)) == _CLIP
    error = _too_large(transport, url, len(_CLIP) - 1)
    assert error.size is None
    assert error.reason == "it is larger than that, and 102 KB are allowed"


def test_the_last_byte_counts(server: FaultServer, transport: MediaTransport) -> None:
    url = server.media("/a.mp4", _CLIP)
    assert fetch(transport, url, most=len(_CLIP)) == _CLIP
    assert _too_large(transport, url, len(_CLIP) - 1).size == len(_CLIP)


def test_a_bomb_is_not_unpacked(server: FaultServer, transport: MediaTransport) -> None:
    bomb = Reply(body=bytes(2**27), gzip=True)
    assert len(bomb.payload) < 10**6
    server.script("/a.mp4", bomb)
    tracemalloc.start()
    try:
        assert _too_large(transport, f"{server.base_url}/a.mp4", 10**6).size is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * 2**20


# ── Redirects ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["{0}/x/b.mp4", "/x/b.mp4", "b.mp4", "../x/b.mp4", "?taskId=b", "//{1}/x/b.mp4", "é.mp4"]
)
def test_a_redirect_is_followed(
    server: FaultServer, transport: MediaTransport, status: int, target: str
) -> None:
    location = target.format(server.base_url, server.base_url.removeprefix("http://"))
    location = location.encode().decode("latin-1")  # UTF-8 on its way, as browsers read it
    reply = Reply(status=status, headers={"Location": location})
    for path in ("/x/b.mp4", "/x/%C3%A9.mp4"):
        server.media(path, _CLIP)
    server.script("/x/a", reply, Reply(body=_CLIP))
    assert fetch(transport, f"{server.base_url}/x/a") == _CLIP
    assert len(server.requests) == 2


def _chain(server: FaultServer, length: int) -> str:
    for n in range(length):
        server.script(f"/{n}", Reply(status=302, headers={"Location": f"/{n + 1}"}))
    server.media(f"/{length}", _CLIP)
    return f"{server.base_url}/0"


def test_five_redirects_are_followed_and_no_more(server: FaultServer, transport: MediaTransport) -> None:
    assert fetch(transport, _chain(server, 5)) == _CLIP
    server.requests.clear()
    error = why_not(transport, _chain(server, 6))
    assert error.reason == "the link leads on more than 5 times"
    assert not error.may_pass
    assert len(server.requests) == 6


@pytest.mark.parametrize("target", ["/a", "/b"])
def test_a_circle_is_left(server: FaultServer, transport: MediaTransport, target: str) -> None:
    server.script("/a", Reply(status=302, headers={"Location": target}))
    server.script("/b", Reply(status=302, headers={"Location": "/a"}))
    assert why_not(transport, f"{server.base_url}/a").reason == "the link leads in a circle"
    assert len(server.requests) < 3


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/a",
        "javascript:alert(1)",
        "data:video/mp4,x",
        "/a\\b",
        "/a b",
        "/a\tb",
        "http://[x",
    ],
)
def test_a_redirect_to_anything_else_is_refused(
    server: FaultServer, transport: MediaTransport, target: str
) -> None:
    server.script("/a", Reply(status=302, headers={"Location": target}))
    error = why_not(transport, f"{server.base_url}/a?{_SECRET}")
    assert error.reason == "the link is, or leads on to, no plain http or https URL"
    assert len(server.requests) == 1
    assert _SECRET not in shown(error)


def test_a_redirect_to_nowhere_is_told(server: FaultServer, transport: MediaTransport) -> None:
    server.script("/a", Reply(status=302))
    assert why_not(transport, f"{server.base_url}/a").reason == "the link leads on, but not to where"


def test_the_body_of_a_redirect_is_not_read(server: FaultServer, transport: MediaTransport) -> None:
    server.script("/a", Reply(status=302, headers={"Location": "/b"}, body=_CLIP, cut=9, hang=True))
    server.media("/b", _CLIP)
    assert fetch(transport, f"{server.base_url}/a", timeout=2) == _CLIP


# ── What an answer means ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "meaning", "may_pass"),
    [
        (404, "it is not there any more", False),
        (401, "the link has expired or needs a sign-in", False),
        (403, "the link has expired or needs a sign-in", False),
        (410, "the link has expired or needs a sign-in", False),
        (429, "that was too often", True),
        (408, "it waited too long for us", True),
        (500, "it is in trouble", True),
        (503, "it is in trouble", True),
        (599, "it is in trouble", True),
        (204, "that is no file", False),
        (206, "that is no file", False),
        (300, "that is no file", False),
        (418, "that is no file", False),
        (999, "that is no file", False),
    ],
)
def test_a_status_is_told_in_words(
    server: FaultServer, transport: MediaTransport, status: int, meaning: str, may_pass: bool
) -> None:
    server.script("/a.mp4", Reply(status=status, body=b"<html>" if status != 204 else b""))
    error = why_not(transport, f"{server.base_url}/a.mp4?{_SECRET}")
    assert error.reason == f"the server answered {status}: {meaning}"
    assert error.may_pass is may_pass
    assert f"from {server.base_url.removeprefix('http://')}: " in str(error)
    assert _SECRET not in shown(error)


_BROKEN: dict[str, tuple[Reply, str]] = {
    "reset": (Reply(reset=True), "the connection was reset"),
    "closed": (Reply(raw=b""), "the server closed the connection without an answer"),
    "cut": (Reply(body=_CLIP, cut=999), "the connection broke off"),
    "cut and chunked": (Reply(body=_CLIP, cut=999, chunked=True), "the connection broke off"),
    "cut and gzip": (Reply(body=_CLIP, cut=99, gzip=True), "the connection broke off"),
    "too long a length": (
        Reply(body=_CLIP, headers={"Content-Length": "102401"}, close=True),
        "the connection broke off",
    ),
    "cut within the head": (Reply(raw=b"HTTP/1.1 200 OK\r\nContent-"), "the connection broke off"),
    "no http": (Reply(raw=b"SSH-2.0-OpenSSH_9.6\r\n"), "the connection broke off"),
    "half a gzip": (
        Reply(body=gzip.compress(_CLIP)[:99], headers={"Content-Encoding": "gzip"}),
        "the answer cannot be decompressed",
    ),
    "another packing": (
        Reply(body=_CLIP, headers={"Content-Encoding": "br"}),
        "the answer cannot be decompressed",
    ),
}


@pytest.mark.parametrize("name", _BROKEN)
def test_what_breaks_is_told_in_words(server: FaultServer, transport: MediaTransport, name: str) -> None:
    reply, told = _BROKEN[name]
    server.script("/a.mp4", reply)
    error = why_not(transport, f"{server.base_url}/a.mp4?{_SECRET}")
    assert error.reason == told
    assert error.may_pass
    assert _SECRET not in shown(error)
    assert fetch(transport, server.media("/b.mp4", _CLIP)) == _CLIP


# ── What is left ─────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_left_open(server: FaultServer) -> None:
    folder = Path(f"/proc/{os.getpid()}/fd")
    if not folder.is_dir():
        pytest.skip("this system does not list open files")
    before, threads = len(list(folder.iterdir())), threading.active_count()
    with media() as transport:
        fetch(transport, server.media("/a.mp4", _CLIP))
        for name, (reply, _) in _BROKEN.items():
            server.script(f"/{name[:3]}", reply)
            with pytest.raises(TransportError):
                fetch(transport, f"{server.base_url}/{name[:3]}")
        with pytest.raises(TransportError):
            fetch(transport, _chain(server, 6))
        assert repr(transport) == "MediaTransport(connections in use: 0)"
    server.wait_until(lambda server: server.connections == 0)
    assert len(list(folder.iterdir())) <= before
    assert threading.active_count() <= threads
