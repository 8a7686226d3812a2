"""HTTP without what is said over it: what is sent, and how an answer is read."""

import gzip
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aleph_nb._version import __version__
from aleph_nb.errors import ConfigurationError
from aleph_nb.transport import Transport
from tests.faults import RECORD_PATH, FaultServer, Reply, success
from tests.keys import KEY
from tests.transports import get, why

Make = Callable[..., Transport]

_BOMB = Reply(body=bytes(2**26), gzip=True)


# ── What is sent ─────────────────────────────────────────────────────────────────────────────────


def test_the_key_an_agent_of_our_own_and_no_more_than_is_needed(
    server: FaultServer, make_transport: Make
) -> None:
    get(make_transport(server.base_url), "a b&c=d/é")
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


def test_a_path_in_the_base_url_is_kept(server: FaultServer, make_transport: Make) -> None:
    server.script("/proxy" + RECORD_PATH, Reply(body=b"there"))
    assert get(make_transport(server.base_url + "/proxy")).body == b"there"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(
    server: FaultServer, make_transport: Make, status: int
) -> None:
    with FaultServer() as other:
        target = other.base_url + RECORD_PATH
        server.script("a", Reply(status=status, headers={"Location": target}))
        server.script("b", Reply(status=status, headers={"Location": "/elsewhere"}))
        transport = make_transport(server.base_url)
        assert get(transport).status == status
        assert get(transport, "b").status == status
        assert (other.accepted, len(server.requests)) == (0, 2)


def test_cookies_are_not_kept(server: FaultServer, make_transport: Make) -> None:
    server.default = lambda _: Reply(headers={"Set-Cookie": "a=b; Path=/"})
    transport = make_transport(server.base_url)
    get(transport)
    get(transport)
    assert "cookie" not in server.requests[1].headers


def test_a_netrc_does_not_replace_the_key(
    server: FaultServer, make_transport: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    get(make_transport(server.base_url))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_password_in_the_base_url_does_not_replace_the_key(
    server: FaultServer, make_transport: Make
) -> None:
    get(make_transport(server.base_url.replace("//", "//somebody:else@")))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_loopback_is_asked_without_a_proxy(
    server: FaultServer, make_transport: Make, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with FaultServer() as proxy:
        monkeypatch.setenv(name, proxy.base_url)
        assert get(make_transport(server.base_url)).status == 200
        assert proxy.accepted == 0


def test_a_proxy_of_the_environment_gets_no_key(
    make_transport: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No name of another machine is looked up for this: the proxy would do it, and it refuses."""
    with FaultServer() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.base_url.replace("//", "//somebody:else@"))
        transport = make_transport("https://aleph.invalid")
        monkeypatch.delenv("HTTPS_PROXY")  # the environment was looked at once
        assert why(transport) == "the proxy did not let it through"
        (seen,) = proxy.requests
        assert (seen.method, seen.path) == ("CONNECT", "aleph.invalid:443")
        assert "authorization" not in seen.headers
        assert seen.headers["proxy-authorization"].startswith("Basic ")
        assert KEY not in str(seen)


def test_a_host_that_no_proxy_names_is_asked_without_one(
    make_transport: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "aleph.invalid")
    assert make_transport("https://aleph.invalid")._session.proxies == {}


# ── What is read ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunked": True},
        {"gzip": True},
        {"gzip": True, "chunked": True},
        {"headers": {"Connection": "close"}},
        {"delay": 0.1},
        {"status": 500},
        {"headers": {"Content-Encoding": "identity"}},
    ],
    ids=str,
)
def test_an_answer_is_read_whole(server: FaultServer, make_transport: Make, options: dict[str, Any]) -> None:
    body = success("a", paramJson="é" * 50_000)
    server.script("a", Reply(body=body, **options))
    transport = make_transport(server.base_url)
    for _ in range(2):
        answer = get(transport)
        assert json.loads(answer.body) == body
        assert answer.status == options.get("status", 200)
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "GZIP", "deflate"])
def test_an_answer_may_be_packed(server: FaultServer, make_transport: Make, name: str) -> None:
    packed = zlib.compress(b"{}") if name == "deflate" else gzip.compress(b"{}")
    server.script("a", Reply(body=packed, headers={"Content-Encoding": name}))
    server.script("b", Reply(headers={"Content-Encoding": name}))
    transport = make_transport(server.base_url)
    assert get(transport).body == b"{}"
    assert get(transport, "b").body == b""


def test_an_answer_without_a_length_ends_with_its_connection(
    server: FaultServer, make_transport: Make
) -> None:
    server.script("a", Reply(raw=b"HTTP/1.1 200 OK\r\n\r\n{}"))
    assert get(make_transport(server.base_url)).body == b"{}"


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "many"}], ids=str)
def test_an_answer_may_end_with_its_connection(
    server: FaultServer, make_transport: Make, headers: dict[str, str]
) -> None:
    server.script("a", Reply(body=b"{}", headers=headers, close=True))
    transport = make_transport(server.base_url)
    assert get(transport).body == b"{}"
    time.sleep(0.1)  # the end has arrived
    assert get(transport, "b").status == 200


def test_connections_are_kept(server: FaultServer, make_transport: Make) -> None:
    transport = make_transport(server.base_url)
    for _ in range(20):
        get(transport)
    assert server.accepted == 1


def test_what_a_wrong_length_leaves_behind_is_no_part_of_the_next_answer(
    server: FaultServer, make_transport: Make
) -> None:
    server.script("a", Reply(body=b'{"a": 1}HTTP/1.1 200 OK\r\n\r\n', headers={"Content-Length": "8"}))
    server.script("b", Reply(body=b"the second"))
    transport = make_transport(server.base_url)
    assert get(transport).body == b'{"a": 1}'
    time.sleep(0.1)  # what is left over has arrived
    assert get(transport, "b").body == b"the second"


@pytest.mark.parametrize(("size", "is_read"), [(16 * 2**20, True), (16 * 2**20 + 1, False)])
@pytest.mark.parametrize("options", [{}, {"gzip": True}], ids=str)
def test_an_answer_is_read_up_to_16_mb(
    server: FaultServer, make_transport: Make, size: int, is_read: bool, options: dict[str, Any]
) -> None:
    server.script("a", Reply(body=bytes(size), **options))
    transport = make_transport(server.base_url)
    if is_read:
        assert len(get(transport, timeout=60).body) == size
    else:
        assert why(transport, timeout=60) == "the answer is larger than 16 MB"


def test_a_bomb_is_not_unpacked(server: FaultServer, make_transport: Make) -> None:
    server.script("a", _BOMB)
    assert len(_BOMB.payload) < 2**17
    transport = make_transport(server.base_url)
    tracemalloc.start()
    try:
        assert why(transport, timeout=60) == "the answer is larger than 16 MB"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50 * 2**20


def test_a_bomb_in_a_bomb_is_refused(server: FaultServer, make_transport: Make) -> None:
    """Each packing multiplies: a few bytes of the outer one would be too many of the inner."""
    server.script("a", Reply(body=_BOMB.payload, gzip=True, headers={"Content-Encoding": "gzip, gzip"}))
    assert why(make_transport(server.base_url)) == "the answer cannot be decompressed"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "ftp://127.0.0.1:9"])
def test_a_proxy_that_does_not_speak_http_is_told(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY"):
        Transport("https://api.example", lambda: KEY, connections=1)
