"""Foreign errors, told in words: by their kinds, for their own texts may hold a URL or a header."""

import errno
import http.client
import os
import ssl
import zlib
from dataclasses import dataclass, replace

import requests
import urllib3

from aleph_nb.errors import ConfigurationError

__all__ = [
    "ENDED",
    "LARGEST_ANSWER",
    "OPEN",
    "Fault",
    "RefusedError",
    "TooLargeError",
    "describe",
    "describe_media",
    "status_fault",
]

LARGEST_ANSWER = 16 * 2**20
"""The most bytes of an answer that are read, decompressed."""


class TooLargeError(Exception):
    """An answer is larger than was allowed.

    Parameters
    ----------
    size : int or None
        Its bytes, where they were announced.
    """

    def __init__(self, size: int | None = None) -> None:
        super().__init__(size)
        self.size = size


_AGAIN = "Check the network, then run the cell again."
_WHERE = "Check the network, the proxy (HTTPS_PROXY) and base_url (%config AlephMagics.base_url)."
_BUNDLE = (
    "Where your network has certificates of its own, name their bundle in REQUESTS_CA_BUNDLE; "
    "else check base_url."
)

OPEN = "Open the link in a browser to see what it leads to."
"""What to do about a download that another try will not bring."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong with a request.

    Attributes
    ----------
    words : str
        What happened.
    remedy : str
        What to do about it, as a sentence.
    may_pass : bool
        Whether another try may bring an answer.
    """

    words: str
    remedy: str = _AGAIN
    may_pass: bool = True


class RefusedError(Exception):
    """We do not go on, for a reason that is told already.

    Parameters
    ----------
    fault : Fault
        That reason.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.fault = fault


ENDED = Fault("the call was ended", "Run the cell again.", may_pass=False)

_SILENT = Fault("the server did not answer in time")
_UNSENT = Fault("the base URL or the task id cannot be sent", "Check the id and base_url.", may_pass=False)

_FAULTS: tuple[tuple[tuple[type[BaseException], ...], Fault], ...] = (
    (
        (TooLargeError,),
        Fault(f"the answer is larger than {LARGEST_ANSWER // 2**20} MB", _WHERE, may_pass=False),
    ),
    (
        (ssl.SSLCertVerificationError,),
        Fault(
            "the server's TLS certificate cannot be trusted",
            _BUNDLE,
            may_pass=False,
        ),
    ),
    (
        (requests.exceptions.SSLError, urllib3.exceptions.SSLError, ssl.SSLError),
        Fault("the TLS connection failed", _WHERE),
    ),
    (
        (requests.exceptions.InvalidProxyURL, urllib3.exceptions.ProxySchemeUnknown),
        Fault("the proxy that the environment names cannot be used", "Mend HTTPS_PROXY.", may_pass=False),
    ),
    (
        (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError),
        Fault("the proxy did not let it through", _WHERE),
    ),
    ((urllib3.exceptions.NameResolutionError,), Fault("the server's name cannot be resolved", _WHERE)),
    ((ConnectionRefusedError,), Fault("the connection was refused", _WHERE)),
    (
        (urllib3.exceptions.DecodeError, requests.exceptions.ContentDecodingError, zlib.error),
        Fault("the answer cannot be decompressed"),
    ),
    # Is one of the next kind, too.
    ((urllib3.exceptions.NewConnectionError,), Fault("the connection could not be made", _WHERE)),
    ((urllib3.exceptions.ConnectTimeoutError,), Fault("the connection could not be made in time", _WHERE)),
    ((requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError), _SILENT),
    ((requests.exceptions.InvalidURL, urllib3.exceptions.LocationValueError, UnicodeError), _UNSENT),
    (
        (http.client.RemoteDisconnected,),
        Fault("the server closed the connection without an answer"),
    ),
    ((ConnectionResetError, BrokenPipeError, ConnectionAbortedError), Fault("the connection was reset")),
    (
        (
            urllib3.exceptions.ProtocolError,
            requests.exceptions.ChunkedEncodingError,
            http.client.HTTPException,
        ),
        Fault("the connection broke off"),
    ),
    ((requests.exceptions.ConnectionError,), Fault("the connection failed")),
)


def describe(error: BaseException, *, overdue: bool, timeout: float) -> Fault:
    """Say what went wrong, by the kinds of the errors in the chain.

    Parameters
    ----------
    error : BaseException
        Whatever a request raised.
    overdue : bool
        Whether the request's time was over by then.
    timeout : float
        That time, in seconds.
    """
    if overdue and not isinstance(error, TooLargeError):
        return Fault(f"no whole answer within {timeout:.3g} s")
    chain = _chain(error)
    for kinds, fault in _FAULTS:
        if any(isinstance(link, kinds) for link in chain):
            return fault
    numbers = [link.errno for link in chain if isinstance(link, OSError) and link.errno in errno.errorcode]
    if numbers and numbers[0] is not None:
        return Fault(os.strerror(numbers[0]).lower())
    return Fault(f"the request failed ({type(error).__name__})")


# What to do instead where it was no answer of the API.
_REMEDIES_OF_MEDIA = {
    _WHERE: "Check the network and the proxy (HTTPS_PROXY), then run the cell again.",
    _BUNDLE: _BUNDLE.replace("else check base_url", "else do not trust what it sends"),
}


def describe_media(error: BaseException, *, overdue: bool, timeout: float, stall: float) -> Fault:
    """Say what went wrong with a download, by the kinds of the errors in the chain.

    Parameters
    ----------
    error : BaseException
        Whatever a request raised.
    overdue : bool
        Whether the download's time was over by then.
    timeout, stall : float
        That time, and how long nothing may come, in seconds.
    """
    if isinstance(error, RefusedError):
        return error.fault
    if isinstance(error, ConfigurationError):  # of the environment, which may change at any time
        return Fault("the environment's proxy or CA bundle cannot be used", str(error), may_pass=False)
    if overdue:
        return Fault(f"it did not come whole within {timeout:.3g} s")
    fault = describe(error, overdue=False, timeout=timeout)
    if fault is _SILENT:
        return Fault(f"nothing came for {stall:.3g} s")
    if fault is _UNSENT:
        return Fault("the link cannot be used", OPEN, may_pass=False)
    return replace(fault, remedy=_REMEDIES_OF_MEDIA.get(fault.remedy, fault.remedy))


_STATUSES = {
    401: "the link has expired or needs a sign-in",
    403: "the link has expired or needs a sign-in",
    404: "it is not there any more",
    408: "it waited too long for us",
    410: "the link has expired or needs a sign-in",
    429: "that was too often",
}
_LATER = {408, 425, 429}
_SERVER_ERRORS = range(500, 600)


def status_fault(status: int) -> Fault:
    """Say what an HTTP status other than 200 means for a download."""
    passes = status in _SERVER_ERRORS or status in _LATER
    meaning = "it is in trouble" if status in _SERVER_ERRORS else _STATUSES.get(status, "that is no file")
    remedy = "Ask again in a minute." if passes else OPEN
    return Fault(f"the server answered {status}: {meaning}", remedy, may_pass=passes)


def _chain(error: BaseException) -> list[BaseException]:
    """List an error and those that it wraps, in its arguments, its `reason` or its chain."""
    found: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        link = todo.pop(0)
        if isinstance(link, BaseException) and not any(link is seen for seen in found):
            found.append(link)
            todo += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]
    return found
