"""The sockets of requests under way, so that an interrupt or a deadline can shut them."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterable
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

__all__ = ["Sockets"]


class Sockets:
    """Notes which socket each thread's request uses, and until when it may."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: dict[int, float] = {}
        self._noted: dict[int, socket.socket] = {}
        self._given_up: set[int] = set()  # threads whose request was shut, whatever socket it has yet

    def __len__(self) -> int:
        return len(self._ends)

    def enter(self, end: float) -> None:
        """Note that this thread begins a request that may last until `end`, a time of `time.monotonic`."""
        self._ends[threading.get_ident()] = end

    def leave(self) -> None:
        """Note that this thread's request has ended."""
        thread = threading.get_ident()
        with self._lock:
            self._ends.pop(thread, None)
            self._noted.pop(thread, None)
            self._given_up.discard(thread)

    def note(self, sock: socket.socket | None) -> None:
        """Note the socket that this thread's request uses from now on."""
        thread = threading.get_ident()
        with self._lock:
            if sock is not None:
                self._noted[thread] = sock
            if thread in self._given_up:  # it was shut while it had none, as while it connected
                _shut(sock)

    def shut(self, threads: Iterable[int]) -> None:
        """Shut the sockets of these threads' requests."""
        with self._lock:  # so that a connection is not handed to another request in between
            for thread in threads:
                if thread in self._ends:
                    self._given_up.add(thread)
                    _shut(self._noted.get(thread))

    def shut_all(self) -> None:
        """Shut the sockets of all requests."""
        self.shut(list(self._ends))

    def shut_overdue(self, now: float) -> None:
        """Shut the sockets of the requests that should have ended by now."""
        self.shut([thread for thread, end in list(self._ends.items()) if end < now])

    def watch_handshakes(self, context: ssl.SSLContext) -> None:
        """Note the sockets that are made with this context as soon as their handshake begins."""
        sockets = self

        class NotedTLS(ssl.SSLSocket):
            def do_handshake(self, block: bool = False) -> None:
                sockets.note(self)
                super().do_handshake(block)

        context.sslsocket_class = NotedTLS

    def pool_classes(self) -> dict[str, Any]:
        """Return urllib3's pools, by scheme, with connections whose sockets are noted."""
        sockets = self

        # The socket is noted, not the connection: that lets go of it before it has read a last body.
        class NotedHTTP(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                sock = super()._new_conn()
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
