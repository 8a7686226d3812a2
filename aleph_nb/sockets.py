"""The sockets of requests under way, so that an interrupt or a deadline can shut them."""

import contextlib
import socket
import threading
from collections.abc import Iterable
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

__all__ = ["Sockets"]


class Sockets:
    """Notes which connection each thread's request uses, and until when it may."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: dict[int, float] = {}
        self._connections: dict[int, HTTPConnection] = {}

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
            self._connections.pop(thread, None)

    def note(self, connection: HTTPConnection) -> None:
        """Note the connection that this thread's request uses."""
        self._connections[threading.get_ident()] = connection

    def shut(self, threads: Iterable[int]) -> None:
        """Shut the sockets of these threads' requests."""
        with self._lock:  # so that a connection is not handed to another request in between
            for thread in threads:
                _shut(getattr(self._connections.get(thread), "sock", None))

    def shut_all(self) -> None:
        """Shut the sockets of all requests."""
        self.shut(list(self._ends))

    def shut_overdue(self, now: float) -> None:
        """Shut the sockets of the requests that should have ended by now."""
        self.shut([thread for thread, end in list(self._ends.items()) if end < now])

    def pool_classes(self) -> dict[str, Any]:
        """Return urllib3's pools, by scheme, with connections that are noted when a request uses them."""
        sockets = self

        class NotedHTTP(HTTPConnection):
            def request(self, *args: Any, **kwargs: Any) -> None:
                sockets.note(self)
                super().request(*args, **kwargs)

        class NotedHTTPS(HTTPSConnection):
            def request(self, *args: Any, **kwargs: Any) -> None:
                sockets.note(self)
                super().request(*args, **kwargs)

        class PoolHTTP(HTTPConnectionPool):
            ConnectionCls = NotedHTTP

        class PoolHTTPS(HTTPSConnectionPool):
            ConnectionCls = NotedHTTPS

        return {"http": PoolHTTP, "https": PoolHTTPS}


def _shut(sock: socket.socket | None) -> None:
    """End both directions: a thread that reads from it returns at once. Closing it would not do that."""
    if sock is not None:
        with contextlib.suppress(OSError):  # it is shut already, or was never connected
            sock.shutdown(socket.SHUT_RDWR)
