"""Foreign errors, told in words: by their kinds, for their own texts may hold a URL or a header."""

import errno
import http.client
import os
import ssl
import zlib

import requests
import urllib3

__all__ = ["FOREIGN", "LARGEST_ANSWER", "TooLargeError", "describe"]

LARGEST_ANSWER = 16 * 2**20
"""The most bytes of an answer that are read, decompressed."""


class TooLargeError(Exception):
    """An answer is larger than that."""


FOREIGN = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,  # of a header or a URL that the libraries cannot take
    zlib.error,
    TooLargeError,
)

_WORDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((TooLargeError,), f"the answer is larger than {LARGEST_ANSWER // 2**20} MB"),
    ((ssl.SSLCertVerificationError,), "the server's TLS certificate cannot be trusted"),
    ((requests.exceptions.SSLError, urllib3.exceptions.SSLError, ssl.SSLError), "the TLS connection failed"),
    ((requests.exceptions.ProxyError, urllib3.exceptions.ProxyError), "the proxy did not let it through"),
    ((urllib3.exceptions.NameResolutionError,), "the server's name cannot be resolved"),
    ((ConnectionRefusedError,), "the connection was refused"),
    (
        (urllib3.exceptions.DecodeError, requests.exceptions.ContentDecodingError, zlib.error),
        "the answer cannot be decompressed",
    ),
    ((urllib3.exceptions.NewConnectionError,), "the connection could not be made"),  # is one of the next
    ((urllib3.exceptions.ConnectTimeoutError,), "the connection could not be made in time"),
    (
        (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError),
        "the server did not answer in time",
    ),
    (
        (requests.exceptions.InvalidURL, urllib3.exceptions.LocationValueError, UnicodeError),
        "the base URL or the task id cannot be sent",
    ),
    ((http.client.RemoteDisconnected,), "the server closed the connection without an answer"),
    ((ConnectionResetError, BrokenPipeError, ConnectionAbortedError), "the connection was reset"),
    (
        (
            urllib3.exceptions.ProtocolError,
            requests.exceptions.ChunkedEncodingError,
            http.client.HTTPException,
        ),
        "the connection broke off",
    ),
    ((requests.exceptions.ConnectionError,), "the connection failed"),
)


def describe(error: BaseException, *, overdue: bool, timeout: float) -> str:
    """Say what went wrong, by the kinds of the errors in the chain; never by their texts."""
    if overdue and not isinstance(error, TooLargeError):
        return f"no whole answer within {timeout:.3g} s"
    chain = list(_chain(error))
    for kinds, words in _WORDS:
        if any(isinstance(link, kinds) for link in chain):
            return words
    numbers = [link.errno for link in chain if isinstance(link, OSError) and link.errno]
    return (
        os.strerror(numbers[0]).lower() if numbers and numbers[0] in errno.errorcode else "the request failed"
    )


def _chain(error: BaseException) -> "list[BaseException]":
    """List an error and those that it wraps, in its arguments, its `reason` or its chain."""
    found: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        link = todo.pop(0)
        if isinstance(link, BaseException) and not any(link is seen for seen in found):
            found.append(link)
            todo += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]
    return found
