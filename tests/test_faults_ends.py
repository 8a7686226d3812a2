"""The fault server speaks TLS, ends whatever hangs when it is stopped, and runs as a process of its own."""

import contextlib
import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults import RECORD_PATH, FaultServer, Reply, make_certificate, serve_process
from tests.faults_client import connect, port_of, read_all, send


def _open_files() -> int:
    """Count the descriptors of this process, where the system tells them."""
    told = Path("/proc/self/fd")
    return len(list(told.iterdir())) if told.is_dir() else 0


# TLS


def test_tls_is_trusted_with_its_own_certificate_only(tmp_path: Path) -> None:
    tls = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=tls[0])
    with FaultServer(tls=tls) as server:
        assert server.base_url.startswith("https://127.0.0.1:")
        for host in ("127.0.0.1", "localhost"):
            with connect(server) as plain, trusting.wrap_socket(plain, server_hostname=host) as connection:
                send(connection, "b")
                assert b'"taskId": "b"' in connection.recv(65536)
        with connect(server) as plain, pytest.raises(ssl.SSLCertVerificationError, match=r"self.signed"):
            ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
        assert [seen.task_id for seen in server.requests] == ["b", "b"]


def test_a_certificate_for_another_host_is_not_good_for_this_one(tmp_path: Path) -> None:
    tls = make_certificate(tmp_path, "other.example")
    trusting = ssl.create_default_context(cafile=tls[0])
    with (
        FaultServer(tls=tls) as server,
        connect(server) as plain,
        pytest.raises(ssl.SSLCertVerificationError, match="not valid for"),
    ):
        trusting.wrap_socket(plain, server_hostname="127.0.0.1")


def test_tls_ends_cleanly_in_a_cut_and_not_in_a_reset(tmp_path: Path) -> None:
    tls = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=tls[0])
    options: dict[str, Any] = {"server_hostname": "localhost", "suppress_ragged_eofs": False}
    with FaultServer(tls=tls) as server:
        server.script("a", Reply(body=b"x" * 100, cut=7), Reply(reset=True))
        with connect(server) as plain, trusting.wrap_socket(plain, **options) as connection:
            send(connection)
            assert read_all(connection).endswith(b"\r\n\r\nxxxxxxx")
        with connect(server) as plain, trusting.wrap_socket(plain, **options) as connection:
            send(connection)
            with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):  # the latter before Python 3.11.9
                connection.recv(1)


def test_a_request_may_come_in_one_breath_with_the_end_of_the_handshake(tmp_path: Path) -> None:
    tls = make_certificate(tmp_path)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context(cafile=tls[0])
    client = trusting.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with FaultServer(tls=tls) as server, connect(server) as plain:
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        plain.sendall(outgoing.read())
        _advance(client.do_handshake, incoming, plain)
        client.write(f"GET {RECORD_PATH}?taskId=a HTTP/1.1\r\n\r\n".encode())
        plain.sendall(outgoing.read())
        assert b'"taskId": "a"' in _advance(lambda: client.read(65536), incoming, plain)


def _advance(step: Callable[[], Any], incoming: ssl.MemoryBIO, plain: socket.socket) -> Any:
    """Take a step of TLS, with as much from the network as it needs."""
    while True:
        try:
            return step()
        except ssl.SSLWantReadError:
            received = plain.recv(65536)
            assert received
            incoming.write(received)


def test_tls_is_refused_by_a_server_without_it() -> None:
    with FaultServer() as server, connect(server) as plain, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


# Beginning and end


@pytest.mark.parametrize("secure", [False, True])
def test_stopping_ends_whatever_hangs_and_leaves_nothing(tmp_path: Path, secure: bool) -> None:
    tls = make_certificate(tmp_path) if secure else None
    threads = threading.active_count()
    descriptors = _open_files()
    with FaultServer(tls=tls) as server:
        server.script_all(Reply(hang=True), Reply(body=b"xx", drip=60), Reply(delay=60))
        silent = connect(server)  # in the middle of its handshake, where there is one
        clients = [connect(server) for _ in range(3)]
        if tls:
            trusting = ssl.create_default_context(cafile=tls[0])
            clients = [trusting.wrap_socket(plain, server_hostname="localhost") for plain in clients]
        for connection in clients:
            send(connection)
        server.wait_until(lambda server: len(server.requests) == 3 and server.connections == 4)
        late = connect(server)
    for connection in (silent, late, *clients):
        with contextlib.suppress(ConnectionError, ssl.SSLError):  # silence would be a timeout
            read_all(connection)
        connection.close()
    with pytest.raises(ConnectionRefusedError):
        connect(server)
    assert (threading.active_count(), server.connections) == (threads, 0)
    assert _open_files() == descriptors


def test_a_process_of_its_own_serves_with_a_delay_until_its_input_ends() -> None:
    with serve_process(delay=0.1) as base_url:
        connection = http.client.HTTPConnection("127.0.0.1", port_of(base_url), timeout=5)
        began = time.monotonic()
        connection.request("GET", f"{RECORD_PATH}?taskId=a")
        assert json.loads(connection.getresponse().read())["data"]["taskId"] == "a"
        assert time.monotonic() - began >= 0.1
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        connection.connect()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_of_its_own_ends_at_a_signal(number: signal.Signals) -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.faults"]
    pipe = subprocess.PIPE
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, stderr=pipe) as process:  # noqa: S603
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith(b"http://127.0.0.1:")
        process.send_signal(number)
        assert process.wait(5) == 0
        assert process.stderr.read() == b""
