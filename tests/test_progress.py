"""Progress: one display in a notebook, one line in a terminal."""

import os
import pty
import select
import sys
import termios
import threading
import time
from pathlib import Path

import pytest

from aleph_nb.progress import Progress
from aleph_nb.record import Record, State
from tests.shell import Shell


def record(state: State = State.succeeded) -> Record:
    return Record(task_id="a", state=state)


def test_a_notebook_gets_one_display_that_is_updated_in_place(shell: Shell) -> None:
    shell["run"] = run_forty
    shell.good("run(False)")
    outputs = shell.ip.display_pub.outputs
    ids = {output["transient"]["display_id"] for output in outputs}
    assert len(ids) == 1
    assert [bool(output.get("update")) for output in outputs] == [False] + [True] * (len(outputs) - 1)
    assert len(outputs) < 12  # not one update a record
    last = outputs[-1]["data"]
    assert last["text/plain"].startswith("40 of 40, 1 without an answer")
    assert "<progress" not in last["text/html"]


def run_forty(in_terminal: bool) -> None:
    with Progress(40, in_terminal=in_terminal) as progress:
        for number in range(40):
            progress.arrived(failed=number == 7)
            time.sleep(0.01)


def test_an_error_leaves_the_last_count_standing(shell: Shell) -> None:
    shell["Progress"], shell["record"] = Progress, record()
    ran = shell.bad("with Progress(3, in_terminal=False) as p:\n    p.arrived()\n    1 / 0")
    assert ran.texts[-1].startswith("1 of 3")


def test_a_terminal_gets_a_bar_that_vanishes_and_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(threading.enumerate())
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, 80))
    with os.fdopen(follower, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        run_forty(in_terminal=True)
        terminal.flush()
        written = read_all(leader)
    os.close(leader)
    assert "40/40" in written  # also the last ones, however soon they came
    assert written.rstrip(" ").endswith("\r")  # wiped
    assert set(threading.enumerate()) == before


def read_all(descriptor: int) -> str:
    """Read what is there; a terminal hands it over piece by piece."""
    pieces = []
    while select.select([descriptor], [], [], 0.5)[0]:
        pieces.append(os.read(descriptor, 100_000))
    return b"".join(pieces).decode()


def test_a_pipe_gets_nothing(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run_forty(in_terminal=True)
    assert capfd.readouterr() == ("", "")
