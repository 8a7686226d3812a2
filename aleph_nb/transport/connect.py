"""What both ways of HTTP share: connections that can be shut, one TLS context, and how a body is read."""

import http.client
import io
import os
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies

from aleph_nb._version import __version__
from aleph_nb.errors import ConfigurationError
from aleph_nb.transport.sockets import Sockets
from aleph_nb.transport.words import TooLargeError

__all__ = ["AGENT", "Adapter", "Came", "Connected", "environment_proxies"]

AGENT = f"aleph-nb/{__version__}"
"""Who asks: a library's own name is refused by some hosts."""

Came = Callable[[int, int | None], None]
"""Takes how many bytes have come, of how many; None where the server does not say."""

_CHUNK = 64 * 2**10


class Connected:
    """Connections that other threads can shut, and what is read from them."""

    def __init__(self) -> None:
        self._sockets = Sockets()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(connections in use: {len(self._sockets)})"

    def shut_overdue(self) -> None:
        """Shut the sockets of requests that are past their time; a dripping head never times out."""
        self._sockets.shut_overdue(time.monotonic())

    def shut(self, stop: threading.Event) -> None:
        """Shut the sockets of a call's requests; each of them ends in a TransportError."""
        self._sockets.shut(stop)

    def _read(
        self, response: requests.Response, end: float, most: int, came: Came = lambda *_: None
    ) -> bytes:
        """Read an answer's body to its end and decompress it, within its time and so many bytes."""
        raw = response.raw
        has_end = raw.chunked or raw.length_remaining is not None
        if (raw.length_remaining or 0) > most:
            raise TooLargeError(raw.length_remaining)
        size = raw.length_remaining
        body = _read(raw, end, most, lambda got: came(got, size))
        if not has_end and self._sockets.is_given_up():  # what was shut looks like what has ended
            raise http.client.IncompleteRead(b"")
        raw.release_conn()
        body = _unpack(body, response.headers.get("Content-Encoding", ""), most)
        has_length = response.headers.get("Content-Length") or raw.chunked
        if response.status_code == HTTPStatus.OK and not body and not has_length:
            raise http.client.IncompleteRead(body)  # what a connection that ends within the head leaves
        return body


def _read(raw: Any, end: float, most: int, came: Callable[[int], None]) -> bytes:
    """Read a body to its end, as it travels."""
    body = io.BytesIO()
    # read1 hands over what has arrived; read(n) would wait for n bytes, which a dripping server never
    # gives, and so does read1 where it decompresses.
    while part := raw.read1(_CHUNK, decode_content=False):
        if body.tell() + len(part) > most:
            raise TooLargeError
        body.write(part)
        came(body.tell())
        if time.monotonic() > end:
            raise TimeoutError
    return body.getvalue()


def _unpack(body: bytes, encoding: str, most: int) -> bytes:
    """Decompress a body, up to so many bytes of it whatever it was made of."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity") or not body:
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise urllib3.exceptions.DecodeError
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: it finds out which of the three it is
    unpacked = unpacker.decompress(body, most + 1)
    if len(unpacked) > most:
        raise TooLargeError
    if not unpacker.eof:
        raise urllib3.exceptions.DecodeError
    return unpacked


def environment_proxies(url: str) -> dict[str, str]:
    """Return the environment's proxies for a URL, if they speak HTTP."""
    proxies = get_environ_proxies(url)
    for name, proxy in proxies.items():
        if not proxy.lower().startswith(("http://", "https://")) and "://" in proxy:
            scheme = proxy.partition("://")[0]
            raise ConfigurationError(
                f"The environment names a {scheme} proxy ({name.upper()}_PROXY), which cannot be used. "
                "Name an http proxy, or unset it."
            )
    return proxies


class Adapter(HTTPAdapter):
    """One TLS context for all connections, which are noted so that they can be shut.

    Parameters
    ----------
    sockets : Sockets
        Where they are noted.
    secure : bool
        Whether TLS is spoken: a context is made then, with the CA bundle of the environment.
    hosts, connections : int
        To how many hosts connections are kept open, and how many to each.
    check : callable or None
        Called with each new socket that leads to the host itself and not to a proxy, before
        anything is sent over it; what it raises ends the request.
    """

    def __init__(
        self,
        sockets: Sockets,
        *,
        secure: bool,
        hosts: int,
        connections: int,
        check: Callable[[socket.socket], None] | None = None,
    ) -> None:
        self._sockets = sockets
        self._check = check
        self._context = _ssl_context() if secure else None
        if self._context is not None:
            sockets.watch_handshakes(self._context)
        super().__init__(pool_connections=hosts, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the direct connections ours."""
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = self._sockets.pool_classes(self._check)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Make those to a proxy ours: it may stand in a private network."""
        manager = super().proxy_manager_for(proxy, **kwargs, ssl_context=self._context)
        manager.pool_classes_by_scheme = self._sockets.pool_classes()
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002
        """Leave the certificates to the context: requests would load the CA bundle for each connection."""
        conn.cert_reqs = "CERT_REQUIRED"


def _ssl_context() -> ssl.SSLContext:
    """Make the one context, with the CA bundle that the environment names or that requests brings."""
    named = next((name for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if os.environ.get(name)), "")
    bundle = os.environ[named] if named else DEFAULT_CA_BUNDLE_PATH
    context = urllib3.util.ssl_.create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.check_hostname = True
    why = ""
    try:
        if os.path.isdir(bundle):  # noqa: PTH112, OpenSSL takes a text
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except OSError as error:
        why = "no certificates" if isinstance(error, ssl.SSLError) else os.strerror(error.errno or 0)
    if why:
        raise ConfigurationError(
            f"The CA bundle that {named} names cannot be used ({bundle}): {why}. Mend or unset it."
        )
    return context
