"""The magics over the ledger: `%aleph_history`, `%aleph_forget`, calls without ids, `%aleph`."""

import _thread
import builtins
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from aleph_nb import State, current_session
from aleph_nb.errors import AuthenticationError, ConfigurationError
from aleph_nb.frame import COLUMNS
from aleph_nb.settings import data_folder
from tests.faults import FaultServer, Reply, envelope, failure, refuse, running, success
from tests.kernel import Kernel, running_kernel
from tests.keys import KEY
from tests.ledgers import make_record
from tests.shell import Ran, Shell


@pytest.fixture
def faulty(shell: Shell, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """Point the shell's session at the fault server, without pauses."""
    monkeypatch.setenv("KIE_API_KEY", KEY)
    monkeypatch.setenv("ALEPH_NB_BASE_URL", server.base_url)
    for setting in ("rate = 0", "retries = 0", "timeout = 2", "retry_wait = 0", "poll_interval = 0.1"):
        shell.good(f"%config AlephMagics.{setting}")
    return server


@pytest.fixture
def kept(shell: Shell, faulty: FaultServer) -> list[str]:
    """Keep a task of each state, made an hour apart; return their ids, the newest first."""
    shell.good("%aleph_history")  # the session has its settings
    session, now = current_session(), datetime.now(UTC)
    states = [State.succeeded, State.failed, State.in_progress, State.not_found, State.unknown]
    records = [
        make_record(
            f"task-{state}",
            state,
            create_time=now - timedelta(hours=hours),
            complete_time=now - timedelta(hours=hours - 1) if state.is_final else None,
            prompt=f"A lighthouse at {hours} o'clock",
        )
        for hours, state in enumerate(states, 1)
    ]
    dying = make_record(
        "task-dying",
        create_time=now - timedelta(days=13),
        complete_time=now - timedelta(days=13) + timedelta(minutes=5),
    )
    ids = [record.task_id for record in (*records, dying)]
    session.keeper.open().ask(session.service, {key: {} for key in [*ids, "task-silent"]}, now)
    session.keeper.open().save(session.service, [*records, dying])
    return ["task-silent", *ids]


def found(ran: Ran) -> list[str]:
    """Return the ids of the frame that is a cell's value."""
    assert type(ran.value) is pd.DataFrame
    return list(ran.value.task_id)


def asked(server: FaultServer) -> list[str]:
    return [str(seen.task_id) for seen in server.requests]


# ── %aleph_history ───────────────────────────────────────────────────────────────────────────────


def test_history_is_all_that_is_known_the_newest_first(
    shell: Shell, faulty: FaultServer, kept: list[str]
) -> None:
    ran = shell.good("%aleph_history")
    assert found(ran) == kept
    assert tuple(ran.value.columns) == COLUMNS
    assert isinstance(ran.value.index, pd.RangeIndex)
    assert ran.shown == []
    assert asked(faulty) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--state failed", ["task-failed"]),
        ("--state failed --state=no_answer", ["task-silent", "task-failed"]),
        ("--since 150m", ["task-silent", "task-succeeded", "task-failed"]),
        ("--since 2w --state succeeded", ["task-succeeded", "task-dying"]),
        ("--search LIGHTHOUSE --limit 2", ["task-succeeded", "task-failed"]),
        ("--search 'at 3 o' --state in_progress", ["task-in_progress"]),
        ("--search blocked", ["task-failed"]),
        ("--expiring 3d", ["task-dying"]),
        ("--expiring 2w", ["task-succeeded", "task-dying"]),
        ("--limit 1", ["task-silent"]),
        ("--limit 0", []),
        ("--limit 99999999999999999999 --state failed", ["task-failed"]),
        ("task-dying task-failed nobody", ["task-failed", "task-dying"]),
        ("task-dying --state failed task-failed", ["task-failed"]),
        ("$wanted", ["task-unknown"]),
        ("-f wanted.csv", ["task-not_found"]),
        ("--search nothing-of-the-kind", []),
    ],
)
def test_every_filter(shell: Shell, kept: list[str], options: str, expected: list[str]) -> None:
    shell["wanted"] = pd.Series(["task-unknown"])
    Path("wanted.csv").write_text("shot,task_id\n1,task-not_found\n", encoding="utf-8")
    ran = shell.good(f"%aleph_history {options}")
    assert found(ran) == expected
    assert ("No task matches" in ran.printed) == (not expected)
    assert current_session().known_ids("nobody") == []  # to look for an id is not to ask for it


@pytest.mark.parametrize(
    "options",
    ["--since yesterday", "--expiring 3", "--limit -1", "--limit x", "--state gone", "-o 1x", "--since -3d"],
)
def test_a_filter_that_cannot_be_used(shell: Shell, kept: list[str], options: str) -> None:
    ran = shell.bad(f"%aleph_history {options}")
    assert isinstance(ran.error, ConfigurationError)
    assert "Traceback" not in ran.printed
    assert options.split(maxsplit=1)[0] in str(ran.error)


def test_history_is_kept_in_a_variable_and_may_be_silent(shell: Shell, kept: list[str]) -> None:
    ran = shell.good("%aleph_history --limit 2 -o few")
    assert list(shell["few"].task_id) == found(ran) == kept[:2]
    ran = shell.good("df = %aleph_history --search nothing;")
    assert (ran.printed, ran.value, len(shell["df"])) == ("", None, 0)
    ran = shell.good("%aleph_history --limit 1;")
    assert (ran.printed, ran.value, ran.shown) == ("", None, [])


def test_an_empty_history_says_what_to_do(shell: Shell) -> None:
    ran = shell.good("%aleph_history")
    assert ran.printed.startswith("No tasks yet. Paste ids")
    assert "%aleph_demo" in ran.printed
    assert ran.value.empty
    assert tuple(ran.value.columns) == COLUMNS


def test_history_shows_labels_and_finds_by_them(shell: Shell, faulty: FaultServer) -> None:
    shell["shots"] = pd.DataFrame({"task_id": ["a", "b"], "shot": ["12a", "13"]})
    shell.good("%aleph_status -q $shots")
    ran = shell.good("%aleph_history --search 12A")
    assert found(ran) == ["a"]
    assert list(ran.value["shot"]) == ["12a"]


# ── %aleph_forget ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is typed where the shell asks, to be changed, and the prompts behind it."""
    said = ["n"]

    def ask(prompt: str = "") -> str:
        said.append(prompt)
        if said[0] == "^D":
            raise EOFError
        return said[0]

    monkeypatch.setattr(builtins, "input", ask)
    return said


@pytest.mark.parametrize("answer", ["y", "Y", "yes", " Yes "])
def test_forget_asks_first(shell: Shell, kept: list[str], typed: list[str], answer: str) -> None:
    typed[0] = answer
    ran = shell.good("%aleph_forget task-failed task-dying nobody")
    assert "3 tasks" in typed[1]
    assert "127.0.0.1" in typed[1]
    assert ran.printed == "2 tasks forgotten. 1 was not in the ledger.\n"
    assert found(shell.good("%aleph_history")) == [
        each for each in kept if each not in ("task-failed", "task-dying")
    ]


@pytest.mark.parametrize("answer", ["", "n", "no", "what"])
def test_forget_takes_anything_else_for_a_no(
    shell: Shell, kept: list[str], typed: list[str], answer: str
) -> None:
    typed[0] = answer
    assert shell.good("%aleph_forget task-failed").printed == "Nothing is forgotten.\n"
    assert found(shell.good("%aleph_history")) == kept


def test_forget_with_yes_asks_nobody(
    shell: Shell, faulty: FaultServer, kept: list[str], typed: list[str]
) -> None:
    shell["ids"] = kept
    assert shell.good("%aleph_forget $ids --yes").printed == "7 tasks forgotten.\n"
    assert shell.good("%aleph_forget task-failed --yes;").printed == ""
    assert len(typed) == 1
    shell.good("%aleph_status -q task-succeeded")
    assert asked(faulty) == ["task-succeeded"]  # it is asked for again


def test_forget_where_nobody_can_be_asked(shell: Shell, kept: list[str], typed: list[str]) -> None:
    typed[0] = "^D"
    assert "--yes" in str(shell.bad("%aleph_forget task-failed").error)
    assert isinstance(shell.bad("%aleph_forget").error, ConfigurationError)
    assert found(shell.good("%aleph_history")) == kept


def test_forget_in_a_kernel(tmp_path: Path) -> None:
    folder = tmp_path / "kernel"
    folder.mkdir()
    with running_kernel(folder) as kernel:
        kernel.good("%load_ext aleph_nb\n%config AlephMagics.rate = 0\nids = %aleph_demo")
        kernel.good("df = %aleph_status -q $ids")
        said = kernel.good("%aleph_forget {ids[0]}", typed="n")
        assert "[y/N]" in said.asked[0]["prompt"]
        assert not said.asked[0]["password"]
        assert "Nothing is forgotten." in said.printed
        assert "1 task forgotten." in kernel.good("%aleph_forget {ids[0]}", typed="y").printed
        _without_stdin(kernel)
        assert "1 task forgotten." in kernel.run("%aleph_forget --yes {ids[1]}", can_ask=False).printed
        assert "12" in kernel.good("df = %aleph_history;\nprint(len(df))").printed


def _without_stdin(kernel: Kernel) -> None:
    said = kernel.run("%aleph_forget {ids[1]}", can_ask=False)
    assert "Nobody can be asked here. To forget all the same: --yes" in said.error
    assert "\n" not in said.error.strip()


# ── Without ids ──────────────────────────────────────────────────────────────────────────────────


def test_status_without_ids_asks_for_what_is_not_done(shell: Shell, faulty: FaultServer) -> None:
    faulty.script("runs", Reply(body=running("runs")))
    faulty.script("silent", refuse(500))
    faulty.script("missing", Reply(body=envelope(data=None)))
    faulty.script("failed", Reply(body=failure("failed")))
    shell.good("%aleph_status -q runs silent done missing failed")
    faulty.requests.clear()
    faulty.script("runs", Reply(body=success("runs")))
    ran = shell.good("%aleph_status -q")
    assert found(ran) == ["runs", "silent", "missing"]
    assert sorted(asked(faulty)) == ["missing", "runs", "silent"]
    assert ran.printed.count("left out") == 0
    assert found(shell.good("%aleph_status -q")) == ["silent", "missing"]


def test_status_without_ids_counts_what_it_leaves_out(shell: Shell, faulty: FaultServer) -> None:
    shell.good("%aleph_history")
    session, long_ago = current_session(), datetime.now(UTC) - timedelta(days=8)
    ledger = session.keeper.open()
    ledger.ask(session.service, {"old": {}, "older": {}, "runs": {}, "done": {}}, long_ago)
    ledger.save(session.service, [make_record("runs", State.in_progress), make_record("done")])
    ran = shell.good("%aleph_status")
    assert asked(faulty) == ["runs"]
    assert "2 that were never done, and are older than 7 days, are left out: %aleph_history" in ran.printed
    ran = shell.good("%aleph_status")  # and now that one is done, too
    assert asked(faulty) == ["runs"]
    assert "2 that were never done" in ran.printed
    assert "No task is under way" in ran.printed
    assert found(ran) == []


def test_status_without_ids_and_without_any_task_says_what_to_name(shell: Shell, faulty: FaultServer) -> None:
    for magic in ("%aleph_status", "%aleph_watch"):
        ran = shell.bad(magic)
        assert isinstance(ran.error, ConfigurationError)
        assert str(ran.error).startswith(f"No task ids. Name some ({magic} ID ID)")
    shell.good("%aleph_status -q a")
    assert isinstance(shell.bad("%%aleph_status\n# none").error, ConfigurationError)


def test_watch_without_ids_goes_on_to_the_end(shell: Shell, faulty: FaultServer) -> None:
    faulty.script("a", Reply(body=running("a")), Reply(body=running("a")), Reply(body=success("a")))
    shell.good("%aleph_status -q a b")
    ran = shell.good("%aleph_watch -q")
    assert found(ran) == ["a"]
    assert list(ran.value.state) == ["succeeded"]
    assert asked(faulty).count("b") == 1
    assert "No task is under way" in shell.good("%aleph_watch").printed


def test_an_interrupted_watch_shows_what_it_has_heard(shell: Shell, faulty: FaultServer) -> None:
    faulty.script("runs", Reply(body=running("runs")))
    shell.good("%aleph_status -q done")
    threading.Timer(1.0, _thread.interrupt_main).start()
    ran = shell.bad("%aleph_watch runs done new -o df")
    assert isinstance(ran.error, KeyboardInterrupt)
    assert "Go on: %aleph_watch" in ran.printed
    assert "Traceback" not in ran.printed
    assert list(shell["df"].task_id) == ["runs", "done", "new"]
    assert list(shell["df"].state) == ["in_progress", "succeeded", "succeeded"]


def test_a_watch_whose_key_is_refused_shows_what_the_ledger_had(shell: Shell, faulty: FaultServer) -> None:
    shell.good("%aleph_status -q done")
    faulty.default = lambda task_id: refuse(401)
    ran = shell.bad("%aleph_watch done new -o df")
    assert isinstance(ran.error, AuthenticationError)
    assert list(shell["df"].task_id) == ["done", "new"]
    assert list(shell["df"].state) == ["succeeded", "no_answer"]


def test_without_a_key_what_is_final_is_shown_before_the_error(
    shell: Shell, faulty: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.good("%aleph_status -q a b")
    monkeypatch.delenv("KIE_API_KEY")
    assert found(shell.good("%aleph_status b a")) == ["b", "a"]
    ran = shell.bad("%aleph_status b new a -o df")
    assert isinstance(ran.error, ConfigurationError)
    assert "2 of 3 arrived" in ran.printed
    assert list(shell["df"].task_id) == ["b", "new", "a"]
    assert list(shell["df"].state) == ["succeeded", "no_answer", "succeeded"]
    assert found(shell.good("%aleph_history new")) == ["new"]


def test_fresh_says_in_its_row_what_the_ledger_still_has(shell: Shell, faulty: FaultServer) -> None:
    shell.good("%aleph_status -q a b")
    faulty.script("a", refuse(500))
    ran = shell.good("%aleph_status --fresh a b")
    row = ran.value.iloc[0]
    assert (row.state, row.code) == ("no_answer", 500)
    assert "the ledger still has the record" in row.reason
    assert "the ledger still has the record" in ran.everything
    assert list(shell.good("%aleph_history a").value.state) == ["succeeded"]


# ── %aleph ───────────────────────────────────────────────────────────────────────────────────────


def test_aleph_shows_where_the_ledger_is_and_what_it_has(shell: Shell, kept: list[str]) -> None:
    text = shell.good("%aleph").texts[0]
    assert str(data_folder() / "ledger.sqlite3") in text
    assert "1 in progress, 2 succeeded, 1 failed, 1 not found, 1 unknown, 1 no answer" in " ".join(
        text.split()
    )


def test_aleph_shows_the_ledger_of_the_demo_and_none(shell: Shell) -> None:
    shell.good("%aleph_demo")
    assert "demo.sqlite3" in shell.good("%aleph").texts[0]
    shell.good("%aleph_demo stop")
    shell.good("%config AlephMagics.ledger = 'off'")
    assert "in memory" in shell.good("%aleph").texts[0]
    assert "no tasks yet" in shell.good("%aleph").texts[0]


def test_a_ledger_elsewhere_counts_from_the_next_call_on(
    shell: Shell, faulty: FaultServer, tmp_path: Path
) -> None:
    shell.good("%aleph_status -q a")
    shell.good(f"%config AlephMagics.ledger = '{tmp_path}/b.sqlite3'")
    assert found(shell.good("%aleph_history")) == []
    shell.good("%aleph_status -q a")
    assert asked(faulty) == ["a", "a"]
    assert f"{tmp_path}/b.sqlite3" in shell.good("%aleph").texts[0]
    shell.good(f"%config AlephMagics.ledger = '{data_folder()}/ledger.sqlite3'")
    assert found(shell.good("%aleph_history")) == ["a"]
    said = shell.run("%config AlephMagics.ledger = 'postgresql://me:hunter2@host/x'").everything
    assert "PostgreSQL" in said
    assert "hunter2" not in said
    assert found(shell.good("%aleph_history")) == ["a"]


def test_the_demos_reset_begins_its_ledger_anew(shell: Shell) -> None:
    shell.good("%config AlephMagics.rate = 0\nids = %aleph_demo\n%aleph_status -q $ids;")
    assert len(found(shell.good("%aleph_history"))) == 14
    shell.good("%aleph_demo --reset")
    assert shell.good("%aleph_history").value.empty
    assert (data_folder() / "demo.sqlite3").exists()
