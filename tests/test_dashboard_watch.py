"""What the desk does in its thread: watch, refresh, and how that ends; cells run meanwhile."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aleph_nb import current_session
from aleph_nb.dashboard import Dashboard
from aleph_nb.dashboard.later import Later
from aleph_nb.dashboard.work import EndedError, Worker
from tests.faults import FaultServer, Reply, refuse, running, success
from tests.kernel import running_kernel
from tests.keys import KEY
from tests.pages import Page, line
from tests.shell import Shell

WITHIN = 2.0  # seconds: "about one", on a machine that does other things as well


@pytest.fixture
def slow(shell: Shell, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """Point the shell's session at a server whose tasks run until it is told otherwise."""
    monkeypatch.setenv("KIE_API_KEY", KEY)
    monkeypatch.setenv("ALEPH_NB_BASE_URL", server.base_url)
    for setting in ("rate = 0", "retries = 0", "timeout = 20", "poll_interval = 0.1"):
        shell.good(f"%config AlephMagics.{setting}")
    server.default = lambda task_id: Reply(body=running(task_id))
    return server


def finish(server: FaultServer) -> None:
    server.default = lambda task_id: Reply(body=success(task_id))


def open_desk(shell: Shell, ids: str = "a b c") -> tuple[Dashboard, Page]:
    desk = shell.good(f"%aleph_dashboard {ids}").value
    page = Page(desk)
    page.wait(lambda: {row["state"] for row in page.rows.values()} == {"in_progress"}, "not asked")
    return desk, page


def has_thread() -> bool:
    return any(thread.name == "aleph-desk" for thread in threading.enumerate())


def until(met: Callable[[], bool]) -> float:
    """Wait until something is so; return the seconds that it took."""
    begun = time.monotonic()
    while not met():
        assert time.monotonic() < begun + 20
        time.sleep(0.005)
    return time.monotonic() - begun


# ── The watch ────────────────────────────────────────────────────────────────────────────────────


def test_a_watch_tells_what_changes_and_ends_by_itself(shell: Shell, slow: FaultServer) -> None:
    _, page = open_desk(shell)
    page.say("watch", on=True)
    stand = page.wait_for("watch")
    assert (stand["on"], stand["settled"], stand["total"]) == (True, 0, 3)
    finish(slow)
    page.wait(lambda: not page.of("watch")[-1]["on"], "does not end")
    stand = page.of("watch")[-1]
    assert (stand["settled"], stand["total"]) == (3, 3)
    assert stand["text"].startswith("3 of 3 done · 3 succeeded · in "), stand
    assert {row["state"] for row in page.rows.values()} == {"succeeded"}
    assert page.of("rows")[-1]["total"] == 3
    until(lambda: not has_thread())


def test_what_has_not_changed_is_not_told_again(shell: Shell, slow: FaultServer) -> None:
    _, page = open_desk(shell)
    page.say("watch", on=True)
    asked = len(slow.requests)
    page.wait(lambda: len(slow.requests) > asked + 9)
    assert len(page.of("rows")) < 10
    page.say("watch", on=False)


def test_the_toolbar_ends_a_watch(shell: Shell, slow: FaultServer) -> None:
    _, page = open_desk(shell)
    page.say("watch", on=True)
    page.wait_for("watch")
    page.say("watch", on=False)
    assert until(lambda: not has_thread()) < WITHIN
    assert not page.of("watch")[-1]["on"]
    said = len(slow.requests)
    page.say("details", task_id="a")
    assert len(slow.requests) == said


def test_cells_and_verdicts_go_on_while_it_watches(shell: Shell, slow: FaultServer) -> None:
    desk, page = open_desk(shell)
    page.say("watch", on=True)
    page.wait_for("watch")
    page.say("verdicts", lines=[line("a", "rating", 4)])
    assert page.of("kept")
    assert shell.good("%aleph_status a -q").value.state.tolist() == ["in_progress"]
    assert desk.reviews().rating.tolist() == [4]
    assert page.of("watch")[-1]["on"]


def test_a_refresh_goes_before_the_watch_which_goes_on(shell: Shell, slow: FaultServer) -> None:
    _, page = open_desk(shell)
    page.say("watch", on=True)
    page.wait_for("watch", 2)
    page.say("refresh")
    page.wait(lambda: page.status == "Asked for 3 tasks.", "no refresh")
    stands = len(page.of("watch"))
    page.wait_for("watch", stands + 2)
    assert page.of("watch")[-1]["on"]
    page.say("add", text="d")
    page.wait(lambda: page.of("watch")[-1]["total"] == 4, "does not watch what was added")


def test_a_watch_of_nothing_says_so(shell: Shell, slow: FaultServer) -> None:
    finish(slow)
    page = Page(shell.good("%aleph_dashboard a").value)
    page.wait(lambda: page.rows.get("a", {}).get("state") == "succeeded")
    page.say("watch", on=True)
    assert page.wait_for("watch")["text"] == "No task is under way."
    assert not page.of("watch")[-1]["on"]


def test_a_key_that_is_refused_ends_the_watch_with_a_line(shell: Shell, slow: FaultServer) -> None:
    _, page = open_desk(shell)
    slow.default = lambda _: refuse(401)
    page.say("watch", on=True)
    page.wait(lambda: "401" in page.status)
    page.wait(lambda: not page.of("watch")[-1]["on"])


def test_another_service_ends_the_watch(shell: Shell, slow: FaultServer) -> None:
    _, page = open_desk(shell)
    page.say("watch", on=True)
    page.wait_for("watch")
    shell.good("%aleph_demo")
    page.wait(lambda: not page.of("watch")[-1]["on"])
    assert "%aleph_demo stop" in page.status
    assert set(page.rows) == {"a", "b", "c"}


# ── Refresh ──────────────────────────────────────────────────────────────────────────────────────


def test_a_refresh_asks_for_what_is_not_done(shell: Shell, slow: FaultServer) -> None:
    _, page = open_desk(shell)
    finish(slow)
    slow.script("b", Reply(body=running("b")))
    page.say("refresh")
    page.wait(
        lambda: [page.rows[each]["state"] for each in "abc"] == ["succeeded", "in_progress", "succeeded"]
    )
    page.wait(lambda: page.status.startswith("Asked for 3 tasks"))
    asked = len(slow.requests)
    page.say("refresh", ids=["a", "nobody"])  # final, and none of its own
    page.wait(lambda: page.status.startswith("Asked for 1 task"))
    assert len(slow.requests) == asked


def test_a_refresh_finds_what_the_ledger_has_got_elsewhere(shell: Shell, slow: FaultServer) -> None:
    finish(slow)
    shell.good("%aleph_status a b -q;")
    page = Page(shell.good("%aleph_dashboard").value)
    assert set(page.rows) == {"a", "b"}
    current_session().keeper.asked_listeners.clear()  # as if another kernel had asked
    shell.good("%aleph_status c -q;")
    page.say("refresh")
    page.wait(lambda: set(page.rows) == {"a", "b", "c"})
    assert page.of("rows")[-1]["fresh"]
    page.wait(lambda: page.status == "No task is under way; 1 new in the ledger.")
    shell.good("%aleph_forget a --yes;")
    page.say("refresh")
    page.wait(lambda: set(page.rows) == {"b", "c"}, "still there")


def test_a_failure_is_told_in_the_line_of_status(shell: Shell, slow: FaultServer) -> None:
    _, page = open_desk(shell)
    slow.default = lambda _: refuse(500)
    page.say("refresh")
    page.wait(lambda: "500" in page.status)
    assert page.of("status")[-1]["kind"] == "error"


# ── Its end ──────────────────────────────────────────────────────────────────────────────────────


def hang(shell: Shell, slow: FaultServer) -> tuple[Dashboard, Page]:
    """Open a desk whose watch waits for answers that do not come."""
    desk, page = open_desk(shell)
    slow.default = lambda _: Reply(hang=True)
    asked = len(slow.requests)
    page.say("watch", on=True)
    page.wait(lambda: len(slow.requests) > asked)
    return desk, page


@pytest.mark.parametrize("how", ["close", "rerun", "unload", "comm", "view"])
def test_the_thread_ends_within_a_second_also_while_answers_are_awaited(
    shell: Shell, slow: FaultServer, how: str
) -> None:
    desk, page = hang(shell, slow)
    begun = time.monotonic()
    match how:
        case "close":
            desk.close()
        case "rerun":
            shell.good("%aleph_dashboard a b c")
            slow.default = lambda task_id: Reply(body=running(task_id))
        case "unload":
            shell.good("%unload_ext aleph_nb")
        case "comm":
            desk.desk.comm.handle_close({"content": {"data": {}}})
        case "view":
            page.receive(_view_count=1)
            page.receive(_view_count=0)
    if how != "rerun":
        until(lambda: not has_thread())
        assert time.monotonic() - begun < WITHIN
    assert not desk._worker.is_busy
    assert ("closed" in repr(desk)) is (how != "view")


def test_a_view_that_is_only_moved_ends_nothing(shell: Shell, slow: FaultServer) -> None:
    _, page = open_desk(shell)
    page.say("watch", on=True)
    page.wait_for("watch")
    for count in (1, 0, 1):
        page.receive(_view_count=count)
    stands = len(page.of("watch"))
    page.wait_for("watch", stands + 4)  # two seconds of them
    assert page.of("watch")[-1]["on"]


def test_the_kernel_runs_cells_while_two_hundred_are_watched(tmp_path: Path) -> None:
    with running_kernel(tmp_path) as kernel:
        kernel.good(
            "%load_ext aleph_nb\n%config AlephMagics.rate = 0\n%config AlephMagics.poll_interval = 0.5"
        )
        kernel.good("import threading, time\nids = %aleph_demo --tasks 200\nbegun = time.monotonic()")
        said = kernel.good("desk = %aleph_dashboard $ids\nprint(time.monotonic() - begun)")
        assert float(said.printed) < 5
        opened = [each["content"] for each in said.messages if each["msg_type"] == "comm_open"]
        desk = [each["comm_id"] for each in opened if "_esm" in each["data"]["state"]]
        kernel.tell(desk[0], {"type": "watch", "on": True})
        names = "[each.name for each in threading.enumerate() if each.name.startswith('aleph-desk')]"
        assert "aleph-desk" in kernel.good(f"print({names})").printed
        begun = time.monotonic()
        for number in range(5):
            assert kernel.good(f"print({number} + 1)").printed.strip() == str(number + 1)
        assert time.monotonic() - begun < 5
        kernel.good("%unload_ext aleph_nb")
        left = kernel.good("print([each.name for each in threading.enumerate() if 'aleph' in each.name])")
        assert left.printed.strip() == "[]"


# ── The parts ────────────────────────────────────────────────────────────────────────────────────


def test_a_worker_does_jobs_in_turn_and_the_lasting_one_while_there_is_no_other() -> None:
    done: list[str] = []
    worker = Worker(lambda error: done.append(str(error)))
    going = threading.Event()

    def last() -> None:
        done.append("lasts")
        while not going.is_set():
            worker.check()
            time.sleep(0.005)
        done.append("done")

    def fail() -> None:
        raise ValueError("it failed")

    worker.last(last)
    until(lambda: done == ["lasts"])
    worker.do(lambda: done.append("job"))
    worker.do(fail)
    until(lambda: done == ["lasts", "job", "it failed", "lasts"])
    going.set()
    until(lambda: not worker.is_busy)
    assert done[-1] == "done"
    assert not worker.is_lasting
    with pytest.raises(EndedError):
        worker.check()  # who is not its thread has nothing to go on with
    worker.close()
    worker.do(lambda: done.append("too late"))
    assert not worker.is_busy


def test_later_does_many_calls_once_and_a_last_time_at_its_end() -> None:
    done: list[float] = []
    later = Later(lambda: done.append(time.monotonic()), pause=0.3, delay=0.02)
    for _ in range(10):
        later.soon()
    until(lambda: len(done) == 1)
    later.soon()
    until(lambda: len(done) == 2)
    assert done[1] - done[0] >= 0.29
    later.soon()
    later.close()
    assert len(done) == 3
    later.soon()
    later.close()
    assert len(done) == 3
    assert not [thread for thread in threading.enumerate() if thread.name == "aleph-desk-later"]
