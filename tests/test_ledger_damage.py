"""Ledgers in which single bytes are wrong: what can still be read is, the rest is told in one line."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from aleph_nb.errors import StorageError
from aleph_nb.frame import from_columns, to_frame
from aleph_nb.ledger import Ledger
from aleph_nb.record import State
from tests.ledgers import NOW, SERVICE, ids, make_record

STATES = (State.succeeded, State.failed, State.in_progress, State.not_found)
ODD = ("x'8ff0'", "'words'", "7", "-9e18", "9223372036854775807", "1.5", "null")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a ledger's file, in which a fifth of the tasks was never answered."""
    path = tmp_path_factory.mktemp("whole") / "ledger.sqlite3"
    with Ledger.open(path) as ledger:
        ledger.ask(SERVICE, {task_id: {"shot": f"SH{task_id}"} for task_id in ids(50)}, NOW)
        ledger.save(SERVICE, [make_record(task_id, STATES[n % 4]) for n, task_id in enumerate(ids(40))])
    return path.read_bytes()


def do_all(ledger: Ledger) -> None:
    """Do with a ledger all that a session does."""
    for look in looks(ledger):
        look()
    ledger.ask(SERVICE, {task_id: {"shot": "x", "take": "2"} for task_id in ids(60)}, NOW)
    ledger.save(SERVICE, [make_record(task_id, fetched_at=NOW) for task_id in ids(50)])
    ledger.forget(SERVICE, ids(2))


def looks(ledger: Ledger) -> list[Callable[[], object]]:
    return [
        lambda: ledger.counts(SERVICE),
        lambda: ledger.open_tasks(SERVICE, NOW),
        lambda: ledger.ids(SERVICE, "00"),
        lambda: ledger.verdicts(SERVICE),
        lambda: to_frame(
            list(ledger.records(SERVICE, ids(50)).values()), labels=ledger.labels(SERVICE, ids(50))
        ),
        lambda: from_columns(ledger.history(SERVICE)),
        lambda: from_columns(ledger.history(SERVICE, ids=ids(50))),
        lambda: from_columns(ledger.history(SERVICE, search="lantern", limit=10)),
        lambda: ledger.history(SERVICE, expiring=timedelta(days=30), now=NOW, brief=True),
    ]


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_wrong_bytes_are_read_around_or_told_in_one_line(whole: bytes, tmp_path: Path, first: int) -> None:
    path = tmp_path / "ledger.sqlite3"
    for seed in range(first, first + 20):
        chance = random.Random(seed)  # noqa: S311, nothing is kept secret by it
        spoilt = bytearray(whole)
        for _ in range(chance.choice([1, 5, 40])):
            at = chance.randrange(100, len(spoilt))
            spoilt[at] = chance.choice([spoilt[at] ^ 1 << chance.randrange(8), chance.randrange(256)])
        path.write_bytes(spoilt)
        try:
            with Ledger.open(path) as ledger:
                do_all(ledger)
        except StorageError as error:
            assert "\n" not in str(error)  # noqa: PT017, that nothing else is raised is what counts
            assert error.__context__ is None  # noqa: PT017, likewise


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("parts", ["states", "the rest of tasks", "records", "answers"])
def test_a_value_of_the_wrong_kind_costs_itself(whole: bytes, tmp_path: Path, parts: str, value: str) -> None:
    path = tmp_path / "ledger.sqlite3"
    path.write_bytes(whole)
    table = parts.rsplit(maxsplit=1)[-1] if parts != "states" else "tasks"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        columns = other.execute(f"pragma table_info({table})").fetchall()
        names = [
            name for _, name, _, needed, _, key in columns if not key and (value != "null" or not needed)
        ]
        names = [name for name in names if (name == "state") == (parts == "states")]
        odd = ", ".join(f"{name} = {value}" for name in names if name not in ("service", "task_id"))
        if odd:
            other.execute(f"update {table} set {odd}")  # noqa: S608, our own words
    with Ledger.open(path) as ledger:
        do_all(ledger)
        assert len(ledger.history(SERVICE)["task_id"]) == 58
        assert len(ledger.final(SERVICE, ids(50))) == 48  # what came now is read again


def test_an_id_that_is_another_in_its_row_than_in_the_index(whole: bytes, tmp_path: Path) -> None:
    wanted = ids(1)[0].encode()
    path = tmp_path / "ledger.sqlite3"
    for count in range(whole.count(wanted)):
        parts = whole.split(wanted)
        before, after = wanted.join(parts[: count + 1]), wanted.join(parts[count + 1 :])
        path.write_bytes(before + b"f" + wanted[1:] + after)
        with Ledger.open(path) as ledger:
            for look in looks(ledger):
                look()
            assert ledger.records(SERVICE, ids(20)).keys() >= set(ids(19, 1))
            with suppress(StorageError):  # where the index no longer finds the row, it is damaged
                do_all(ledger)
