"""TLS: who is trusted, and one context for all connections."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from aleph_nb.errors import ConfigurationError
from aleph_nb.transport import Transport
from tests.faults import FaultServer, Reply, make_certificate
from tests.transports import get, why

Make = Callable[..., Transport]


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return make_certificate(tmp_path)


@pytest.fixture
def tls_server(certificate: tuple[Path, Path]) -> Iterator[FaultServer]:
    with FaultServer(tls=certificate) as server:
        yield server


def test_a_certificate_of_its_own_is_refused(tls_server: FaultServer, make_transport: Make) -> None:
    assert why(make_transport(tls_server.base_url)) == "the server's TLS certificate cannot be trusted"
    assert tls_server.requests == []


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_of_the_environment_is_trusted(
    tls_server: FaultServer,
    make_transport: Make,
    monkeypatch: pytest.MonkeyPatch,
    certificate: Any,
    name: str,
) -> None:
    monkeypatch.setenv(name, str(certificate[0]))
    transport = make_transport(tls_server.base_url)
    monkeypatch.setenv(name, "nowhere")  # it was looked at once
    assert get(transport).status == 200


def test_a_bundle_may_be_a_folder(
    tls_server: FaultServer,
    make_transport: Make,
    monkeypatch: pytest.MonkeyPatch,
    certificate: Any,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder))
    assert why(make_transport(tls_server.base_url)) == "the server's TLS certificate cannot be trusted"


def test_a_certificate_for_another_host_is_refused(
    make_transport: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = make_certificate(tmp_path, "elsewhere.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other[0]))
    with FaultServer(tls=other) as server:
        assert why(make_transport(server.base_url)) == "the server's TLS certificate cannot be trusted"
        assert server.requests == []


@pytest.mark.parametrize("content", [None, "", "no certificate"])
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_cannot_be_used_is_named(
    make_transport: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, content: str | None
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv(name, str(bundle))
    with pytest.raises(ConfigurationError) as caught:
        make_transport("https://127.0.0.1:1")
    assert name in str(caught.value)
    assert str(bundle) in str(caught.value)
    assert caught.value.__context__ is None
    make_transport("http://127.0.0.1:1")  # there it is not needed


def test_twenty_connections_share_one_context(
    tls_server: FaultServer, make_transport: Make, monkeypatch: pytest.MonkeyPatch, certificate: Any
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
    transport = make_transport(tls_server.base_url, connections=20)
    together = threading.Barrier(20)
    tls_server.default = lambda _: Reply(delay=0.3)

    def ask(number: int) -> int:
        together.wait()
        return get(transport, str(number), timeout=30).status

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(ask, range(20))) == [200] * 20
    assert tls_server.accepted > 10
    assert len(loads) == 1


def test_a_handshake_has_its_time_too(make_transport: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        transport = make_transport(f"https://127.0.0.1:{listening.getsockname()[1]}")
        began = time.monotonic()
        assert why(transport, timeout=0.3) == "no whole answer within 0.3 s"
        assert time.monotonic() - began < 2.5


def test_plain_speech_to_a_tls_server_is_told_in_words(tls_server: FaultServer, make_transport: Make) -> None:
    assert why(make_transport(tls_server.base_url.replace("https:", "http:"), 1)) != "the request failed"


def test_tls_to_a_plain_server_is_told_in_words(server: FaultServer, make_transport: Make) -> None:
    assert why(make_transport(server.base_url.replace("http:", "https:"))) == "the TLS connection failed"
    assert server.requests == []
