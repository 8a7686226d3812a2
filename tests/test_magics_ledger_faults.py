"""A ledger that cannot be used, through the magics: one line says so, and all that is fetched is shown."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from aleph_nb import Session, Settings, State, current_session
from aleph_nb.errors import StorageError
from aleph_nb.ledger import Ledger
from aleph_nb.ledger import sqlite as store
from aleph_nb.session.held import Held
from aleph_nb.settings import data_folder
from tests.faults import FaultServer, Reply, running, success
from tests.keys import KEY
from tests.ledgers import ids, make_record, python
from tests.shell import Ran, Shell

Spoil = Callable[[Path], None]


@pytest.fixture
def faulty(shell: Shell, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """Point the shell's session at the fault server, without pauses."""
    monkeypatch.setenv("KIE_API_KEY", KEY)
    monkeypatch.setenv("ALEPH_NB_BASE_URL", server.base_url)
    for setting in ("rate = 0", "retries = 0", "timeout = 2", "retry_wait = 0"):
        shell.good(f"%config AlephMagics.{setting}")
    return server


@pytest.fixture
def path(shell: Shell, faulty: FaultServer) -> Path:
    """Return a ledger in which a task is done and another runs; the session has not opened it."""
    faulty.script("runs", Reply(body=running("runs")))
    path = data_folder() / "ledger.sqlite3"
    settings = Settings(base_url=faulty.base_url, rate=0)
    with Session(settings) as session:
        session.status(["done", "runs"])
    faulty.requests.clear()
    return path


def asked(server: FaultServer) -> list[str]:
    return sorted(str(seen.task_id) for seen in server.requests)


def told(ran: Ran) -> list[str]:
    """Return the lines that speak of a fault of the ledger; there is no traceback."""
    assert "Traceback" not in ran.printed
    assert "sqlalchemy" not in ran.printed
    return [line for line in ran.printed.splitlines() if "could not be" in line or "left as it is" in line]


def states(ran: Ran) -> dict[str, str]:
    return dict(zip(ran.value.task_id, ran.value.state, strict=True))


# ── How it is spoilt, and mended ─────────────────────────────────────────────────────────────────


def folder_is_a_file(path: Path) -> None:
    path.parent.rename(path.parent.with_name("kept"))
    path.parent.write_text("x", encoding="utf-8")


def truncated(path: Path) -> None:
    shutil.copy(path, path.with_name("kept"))
    with path.open("r+b") as file:
        file.truncate(20_000)


def junk(path: Path) -> None:
    shutil.copy(path, path.with_name("kept"))
    path.write_bytes(os.urandom(9000))


def of_a_later_version(path: Path) -> None:
    shutil.copy(path, path.with_name("kept"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("update aleph_nb set value = '99' where name = 'schema'")


def of_another_program(path: Path) -> None:
    path.rename(path.with_name("kept"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("create table tasks (name)")


def mend(path: Path) -> None:
    if path.parent.is_file():
        path.parent.unlink()
        path.parent.with_name("kept").rename(path.parent)
    else:
        path.unlink()
        path.with_name("kept").rename(path)


BROKEN: dict[str, tuple[Spoil, str]] = {
    "its folder is a file": (folder_is_a_file, "Check that its folder is there, is a folder"),
    "truncated": (truncated, "Move it away, and a new one is made"),
    "junk": (junk, "Move it away, and a new one is made"),
    "a later version": (of_a_later_version, "Update aleph-nb"),
    "another program's": (of_another_program, "choose another place"),
}
NEXT = {  # what brings back what was held: the ids that are asked for again
    "%aleph_status c": ["c"],
    "%aleph_status": ["runs"],
    "%aleph_watch c": ["c"],
    "%aleph_history": [],
    "%aleph": [],
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_ledger_that_cannot_be_opened(shell: Shell, faulty: FaultServer, path: Path, what: str) -> None:
    spoil, remedy = BROKEN[what]
    spoil(path)
    before = path.read_bytes() if path.parent.is_dir() else b""
    for again in (False, True):
        ran = shell.good("%aleph_status a done b")
        (line,) = told(ran)
        assert str(path.name) in line
        assert remedy in line
        assert line.endswith("What is asked for is kept in this kernel until then.")
        assert states(ran) == dict.fromkeys(["a", "done", "b"], "succeeded")
        assert ran.html.count("<video") == 6
        assert asked(faulty) == ["a", "b", "done"], "what is held in memory needs no request" if again else ""
    ran = shell.good("%aleph_status -q a new;")
    assert len(told(ran)) == 1
    ran = shell.bad("%aleph_history")
    assert isinstance(ran.error, StorageError)
    assert len(told(ran)) == 1
    ran = shell.bad("%aleph_forget a --yes")
    assert isinstance(ran.error, StorageError)
    assert len(told(ran)) == 1
    ran = shell.good("%aleph")
    assert told(ran) == []  # its own row says what is wrong
    assert "ledger" in " ".join(ran.texts[0].split())
    assert (path.read_bytes() if path.parent.is_dir() else b"") == before


@pytest.mark.parametrize("call", NEXT)
@pytest.mark.parametrize("what", BROKEN)
def test_once_mended_the_next_call_writes_what_was_held_back(
    shell: Shell, faulty: FaultServer, path: Path, what: str, call: str
) -> None:
    BROKEN[what][0](path)
    shell.good("%config AlephMagics.poll_interval = 0.1")
    shell.good("%aleph_status -q a b")
    mend(path)
    faulty.requests.clear()
    faulty.script("runs", Reply(body=success("runs")))
    ran = shell.good(call)
    assert told(ran) == []
    assert asked(faulty) == NEXT[call]
    with Ledger.open(path) as ledger:
        counts = ledger.counts(current_session().service)
    done = 3 + len(NEXT[call])
    assert counts == {State.succeeded: done} | ({} if call == "%aleph_status" else {State.in_progress: 1})
    if call == "%aleph":
        assert f"{done} succeeded" in ran.texts[0]
    assert set(shell.good("%aleph_history").value.task_id) == {"a", "b", "done", "runs", *NEXT[call]}


def test_without_ids_what_was_asked_for_in_this_kernel_is_asked_again(
    shell: Shell, faulty: FaultServer, path: Path
) -> None:
    junk(path)
    assert len(told(shell.bad("%aleph_status"))) == 1  # nothing is known: a line, and what to name
    assert len(told(shell.good("%aleph_status -q runs a"))) == 1
    ran = shell.good("%aleph_status")
    assert states(ran) == {"runs": "in_progress"}
    assert len(told(ran)) == 1


def test_another_place_gets_what_was_held_back(
    shell: Shell, faulty: FaultServer, path: Path, tmp_path: Path
) -> None:
    junk(path)
    shell.good("%aleph_status -q a b")
    shell.good(f"%config AlephMagics.ledger = '{tmp_path}/other.sqlite3'")
    assert told(shell.good("%aleph_status -q c")) == []
    with Ledger.open(tmp_path / "other.sqlite3") as ledger:
        assert ledger.counts(current_session().service) == {State.succeeded: 3}


def test_forget_counts_what_was_held_back(shell: Shell, faulty: FaultServer, path: Path) -> None:
    junk(path)
    shell.good("%aleph_status -q new")
    mend(path)
    assert (
        "2 tasks forgotten. 1 was not in the ledger." in shell.good("%aleph_forget done new no --yes").printed
    )
    assert list(shell.good("%aleph_history").value.task_id) == ["runs"]


def test_a_closed_session_still_has_what_was_held_back(shell: Shell, faulty: FaultServer, path: Path) -> None:
    junk(path)
    shell.good("%aleph_status -q new")
    current_session().close()
    mend(path)
    assert set(shell.good("%aleph_history").value.task_id) == {"new", "done", "runs"}


def test_what_is_carried_over_is_replaced_by_nothing_that_is_not_final() -> None:
    older, newer = Held(), Held()
    older.save(make_record("done"))
    older.save(make_record("runs", state=State.in_progress))
    newer.save(make_record("done", state=State.in_progress))
    newer.save(make_record("runs"))
    newer.take_over(older)
    assert {record.state for record in newer.records.values()} == {State.succeeded}


# ── Only read ────────────────────────────────────────────────────────────────────────────────────


def test_a_ledger_that_is_only_read_still_serves(shell: Shell, faulty: FaultServer, path: Path) -> None:
    before = path.read_bytes()
    shell.good(f"%config AlephMagics.ledger = 'sqlite:///{path}?mode=ro'")
    for _ in range(2):
        ran = shell.good("%aleph_status done a runs")
        (line,) = told(ran)
        assert "it may only be read" in line
        assert "writable" in line
        assert states(ran) == {"done": "succeeded", "a": "succeeded", "runs": "in_progress"}
    assert asked(faulty) == ["a", "runs", "runs"]  # what is done comes from the ledger, or from memory
    ran = shell.good("%aleph_history")
    assert len(told(ran)) == 1  # what was held back is not among its rows
    assert states(ran) == {"done": "succeeded", "runs": "in_progress"}
    assert len(told(shell.good("%aleph_status -q"))) == 1
    assert len(told(shell.bad("%aleph_forget done --yes"))) == 1
    assert path.read_bytes() == before
    shell.good(f"%config AlephMagics.ledger = '{path}'")
    assert told(shell.good("%aleph_status -q c")) == []
    assert states(shell.good("%aleph_history")) == {
        "done": "succeeded",
        "runs": "in_progress",
        "a": "succeeded",
        "c": "succeeded",
    }


def test_without_ids_nothing_is_asked_for_that_is_done(shell: Shell, faulty: FaultServer, path: Path) -> None:
    shell.good(f"%config AlephMagics.ledger = 'sqlite:///{path}?mode=ro'")
    shell.good("%aleph_status -q done runs new")
    assert states(shell.good("%aleph_status -q")) == {"runs": "in_progress"}
    faulty.script("runs", Reply(body=success("runs")))
    shell.good("%aleph_status -q")
    assert states(shell.good("%aleph_status -q")) == {}, "what is held, and in the ledger still runs"


def test_a_watch_goes_on_without_a_ledger(shell: Shell, faulty: FaultServer, path: Path) -> None:
    shell.good("%config AlephMagics.poll_interval = 0.1")
    faulty.script("runs", Reply(body=running("runs")), Reply(body=success("runs")))
    for chosen in (f"sqlite:///{path}?mode=ro", f"{path}/no/folder.sqlite3"):
        shell.good(f"%config AlephMagics.ledger = '{chosen}'")
        ran = shell.good("%aleph_watch runs a")
        assert len(told(ran)) == 1
        assert states(ran) == {"runs": "succeeded", "a": "succeeded"}


# ── Locked ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_BUSY", 1.0)


@pytest.mark.usefixtures("impatience")
@pytest.mark.parametrize(("lock", "due"), [("begin exclusive", ["a", "done"]), ("begin immediate", ["a"])])
def test_a_ledger_that_stays_locked_is_told_and_waited_for_no_more(
    shell: Shell, faulty: FaultServer, path: Path, lock: str, due: list[str]
) -> None:
    shell.good("%aleph_history")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(lock)
        start = time.monotonic()
        ran = shell.good("%aleph_status done a")
        assert time.monotonic() - start < 3.5  # a second to write, a second to read
        (line,) = told(ran)
        assert "locked for 1 s" in line
        assert states(ran) == {"done": "succeeded", "a": "succeeded"}
        assert asked(faulty) == due  # what can still be read needs no request
    assert told(shell.good("%aleph_status -q b")) == []
    assert set(shell.good("%aleph_history").value.task_id) == {"done", "runs", "a", "b"}


# ── Deleted or replaced while in use ─────────────────────────────────────────────────────────────


def test_a_ledger_deleted_while_in_use_is_made_anew(shell: Shell, faulty: FaultServer, path: Path) -> None:
    shell.good("%aleph_status -q done a")
    path.unlink()
    ran = shell.good("%aleph_status -q done b")
    assert ran.printed.count("deleted or replaced while it was in use") == 1
    assert told(ran) == []
    assert states(ran) == {"done": "succeeded", "b": "succeeded"}
    ran = shell.good("%aleph_history")
    assert "deleted or replaced" not in ran.printed
    assert {"done", "b"} <= set(ran.value.task_id)


def test_a_ledger_deleted_in_the_middle_of_a_fetch_has_every_id(
    shell: Shell, faulty: FaultServer, path: Path
) -> None:
    shell.good("%aleph_history")
    times: list[int] = []

    def answer(task_id: str) -> Reply:
        times.append(1)
        if len(times) == 20:
            path.unlink()
        return Reply(body=success(task_id), delay=0.01)

    faulty.default = answer
    shell["ids"] = ids(100)
    ran = shell.good("%aleph_status -q $ids")
    assert set(states(ran).values()) == {"succeeded"}
    assert ran.printed.count("deleted or replaced while it was in use") == 1
    assert set(shell.good("%aleph_history").value.task_id) == set(ids(100))


def test_junk_put_in_its_place_while_in_use(shell: Shell, faulty: FaultServer, path: Path) -> None:
    shell.good("%aleph_status -q done a")
    shutil.copy(path, path.with_name("kept"))
    path.unlink()
    path.write_bytes(os.urandom(9000))
    ran = shell.good("%aleph_status -q done b c")
    assert len(told(ran)) == 1
    assert set(states(ran).values()) == {"succeeded"}
    assert len(told(shell.bad("%aleph_history"))) == 1
    assert len(told(shell.good("%aleph"))) <= 1
    mend(path)
    assert told(shell.good("%aleph_status -q d")) == []
    assert set(shell.good("%aleph_history").value.task_id) == {"done", "runs", "a", "b", "c", "d"}


def test_a_ledger_that_becomes_of_a_later_version_while_in_use(
    shell: Shell, faulty: FaultServer, path: Path
) -> None:
    shell.good("%aleph_status -q done a")
    of_a_later_version(path)
    before = path.read_bytes()
    ran = shell.good("%aleph_status -q b c")
    (line,) = told(ran)
    assert "Update aleph-nb" in line
    assert states(ran) == {"b": "succeeded", "c": "succeeded"}
    assert "later version" in str(shell.bad("%aleph_history").error)
    assert path.read_bytes() == before


def test_a_ledger_cut_while_in_use(shell: Shell, faulty: FaultServer, path: Path) -> None:
    shell["many"] = ids(200)
    shell.good("%aleph_status -q $many")
    with path.open("r+b") as file:
        file.truncate(20_000)
    ran = shell.good("%aleph_status -q x y")
    assert len(told(ran)) == 1
    assert states(ran) == {"x": "succeeded", "y": "succeeded"}
    assert len(told(shell.bad("%aleph_history"))) == 1
    path.rename(path.with_name("damaged"))
    ran = shell.good("%aleph_status -q z")
    assert told(ran) == []
    assert {"x", "y", "z"} <= set(shell.good("%aleph_history").value.task_id)


# ── A full disk ──────────────────────────────────────────────────────────────────────────────────


def test_a_full_disk_in_the_middle_of_a_fetch(shell: Shell, faulty: FaultServer, path: Path) -> None:
    shell.good("%aleph_history")
    store = current_session().keeper.open()._store
    assert store._open is not None
    held = store._open[0]
    held.execute("PRAGMA max_page_count = 1")  # SQLite takes the present size, if that is more
    shell["many"] = ids(300)
    ran = shell.good("%aleph_status $many")
    (line,) = told(ran)
    assert "the disk is full" in line
    assert "Free some space" in line
    assert len(ran.value) == 300
    assert set(states(ran).values()) == {"succeeded"}
    assert ran.html.count("<video") == 6
    held.execute("PRAGMA max_page_count = 1000000")
    faulty.requests.clear()
    assert told(shell.good("%aleph_status -q $many")) == []
    assert asked(faulty) == []
    assert len(shell.good("%aleph_history").value) == 302


LIMITED = """
import resource, sys
from tests.ledgers import ids
from tests.shell import real_shell

url, room = sys.argv[1], int(sys.argv[2])
with real_shell() as shell:
    shell.good("%load_ext aleph_nb")
    shell.good(f"%config AlephMagics.base_url = '{url}'")
    shell.good("%config AlephMagics.rate = 0")
    shell.good("%aleph_status -q first")
    from aleph_nb.settings import data_folder
    size = (data_folder() / "ledger.sqlite3").stat().st_size + room
    no_limit = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, no_limit))
    shell["many"] = ids(400)
    ran = shell.good("%aleph_status -q $many")
    print(*(line for line in ran.printed.splitlines() if "ledger" in line), sep="\\n")
    print(len(ran.value), *set(ran.value.state))
    resource.setrlimit(resource.RLIMIT_FSIZE, (no_limit, no_limit))
    ran = shell.good("%aleph_status -q first")
    print(len(shell.good("%aleph_history --state succeeded").value), "ledger" in ran.printed)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such limit")
@pytest.mark.parametrize("room", [100, 100_000])
def test_a_limit_on_the_size_of_files(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setenv("KIE_API_KEY", KEY)
    said, _ = python(LIMITED, server.base_url, room).communicate(timeout=100)
    line, shown, after = said.splitlines()
    assert "the disk is full, or a limit on the size of files is reached" in line
    assert shown == "400 succeeded"
    assert after == "401 False"


# ── The demo's ───────────────────────────────────────────────────────────────────────────────────


def test_the_demo_runs_without_its_ledger(shell: Shell) -> None:
    shell.good("%config AlephMagics.rate = 0")
    path = data_folder() / "demo.sqlite3"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"junk" * 3000)
    ran = shell.good("ids = %aleph_demo --reset")
    assert len(told(ran)) == 1
    ran = shell.good("%aleph_status -q $ids")
    assert len(told(ran)) == 1
    assert len(ran.value) == 14
    path.unlink()
    ran = shell.good("%aleph_demo --reset")
    assert told(ran) == []
    assert shell.good("%aleph_history").value.empty


def test_in_plain_python_it_is_a_warning(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_API_KEY", KEY)
    data_folder().mkdir(parents=True)
    (data_folder() / "ledger.sqlite3").write_bytes(b"junk" * 3000)
    with Session(Settings(base_url=server.base_url, rate=0)) as session:
        with pytest.warns(UserWarning, match="damaged") as caught:
            assert len(session.status(["a", "b"])) == 2
        assert len(caught) == 1
        (data_folder() / "ledger.sqlite3").unlink()
        session.status(["c"])
        assert session.counts() == {State.succeeded: 3}


def test_a_kernel_that_ends_says_nothing(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing writes what was held back, if it can, and does not tell of it again."""
    monkeypatch.setenv("KIE_API_KEY", KEY)
    path = data_folder() / "ledger.sqlite3"
    path.parent.mkdir(parents=True)
    for is_mended in (False, True):
        path.write_bytes(b"junk" * 3000)
        with Session(Settings(base_url=server.base_url, rate=0)) as session:
            with pytest.warns(UserWarning, match="damaged"):
                session.status(["a", "b"])
            if is_mended:
                path.unlink()
    with Ledger.open(path) as ledger:
        assert ledger.counts(session.service) == {State.succeeded: 2}
