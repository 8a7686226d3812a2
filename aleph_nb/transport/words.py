"""Foreign errors, told in words: by their kinds, for their own texts may hold a URL or a header."""

import errno
import http.client
import os
import ssl
import zlib
from dataclasses import dataclass

import requests
import urllib3

__all__ = ["ENDED", "LARGEST_ANSWER", "Fault", "TooLargeError", "describe"]

LARGEST_ANSWER = 16 * 2**20
"""The most bytes of an answer that are read, decompressed."""


class TooLargeError(Exception):
    """An answer is larger than that."""


_AGAIN = "Check the network, then run the cell again."
_WHERE = "Check the network, the proxy (HTTPS_PROXY) and base_url (%config AlephMagics.base_url)."


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


ENDED = Fault("the call was ended", "Run the cell again.", may_pass=False)

_FAULTS: tuple[tuple[tuple[type[BaseException], ...], Fault], ...] = (
    (
        (TooLargeError,),
        Fault(f"the answer is larger than {LARGEST_ANSWER // 2**20} MB", _WHERE, may_pass=False),
    ),
    (
        (ssl.SSLCertVerificationError,),
        Fault(
            "the server's TLS certificate cannot be trusted",
            "Where your network has certificates of its own, name their bundle in REQUESTS_CA_BUNDLE; "
            "else check base_url.",
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
    (
        (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError),
        Fault("the server did not answer in time"),
    ),
    (
        (requests.exceptions.InvalidURL, urllib3.exceptions.LocationValueError, UnicodeError),
        Fault("the base URL or the task id cannot be sent", "Check the id and base_url.", may_pass=False),
    ),
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
