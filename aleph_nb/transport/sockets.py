"""The sockets of requests under way, so that an interrupt or a deadline can shut them."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

__all__ = ["Sockets"]


@dataclass(slots=True)
class _Use:
    """A request under way: until when it may last, the call that it is a part of, and its socket."""

    end: float
    call: object
    sock: socket.socket | None = None
    given_up: bool = False  # it was shut, whatever socket it has yet


class Sockets:
    """Notes which socket each thread's request uses, until when it may, and for which call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # so that a socket is not handed to another request in between
        self._uses: dict[int, _Use] = {}

    def __len__(self) -> int:
        return len(self._uses)

    def enter(self, end: float, call: object) -> None:
        """Note that this thread begins a request, as a part of `call`.

        Parameters
        ----------
        end : float
            Until when it may last; a time of `time.monotonic`.
        call : object
            What `shut` is told, to end all requests of one call.
        """
        with self._lock:
            self._uses[threading.get_ident()] = _Use(end, call)

    def leave(self) -> None:
        """Note that this thread's request has ended."""
        with self._lock:
            self._uses.pop(threading.get_ident(), None)

    def note(self, sock: socket.socket | None) -> None:
        """Note the socket that this thread's request uses from now on."""
        with self._lock:
            use = self._uses.get(threading.get_ident())
            if use is not None:
                use.sock = sock or use.sock
                if use.given_up:  # it was shut while it had none, as while it connected
                    _shut(sock)

    def is_given_up(self) -> bool:
        """Whether this thread's request was shut."""
        with self._lock:
            use = self._uses.get(threading.get_ident())
            return use is not None and use.given_up

    def shut(self, call: object) -> None:
        """Shut the sockets of all requests that are a part of a call."""
        self._shut_those(lambda use: use.call is call)

    def shut_all(self) -> None:
        """Shut the sockets of all requests."""
        self._shut_those(lambda _: True)

    def shut_overdue(self, now: float) -> None:
        """Shut the sockets of the requests that should have ended by now."""
        self._shut_those(lambda use: use.end < now)

    def _shut_those(self, meant: Callable[[_Use], bool]) -> None:
        with self._lock:
            for use in self._uses.values():
                if meant(use):
                    use.given_up = True
                    _shut(use.sock)

    def watch_handshakes(self, context: ssl.SSLContext) -> None:
        """Note the sockets that are made with this context as soon as their handshake begins."""
        sockets = self

        class NotedTLS(ssl.SSLSocket):
            def do_handshake(self, block: bool = False) -> None:
                sockets.note(self)
                super().do_handshake(block)

        context.sslsocket_class = NotedTLS

    def pool_classes(self, check: Callable[[socket.socket], None] | None = None) -> dict[str, Any]:
        """Return urllib3's pools, by scheme, with connections whose sockets are noted.

        Parameters
        ----------
        check : callable or None
            Called with each new socket as soon as it is connected, before a byte is sent over it;
            what it raises ends the request, and the socket is closed.
        """
        sockets = self

        # The socket is noted, not the connection: that lets go of it before it has read a last body.
        class NotedHTTP(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                sock = super()._new_conn()
                if check is not None:
                    try:
                        check(sock)
                    except BaseException:
                        sock.close()
                        raise
                sockets.note(sock)
                return sock

            def request(self, *args: Any, **kwargs: Any) -> None:
                sockets.note(self.sock)
                super().request(*args, **kwargs)

        class NotedHTTPS(NotedHTTP, HTTPSConnection):
            pass

        class PoolHTTP(HTTPConnectionPool):
            ConnectionCls = NotedHTTP

        class PoolHTTPS(HTTPSConnectionPool):
            ConnectionCls = NotedHTTPS

        return {"http": PoolHTTP, "https": PoolHTTPS}


def _shut(sock: socket.socket | None) -> None:
    """End both directions: a thread that reads from it returns at once. Closing it would not do that."""
    if sock is not None:
        with contextlib.suppress(OSError):  # it is shut already, or was never connected
            # Not sock.shutdown: that of TLS takes the encryption away first, and what another
            # thread sends in this moment would leave in plain text.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
