"""What another cell asks for: an open desk shows it by itself, a closed one hears nothing."""

import threading
import time

import pytest

from aleph_nb import current_session
from aleph_nb.dashboard import Dashboard
from tests.faults import FaultServer, Reply, running, success
from tests.keys import KEY
from tests.pages import Page
from tests.shell import Shell


@pytest.fixture
def slow(shell: Shell, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """Point the shell's session at a server whose tasks run until they are to finish."""
    monkeypatch.setenv("KIE_API_KEY", KEY)
    monkeypatch.setenv("ALEPH_NB_BASE_URL", server.base_url)
    for setting in ("rate = 0", "retries = 0", "timeout = 20", "poll_interval = 0.1"):
        shell.good(f"%config AlephMagics.{setting}")
    server.default = lambda task_id: Reply(body=running(task_id))
    return server


def finish(server: FaultServer) -> None:
    server.default = lambda task_id: Reply(body=success(task_id))


def states(page: Page) -> dict[str, str]:
    return {task_id: row["state"] for task_id, row in page.rows.items()}


def whole_desk(shell: Shell) -> Page:
    """Open a desk about all that the ledger knows: three tasks that run."""
    shell.good("%aleph_status a b c -q")
    page = Page(shell.good("%aleph_dashboard").value)
    page.wait(lambda: states(page) == dict.fromkeys("abc", "in_progress"))
    return page


def test_a_watch_in_another_cell_is_seen_without_a_refresh(shell: Shell, slow: FaultServer) -> None:
    page = whole_desk(shell)
    finish(slow)
    asked = len(slow.requests)
    shell.good("%aleph_watch -q")
    page.wait(lambda: states(page) == dict.fromkeys("abc", "succeeded"), "stale")
    assert len(slow.requests) == asked + 3  # the desk looks into the ledger, and asks nobody


def test_new_tasks_come_into_a_desk_about_all(shell: Shell, slow: FaultServer) -> None:
    page = whole_desk(shell)
    shell.good("%aleph_status d -q")
    page.wait(lambda: states(page).get("d") == "in_progress", "not there")
    news = [told for told in page.of("rows") if told.get("fresh")]
    assert [(told["count"], told["total"]) for told in news] == [(1, 4)]


def test_new_labels_come_too(shell: Shell, slow: FaultServer) -> None:
    finish(slow)
    shell.good("%aleph_status a -q")
    page = Page(shell.good("%aleph_dashboard").value)
    shell.good("import pandas\n%aleph_status {pandas.DataFrame({'task_id': ['a'], 'shot': ['7b']})} -q")
    page.wait(lambda: page.rows["a"]["labels"] == {"shot": "7b"}, "no label")


def test_a_desk_with_ids_hears_of_its_own_only(shell: Shell, slow: FaultServer) -> None:
    page = Page(shell.good("%aleph_dashboard a b").value)
    page.wait(lambda: states(page) == dict.fromkeys("ab", "in_progress"))
    finish(slow)
    shell.good("%aleph_status a c d -q")
    page.wait(lambda: states(page).get("a") == "succeeded", "stale")
    assert states(page) == {"a": "succeeded", "b": "in_progress"}
    assert page.of("rows")[-1]["total"] == 2


def test_two_desks_hear_of_each_other(shell: Shell, slow: FaultServer) -> None:
    page = whole_desk(shell)
    other = Page(shell.good("%aleph_dashboard a").value)
    finish(slow)
    other.say("refresh")
    page.wait(lambda: states(page) == {"a": "succeeded", "b": "in_progress", "c": "in_progress"}, "stale")


def test_many_records_are_few_messages_and_what_runs_on_is_none(shell: Shell, slow: FaultServer) -> None:
    page = whole_desk(shell)
    said, asked = len(page.of("rows")), len(slow.requests)
    shell.good("%aleph_watch -q --timeout 3")
    assert len(slow.requests) > asked + 15
    time.sleep(1.5)
    assert len(page.of("rows")) <= said + 1


def test_what_the_desk_asks_for_itself_is_told_once(shell: Shell, slow: FaultServer) -> None:
    page = whole_desk(shell)
    page.say("watch", on=True)
    page.wait_for("watch")
    finish(slow)
    page.wait(lambda: not page.of("watch")[-1]["on"], "does not end")
    told = len(page.heard)
    assert states(page) == dict.fromkeys("abc", "succeeded")
    time.sleep(1.5)
    assert len(page.heard) == told


def test_a_desk_that_is_closed_hears_nothing_and_leaves_nothing(shell: Shell, slow: FaultServer) -> None:
    page = whole_desk(shell)
    desk: Dashboard = shell["_"]
    keeper = current_session().keeper
    assert len(keeper.asked_listeners) == 1
    shell.good("%aleph_status d -q")  # is not told yet
    desk.close()
    told = len(page.heard)
    assert keeper.asked_listeners == []
    assert "aleph-desk-later" not in [thread.name for thread in threading.enumerate()]
    shell.good("%aleph_status e -q")
    time.sleep(1.5)
    assert len(page.heard) == told
    assert "e" not in states(page)


def test_nothing_is_read_for_a_fetch_without_a_desk(
    shell: Shell, slow: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[object] = []
    keeper = current_session().keeper
    monkeypatch.setattr(type(keeper), "rows", lambda _, ids: reads.append(ids))
    shell.good("%aleph_status a b c -q")
    time.sleep(0.7)
    assert reads == []
