"""A plain client, to see the fault server's faults from the outside."""

import http.client
import socket
from urllib.parse import urlsplit

from tests.faults import RECORD_PATH, FaultServer

__all__ = ["ask", "connect", "port_of", "read_all", "send"]


def port_of(base_url: str) -> int:
    """Return the port of a base URL."""
    port = urlsplit(base_url).port
    assert port
    return port


def connect(server: FaultServer) -> socket.socket:
    """Open a connection."""
    return socket.create_connection(("127.0.0.1", port_of(server.base_url)), timeout=5)


def ask(server: FaultServer, key: str = "a", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """Ask for a record, or a path, on a connection of its own."""
    path = key if key.startswith("/") else f"{RECORD_PATH}?taskId={key}"
    with connect(server) as connection:
        lines = [f"GET {path} HTTP/1.1", "Host: x", *(f"{name}: {text}" for name, text in headers.items())]
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        response = http.client.HTTPResponse(connection)
        with response:
            response.begin()
            return response, response.read()


def send(connection: socket.socket, task_id: str = "a") -> None:
    """Send a request for a record, and do not wait for the answer."""
    connection.sendall(f"GET {RECORD_PATH}?taskId={task_id} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def read_all(connection: socket.socket) -> bytes:
    """Read until the other end closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))
