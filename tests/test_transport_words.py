"""Every exception of the libraries below becomes a `TransportError`, in words of ours."""

import errno
import http.client
import inspect
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import requests.exceptions
import urllib3.exceptions
from requests.adapters import BaseAdapter

from aleph_nb.errors import AlephError, TransportError
from aleph_nb.transport import Transport
from tests.faults import FaultServer, Reply
from tests.keys import KEY, key_parts


class _Failing(BaseAdapter):
    """Fails where the network would."""

    def __init__(self, make: Callable[[], BaseException]) -> None:
        super().__init__()
        self._make = make

    def send(self, *_: Any, **__: Any) -> Any:
        raise self._make()

    def close(self) -> None:
        """Hold nothing."""


@pytest.fixture
def transport() -> Iterator[Transport]:
    transport = Transport("http://127.0.0.1:1", lambda: KEY, connections=1)
    yield transport
    transport.close()


def _failure(transport: Transport, make: Callable[[], BaseException]) -> BaseException:
    transport._session.mount("http://", _Failing(make))
    try:
        transport.get("/", {}, timeout=5, about="task a", stop=threading.Event())
    except AlephError as error:
        return error
    raise AssertionError("it did not fail")


def _is_quiet(error: BaseException) -> bool:
    lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    shown = "".join([*lines, repr(error), str(error)])
    return not any(part in shown for part in key_parts()) and error.__context__ is error.__cause__ is None


def _exceptions(module: ModuleType) -> list[type[Exception]]:
    return [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and not issubclass(kind, Warning)
    ]


_KINDS = [*_exceptions(requests.exceptions), *_exceptions(urllib3.exceptions), *_exceptions(http.client)]
_KINDS += [ssl.SSLError, ssl.SSLCertVerificationError, ssl.SSLEOFError, socket.gaierror, TimeoutError]
_KINDS += [ConnectionRefusedError, ConnectionResetError, BrokenPipeError, OSError, ValueError, UnicodeError]


@pytest.mark.parametrize("kind", dict.fromkeys(_KINDS), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_exception_below_is_told_in_words(transport: Transport, kind: type[Exception]) -> None:
    def make() -> Exception:
        error = kind.__new__(kind)  # whatever it would take: its text is never looked at
        error.args = (f"Bearer {KEY}",)
        return error

    error = _failure(transport, make)
    assert type(error) is TransportError
    assert error.reason
    said, remedy = str(error).split(f": {error.reason}. ")
    assert said.startswith("No answer for task a from ")
    assert remedy.endswith(".")
    assert _is_quiet(error)


def _wrapped(inner: Exception) -> requests.exceptions.ConnectionError:
    """Wrap an error as requests and urllib3 do."""
    pool: Any = None
    return requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/", inner))


def _new_connection(number: int) -> Exception:
    connection: Any = None
    error = urllib3.exceptions.NewConnectionError(connection, "no")
    error.__cause__ = OSError(number, "of the system")
    return error


_CHAINS: list[tuple[Callable[[], BaseException], str]] = [
    (
        lambda: _wrapped(urllib3.exceptions.NameResolutionError("h", None, socket.gaierror(-2, "x"))),  # type: ignore[arg-type]
        "the server's name cannot be resolved",
    ),
    (lambda: _wrapped(_new_connection(errno.ECONNREFUSED)), "the connection was refused"),
    (
        lambda: _wrapped(urllib3.exceptions.ConnectTimeoutError("x")),
        "the connection could not be made in time",
    ),
    (lambda: _wrapped(_new_connection(errno.ENETUNREACH)), "the connection could not be made"),
    (
        lambda: requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, "self-signed")),
        "the server's TLS certificate cannot be trusted",
    ),
    (
        lambda: requests.exceptions.ConnectionError(
            urllib3.exceptions.ProtocolError("aborted", ConnectionResetError(errno.ECONNRESET, "x"))
        ),
        "the connection was reset",
    ),
    (
        lambda: requests.exceptions.ProxyError(
            urllib3.exceptions.ProxyError("no", OSError("Tunnel connection failed: 407"))
        ),
        "the proxy did not let it through",
    ),
    (lambda: requests.exceptions.InvalidURL("x"), "the base URL or the task id cannot be sent"),
    (lambda: OSError(errno.EMFILE, "x"), "too many open files"),
    (lambda: OSError("no number"), "the request failed (OSError)"),
]


@pytest.mark.parametrize(("make", "words"), _CHAINS, ids=[words for _, words in _CHAINS])
def test_the_words_are_those_of_the_cause(
    transport: Transport, make: Callable[[], BaseException], words: str
) -> None:
    error = _failure(transport, make)
    assert isinstance(error, TransportError)
    assert error.reason == words


def test_a_chain_that_bites_its_tail_ends(transport: Transport) -> None:
    def make() -> BaseException:
        first, second = OSError("a"), OSError("b")
        first.__context__, second.__context__ = second, first
        first.args = (first, second)
        return first

    assert isinstance(_failure(transport, make), TransportError)


@pytest.mark.parametrize("task_id", ["\ud800", "a\r\nX-Evil: 1", "\x00", "a" * 60_000])
def test_an_id_of_any_kind_is_sent_whole_or_not_at_all(server: FaultServer, task_id: str) -> None:
    transport = Transport(server.base_url, lambda: KEY, connections=1)
    why = ""
    try:
        transport.get("/x", {"taskId": task_id}, timeout=5, about="it", stop=threading.Event())
    except TransportError as error:
        why = error.reason
    transport.close()
    assert all("x-evil" not in seen.headers for seen in server.requests)
    if why:
        assert why == "the base URL or the task id cannot be sent"
        assert server.requests == []
    else:
        assert [seen.task_id for seen in server.requests] == [task_id]


_REAL = {
    "reset": Reply(reset=True),
    "cut": Reply(body="x" * 99, cut=9),
    "hang": Reply(hang=True),
    "status line": Reply(raw=f"HTTP/1.1 Bearer {KEY}\r\n\r\n".encode()),
    "no http": Reply(raw=f"Bearer {KEY}\r\n\r\n".encode()),
    "header": Reply(
        raw=f"HTTP/1.1 200 OK\r\nContent-Length: {KEY}\r\nTransfer-Encoding: chunked\r\n\r\n{KEY}".encode()
    ),
    "packing": Reply(body=KEY, headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("name", _REAL)
def test_a_traceback_with_locals_of_a_true_failure_is_quiet(server: FaultServer, name: str) -> None:
    server.script("/", _REAL[name])
    transport = Transport(server.base_url, lambda: KEY, connections=1)

    def failure() -> BaseException:
        try:
            transport.get("/", {}, timeout=0.3, about="task a", stop=threading.Event())
        except AlephError as error:
            return error
        raise AssertionError("it did not fail")

    try:
        error = failure()
        assert isinstance(error, TransportError)
        assert _is_quiet(error)
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    finally:
        transport.close()
