"""One connection of the fault server: requests are read, and answered as their replies say."""

import asyncio
import shutil
import socket
import ssl
import struct
import subprocess
import time
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import parse_qs

from tests.faults_replies import Reply

__all__ = ["RECORD_PATH", "Connection", "Host", "Seen", "make_certificate"]

RECORD_PATH = "/api/v1/aleph/record-info"

_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_LINGER_NOT = struct.pack("ii", 1, 0)  # closing a socket then resets its connection


class Seen(NamedTuple):
    """One request as it arrived: `time` is monotonic, the names of `headers` are in lower case."""

    time: float
    method: str
    path: str
    task_id: str
    headers: dict[str, str]


class Host(Protocol):
    """What a connection needs of its server."""

    tls: ssl.SSLContext | None

    def opened(self, connection: "Connection") -> None:
        """Note a connection that was made."""

    def closed(self, connection: "Connection") -> None:
        """Note that it is gone."""

    def answer(self, seen: Seen) -> Reply:
        """Note a request and choose the reply."""

    def count(self, change: int) -> None:
        """Note that this many more requests of records are unanswered."""


class Connection(asyncio.Protocol):
    """One connection: requests are read, and answered one after the other."""

    def __init__(self, server: Host) -> None:
        self._server = server
        self._buffer = b""
        self._is_busy = False  # a request is being answered
        self._is_counted = False  # and it asks for a record
        self._closes = False  # after the answer
        self._waiting: asyncio.TimerHandle | asyncio.Task[None] | None = None

    def abort(self) -> None:
        """End it at once, whatever it is doing."""
        self._plain.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; asyncio calls this and the two below."""
        assert isinstance(transport, asyncio.Transport)
        self._plain = self._transport = transport
        self._server.opened(self)
        if self._server.tls:
            transport.pause_reading()  # the greeting is for the TLS layer, which comes in between
            self._is_busy = True  # until then; requests may come in the same breath as the handshake's end
            self._waiting = asyncio.ensure_future(self._secure(self._server.tls))

    async def _secure(self, tls: ssl.SSLContext) -> None:
        """Put TLS between, here and not in asyncio, which hides a connection until it is secure."""
        secured = None
        try:
            secured = await asyncio.get_running_loop().start_tls(self._plain, self, tls, server_side=True)
        except OSError:  # the client does not trust us, or has gone
            return
        finally:
            if secured is None:  # an end within the handshake is not told to the protocol
                self._plain.abort()
                self._server.closed(self)
        if secured is not None:
            self._transport = secured
            self._is_busy = False
            if self._buffer:
                self._read_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end, whoever brought it about."""
        self._server.closed(self)
        self._answered()
        if self._waiting:
            self._waiting.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer a request as soon as it is whole and the one before is answered."""
        self._buffer += data
        if not self._is_busy:
            self._read_request()

    def _read_request(self) -> None:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            if not self._buffer[:1].isalpha():  # TLS, spoken to a server without it
                self._transport.write(_BAD_REQUEST)
                self._transport.close()
            return
        line, *lines = head.decode("latin-1").split("\r\n")
        fields = (text.partition(":") for text in lines)
        headers = {name.lower(): value.strip() for name, _, value in fields}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        method, target, version = line.split(" ")
        path, _, query = target.partition("?")
        task_id = parse_qs(query).get("taskId", [""])[0]
        self._is_busy = True
        self._closes = headers.get("connection", "").lower() == "close" or version == "HTTP/1.0"
        if path == RECORD_PATH:
            self._is_counted = True
            self._server.count(1)
        reply = self._server.answer(Seen(time.monotonic(), method, path, task_id, headers))
        has_body = method != "HEAD"
        if reply.delay:
            loop = asyncio.get_running_loop()
            self._waiting = loop.call_later(reply.delay, self._begin, reply, has_body)
        else:
            self._begin(reply, has_body)

    def _begin(self, reply: Reply, has_body: bool) -> None:
        if reply.is_plain:
            self._transport.write(b"".join((reply.head, *reply.pieces)) if has_body else reply.head)
            self._end(reply)
        else:
            self._waiting = asyncio.ensure_future(self._play(reply, has_body))

    async def _play(self, reply: Reply, has_body: bool) -> None:
        """Send what there is of an answer, as slowly as it says, and end it as it says."""
        if reply.raw is not None:
            self._transport.write(reply.raw)
        elif reply.cut is not None or not (reply.reset or reply.hang):
            slowly = reply.drip_headers is not None
            head = [bytes((byte,)) for byte in reply.head] if slowly else [reply.head]
            await self._drip(head, reply.drip_headers)
            await self._drip(reply.pieces if has_body else [], reply.drip)
        if reply.reset:
            self._plain.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            self._plain.abort()
        elif not reply.hang:
            self._end(reply)

    async def _drip(self, pieces: list[bytes], pause: float | None) -> None:
        for piece in pieces:
            self._transport.write(piece)
            if pause is not None:
                await asyncio.sleep(pause)

    def _end(self, reply: Reply) -> None:
        self._answered()
        if self._closes or reply.close or reply.cut is not None or reply.raw is not None:
            self._transport.close()
        elif self._buffer:
            self._read_request()

    def _answered(self) -> None:
        self._is_busy = False
        if self._is_counted:
            self._is_counted = False
            self._server.count(-1)


def make_certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """Make a self-signed certificate, which is its own CA bundle, by the `openssl` command.

    Parameters
    ----------
    folder : Path
        Where the two files go.
    name : str
        The host that it is good for: "localhost" includes 127.0.0.1, any other does not.

    Returns
    -------
    tuple of Path
        The certificate and its key.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        raise RuntimeError("the tests of TLS need the openssl command: install openssl")
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    hosts = f"DNS:{name}" + (",IP:127.0.0.1" if name == "localhost" else "")
    options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    options += ["-subj", f"/CN={name}", "-addext", f"subjectAltName={hosts}"]
    options += ["-addext", "keyUsage=critical,digitalSignature,keyCertSign"]
    subprocess.run(  # noqa: S603 - a fixed command
        [openssl, "req", "-x509", *options, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    return certificate, key
