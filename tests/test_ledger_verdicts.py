"""The verdict log in the ledger: what is added stays, once, whoever else writes and whatever breaks."""

import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings

from aleph_nb.errors import StorageError
from aleph_nb.ledger import Ledger
from aleph_nb.record import State
from aleph_nb.review import Note, Verdict, VerdictLog
from tests.ledgers import NOW, SERVICE, ids, make_record, python
from tests.verdicts import ME, line, logs, uuid

VERSION_1 = Path(__file__).parent / "data" / "ledger-1.sql"
OTHER = "demo"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def old(path: Path) -> Path:
    """Return a ledger as its first version wrote it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    return path


# ── What is kept ─────────────────────────────────────────────────────────────────────────────────


def test_lines_come_back_in_the_order_of_their_arrival(path: Path) -> None:
    said = [
        line("rating", 3, at=9),
        line("pick", None, at=1),
        line("pick", "reject", task_id="b", reviewer="ben"),
        line("tag", "größe \u2028 \U0001f600"),
        line("untag", "'; --"),
        line("note", Note("n", 2.5, "a\nb\t\u202e")),
        line("note", Note("m", None, "")),
        line("undo", uuid(3)),
    ]
    with Ledger.open(path) as ledger:
        assert ledger.judge(SERVICE, said[:3]) == 3
        assert ledger.judge(SERVICE, iter(said[3:])) == 5
    with Ledger.open(path) as ledger:
        assert ledger.verdicts(SERVICE) == said
        assert ledger.verdicts(SERVICE, reviewer=ME) == [*said[:2], *said[3:]]
        assert ledger.verdicts(SERVICE, ["b"]) == [said[2]]
        assert ledger.verdicts(SERVICE, ["b", "a", "zz"], fields=["pick"]) == said[1:3]
        assert ledger.verdicts(SERVICE, ["b"], reviewer=ME) == ledger.verdicts(SERVICE, []) == []
        assert ledger.verdicts(OTHER) == ledger.verdicts("nobody", ["a"]) == []


@given(lines=logs())
@settings(max_examples=60, deadline=None)
def test_any_log_comes_back(lines: list[Verdict]) -> None:
    with Ledger.open(None) as ledger:
        assert ledger.judge(SERVICE, lines) == len(lines)
        assert ledger.judge(SERVICE, lines) == 0
        assert ledger.verdicts(SERVICE) == lines


def test_ids_that_cannot_be_stored_as_they_are() -> None:
    odd = ["\ud800", "\0", "%", "ß", "x" * 10_000]
    said = [line("rating", 1, task_id=task_id) for task_id in odd]
    with Ledger.open(None) as ledger:
        ledger.judge(SERVICE, said)
        assert ledger.verdicts(SERVICE, odd) == said
        assert ledger.verdicts(SERVICE, odd * 200) == said
        assert len(ledger.verdicts(SERVICE)) == 5


def test_a_line_counts_once_the_first_that_arrived() -> None:
    first = line("rating", 3)
    other = first._replace(value=5, task_id="b", service=OTHER)
    new = line("tag", "x")
    with Ledger.open(None) as ledger:
        assert ledger.judge(SERVICE, [first, other, first]) == 1
        assert ledger.judge(OTHER, [other]) == 0
        assert ledger.judge(SERVICE, [other, new, first, new]) == 1
        assert ledger.judge(SERVICE, []) == 0
        assert ledger.verdicts(SERVICE) == [first, new]
        assert ledger.verdicts(OTHER) == []
        assert ledger.ids(OTHER) == []  # nothing was written of a task of which nothing is said


def test_a_task_that_was_never_asked_for_is_one_that_was() -> None:
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {"a": {"shot": "12"}}, NOW)
        ledger.save(SERVICE, [make_record("a")])
        ledger.judge(SERVICE, [line("rating", 3), line("rating", 4, task_id="b")])
        assert sorted(ledger.ids(SERVICE)) == ["a", "b"]
        assert ledger.counts(SERVICE) == {State.succeeded: 1, State.no_answer: 1}
        assert ledger.records(SERVICE, "ab") == {"a": make_record("a")}
        assert ledger.labels(SERVICE, "ab") == {"a": {"shot": "12"}}
        assert ledger.open_tasks(SERVICE, NOW) == (["b"], 0)
        ledger.save(SERVICE, [make_record("b")])
        assert [said.value for said in ledger.verdicts(SERVICE)] == [3, 4]


def test_a_forgotten_task_takes_its_verdicts_with_it(path: Path) -> None:
    gone, stays, theirs = line("rating", 3), line("tag", "x", task_id="b"), line("rating", 1, service=OTHER)
    with Ledger.open(path) as ledger:
        ledger.judge(SERVICE, [gone, stays])
        ledger.judge(OTHER, [theirs])
        assert ledger.forget(SERVICE, ["a"]) == 1
        assert ledger.verdicts(SERVICE) == [stays]
        assert ledger.verdicts(OTHER) == [theirs]
        ledger.ask(SERVICE, {"a": {}}, NOW)
        assert ledger.verdicts(SERVICE, ["a"]) == []
        assert ledger.judge(SERVICE, [gone]) == 1
        assert ledger.verdicts(SERVICE) == [stays, gone]


def test_lines_that_others_have_spoilt_are_passed_over(path: Path) -> None:
    said = [line("rating", 3), line("note", Note("n", 1.0, "x")), line("tag", "x"), line("pick", "pick")]
    with Ledger.open(path) as ledger:
        ledger.judge(SERVICE, said)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("update verdicts set value = '{' where field = 'rating'")
            other.execute("""update verdicts set value = '{"id": 1}' where field = 'note'""")
            other.execute("update verdicts set field = 'colour' where field = 'tag'")
        assert ledger.verdicts(SERVICE) == [said[3]]


# ── Ledgers of the first version ─────────────────────────────────────────────────────────────────


def test_a_ledger_of_the_first_version_is_brought_up_to_date(old: Path) -> None:
    said = line("rating", 3)
    with Ledger.open(old) as ledger:
        assert ledger.verdicts(SERVICE) == []
        assert ledger.id == "413a74e0-3652-41eb-aa0f-bad7c12c5fe1"
        assert ledger.records(SERVICE, "abc") == {
            "a": make_record("a"),
            "c": make_record("c", State.failed),
        }
        assert ledger.labels(SERVICE, ["a"]) == {"a": {"shot": "12a"}}
        assert ledger.ids(OTHER) == ["a"]
        ledger.judge(SERVICE, [said])
    with Ledger.open(f"sqlite:///{old}?mode=ro") as ledger:
        assert ledger.verdicts(SERVICE) == [said]


def test_one_that_may_only_be_read_is_left_as_it_is(old: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(StorageError, match="may only be read"):
        Ledger.open(f"sqlite:///{old}?mode=ro")
    assert old.read_bytes() == before


def test_a_version_is_the_first_the_second_or_a_later_one(old: Path) -> None:
    with Ledger.open(old), closing(sqlite3.connect(old)) as other:
        told = other.execute("select value from aleph_nb where name = 'schema'").fetchall()
    assert told == [("2",)]
    with closing(sqlite3.connect(old, isolation_level=None)) as other:
        other.execute("update aleph_nb set value = '3' where name = 'schema'")
    with pytest.raises(StorageError, match="later version"):
        Ledger.open(old)


def test_a_ledger_of_the_first_version_is_copied_over_one_in_use(old: Path, tmp_path: Path) -> None:
    said = line("rating", 3)
    with Ledger.open(tmp_path / "used.sqlite3") as ledger:
        ledger.judge(SERVICE, [line("tag", "gone")])
        (tmp_path / "used.sqlite3").write_bytes(old.read_bytes())  # the same file, for the system
        assert ledger.judge(SERVICE, [said]) == 1
        assert ledger.verdicts(SERVICE) == [said]
        assert ledger.labels(SERVICE, ["a"]) == {"a": {"shot": "12a"}}


OPENER = """
import sys
from aleph_nb.ledger import Ledger
from tests.ledgers import SERVICE

with Ledger.open(sys.argv[1]) as ledger:
    print(len(ledger.verdicts(SERVICE)), ledger.id)
"""


def test_two_kernels_bring_one_ledger_up_to_date(old: Path) -> None:
    openers = [python(OPENER, old) for _ in range(3)]
    told = {opener.communicate(timeout=60)[0] for opener in openers}
    assert told == {"0 413a74e0-3652-41eb-aa0f-bad7c12c5fe1\n"}


# ── Whatever breaks ──────────────────────────────────────────────────────────────────────────────


def test_what_cannot_be_written_is_not_there_and_can_be_handed_over_again(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.judge(SERVICE, [line("rating", 3)])
        assert ledger._store._open is not None
        held = ledger._store._open[0]
        held.execute("PRAGMA max_page_count = 1")
        notes = [line("note", Note(str(n), None, "x" * 5000), task_id=f"t{n}") for n in range(100)]
        with pytest.raises(StorageError, match="full") as caught:
            ledger.judge(SERVICE, notes)
        assert caught.value.__context__ is None
        assert len(ledger.verdicts(SERVICE)) == 1
        assert ledger.ids(SERVICE) == ["a"]
        held.execute("PRAGMA max_page_count = 1000000")
        assert ledger.judge(SERVICE, notes) == 100
        assert ledger.verdicts(SERVICE)[1:] == notes


def test_a_ledger_deleted_while_in_use_is_made_anew(tmp_path: Path) -> None:
    said = line("rating", 3)
    path = tmp_path / "folder" / "ledger.sqlite3"
    with Ledger.open(path) as ledger:
        ledger.ask(SERVICE, {"a": {"shot": "1"}}, NOW)
        shutil.rmtree(path.parent)
        assert ledger.judge(SERVICE, [said]) == 1
        assert len(ledger.take_notes()) == 1
    with Ledger.open(path) as ledger:
        assert ledger.verdicts(SERVICE) == [said]
        assert ledger.labels(SERVICE, ["a"]) == {"a": {"shot": "1"}}


def test_a_ledger_that_is_only_read_takes_no_verdict(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.judge(SERVICE, [line("rating", 3)])
    with Ledger.open(f"sqlite:///{path}?mode=ro") as ledger:
        with pytest.raises(StorageError, match="may only be read"):
            ledger.judge(SERVICE, [line("rating", 4)])
        assert [said.value for said in ledger.verdicts(SERVICE)] == [3]


WRITER = """
import sys
from aleph_nb.ledger import Ledger
from tests.ledgers import SERVICE
from tests.verdicts import line, uuid

with Ledger.open(sys.argv[1]) as ledger:
    for start in range(0, 400, int(sys.argv[2])):
        numbers = range(start, start + int(sys.argv[2]))
        lines = [line("tag", str(number), task_id=str(number % 7), name=uuid(number)) for number in numbers]
        print(start + ledger.judge(SERVICE, lines), flush=True)
print("done")
"""


def test_two_kernels_that_hand_the_same_lines_over(path: Path) -> None:
    writers = [python(WRITER, path, batch) for batch in (4, 5)]
    for writer in writers:
        said, _ = writer.communicate(timeout=100)
        assert said.endswith("done\n"), said
    with Ledger.open(path) as ledger:
        found = ledger.verdicts(SERVICE)
        assert sorted(int(str(said.value)) for said in found) == list(range(400))
        assert len(ledger.ids(SERVICE)) == 7


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows knows no such signal")
def test_a_killed_kernel_leaves_all_that_it_was_told(path: Path) -> None:
    writer = python(WRITER, path, 8)
    assert writer.stdout is not None
    told = [writer.stdout.readline() for _ in range(10)]
    writer.kill()
    told += writer.stdout.readlines()
    writer.communicate()
    last = max(int(word) for word in told if word.strip().isdigit())
    with Ledger.open(path) as ledger:
        found = len(ledger.verdicts(SERVICE))
    assert found >= last >= 80
    assert found % 8 == 0


# ── Many ─────────────────────────────────────────────────────────────────────────────────────────


def test_many_verdicts_are_written_read_and_folded_in_no_time(path: Path) -> None:
    """By the processor's time and with much room; the benchmarks' table has the figures."""
    tasks = ids(2000)
    lines = [line("rating", number % 6, task_id=tasks[number % 2000]) for number in range(20_000)]
    with Ledger.open(path) as ledger:
        start = time.process_time()
        ledger.judge(SERVICE, lines[:1000])
        assert time.process_time() - start < 1
        ledger.judge(SERVICE, lines)
        start = time.process_time()
        found = VerdictLog(ledger.verdicts(SERVICE)).reviews(ME)
        assert time.process_time() - start < 2
        assert ledger.verdicts(SERVICE, tasks[:600]) == [
            said for said in lines if said.task_id in set(tasks[:600])
        ]
    assert found == VerdictLog(lines).reviews(ME)
