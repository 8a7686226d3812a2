"""The client's end: a refused key, an interrupt, a consumer that goes, `close`."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aleph_nb.client import Client
from aleph_nb.errors import AuthenticationError, TransportError
from aleph_nb.record import State
from tests.faults import FaultServer, Reply, envelope, refuse, success
from tests.keys import KEY, key_parts

Make = Callable[..., Client]

_IDS = [str(number) for number in range(200)]


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("aleph-")]


# ── 401 ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "reply",
    [refuse(401), refuse(401, inside=True), Reply(body={"code": 401, "msg": "no"}), Reply(status=401)],
    ids=["status", "envelope", "no data", "no envelope"],
)
def test_a_refused_key_ends_all_at_once(server: FaultServer, make_client: Make, reply: Reply) -> None:
    """Seven are under way when the eighth is refused; none of the others is asked."""
    server.default = lambda task_id: Reply(body=success(task_id), delay=2)
    server.script("7", reply)
    client = make_client(server.base_url, workers=8, retries=4)
    began = time.monotonic()
    with pytest.raises(AuthenticationError) as caught:
        list(client.fetch_many(_IDS))
    assert time.monotonic() - began < 1.9, "those under way are not waited for"
    assert caught.value.__context__ is caught.value.__cause__ is None
    assert len(server.requests) <= 8
    time.sleep(0.3)
    assert len(server.requests) <= 8
    assert not _threads()


def test_at_a_pace_a_refused_key_is_the_last_request(server: FaultServer, make_client: Make) -> None:
    server.default = lambda _: refuse(401)
    with pytest.raises(AuthenticationError):
        list(make_client(server.base_url, rate=3, workers=16).fetch_many(_IDS))
    time.sleep(0.5)
    assert len(server.requests) == 1


def test_a_refused_key_ends_all_while_the_consumer_is_busy(server: FaultServer, make_client: Make) -> None:
    """The thread that is told so stops the others; who waits for its record may take his time."""
    server.script("5", refuse(401))
    records = make_client(server.base_url, workers=1).fetch_many(_IDS)
    next(records)
    server.wait_until(lambda server: len(server.requests) >= 6)
    time.sleep(0.3)
    assert len(server.requests) == 6
    with pytest.raises(AuthenticationError):
        list(records)


def test_a_refused_key_ends_those_who_wait_to_try_again(server: FaultServer, make_client: Make) -> None:
    server.default = lambda _: refuse(503, headers={"Retry-After": "30"})
    server.script("a", refuse(401, delay=0.3))
    began = time.monotonic()
    with pytest.raises(AuthenticationError):
        list(make_client(server.base_url, workers=4, retries=4).fetch_many(["1", "2", "a"]))
    assert time.monotonic() - began < 5
    assert len(server.requests) == 3


def test_what_was_answered_before_a_401_is_handed_over(server: FaultServer, make_client: Make) -> None:
    server.script("10", refuse(401))
    records = make_client(server.base_url, workers=1).fetch_many(_IDS)
    assert [next(records).task_id for _ in range(10)] == _IDS[:10]
    with pytest.raises(AuthenticationError):
        next(records)


# ── The consumer goes ────────────────────────────────────────────────────────────────────────────


def test_an_early_end_of_the_generator_ends_the_threads(server: FaultServer, make_client: Make) -> None:
    server.default = lambda task_id: Reply(body=success(task_id), delay=0.02)
    records: Any = make_client(server.base_url, workers=8).fetch_many(_IDS)
    next(records)
    assert _threads()
    records.close()
    assert not _threads()
    time.sleep(0.2)  # what was sent before may arrive on a busy machine
    asked = len(server.requests)
    time.sleep(0.2)
    assert len(server.requests) == asked < 100


def test_an_early_end_shuts_what_is_under_way(server: FaultServer, make_client: Make) -> None:
    server.default = lambda task_id: Reply(hang=True, delay=0.0) if task_id != "0" else Reply(body=envelope())
    records: Any = make_client(server.base_url, workers=4, timeout=30).fetch_many(_IDS)
    next(records)
    server.wait_until(lambda server: len(server.requests) >= 4)
    records.close()
    assert not _threads()
    server.wait_until(lambda server: server.connections <= 1)  # the one that was answered is kept


def test_closing_the_client_ends_what_is_under_way(server: FaultServer, make_client: Make) -> None:
    server.default = lambda task_id: Reply(body=success(task_id), delay=0.02)
    client = make_client(server.base_url, workers=8, retries=4)
    records = client.fetch_many(_IDS)
    next(records)
    client.close()
    for thread in _threads():
        thread.join(5)
    assert not _threads()
    asked = len(server.requests)
    time.sleep(0.2)
    assert len(server.requests) == asked < 100
    server.wait_until(lambda server: server.connections == 0)
    rest = list(records)
    assert len(rest) == len(_IDS) - 1, "every id has its row"
    assert {record.reason for record in rest if record.state is State.no_answer} == {"the client was closed"}


@pytest.mark.parametrize("retries", [0, 4])
def test_closing_the_client_from_another_thread_is_told(
    server: FaultServer, make_client: Make, retries: int
) -> None:
    server.default = lambda _: Reply(hang=True)
    client = make_client(server.base_url, retries=retries, timeout=30)
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(client.fetch, "a")
        server.wait_until(lambda server: len(server.requests) == 1)
        client.close()
        error = asking.exception(10)
    assert isinstance(error, TransportError)
    assert str(error).startswith("No answer for task a")
    assert len(server.requests) == 1


def test_a_client_that_was_used_leaves_nothing(server: FaultServer, make_client: Make) -> None:
    with make_client(server.base_url) as client:
        list(client.fetch_many(_IDS))
        assert not _threads()
    server.wait_until(lambda server: server.connections == 0)


# ── Ctrl-C, a real one ───────────────────────────────────────────────────────────────────────────

_PROGRAM = """
import json, sys, threading, time, traceback
from aleph_nb.client import Client
from aleph_nb.settings import Settings

client = Client(Settings.load(json.loads(sys.argv[1])))
arrived = 0
print("ready", flush=True)
try:
    if json.loads(sys.argv[2]):
        client.fetch("0")
    for record in client.fetch_many(map(str, range(200))):
        arrived += 1
except KeyboardInterrupt as error:
    at = time.monotonic()
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    threads = [t for t in threading.enumerate() if t.name.startswith("aleph-")]
    for thread in threads:
        thread.join(1)
    left = [t.name for t in threads if t.is_alive()]
    print(json.dumps({"at": at, "arrived": arrived, "left": left, "shown": shown}), flush=True)
    time.sleep(0.6)  # so that what would go on can be seen to
client.close()
"""


@contextmanager
def _program(base_url: str, *, one: bool = False, **settings: float) -> Iterator[subprocess.Popen[str]]:
    chosen = {"base_url": base_url, "rate": 0, "timeout": 30, "workers": 8, **settings}
    command = [sys.executable, "-W", "error", "-c", _PROGRAM, json.dumps(chosen), json.dumps(one)]
    environment = os.environ | {"KIE_API_KEY": KEY}
    with subprocess.Popen(  # noqa: S603, this program
        command,
        cwd=Path(__file__).parents[1],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def _interrupt(process: subprocess.Popen[str], server: FaultServer) -> dict[str, Any]:
    """Send the signal; return what the program tells, and how many requests went out after it."""
    at = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert err == ""
    assert process.returncode == 0
    told: dict[str, Any] = json.loads(out)
    told["seconds"] = told.pop("at") - at
    told["after"] = sum(seen.time > at + 0.2 for seen in server.requests)
    return told


_HEAD = {"X-Long": "x" * 9999}

_SCENES: dict[str, tuple[Callable[[str], Reply], dict[str, Any], int]] = {
    "silence": (lambda _: Reply(hang=True), {}, 8),
    "one id": (lambda _: Reply(hang=True), {"one": True}, 1),
    "slow head": (lambda _: Reply(drip_headers=0.05, headers=_HEAD), {}, 8),
    "slow body": (lambda _: Reply(body="x" * 9999, drip=0.05), {}, 8),
    "last body": (lambda _: Reply(body="x" * 99, cut=9, hang=True, headers={"Connection": "close"}), {}, 8),
    "pace": (lambda task_id: Reply(body=success(task_id)), {"rate": 0.1}, 1),
    "retry": (lambda _: refuse(503, headers={"Retry-After": "30"}), {}, 8),
    "cool-down": (lambda _: refuse(429, headers={"Retry-After": "30"}), {}, 1),
    "busy": (lambda task_id: Reply(body=success(task_id), delay=0.1), {}, 40),
}


@pytest.mark.parametrize("name", _SCENES)
def test_an_interrupt_gives_control_back_within_a_second(server: FaultServer, name: str) -> None:
    server.default, settings, asked = _SCENES[name]
    with _program(server.base_url, **settings) as process:
        server.wait_until(lambda server: len(server.requests) >= asked, 20)
        time.sleep(0.2)
        told = _interrupt(process, server)
    assert told["seconds"] < 1
    assert told["after"] == 0
    assert told["left"] == []
    assert not any(part in told["shown"] for part in key_parts())


def test_an_interrupt_within_a_handshake_starts_nothing(tmp_path: Path) -> None:
    """The server is told by nobody: it accepts, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening, FaultServer() as server:
        listening.settimeout(20)
        with _program(f"https://127.0.0.1:{listening.getsockname()[1]}", workers=1) as process:
            peer, _ = listening.accept()
            with peer:
                peer.recv(1)
                told = _interrupt(process, server)
    assert told["seconds"] < 1
    assert told["left"] == []
