"""`%aleph_watch`, in a real shell and in a real kernel."""

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from aleph_nb.errors import ConfigurationError
from aleph_nb.frame import COLUMNS
from tests.faults import FaultServer, Reply, envelope, refuse, running, success
from tests.kernel import Kernel, Said, running_kernel
from tests.keys import KEY
from tests.shell import Shell

LIVE = 'class="aleph-live'


@pytest.fixture
def faulty(shell: Shell, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """Point the shell's session at the fault server, without pauses."""
    monkeypatch.setenv("KIE_API_KEY", KEY)
    monkeypatch.setenv("ALEPH_NB_BASE_URL", server.base_url)
    for setting in ("rate = 0", "timeout = 2", "retry_wait = 0", "poll_interval = 0.05"):
        shell.good(f"%config AlephMagics.{setting}")
    return server


def settles(server: FaultServer, task_id: str, after: int) -> None:
    """Let a task run for so many answers, then succeed."""
    server.script(task_id, *[Reply(body=running(task_id))] * after, Reply(body=success(task_id)))


def asked(server: FaultServer) -> set[str | None]:
    return {seen.task_id for seen in server.requests}


# ── In a shell ───────────────────────────────────────────────────────────────────────────────────


def test_it_returns_a_row_for_each_and_shows_what_became_of_them(shell: Shell, faulty: FaultServer) -> None:
    settles(faulty, "a", 2)
    ran = shell.good("df = %aleph_watch a b c d -o kept")
    assert list(shell["df"].task_id) == ["a", "b", "c", "d"]
    assert tuple(shell["df"].columns) == COLUMNS
    assert shell["kept"] is shell["df"]
    assert "4 of 4 done · 4 succeeded · in " in ran.printed
    assert [bundle["text/html"].count("<video") for bundle in ran.shown] == [2, 2, 2, 0]
    assert ran.texts[-1] == "1 more: 1 succeeded"
    assert "Go on" not in ran.printed


def test_one_task_ends_as_its_card(shell: Shell, faulty: FaultServer) -> None:
    settles(faulty, "a", 1)
    ran = shell.good("%aleph_watch a")
    assert list(ran.value.state) == ["succeeded"]
    assert len(ran.shown) == 1
    assert "Succeeded" in ran.texts[0]


def test_the_timeout_returns_what_there_is_and_says_how_to_go_on(shell: Shell, faulty: FaultServer) -> None:
    settles(faulty, "slow", 10_000)
    ran = shell.good("df = %aleph_watch slow quick --timeout 0.5")
    assert list(shell["df"].state) == ["in_progress", "succeeded"]
    assert "1 of 2 done · 1 succeeded, 1 running · time was up after" in ran.printed
    assert "1 of 2 not done. Go on: %aleph_watch\n" in ran.printed
    ran = shell.good("%aleph_watch slow --timeout 1s")
    assert "The task is not done. Go on: %aleph_watch slow\n" in ran.printed


def test_what_is_given_up_is_not_said_to_be_under_way(shell: Shell, faulty: FaultServer) -> None:
    faulty.default = lambda _: Reply(body=envelope(data={"successFlag": 9}))
    ran = shell.good("df = %aleph_watch a b")
    assert set(shell["df"].state) == {"unknown"}
    assert "2 of 2 done" in ran.printed
    assert "Go on" not in ran.printed


@pytest.mark.parametrize(
    "line", ["%aleph_watch slow a -q --timeout 0.3", "%aleph_watch slow a --timeout 0.3;"]
)
def test_quiet_is_quiet(shell: Shell, faulty: FaultServer, line: str) -> None:
    settles(faulty, "slow", 10_000)
    ran = shell.good(f"df = {line}")
    assert (ran.printed, ran.shown) == ("", [])
    assert list(shell["df"].state) == ["in_progress", "succeeded"]


@pytest.mark.parametrize("value", ["0", "-3", "nan", "inf", "soon", "5x", "2d"])
def test_a_timeout_that_is_none_is_refused_before_anything_is_asked(
    shell: Shell, faulty: FaultServer, value: str
) -> None:
    ran = shell.bad(f"%aleph_watch a --timeout={value}")
    assert isinstance(ran.error, ConfigurationError)
    assert str(ran.error).startswith(f"--timeout {value} cannot be used")
    assert faulty.requests == []


def test_without_ids_it_watches_what_is_under_way(shell: Shell, faulty: FaultServer) -> None:
    assert "No task ids" in str(shell.bad("%aleph_watch").error)  # nothing is known yet
    settles(faulty, "a", 2)
    shell.good("%aleph_status a b -q")
    faulty.requests.clear()
    assert list(shell.good("%aleph_watch").value.task_id) == ["a"]
    assert asked(faulty) == {"a"}
    ran = shell.good("%aleph_watch")
    assert "No task is under way" in ran.printed
    assert "0 of 0" not in ran.everything
    assert len(ran.value) == 0


def test_without_a_key_it_is_one_clear_error_and_nothing_else(
    shell: Shell, faulty: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIE_API_KEY")
    ran = shell.bad("%aleph_watch a b")
    assert "There is no key" in ran.printed
    assert "of 2 done" not in ran.everything
    assert ran.shown == []


def test_a_refused_key_shows_what_came_before(shell: Shell, faulty: FaultServer) -> None:
    faulty.script("a", Reply(body=running("a")), refuse(401))
    ran = shell.bad("%aleph_watch a b -o kept")
    assert "1 of 2 done · 1 succeeded, 1 running · broken off after" in ran.printed
    assert list(shell["kept"].state) == ["in_progress", "succeeded"]
    assert "in_progress" in ran.texts[-1]
    assert "401" in ran.printed


def test_what_was_done_before_is_counted_and_not_listed(shell: Shell, faulty: FaultServer) -> None:
    shell.good("%aleph_status a b -q")
    settles(faulty, "c", 2)
    ran = shell.good("df = %aleph_watch a b c")
    assert "3 of 3 done · 3 succeeded" in ran.printed
    listed = [line for line in ran.printed.splitlines() if line.startswith("Succeeded")]
    assert [line.split()[1] for line in listed] == ["c"]


def test_tasks_that_the_demo_does_not_know_are_told(shell: Shell) -> None:
    shell.good("ids = %aleph_demo")
    ran = shell.good("%aleph_watch not-a-task --timeout 0.5")
    assert "%aleph_demo stop" in ran.printed


# ── In a kernel ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        kernel.good("%load_ext aleph_nb")
        yield kernel


@pytest.fixture
def pointed(kernel: Kernel, server: FaultServer) -> Kernel:
    """Return the kernel, pointed at the fault server, with a ledger of its own."""
    names = {"KIE_API_KEY": KEY, "ALEPH_NB_BASE_URL": server.base_url}
    settings = ("rate = 0", "timeout = 2", "retry_wait = 0", "poll_interval = 0.1")
    kernel.good(f"import os\nos.environ |= {names!r}")
    kernel.good("\n".join(f"%config AlephMagics.{each}" for each in settings))
    return kernel


def displays(said: Said) -> dict[str, list[dict[str, Any]]]:
    """Give the bundles of each display with an id, in their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for message in said.messages:
        content = message["content"]
        name = content.get("transient", {}).get("display_id")
        if name and message["msg_type"] in ("display_data", "update_display_data"):
            is_first = name not in found
            assert is_first == (message["msg_type"] == "display_data")
            found.setdefault(name, []).append(content["data"])
    return found


def live(said: Said) -> list[dict[str, Any]]:
    """Give the stages of the one live display."""
    (stages,) = [each for each in displays(said).values() if LIVE in each[0]["text/html"]]
    return stages


def height(html: str) -> int:
    """Add up the heights of the rows, and of the room that is left for more."""
    return sum(map(int, re.findall(r"[;\"]height:(\d+)px(?!;border)", html)))


def test_one_display_is_updated_in_place(pointed: Kernel, server: FaultServer) -> None:
    names = [f"task-{number}" for number in range(60)]
    for number, name in enumerate(names):
        settles(server, name, number % 10)
    said = pointed.good(f"df = %aleph_watch {' '.join(names)}")
    stages = live(said)
    assert 3 <= len(stages) < 40  # not one an answer
    assert all(len(json.dumps(stage)) < 20_000 for stage in stages)
    assert {height(stage["text/html"]) for stage in stages[:-1]} == {8 * 24}
    assert stages[-1]["text/plain"].startswith("60 of 60 done · 60 succeeded · in ")
    assert len(json.dumps(stages[-1])) < 3000
    assert said.printed == ""
    assert "57 more: 57 succeeded" in said.everything


def test_an_interrupt_shows_what_is_known_and_is_one_line(pointed: Kernel, server: FaultServer) -> None:
    settles(server, "b", 10_000)
    server.script("c", Reply(hang=True))
    timer = threading.Timer(1.5, pointed.interrupt)
    timer.start()
    said = pointed.bad("df = 'as it was'\ndf = %aleph_watch b a c -o kept")
    timer.join()
    assert said.error == "KeyboardInterrupt: 2 of 3 not done. Go on: %aleph_watch"
    assert live(said)[-1]["text/plain"].startswith(
        "1 of 3 done · 1 succeeded, 1 running, 1 not asked yet · interrupted after"
    )
    assert "in_progress" in said.shown[-1]["text/plain"]
    assert said.printed == "The rows are kept in kept.\n"
    known = pointed.good("print(df, list(kept.task_id), list(kept.state))").printed
    assert known == "as it was ['b', 'a', 'c'] ['in_progress', 'succeeded', 'no_answer']\n"
    settles(server, "b", 0)
    settles(server, "c", 0)
    assert pointed.good("df = %aleph_watch -q\nprint(sorted(df.task_id))").printed == "['b', 'c']\n"


def test_one_task_that_is_interrupted_says_which(pointed: Kernel, server: FaultServer) -> None:
    settles(server, "one", 10_000)
    timer = threading.Timer(0.8, pointed.interrupt)
    timer.start()
    said = pointed.bad("%aleph_watch one -q")
    timer.join()
    assert said.error == "KeyboardInterrupt: the task is not done. Go on: %aleph_watch one"
    assert displays(said) == {}
