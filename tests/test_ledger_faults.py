"""Ledgers that cannot be used: one line with what to do, nothing spoilt, and usable again once mended."""

import os
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from aleph_nb.errors import AlephError, ConfigurationError, StorageError
from aleph_nb.ledger import Ledger, migrations
from aleph_nb.ledger import sqlite as store
from aleph_nb.record import State
from tests.ledgers import NOW, SERVICE, ids, make_record, python


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a ledger with three thousand records."""
    path = tmp_path / "ledger.sqlite3"
    with Ledger.open(path) as ledger:
        ledger.save(SERVICE, [make_record(task_id) for task_id in ids(3000)])
    return path


def failure(work: Callable[[], object], kind: type[AlephError] = StorageError) -> str:
    """Return what is said, which is a line without an error of the database behind it."""
    with pytest.raises(kind) as caught:
        work()
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    said = str(caught.value)
    assert "\n" not in said
    assert "sqlalche" not in said
    return said


# ── Opening ──────────────────────────────────────────────────────────────────────────────────────


def truncated(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(30_000)


def junk(path: Path) -> None:
    path.write_bytes(os.urandom(9000))


def words(path: Path) -> None:
    path.write_text("no database at all", encoding="utf-8")


@pytest.mark.parametrize("spoil", [truncated, junk, words])
def test_a_damaged_file_is_left_as_it_is(path: Path, spoil: Callable[[Path], None]) -> None:
    spoil(path)
    before = path.read_bytes()
    said = failure(lambda: Ledger.open(path))
    assert str(path) in said
    assert "damaged" in said
    assert "Move it away" in said
    assert path.read_bytes() == before
    path.rename(path.with_suffix(".bad"))
    with Ledger.open(path) as ledger:
        assert ledger.ids(SERVICE) == []


def test_a_ledger_of_a_later_version_is_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("update aleph_nb set value = '99' where name = 'schema'")
    before = path.read_bytes()
    said = failure(lambda: Ledger.open(path))
    assert "later version" in said
    assert "Update aleph-nb" in said
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("create table tasks (name)")
    before = path.read_bytes()
    assert "another program" in failure(lambda: Ledger.open(path))
    assert path.read_bytes() == before


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("x", encoding="utf-8")
    assert "its folder" in failure(lambda: Ledger.open(tmp_path / "folder" / "ledger.sqlite3"))
    assert "its folder" in failure(lambda: Ledger.open(tmp_path))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="who may do all is not kept out")
def test_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o500)
    assert "its folder" in failure(lambda: Ledger.open(folder / "ledger.sqlite3"))


@pytest.mark.parametrize(
    ("where", "about"),
    [
        ("postgresql://me:hunter2@host/ledger", "PostgreSQL"),
        ("postgresql+psycopg://me:hunter2@host/ledger", "PostgreSQL"),
        ("mysql://me:hunter2@host/ledger", "mysql"),
        ("sqlite+aiosqlite:///x", "sqlite+aiosqlite"),
        ("sqlite://me:hunter2@host/x", "three slashes"),
        ("sqlite:///x?password=hunter2", "mode=ro"),
        ("", "empty"),
        ("a\0b", "empty"),
    ],
)
def test_what_is_no_place_for_a_ledger(where: str, about: str) -> None:
    said = failure(lambda: Ledger.open(where), ConfigurationError)
    assert about in said
    assert "hunter2" not in said


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────


def test_a_ledger_that_is_only_read(path: Path) -> None:
    before = path.read_bytes()
    with Ledger.open(f"sqlite:///{path}?mode=ro") as ledger:
        said = failure(lambda: ledger.ask(SERVICE, {"a": {}}, NOW))
        assert "may only be read" in said
        assert "writable" in said
        assert len(ledger.final(SERVICE, ids(3000))) == 3000
        assert len(ledger.history(SERVICE, limit=10)["task_id"]) == 10
    assert path.read_bytes() == before
    assert "cannot be opened" in failure(lambda: Ledger.open(f"sqlite:///{path}.none?mode=ro"))


def test_a_full_disk_keeps_what_was_there(path: Path) -> None:
    with Ledger.open(path) as ledger:
        assert ledger._store._open is not None
        held = ledger._store._open[0]
        held.execute("PRAGMA max_page_count = 1")  # SQLite takes the present size, if that is more
        more = [make_record(task_id) for task_id in ids(2000, 3000)]
        said = failure(lambda: ledger.save(SERVICE, more))
        assert "full" in said
        assert "Free some space" in said
        assert ledger.counts(SERVICE) == {State.succeeded: 3000}
        held.execute("PRAGMA max_page_count = 1000000")
        ledger.save(SERVICE, more)
        assert ledger.counts(SERVICE) == {State.succeeded: 5000}


LIMITED = """
import resource, sys
from aleph_nb.errors import StorageError
from aleph_nb.ledger import Ledger, migrations
from tests.ledgers import SERVICE, ids, make_record

size = int(sys.argv[2])
with Ledger.open(sys.argv[1]) as ledger:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        ledger.save(SERVICE, [make_record(task_id) for task_id in ids(2000, 3000)])
    except StorageError as error:
        print(error, error.__context__)
    print(len(ledger.final(SERVICE, ids(5000))))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    ledger.save(SERVICE, [make_record(task_id) for task_id in ids(2000, 3000)])
    print(len(ledger.final(SERVICE, ids(5000))))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such limit")
@pytest.mark.parametrize("room", [100, 50_000])
def test_a_limit_on_the_size_of_files(path: Path, room: int) -> None:
    said, _ = python(LIMITED, path, path.stat().st_size + room).communicate(timeout=60)
    line, before, after, *rest = said.splitlines()
    assert "full" in line
    assert line.endswith("None")
    assert (before, after, rest) == ("3000", "5000", [])


# ── Locked ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def other(path: Path) -> Iterator[sqlite3.Connection]:
    """Return another program's connection to the ledger."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        yield other


def test_a_lock_is_waited_for(path: Path, other: sqlite3.Connection) -> None:
    with Ledger.open(path) as ledger:
        other.execute("begin exclusive")
        end = threading.Timer(0.7, lambda: other.execute("commit"))
        end.start()
        start = time.monotonic()
        ledger.ask(SERVICE, {"a": {}}, NOW)
        end.join()
        assert 0.5 < time.monotonic() - start < 5
        assert ledger.ids(SERVICE, limit=1) == ["a"]


@pytest.mark.parametrize("lock", ["begin exclusive", "begin immediate", "begin"])
def test_a_lock_that_stays_is_told(
    path: Path, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    monkeypatch.setattr(store, "_BUSY", 0.5)
    with Ledger.open(path) as ledger:
        other.execute(lock)
        other.execute("select * from tasks").fetchone()
        said = failure(lambda: ledger.ask(SERVICE, {"a": {}}, NOW))
        assert "locked for 0.5 s" in said
        other.execute("rollback")
        assert "a" not in ledger.ids(SERVICE, limit=5000)
        ledger.ask(SERVICE, {"a": {}}, NOW)
        assert ledger.ids(SERVICE, limit=1) == ["a"]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows knows no timer")
def test_an_interrupt_ends_the_wait_for_a_lock(path: Path, other: sqlite3.Connection) -> None:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with Ledger.open(path) as ledger:
            other.execute("begin immediate")
            start = time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(KeyboardInterrupt):
                ledger.ask(SERVICE, {"a": {}}, NOW)
            assert time.monotonic() - start < 1
            other.execute("rollback")
            ledger.ask(SERVICE, {"a": {}}, NOW)
            assert ledger.ids(SERVICE, limit=1) == ["a"]
    finally:
        signal.signal(signal.SIGALRM, before)


# ── Deleted or replaced while in use ─────────────────────────────────────────────────────────────


def test_a_deleted_ledger_is_made_anew_and_has_what_is_under_way(path: Path) -> None:
    with Ledger.open(path) as ledger:
        made = ledger.id
        ledger.ask(SERVICE, {"a": {"shot": "1"}, "b": {}}, NOW)
        path.unlink()
        ledger.save(SERVICE, [make_record("a")])
        assert path.stat().st_mode & 0o777 == 0o600
        assert ledger.id != made
        (note,) = ledger.take_notes()
        assert "deleted or replaced" in note
        assert ledger.take_notes() == []
    with Ledger.open(path) as ledger:
        assert ledger.counts(SERVICE) == {State.succeeded: 1, State.no_answer: 1}
        assert ledger.labels(SERVICE, ["a", "b"]) == {"a": {"shot": "1"}}
        assert ledger.take_notes() == []


def test_a_deleted_folder_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "ledger.sqlite3"
    with Ledger.open(path) as ledger:
        shutil.rmtree(path.parent)
        ledger.save(SERVICE, [make_record("a")])
        assert ledger.ids(SERVICE) == ["a"]
        assert path.exists()


def test_another_ledger_in_its_place_is_taken_up(path: Path, tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "other.sqlite3") as other:
        other.save(SERVICE, [make_record("theirs")])
        its_id = other.id
    with Ledger.open(path) as ledger:
        (tmp_path / "other.sqlite3").replace(path)
        assert ledger.counts(SERVICE) == {State.succeeded: 1}  # to read looks too
        assert len(ledger.take_notes()) == 1
        ledger.save(SERVICE, [make_record("ours")])
        assert ledger.id == its_id
        assert sorted(ledger.final(SERVICE, ["ours", "theirs"])) == ["ours", "theirs"]


def test_a_file_deleted_in_the_middle_of_a_write(path: Path) -> None:
    times: list[int] = []

    def work(connection: Connection) -> None:
        connection.execute(text("insert into services (name) values ('late')"))
        if not times:
            path.unlink()
        times.append(1)

    with Ledger.open(path) as ledger:
        ledger._store.write(work)
        assert len(times) == 2
        found = ledger._store.read(lambda connection: connection.scalar(text("select name from services")))
        assert found == "late"


def test_junk_in_its_place_is_not_touched_and_can_be_moved_away(path: Path) -> None:
    with Ledger.open(path) as ledger:
        path.unlink()
        junk(path)
        before = path.read_bytes()
        assert "damaged" in failure(lambda: ledger.save(SERVICE, [make_record("a")]))
        assert path.read_bytes() == before
        path.unlink()
        ledger.save(SERVICE, [make_record("a")])
        assert ledger.ids(SERVICE) == ["a"]


def test_an_emptied_file_is_a_new_ledger(path: Path) -> None:
    with Ledger.open(path) as ledger:
        with path.open("wb"):
            pass
        ledger.save(SERVICE, [make_record("a")])
        assert ledger.ids(SERVICE) == ["a"]
        assert len(ledger.take_notes()) == 1


def test_a_file_cut_while_in_use(path: Path) -> None:
    with Ledger.open(path) as ledger:
        truncated(path)
        assert "damaged" in failure(lambda: ledger.save(SERVICE, [make_record("a")]))
        assert "damaged" in failure(lambda: ledger.counts(SERVICE))


def test_a_ledger_that_becomes_of_a_later_version_while_in_use_is_left_as_it_is(path: Path) -> None:
    with Ledger.open(path) as ledger, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("update aleph_nb set value = '99' where name = 'schema'")
        before = path.read_bytes()
        for work in (
            lambda: ledger.save(SERVICE, [make_record("a")]),
            lambda: ledger.ask(SERVICE, {"a": {}}, NOW),
            lambda: ledger.history(SERVICE),
        ):
            assert "Update aleph-nb" in failure(work)
        assert path.read_bytes() == before
        other.execute("update aleph_nb set value = '2' where name = 'schema'")
        assert ledger.counts(SERVICE) == {State.succeeded: 3000}


# ── Migrations ───────────────────────────────────────────────────────────────────────────────────


def add_stars(connection: Connection) -> None:
    connection.execute(text("create table stars (task integer primary key, number integer)"))
    connection.execute(text("insert into stars select key, 5 from tasks"))


def fail(connection: Connection) -> None:
    add_stars(connection)
    connection.execute(text("insert into nowhere values (1)"))


def migrated_with(monkeypatch: pytest.MonkeyPatch, step: Callable[[Connection], None]) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, step))


def test_an_earlier_ledger_is_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        migrated_with(later, add_stars)
        with pytest.raises(StorageError, match="may only be read"):
            Ledger.open(f"sqlite:///{path}?mode=ro")
        with Ledger.open(path) as ledger:
            assert len(ledger.final(SERVICE, ids(3000))) == 3000
            stars = ledger._store.read(
                lambda connection: connection.scalar(text("select sum(number) from stars"))
            )
            assert stars == 15_000
        with Ledger.open(path) as ledger:  # and it runs once
            assert ledger.counts(SERVICE) == {State.succeeded: 3000}
    assert "later version" in failure(lambda: Ledger.open(path))


def test_a_migration_that_fails_leaves_nothing_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        migrated_with(later, fail)
        failure(lambda: Ledger.open(path))
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("select count(*) from sqlite_master where name = 'stars'").fetchone() == (0,)
    with Ledger.open(path) as ledger:
        assert ledger.counts(SERVICE) == {State.succeeded: 3000}
