"""The demo's thread, and the demo as a program: what they do, and that they leave nothing."""

import gc
import http.client
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aleph_nb.demo import KEY, DemoService
from tests.demo.calls import NEON, PATH, Clock, ask, call, data_of

ROOT = Path(__file__).parents[2]


# ── The thread ───────────────────────────────────────────────────────────────────────────────────


def demo_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("aleph_nb.demo")]


def test_start_and_stop_twice_are_as_once(media: Path) -> None:
    service = DemoService(media=media)
    assert (service.is_running, service.base_url) == (False, "")
    service.stop()
    service.start()
    where = service.base_url
    service.start()
    assert (service.is_running, service.base_url) == (True, where)
    assert len(demo_threads()) == 1
    assert demo_threads()[0].daemon
    service.stop()
    service.stop()
    assert (service.is_running, service.base_url) == (False, "")
    service.start()
    assert ask(service, service.ids[0]).json["code"] == 200
    service.stop()


def test_a_start_after_a_stop_begins_the_clock(clock: Clock, media: Path) -> None:
    service = DemoService(clock=clock, media=media)
    clock.pass_by(hours=1)
    for _ in range(2):
        with service:
            assert data_of(service, NEON)["successFlag"] == 0
            clock.pass_by(minutes=1)
            assert data_of(service, NEON)["successFlag"] == 1


def test_stop_leaves_nothing_behind(media: Path) -> None:
    def descriptors() -> int:
        gc.collect()
        held = Path("/proc/self/fd")
        return sum(1 for _ in held.iterdir()) if held.exists() else 0

    with DemoService(media=media) as service:
        ask(service, service.ids[0])
    before, threads = descriptors(), threading.active_count()
    for _ in range(20):
        with DemoService(media=media) as service:
            parts = urlsplit(service.base_url)
            address = (parts.hostname, parts.port)
            idle = socket.create_connection(address, timeout=10)  # open at the stop, having said nothing
            half = socket.create_connection(address, timeout=10)
            half.sendall(b"GET /media/source/ridge.mp4 HTTP/1.1\r\nHost:")
            ask(service, service.ids[0])
        with idle, half:
            assert {idle.recv(100), half.recv(100)} == {b""}
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=10)
    assert not demo_threads()
    assert threading.active_count() == threads
    assert descriptors() <= before


def test_a_stop_in_the_middle_of_a_download_does_not_wait(tmp_path: Path) -> None:
    (tmp_path / "ridge.mp4").write_bytes(bytes(30_000_000))
    with DemoService(media=tmp_path) as service:
        parts = urlsplit(service.base_url)
        slow = socket.create_connection((parts.hostname, parts.port), timeout=10)
        slow.sendall(b"GET /media/source/ridge.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert slow.recv(10) == b"HTTP/1.1 2"
        begun = time.perf_counter()
        service.stop()
        assert time.perf_counter() - begun < 2
    slow.close()
    assert not demo_threads()


def test_a_port_that_is_taken_is_the_true_error(media: Path) -> None:
    with DemoService(media=media) as service:
        taken = urlsplit(service.base_url).port
        other = DemoService(media=media, port=taken or 0)
        with pytest.raises(OSError, match="in use"):
            other.start()
        assert not other.is_running
        assert other.base_url == ""
        assert len(demo_threads()) == 1


def test_it_listens_on_loopback_only(demo: DemoService) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", demo.base_url)
    assert "Connection refused" in refused(f"127.0.0.2:{urlsplit(demo.base_url).port}")


def refused(address: str) -> str:
    host, _, port = address.partition(":")
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the caller looks at the words
        socket.create_connection((host, int(port)), timeout=10)
    return str(caught.value)


def test_sixteen_connections_are_kept_and_answered_at_once(demo: DemoService) -> None:
    parts = urlsplit(demo.base_url)

    def many(_: int) -> list[float]:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        connection.connect()
        kept, spent = connection.sock, []
        for _turn in range(25):
            for task_id in demo.ids[:4]:
                begun = time.perf_counter()
                connection.request(
                    "GET", f"{PATH}?taskId={task_id}", headers={"Authorization": f"Bearer {KEY}"}
                )
                assert json.loads(connection.getresponse().read())["data"]["taskId"] == task_id
                spent.append(time.perf_counter() - begun)
                assert connection.sock is kept
        connection.close()
        return spent

    alone = sorted(many(0))
    assert alone[len(alone) // 2] < 0.01
    with ThreadPoolExecutor(16) as pool:
        spent = sorted(second for seconds in pool.map(many, range(16)) for second in seconds)
    assert len(spent) == 1600
    assert spent[len(spent) // 2] < 0.1
    assert spent[-1] < 2


def test_it_says_nothing(
    demo: DemoService, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    ask(demo, demo.ids[0])
    ask(demo, demo.ids[0], key="wrong")
    call(demo.base_url, "/nowhere")
    call(demo.base_url, PATH, "POST")
    call(demo.base_url, "/media/source/none.mp4")
    call(demo.base_url, "/media/%ff%fe")
    parts = urlsplit(demo.base_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as raw:
        raw.sendall(b"nonsense\r\n\r\n")
        raw.recv(1000)
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


# ── As a program ─────────────────────────────────────────────────────────────────────────────────


def run_demo(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-W", "error", "-X", "dev", "-m", "aleph_nb.demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_program_serves_until_interrupted(sign: signal.Signals) -> None:
    with run_demo("--tasks", "20") as program:
        try:
            assert program.stdout
            lines = [program.stdout.readline() for _ in range(22)]
            found = re.search(
                r"KIE_API_KEY=(\S+) ALEPH_NB_BASE_URL=(http://127\.0\.0\.1:(\d+))$", lines[1], re.MULTILINE
            )
            assert found
            assert found[2] in lines[0]
            ids = [line.strip() for line in lines[2:]]
            assert ids == DemoService(tasks=20).ids
            headers = {"Authorization": f"Bearer {found[1]}"}
            answer = call(found[2], f"{PATH}?taskId={ids[0]}", headers=headers)
            assert answer.json["data"]["taskId"] == ids[0]
            program.send_signal(sign)
            rest, told = program.communicate(timeout=20)
        finally:
            program.kill()
    slow = re.compile("Executing <Handle .* took .* seconds\n")  # -X dev tells of a busy machine
    assert (program.returncode, rest, slow.sub("", told)) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["--tasks", "0"], "The demo has from 1 to 10000 tasks, not 0.", 2),
        (["--port", "70000"], "A port lies between 0 and 65535, not at 70000.", 2),
    ],
)
def test_the_program_refuses_in_a_sentence(arguments: list[str], said: str, code: int) -> None:
    with run_demo(*arguments) as program:
        _, told = program.communicate(timeout=20)
    assert program.returncode == code
    assert said in told
    assert "Traceback" not in told


def test_the_program_says_that_a_port_is_taken(demo: DemoService) -> None:
    port = str(urlsplit(demo.base_url).port)
    with run_demo("--port", port) as program:
        _, told = program.communicate(timeout=20)
    assert program.returncode == 1
    assert f"port {port}" in told
    assert "Traceback" not in told


def test_it_is_a_witness_of_its_own() -> None:
    code = (
        "import sys, aleph_nb.demo; "
        "print(*[m for m in sys.modules if m.startswith('aleph_nb.') and not m.startswith('aleph_nb.demo')])"
    )
    told = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert set(told.stdout.split()) <= {"aleph_nb._version"}
