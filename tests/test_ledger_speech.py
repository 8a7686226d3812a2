"""What a ledger says to its database: how it locks, and that only one module speaks SQLite."""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

import aleph_nb.ledger
from aleph_nb.ledger import Ledger
from aleph_nb.ledger import sqlite as store
from aleph_nb.ledger.schema import METADATA, SERVICES
from aleph_nb.record import State
from tests.ledgers import NOW, SERVICE, ids, make_record
from tests.verdicts import line

SQLITE = re.compile(r"PRAGMA|sqlite_master|sqlite3\b|\bBEGIN\b|IMMEDIATE|rowid|INSERT OR")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "ledger.sqlite3"


def test_a_rollback_journal_and_full_synchronisation(path: Path) -> None:
    seen: list[set[str]] = []

    def work(connection: Connection) -> None:
        connection.execute(insert(SERVICES).values(name="https://example.com"))
        seen.append({file.suffix for file in path.parent.iterdir()})

    with Ledger.open(path) as ledger:
        held = ledger._store._connected(0)[0]
        assert held.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert held.execute("PRAGMA synchronous").fetchone() == (2,)
        ledger._store.write(work)
    assert seen == [{".sqlite3", ".sqlite3-journal"}]
    assert [file.name for file in path.parent.iterdir()] == ["ledger.sqlite3"]


def test_who_is_to_write_says_so_first_and_readers_are_let_in(path: Path) -> None:
    def work(_: Connection) -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
            assert other.execute("select count(*) from tasks").fetchone() == (0,)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("begin immediate")

    with Ledger.open(path) as ledger:
        ledger._store.write(work)
    assert store._BUSY == 30


def test_only_one_module_speaks_sqlite() -> None:
    folder = Path(aleph_nb.ledger.__file__).parent
    speaking = {file.name for file in folder.glob("*.py") if SQLITE.search(_code(file))}
    assert speaking == {"sqlite.py", "faults.py"}  # the second one names its errors


def _code(file: Path) -> str:
    """Return a module without its docstrings and comments."""
    text = re.sub(r'""".*?"""', "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"#.*", "", text)


def test_all_that_is_said_can_be_said_to_postgresql(path: Path) -> None:
    said: list[Any] = []
    with Ledger.open(path) as ledger:
        engine = ledger._store._connected(0)[1]
        event.listen(engine, "before_execute", lambda _, clause, *__: said.append(clause))
        _do_all(ledger)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    told = {str(clause.compile(dialect=dialect)) for clause in said}
    assert len(told) > 20
    assert sum("FOR UPDATE OF tasks" in statement for statement in told) == 1
    for table in METADATA.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        assert all(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)


def _do_all(ledger: Ledger) -> None:
    ledger.ask(SERVICE, {task_id: {"shot": task_id} for task_id in ids(3)}, NOW)
    ledger.ask(SERVICE, {task_id: {"shot": "x"} for task_id in ids(3)}, NOW)
    ledger.save(SERVICE, [make_record(task_id) for task_id in ids(4)])
    ledger.save(SERVICE, [make_record(task_id, State.failed) for task_id in ids(4)])
    ledger.judge(SERVICE, [line("rating", 3), line("tag", "x")])
    ledger.records(SERVICE, ids(4))
    ledger.labels(SERVICE, ids(4))
    ledger.open_tasks(SERVICE, NOW)
    ledger.counts(SERVICE)
    ledger.ids(SERVICE, "00", limit=9000)
    ledger.verdicts(SERVICE, ids(1), reviewer="me", fields=["tag"])
    for limit in (None, 10):
        ledger.history(SERVICE, states=[State.failed], since=NOW, search="50%", limit=limit)
        ledger.history(SERVICE, expiring=timedelta(days=3), limit=limit, brief=True)
        ledger.history(SERVICE, ids=ids(2), limit=limit)
    ledger.forget(SERVICE, ids(2))
