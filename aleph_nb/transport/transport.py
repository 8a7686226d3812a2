"""HTTP, and nothing of what is said over it: one session for the API's origin, with the key.

Faults of the network become `TransportError`, told in words of ours: an exception of the libraries
below holds the request, and so the key, in its frames. None is kept or chained.
"""

import http.client
import os
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies

from aleph_nb._version import __version__
from aleph_nb.errors import ConfigurationError, TransportError
from aleph_nb.transport.sockets import Sockets
from aleph_nb.transport.words import ENDED, LARGEST_ANSWER, TooLargeError, describe
from aleph_nb.values import is_loopback

__all__ = ["Reply", "Transport"]

_CHUNK = 64 * 2**10
_HEADERS = {
    "User-Agent": f"aleph-nb/{__version__}",  # a library's own name is refused by some hosts
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the HTTP status, the headers by lower-case name, the decompressed body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Requests to the API's origin, each with the key.

    The environment is looked at once, when this is made: its proxies and its CA bundle count, a
    `.netrc` does not. Redirects are not followed, cookies are not kept.

    Parameters
    ----------
    base_url : str
        Where the API is.
    reveal : callable
        Returns the key; called for each request.
    connections : int
        How many connections are kept open.
    """

    def __init__(self, base_url: str, reveal: Callable[[], str], *, connections: int) -> None:
        self._base_url = base_url
        self._host = urlsplit(base_url).netloc.rpartition("@")[2]
        self._sockets = Sockets()
        self._auth = _BearerAuth(reveal)
        self._session = _Session()
        if not is_loopback(urlsplit(base_url).hostname):
            self._session.proxies.update(_proxies(base_url))
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.adapters.clear()  # nothing goes around ours
        scheme = "https://" if base_url.startswith("https:") else "http://"
        context = _ssl_context() if scheme == "https://" else None
        if context is not None:
            self._sockets.watch_handshakes(context)
        self._session.mount(scheme, _Adapter(self._sockets, context, connections))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(connections in use: {len(self._sockets)})"

    def get(
        self, path: str, params: Mapping[str, str], *, timeout: float, about: str, stop: threading.Event
    ) -> Reply:
        """Send one GET and read its whole answer.

        Parameters
        ----------
        path : str
            Below the base URL.
        params : mapping
            The query.
        timeout : float
            Seconds for all of it: to connect, to wait, and to read to the end.
        about : str
            What is asked for, for the error's message.
        stop : threading.Event
            The call that this request is a part of: once it is set, nothing is sent; `shut` ends what was.

        Raises
        ------
        TransportError
            No whole answer arrived in time.
        """
        end = time.monotonic() + timeout
        fault = ENDED
        self._sockets.enter(end, stop)
        try:
            if not stop.is_set():  # who sets it shuts the sockets next: one of the two sees the other
                return self._send(path, params, timeout, end)
        except Exception as error:  # noqa: BLE001, whatever it is, it is this one request's
            fault = describe(error, overdue=time.monotonic() >= end, timeout=timeout)
        finally:
            self._sockets.leave()
        raise TransportError(
            f"No answer for {about} from {self._host}: {fault.words}. {fault.remedy}",
            fault.words,
            may_pass=fault.may_pass,
        )

    def _send(self, path: str, params: Mapping[str, str], timeout: float, end: float) -> Reply:
        request = requests.PreparedRequest()  # the session's own way to one costs twice the time
        request.prepare("GET", self._base_url + path, _HEADERS, params=dict(params), auth=self._auth)
        response = self._session.send(
            request,
            stream=True,
            timeout=timeout,
            allow_redirects=False,
            verify=True,
            cert=None,
            proxies=self._session.proxies,
        )
        try:
            body = _read(response.raw, end)
            response.raw.release_conn()
            body = _unpack(body, response.headers.get("Content-Encoding", ""))
            has_length = response.headers.get("Content-Length") or response.raw.chunked
            if response.status_code == HTTPStatus.OK and not body and not has_length:
                raise http.client.IncompleteRead(body)  # what a connection that ends within the head leaves
        finally:
            response.close()
        return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)

    def shut_overdue(self) -> None:
        """Shut the sockets of requests that are past their time; a dripping head never times out."""
        self._sockets.shut_overdue(time.monotonic())

    def shut(self, stop: threading.Event) -> None:
        """Shut the sockets of a call's requests; each of them ends in a TransportError."""
        self._sockets.shut(stop)

    def close(self) -> None:
        """Shut what is under way and let go of all connections."""
        self._sockets.shut_all()
        self._session.close()


def _proxies(base_url: str) -> dict[str, str]:
    """Return the environment's proxies for a URL, if they speak HTTP."""
    proxies = get_environ_proxies(base_url)
    for name, proxy in proxies.items():
        if not proxy.lower().startswith(("http://", "https://")) and "://" in proxy:
            scheme = proxy.partition("://")[0]
            raise ConfigurationError(
                f"The environment names a {scheme} proxy ({name.upper()}_PROXY), which cannot be used. "
                "Name an http proxy, or unset it."
            )
    return proxies


def _read(raw: Any, end: float) -> bytes:
    """Read a body to its end, as it travels, within its time and 16 MB."""
    parts: list[bytes] = []
    size = 0
    # read1 hands over what has arrived; read(n) would wait for n bytes, which a dripping server never
    # gives, and so does read1 where it decompresses.
    while part := raw.read1(_CHUNK, decode_content=False):
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            raise TooLargeError
        if time.monotonic() > end:
            raise TimeoutError
    return b"".join(parts)


def _unpack(body: bytes, encoding: str) -> bytes:
    """Decompress a body, up to 16 MB of it whatever it was made of."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity") or not body:
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise urllib3.exceptions.DecodeError
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: it finds out which of the three it is
    unpacked = unpacker.decompress(body, LARGEST_ANSWER + 1)
    if len(unpacked) > LARGEST_ANSWER:
        raise TooLargeError
    if not unpacker.eof:
        raise urllib3.exceptions.DecodeError
    return unpacked


class _BearerAuth(AuthBase):
    """Puts the key into the request's header; as an AuthBase it is in no session's headers."""

    def __init__(self, reveal: Callable[[], str]) -> None:
        self._reveal = reveal

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._reveal()}"
        return request

    def __repr__(self) -> str:
        return "Bearer ***"


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        """Return no target: a redirect is an answer like any other, and its body is not read to follow it."""
        return


class _Adapter(HTTPAdapter):
    """One TLS context for all connections, which are noted so that they can be shut."""

    def __init__(self, sockets: Sockets, context: ssl.SSLContext | None, connections: int) -> None:
        self._sockets = sockets
        self._context = context
        super().__init__(pool_connections=4, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = self._sockets.pool_classes()

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
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
