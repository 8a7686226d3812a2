"""The ledger: what is asked for stays, what replaces what, and who else writes at the same time."""

import itertools
import os
import pickle
import signal
import threading
import time
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb.errors import StorageError
from aleph_nb.ledger import Ledger
from aleph_nb.record import Record, State
from tests.ledgers import NOW, SERVICE, ids, make_record, python

LATER = NOW + timedelta(minutes=1)
OTHER = "demo"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "ledger.sqlite3"


# ── The file ─────────────────────────────────────────────────────────────────────────────────────


def test_the_file_and_its_folder_are_their_owners_alone(path: Path) -> None:
    mask = os.umask(0)
    try:
        with Ledger.open(path) as ledger:
            ledger.ask(SERVICE, {"a": {}}, NOW)
    finally:
        os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [found.name for found in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "where", ["{}", "sqlite:///{}", "sqlite+pysqlite:///{}", "sqlite:///file:{}?uri=true"]
)
def test_what_is_kept_is_there_again(path: Path, where: str) -> None:
    with Ledger.open(where.format(path)) as ledger:
        ledger.ask(SERVICE, {"a": {"shot": "12a"}}, NOW)
        ledger.save(SERVICE, [make_record("a")])
        made = ledger.id
    with Ledger.open(path) as ledger:
        assert ledger.id == made
        assert ledger.records(SERVICE, ["a"]) == {"a": make_record("a")}
        assert ledger.labels(SERVICE, ["a"]) == {"a": {"shot": "12a"}}


def test_a_path_is_told_from_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with Ledger.open("~/data/ledger.sqlite3") as ledger:
        assert ledger.where == "~/data/ledger.sqlite3"
    assert (tmp_path / "data" / "ledger.sqlite3").exists()


def test_a_link_to_a_file_that_is_not_there_yet(path: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(path)
    with Ledger.open(tmp_path / "link"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_in_memory_nothing_is_kept() -> None:
    with Ledger.open(None) as ledger, Ledger.open("sqlite://") as other:
        ledger.ask(SERVICE, {"a": {}}, NOW)
        assert ledger.where == "in memory"
        assert ledger.ids(SERVICE) == ["a"]
        assert other.ids(SERVICE) == []
        assert ledger.id != other.id
    assert list(Path.cwd().iterdir()) == []


def test_a_ledger_is_closed_twice_and_then_says_so(path: Path) -> None:
    ledger = Ledger.open(path)
    ledger.close()
    ledger.close()
    with pytest.raises(StorageError, match="closed"):
        ledger.ids(SERVICE)
    with pytest.raises(TypeError):
        pickle.dumps(ledger)


# ── Asked ────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_time_asked_stays_and_the_last_is_the_order() -> None:
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {"a": {}, "b": {}}, NOW)
        ledger.ask(SERVICE, {"c": {}}, LATER)
        assert ledger.ids(SERVICE) == ["c", "b", "a"]
        ledger.ask(SERVICE, {"a": {}}, LATER + timedelta(minutes=1))
        assert ledger.ids(SERVICE) == ["a", "c", "b"]
        assert ledger.history(SERVICE, since=LATER)["task_id"] == ["c"]
        ledger.ask(SERVICE, {"b": {}}, NOW - timedelta(days=1))  # a clock was set back
        assert ledger.ids(SERVICE) == ["a", "c", "b"]
        assert ledger.open_tasks(SERVICE, NOW) == (["a", "b", "c"], 0)


def test_names_given_again_replace_and_the_others_stay() -> None:
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {"a": {"shot": "1", "client": "x"}, "b": {}}, NOW)
        ledger.save(SERVICE, [make_record("a")])
        ledger.ask(SERVICE, {"a": {"shot": "2", "größe": "\ud83d"}, "b": {"shot": "3"}}, LATER)
        ledger.ask(SERVICE, {"a": {}}, LATER)
        names = {"shot": "2", "client": "x", "größe": "\ud83d"}
        assert ledger.labels(SERVICE, ["a", "b", "c"]) == {"a": names, "b": {"shot": "3"}}
        assert ledger.labels(OTHER, ["a"]) == {}


def test_a_prefix_finds_ids_the_last_asked_first() -> None:
    with Ledger.open(None) as ledger:
        for number in range(40):
            block: dict[str, dict[str, str]] = {
                f"{number % 4}{task_id}": {} for task_id in ids(100, number * 100)
            }
            ledger.ask(SERVICE, block, NOW + timedelta(seconds=number))
        newest = ledger.ids(SERVICE, "0", 3)
        assert newest == [f"0{task_id}" for task_id in ids(100, 3600)][:-4:-1]
        few = ledger.ids(SERVICE, f"0{ids(1, 5)[0]}")  # among those asked for long ago
        assert few == [f"0{ids(1, 5)[0]}"]
        assert len(ledger.ids(SERVICE, "1", 900)) == 900
        assert ledger.ids(SERVICE, "%") == ledger.ids(SERVICE, "_") == ledger.ids(OTHER) == []


def test_tasks_that_are_still_looked_after() -> None:
    long_ago = NOW - timedelta(days=8)
    states = dict(zip("abcdef", State, strict=True))
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {task_id: {} for task_id in states}, long_ago)
        ledger.ask(SERVICE, {task_id.upper(): {} for task_id in states}, NOW)
        ledger.save(SERVICE, [make_record(task_id, state) for task_id, state in states.items()])
        ledger.save(SERVICE, [make_record(task_id.upper(), state) for task_id, state in states.items()])
        assert ledger.open_tasks(SERVICE, NOW) == (["a", "A", "D", "E", "F"], 3)
        assert ledger.counts(SERVICE) == dict.fromkeys(State, 2)
        assert ledger.open_tasks(OTHER, NOW) == ([], 0)


def test_a_forgotten_task_is_gone_with_all_its_words(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.ask(SERVICE, {"a": {"shot": "1"}, "b": {}}, NOW)
        ledger.ask(OTHER, {"a": {}}, NOW)
        ledger.save(SERVICE, [make_record("a")])
        assert ledger.forget(SERVICE, ["a", "nobody"]) == 1
        assert (ledger.ids(SERVICE), ledger.ids(OTHER)) == (["b"], ["a"])
        assert ledger.records(SERVICE, ["a"]) == {}
        assert ledger.labels(SERVICE, ["a"]) == {}
        ledger.ask(SERVICE, {"a": {}}, NOW)
        assert ledger.records(SERVICE, ["a"]) == {}


# ── Records ──────────────────────────────────────────────────────────────────────────────────────

HOSTILE = st.text(st.characters(codec=None), max_size=20)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | HOSTILE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE, inner, max_size=3),
    max_leaves=8,
)
CLEAN = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
WHOLE = st.none() | st.integers(-(2**63), 2**63 - 1)
TIMES = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda when: when.replace(microsecond=when.microsecond // 1000 * 1000)
)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("prompt", "source_video_url", "result_video_url", "result_image_url"), CLEAN),
    **dict.fromkeys(("error_message", "msg"), CLEAN),
    **dict.fromkeys(("create_time", "complete_time", "fetched_at"), TIMES),
    **dict.fromkeys(("success_flag", "error_code", "code"), WHOLE),
    "task_id": st.text(max_size=20),
    "state": st.sampled_from([state for state in State if state is not State.no_answer]),
    "reason": CLEAN.map(lambda text: text or ""),
    "params": st.dictionaries(HOSTILE, TREES, max_size=3),
    "raw": TREES,
}


@given(record=st.builds(Record, **KINDS))
@settings(max_examples=150, deadline=None)
def test_every_field_comes_back(record: Record) -> None:
    assert set(KINDS) == {declared.name for declared in fields(Record)}
    with Ledger.open(None) as ledger:
        ledger.save(SERVICE, [record])
        (found,) = ledger.records(SERVICE, [record.task_id]).values()
    for declared in fields(Record):
        assert getattr(found, declared.name) == getattr(record, declared.name), declared.name


def nested(depth: int) -> Any:
    tree: Any = []
    for _ in range(depth):
        tree = [tree]
    return tree


@pytest.mark.parametrize(
    "odd",
    [
        {"raw": nested(100_000)},
        {"raw": {"number": 10**5000, "nan": float("nan"), "set": {1}, "bytes": b"x"}},
        {"params": {"deep": nested(100_000)}},
        {"prompt": "half \ud83d a pair\0", "reason": "\udfff", "msg": "\ud800"},
        {"success_flag": 2**63, "error_code": -(2**80), "code": 10**30},
    ],
)
def test_no_value_loses_a_batch(odd: dict[str, Any]) -> None:
    with Ledger.open(None) as ledger:
        ledger.save(SERVICE, [make_record("a"), make_record("b", **odd), make_record("c")])
        assert list(ledger.records(SERVICE, "abc")) == ["a", "b", "c"]
        assert ledger.history(SERVICE)["task_id"] == ["c", "b", "a"]


def test_ids_that_cannot_be_stored_as_they_are() -> None:
    odd = ["\ud800", "\ud801", "\0", "'; --", "%", "ß", "SS", "x" * 10_000]
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {task_id: {} for task_id in odd}, NOW)
        ledger.save(SERVICE, [make_record(task_id, prompt=None) for task_id in odd])
        assert list(ledger.final(SERVICE, odd)) == odd
        assert [record.task_id for record in ledger.final(SERVICE, odd).values()] == odd


def test_only_what_is_final_needs_no_request() -> None:
    with Ledger.open(None) as ledger:
        arrived = [make_record(state.value, state) for state in State]
        ledger.save(SERVICE, arrived)
        assert list(ledger.final(SERVICE, list(State))) == ["succeeded", "failed"]
        assert list(ledger.records(SERVICE, list(State))) == [
            state for state in State if state != "no_answer"
        ]
        assert ledger.final(OTHER, list(State)) == {}


def test_thousands_of_ids_at_once() -> None:
    many = ids(2345)
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {task_id: {} for task_id in many}, NOW)
        ledger.save(SERVICE, [make_record(task_id) for task_id in many])
        assert list(ledger.final(SERVICE, many[::-1])) == many[::-1]
        assert ledger.history(SERVICE, ids=many)["task_id"] == many[::-1]
        assert ledger.forget(SERVICE, many) == 2345


ARRIVALS = st.tuples(st.sampled_from("ab"), st.sampled_from(list(State)), st.none() | st.integers(0, 3))


@given(batches=st.lists(st.lists(ARRIVALS, max_size=4), max_size=5), asked=st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_replaces_what(batches: list[list[tuple[str, State, int | None]]], asked: bool) -> None:
    numbers = itertools.count()
    arrived = [
        [
            make_record(
                task_id,
                state,
                msg=str(next(numbers)),
                fetched_at=None if second is None else NOW + timedelta(seconds=second),
            )
            for task_id, state, second in batch
        ]
        for batch in batches
    ]
    with Ledger.open(None) as ledger:
        if asked:
            ledger.ask(SERVICE, {"a": {}, "b": {}}, NOW)
        for batch in arrived:
            ledger.save(SERVICE, batch, LATER)
        kept = ledger.records(SERVICE, "ab")
        known = ledger.ids(SERVICE)
    for task_id in "ab":
        of_it = [record for batch in arrived for record in batch if record.task_id == task_id]
        assert (task_id in known) == (asked or bool(of_it))
        assert kept.get(task_id) == best(of_it)


def best(arrived: list[Record]) -> Record | None:
    """Return the final one, if any, else any answer; of those the one fetched last, and arrived last."""
    answers = [record for record in arrived if record.state is not State.no_answer]
    answers = [record for record in answers if record.is_final] or answers
    begin = NOW - timedelta(days=1)
    latest = max((record.fetched_at or begin for record in answers), default=begin)
    return next((record for record in reversed(answers) if (record.fetched_at or begin) == latest), None)


def test_what_was_fetched_by_a_clock_that_was_ahead_is_replaced() -> None:
    ahead = NOW + timedelta(days=400)
    with Ledger.open(None) as ledger:
        ledger.save(SERVICE, [make_record("a", State.not_found, fetched_at=ahead)], ahead)
        ledger.save(SERVICE, [make_record("a", State.in_progress, fetched_at=NOW)], NOW)
        assert ledger.records(SERVICE, ["a"])["a"].state is State.in_progress
        ledger.save(SERVICE, [make_record("a", fetched_at=ahead)], ahead)
        ledger.save(SERVICE, [make_record("a", State.in_progress, fetched_at=NOW)], NOW)
        assert ledger.records(SERVICE, ["a"])["a"].state is State.succeeded  # final all the same


def test_silence_says_only_when_it_was_asked() -> None:
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {"a": {}, "b": {}}, NOW)
        ledger.save(SERVICE, [make_record("a", State.no_answer, fetched_at=LATER)])
        assert ledger.records(SERVICE, ["a"]) == {}
        assert ledger.ids(SERVICE) == ["a", "b"]


# ── At the same time ─────────────────────────────────────────────────────────────────────────────

WRITER = """
import sys
from datetime import timedelta
from aleph_nb.ledger import Ledger
from tests.ledgers import NOW, SERVICE, ids, make_record

path, start, rounds, batch = sys.argv[1], *map(int, sys.argv[2:])
with Ledger.open(path) as ledger:
    for number in range(rounds):
        mine = ids(400, start)
        ledger.ask(SERVICE, {task_id: {} for task_id in mine}, NOW)
        print("asked", flush=True)
        for at in range(0, 400, batch):
            when = NOW + timedelta(seconds=number)
            ledger.save(SERVICE, [make_record(task_id, fetched_at=when) for task_id in mine[at : at + batch]])
            print(at + batch, flush=True)
print("done")
"""


def test_two_kernels_on_one_ledger(path: Path) -> None:
    writers = [python(WRITER, path, start, 3, 32) for start in (0, 200)]  # 200 ids in common
    for writer in writers:
        said, _ = writer.communicate(timeout=100)
        assert said.endswith("done\n"), said
    with Ledger.open(path) as ledger:
        last = NOW + timedelta(seconds=2)
        assert ledger.records(SERVICE, ids(600)) == {
            task_id: make_record(task_id, fetched_at=last) for task_id in ids(600)
        }


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows knows no such signal")
def test_a_killed_kernel_leaves_whole_batches(path: Path) -> None:
    for seconds in (0.0, 0.003, 0.011):
        writer = python(WRITER, path, 0, 100, 8)
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(20)]
        time.sleep(seconds)
        writer.kill()
        said += writer.stdout.readlines()
        writer.communicate()
        assert said[0] == "asked\n"
        told = max(int(line) for line in said if line.strip().isdigit())
        with Ledger.open(path) as ledger:
            assert sorted(ledger.ids(SERVICE, limit=500)) == ids(400)
            kept = ledger.records(SERVICE, ids(400))
            assert len(kept) >= told
            assert len(kept) % 8 == 0
            ledger.forget(SERVICE, ids(400))


def test_threads_share_a_ledger(path: Path) -> None:
    failures: list[BaseException] = []

    def work(start: int) -> None:
        try:
            for task_id in ids(20, start):
                ledger.ask(SERVICE, {task_id: {}}, NOW)
                ledger.save(SERVICE, [make_record(task_id)])
                ledger.counts(SERVICE)
        except BaseException as error:  # noqa: BLE001, told below
            failures.append(error)

    with Ledger.open(path) as ledger:
        threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 80, 20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert ledger.counts(SERVICE) == {State.succeeded: 80}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows knows no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_takes_a_connection_of_its_own(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.ask(SERVICE, {"a": {}}, NOW)
        inherited = ledger._store._open
        child = os.fork()
        if child == 0:
            try:
                ledger.ask(SERVICE, {"child": {}}, LATER)
                is_its_own = ledger._store._open is not inherited
                ledger.close()
                os._exit(0 if is_its_own else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        ledger.ask(SERVICE, {"b": {}}, LATER + timedelta(seconds=1))
        assert ledger.ids(SERVICE) == ["b", "child", "a"]


# An interrupt that comes while Python collects garbage is told there, and goes no further.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows knows no timer")
@pytest.mark.parametrize("in_memory", [True, False])
def test_an_interrupt_leaves_a_batch_whole_or_out(path: Path, in_memory: bool) -> None:
    interrupts = 0
    with Ledger.open(None if in_memory else path) as ledger:
        ledger.ask(SERVICE, {task_id: {} for task_id in ids(64)}, NOW)
        before = signal.signal(signal.SIGALRM, signal.default_int_handler)
        try:
            for number in range(120):
                when = NOW + timedelta(seconds=number)
                batch = [make_record(task_id, msg=str(number), fetched_at=when) for task_id in ids(64)]
                try:
                    signal.setitimer(signal.ITIMER_REAL, 0.0002 + number * 0.0001)
                    ledger.save(SERVICE, batch)
                    signal.setitimer(signal.ITIMER_REAL, 0)
                except KeyboardInterrupt:
                    interrupts += 1
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
                kept = ledger.records(SERVICE, ids(64)).values()
                assert len({record.msg for record in kept}) <= 1
                assert len(kept) in (0, 64)
        finally:
            signal.signal(signal.SIGALRM, before)
        assert interrupts > 10
        ledger.save(SERVICE, [replace(record, fetched_at=NOW + timedelta(days=1)) for record in batch])
        assert ledger.counts(SERVICE) == {State.succeeded: 64}
