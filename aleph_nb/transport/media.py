"""HTTP for media: no key, no cookie, and no way from a stranger's URL into a private network."""

import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import requests

from aleph_nb import words
from aleph_nb.errors import TransportError
from aleph_nb.transport.addresses import is_here, is_public, may_be_public
from aleph_nb.transport.connect import AGENT, Adapter, Came, Connected, environment_proxies
from aleph_nb.transport.words import (
    ENDED,
    OPEN,
    Fault,
    RefusedError,
    TooLargeError,
    describe_media,
    status_fault,
)
from aleph_nb.values import as_url

__all__ = ["MediaTooLargeError", "MediaTransport"]

_HEADERS = {"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
_HOSTS = 16  # results, thumbnails and sources stand at several
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_ODD = re.compile(r"[\\\ud800-\udfff]")  # one reader's part of a host is another's path; half a pair
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")

_NO_URL = Fault("the link is, or leads on to, no plain http or https URL", OPEN, may_pass=False)
_PASSWORD = Fault(
    "the link holds a user name or a password, and those are not sent",
    "Use one that works without them.",
    may_pass=False,
)
_PRIVATE = Fault(
    "the link leads into a private network or to this machine",
    "Only public addresses are fetched from; open the link in a browser if you trust it.",
    may_pass=False,
)
_NOWHERE = Fault("the link leads on, but not to where", OPEN, may_pass=False)
_CIRCLE = Fault("the link leads in a circle", OPEN, may_pass=False)
_TOO_FAR = Fault(f"the link leads on more than {_MOST_REDIRECTS} times", OPEN, may_pass=False)


class MediaTooLargeError(TransportError):
    """A download is larger than was allowed.

    Parameters
    ----------
    message, reason : str
        As of every AlephError.
    size : int or None
        Its bytes, where the server announced them.
    """

    def __init__(self, message: str, reason: str = "", *, size: int | None = None) -> None:
        super().__init__(message, reason, may_pass=False)
        self.size = size


@dataclass(slots=True)
class _Way:
    """Where a download stands. A link may be signed, so that no repr shows more than its host."""

    url: str = field(repr=False)
    host: str = ""


class MediaTransport(Connected):
    """Requests for media, wherever they stand, with nothing of the user's: no key, cookie or `.netrc`.

    Redirects are followed, each looked at like the first URL. The environment's proxies count for
    each URL, its CA bundle when the first https URL is asked for. A URL with a user name or a
    password in it is refused.

    Parameters
    ----------
    private : bool
        Whether private addresses, and those of this machine, may be fetched from. Else a URL that
        leads to one is refused: before a connection is made where its host is the address, and
        before anything is sent where a name leads there. Behind a proxy, which looks names up
        itself, only the address as a host is seen.
    connections : int
        How many connections are kept open to each host.
    """

    def __init__(self, *, private: bool, connections: int) -> None:
        super().__init__()
        self._private = private
        self._connections = connections
        self._adapters: dict[bool, Adapter] = {}  # with TLS, and without
        self._making = threading.Lock()

    def get(
        self,
        url: str,
        *,
        most: int,
        timeout: float,
        stall: float,
        about: str,
        stop: threading.Event,
        came: Came = lambda *_: None,
    ) -> bytes:
        """Fetch one file, whole.

        Parameters
        ----------
        url : str
            Where it is.
        most : int
            The bytes that it may have, decompressed.
        timeout : float
            Seconds for all of it, redirects included.
        stall : float
            Seconds in which nothing comes.
        about : str
            What is fetched, for the error's message.
        stop : threading.Event
            The call that this is a part of: once it is set, nothing is sent; `shut` ends what was.
        came : callable
            Called with how many bytes have come, of how many, after each part that comes.

        Raises
        ------
        MediaTooLargeError
            It is larger.
        TransportError
            It did not come whole, or is not to be had.
        """
        end = time.monotonic() + timeout
        way = _Way(url)
        del url  # so that no frame of an error holds it
        fault, size, is_too_large = ENDED, None, False
        self._sockets.enter(end, stop)
        try:
            if not stop.is_set():  # who sets it shuts the sockets next: one of the two sees the other
                return self._follow(way, stall, end, stop, lambda got: self._read(got, end, most, came))
        except TooLargeError as error:
            is_too_large, size = True, error.size
        except Exception as error:  # noqa: BLE001, whatever it is, it is this one request's
            if not stop.is_set():
                overdue = time.monotonic() >= end
                fault = describe_media(error, overdue=overdue, timeout=timeout, stall=stall)
        finally:
            self._sockets.leave()
        failed = f"Could not fetch {about}" + (f" from {way.host}" if way.host else "")
        if is_too_large:
            told = f"it is {words.size(size)}" if size is not None else "it is larger than that"
            reason = f"{told}, and {words.size(most)} are allowed"
            remedy = "Open the link in a browser, or allow more."
            raise MediaTooLargeError(f"{failed}: {reason}. {remedy}", reason, size=size)
        raise TransportError(f"{failed}: {fault.words}. {fault.remedy}", fault.words, may_pass=fault.may_pass)

    def close(self) -> None:
        """Shut what is under way and let go of all connections."""
        self._sockets.shut_all()
        with self._making:
            for adapter in self._adapters.values():
                adapter.close()

    def _follow(
        self,
        way: _Way,
        stall: float,
        end: float,
        stop: threading.Event,
        read: Callable[[requests.Response], bytes],
    ) -> bytes:
        seen: set[str] = set()
        while way.url not in seen:
            seen.add(way.url)
            if stop.is_set():
                raise RefusedError(ENDED)
            response = self._open(self._request(way), stall, end)
            try:
                if response.status_code == HTTPStatus.OK:
                    return read(response)
                if response.status_code not in _REDIRECTS:
                    raise RefusedError(status_fault(response.status_code))
                way.url = _target(way.url, response)
            finally:
                response.close()
            if len(seen) > _MOST_REDIRECTS:
                raise RefusedError(_TOO_FAR)
        raise RefusedError(_CIRCLE)

    def _request(self, way: _Way) -> requests.PreparedRequest:
        """Make the request for a URL, if it may be asked for at all."""
        url = way.url
        if as_url(url) != url or _ODD.search(url):
            raise RefusedError(_NO_URL)
        if "@" in urlsplit(url).netloc:
            raise RefusedError(_PASSWORD)
        request = requests.PreparedRequest()
        request.prepare("GET", url, _HEADERS)
        # Looked at as it is sent: by now a host in other letters or escapes has become a plain one.
        parts = urlsplit(request.url or "")
        host = parts.hostname or ""
        if not _HOST.fullmatch(host) or "@" in parts.netloc:
            raise RefusedError(_NO_URL)
        way.host = parts.netloc
        if not self._private and not may_be_public(host):
            raise RefusedError(_PRIVATE)
        return request

    def _open(self, request: requests.PreparedRequest, stall: float, end: float) -> requests.Response:
        """Send a request, and read the answer's head."""
        url = request.url or ""
        proxies = {} if is_here(urlsplit(url).hostname or "") else environment_proxies(url)
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        has_tls = url.startswith("https:") or any(
            proxy.lower().startswith("https:") for proxy in proxies.values()
        )
        return self._adapter(secure=has_tls).send(
            request, stream=True, timeout=min(stall, left), verify=True, cert=None, proxies=proxies
        )

    def _adapter(self, *, secure: bool) -> Adapter:
        with self._making:
            if secure not in self._adapters:
                self._adapters[secure] = Adapter(
                    self._sockets,
                    secure=secure,
                    hosts=_HOSTS,
                    connections=self._connections,
                    check=None if self._private else _check_peer,
                )
            return self._adapters[secure]


def _check_peer(sock: socket.socket) -> None:
    """Refuse a connection to an address that is not public, whatever name led there."""
    if not is_public(sock.getpeername()[0]):
        raise RefusedError(_PRIVATE)


def _target(url: str, response: requests.Response) -> str:
    """Return where a redirect leads."""
    location = response.headers.get("Location", "")
    if not location:
        raise RefusedError(_NOWHERE)
    location = location.encode("latin-1").decode("utf-8", "replace")  # http.client reads headers as latin-1
    if _BLANK.search(location):  # joining would take some of them out in silence
        raise RefusedError(_NO_URL)
    try:
        return urljoin(url, location)
    except ValueError:
        raise RefusedError(_NO_URL) from None
