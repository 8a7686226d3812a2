"""The record API on loopback, played badly: an HTTP server that injects faults.

`with FaultServer() as server:` runs it in a thread; `serve_process` and
`python -m tests.faults --delay 0.02` run it in a process of its own, for benchmarks. It imports
nothing of aleph_nb, so what it says does not rest on what is tested.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from tests.faults_connection import RECORD_PATH, Connection, Seen, make_certificate
from tests.faults_replies import Media, Reply, envelope, failure, refuse, running, success

__all__ = [
    "RECORD_PATH",
    "FaultServer",
    "Reply",
    "Seen",
    "envelope",
    "failure",
    "make_certificate",
    "refuse",
    "running",
    "serve_process",
    "success",
]


class FaultServer:
    """A server of scripted answers, good and bad; a context manager that leaves nothing open.

    Parameters
    ----------
    port : int
        0 takes a free one.
    tls : tuple of Path or None
        The certificate's file and its key's, as `make_certificate` makes them; speak https then.
    remember : bool
        Whether to keep `requests`.

    Attributes
    ----------
    base_url : str
        Where it listens, without a slash at the end.
    requests : list of Seen
        Every request, of records and of anything else, in the order of arrival.
    default : callable
        From a task id to the reply that an id gets for which no script is left.
    per_second : int or None
        Above this many requests of records within any second, refused ones included, it says `refusal`.
    refusal : Reply
        429 as HTTP status without Retry-After; `refuse(429, inside=True)` says it in the envelope.
    peak_per_second, peak_in_flight : int
        The largest number of requests of records within any second, and unanswered at one time.
    accepted : int
        How many connections were ever made.
    """

    def __init__(self, *, port: int = 0, tls: tuple[Path, Path] | None = None, remember: bool = True) -> None:
        self.default: Callable[[str], Reply] = lambda task_id: Reply(body=success(task_id))
        self.per_second: int | None = None
        self.refusal = refuse(429, "too many requests")
        self.requests: list[Seen] = []
        self.accepted = self.peak_per_second = self.peak_in_flight = 0
        self.base_url = ""
        self._port = port
        self._remember = remember
        self.tls: ssl.SSLContext | None = None
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*tls)
        self._scripts: dict[str, deque[Reply]] = {}
        self._script_all: deque[Reply] = deque()
        self._media: dict[str, Media] = {}
        self._window: deque[float] = deque()  # arrivals of the last second
        self._in_flight = 0
        self._connections: set[Connection] = set()
        self._beginning: set[asyncio.Task[Any]] = set()  # connections that were accepted a moment ago

    def script(self, key: str, *replies: Reply) -> None:
        """Set the replies to successive requests for a task id, or for a path; the last one repeats.

        Parameters
        ----------
        key : str
            A task id, or another path than that of the records, with its slash in front.
        *replies : Reply
            At least one. They take the place of what was set before.
        """
        if not replies:
            raise ValueError("a script needs at least one reply")
        self._scripts[key] = deque(replies)

    def script_all(self, *replies: Reply) -> None:
        """Set the replies to successive requests for all ids without a script; then comes `default`."""
        self._script_all = deque(replies)

    def media(self, path: str, content: bytes, content_type: str = "video/mp4", *, cors: bool = False) -> str:
        """Serve a file, whole or by Range.

        Parameters
        ----------
        path : str
            With its slash in front. `script` for the same path comes first.
        content : bytes
            The file.
        content_type : str
            What it is said to be.
        cors : bool
            Whether pages of any origin may read it.

        Returns
        -------
        str
            Its URL, where the server runs already.
        """
        self._media[path] = Media(content, content_type, cors)
        return self.base_url + path

    def seen(self, key: str) -> list[Seen]:
        """Return the requests for one task id or one path, in the order of arrival."""
        return [seen for seen in list(self.requests) if key in (seen.task_id, seen.path)]

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def wait_until(self, met: Callable[[Self], bool], timeout: float = 5.0) -> None:
        """Return once `met(server)`, such as `lambda s: s.connections == 0`; else raise TimeoutError."""
        deadline = time.monotonic() + timeout
        while not met(self):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not met within {timeout} s")
            time.sleep(0.005)

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", self._port), backlog=1024)
        scheme = "https" if self.tls else "http"
        self.base_url = f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}"
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[ready], name="fault-server", daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it, now or at the block's end; its port is dead then."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def _run(self, ready: threading.Event) -> None:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve(ready))

    async def _serve(self, ready: threading.Event) -> None:
        """Accept by hand: a connection that asyncio's own server accepts as it is closed stays open."""
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        with self._socket:
            self._socket.setblocking(False)
            self._loop.add_reader(self._socket, self._accept)
            ready.set()
            await self._stopping.wait()
            self._loop.remove_reader(self._socket)
        await asyncio.gather(*self._beginning)
        while self._connections:
            for connection in self._connections:
                connection.abort()
            await asyncio.sleep(0)

    def _accept(self) -> None:
        try:
            accepted, _ = self._socket.accept()
        except OSError:  # it has gone before its turn came
            return
        accepted.setblocking(False)
        coroutine = self._loop.connect_accepted_socket(lambda: Connection(self), accepted)
        task = self._loop.create_task(coroutine)
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    def opened(self, connection: Connection) -> None:
        """Note a connection that was made."""
        self.accepted += 1
        self._connections.add(connection)

    def closed(self, connection: Connection) -> None:
        """Note that it is gone."""
        self._connections.discard(connection)

    def count(self, change: int) -> None:
        """Note that this many more requests of records are unanswered."""
        self._in_flight += change
        self.peak_in_flight = max(self.peak_in_flight, self._in_flight)

    def answer(self, seen: Seen) -> Reply:
        """Note a request and choose the reply."""
        if self._remember:
            self.requests.append(seen)
        key = seen.task_id if seen.path == RECORD_PATH else seen.path
        if seen.path == RECORD_PATH and self._is_too_fast(seen.time):
            return self.refusal
        if script := self._scripts.get(key):
            return script.popleft() if len(script) > 1 else script[0]
        if media := self._media.get(seen.path):
            return media.reply(seen.method, seen.headers.get("range", ""))
        if seen.path != RECORD_PATH:
            return Reply(status=404, body="<h1>404</h1>", headers={"Content-Type": "text/html"})
        if self._script_all:
            return self._script_all.popleft()
        return self.default(seen.task_id)

    def _is_too_fast(self, now: float) -> bool:
        self._window.append(now)
        while self._window[0] <= now - 1:
            self._window.popleft()
        self.peak_per_second = max(self.peak_per_second, len(self._window))
        return self.per_second is not None and len(self._window) > self.per_second


@contextlib.contextmanager
def serve_process(*, delay: float = 0.0) -> Iterator[str]:
    """Run a server in a process of its own, where it takes no turns from the client's threads.

    Parameters
    ----------
    delay : float
        Seconds before each answer.

    Yields
    ------
    str
        Its base URL.
    """
    command = [sys.executable, "-m", "tests.faults", "--delay", str(delay)]
    root = Path(__file__).parents[1]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe) as process:  # noqa: S603 - this file
        assert process.stdin
        assert process.stdout
        try:
            base_url = process.stdout.readline().decode().strip()
            if not base_url:
                raise RuntimeError("the fault server did not start: its words are on the standard error")
            yield base_url
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def main() -> None:
    """Serve successes until the standard input ends, or until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=main.__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    arguments = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with FaultServer(port=arguments.port, remember=False) as server:
        server.default = lambda task_id: Reply(body=success(task_id), delay=arguments.delay)
        print(server.base_url, flush=True)  # noqa: T201 - it is the program's answer
        ended = threading.Event()
        threading.Thread(target=_read_input, args=[ended], daemon=True).start()
        while not ended.wait(0.2):  # in slices: a signal just before a wait does not end it
            pass


def _read_input(ended: threading.Event) -> None:
    while os.read(0, 65536):  # unbuffered: a lock of sys.stdin must not be held when the program ends
        pass
    ended.set()


if __name__ == "__main__":
    main()
