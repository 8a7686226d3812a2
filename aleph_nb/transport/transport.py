"""HTTP, and nothing of what is said over it: one session for the API's origin, with the key.

Faults of the network become `TransportError`, told in words of ours: an exception of the libraries
below holds the request, and so the key, in its frames. None is kept or chained.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from aleph_nb.errors import TransportError
from aleph_nb.transport.connect import AGENT, Adapter, Connected, environment_proxies
from aleph_nb.transport.words import ENDED, LARGEST_ANSWER, describe
from aleph_nb.values import is_loopback

__all__ = ["Reply", "Transport"]

_HEADERS = {"User-Agent": AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"}
_HOSTS = 4  # there is but one, and perhaps a proxy


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the HTTP status, the headers by lower-case name, the decompressed body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Connected):
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
        super().__init__()
        self._base_url = base_url
        self._host = urlsplit(base_url).netloc.rpartition("@")[2]
        self._auth = _BearerAuth(reveal)
        self._session = _Session()
        if not is_loopback(urlsplit(base_url).hostname):
            self._session.proxies.update(environment_proxies(base_url))
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.adapters.clear()  # nothing goes around ours
        scheme = "https://" if base_url.startswith("https:") else "http://"
        secure = scheme == "https://"
        self._session.mount(
            scheme, Adapter(self._sockets, secure=secure, hosts=_HOSTS, connections=connections)
        )

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
            body = self._read(response, end, LARGEST_ANSWER)
        finally:
            response.close()
        return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)

    def close(self) -> None:
        """Shut what is under way and let go of all connections."""
        self._sockets.shut_all()
        self._session.close()


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
