"""The ledger as a session uses it: what is asked for, what is kept, and what comes without a request."""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from aleph_nb import Record, Session, Settings, State
from aleph_nb.errors import AuthenticationError, ConfigurationError, ServerError, TransportError
from aleph_nb.ledger import Ledger
from aleph_nb.settings import data_folder
from tests.faults import FaultServer, Reply, envelope, failure, refuse, running, success
from tests.keys import KEY
from tests.ledgers import make_record


@pytest.fixture(autouse=True)
def with_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_API_KEY", KEY)


@pytest.fixture
def settings(server: FaultServer) -> Settings:
    return Settings(base_url=server.base_url, rate=0, retries=0, retry_wait=0, timeout=1)


@pytest.fixture
def path() -> Path:
    """Return the ledger's usual place."""
    return data_folder() / "ledger.sqlite3"


def asked(server: FaultServer) -> list[str]:
    return sorted(str(seen.task_id) for seen in server.requests)


def shown(session: Session, records: list[Record]) -> str:
    """Return all that a frame shows of records, and what was received."""
    return session.frame(records).to_csv() + repr([record.raw for record in records])


def in_file(path: Path) -> set[str]:
    """Return the ids that stand in a ledger, as another program reads it."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as other:
        return {row[0] for row in other.execute("select task_id from tasks")}


# ── What is asked again ──────────────────────────────────────────────────────────────────────────


def test_what_is_final_is_asked_for_once(settings: Settings, server: FaultServer) -> None:
    server.script("b", Reply(body=failure("b")))
    with Session(settings) as session:
        first = session.status(["a", "b"])
    seen: list[Record] = []
    with Session(settings) as session:  # another kernel
        again = session.status(["b", "a"], observe=seen.append)
        assert shown(session, again) == shown(session, first[::-1])
    assert asked(server) == ["a", "b"]
    assert [record.task_id for record in seen] == ["b", "a"]  # from the ledger, too, each is observed


def test_fresh_asks_again(settings: Settings, server: FaultServer) -> None:
    with Session(settings) as session:
        session.status(["a", "b"])
        server.script("a", Reply(body=success("a", errorMessage="anew")))
        (record,) = session.status(["a"], fresh=True)
        assert record.error_message == "anew"
        (record,) = session.status(["a"])
        assert record.error_message == "anew"
    assert asked(server) == ["a", "a", "b"]


def test_all_other_states_are_always_asked_again(settings: Settings, server: FaultServer) -> None:
    server.script("running", Reply(body=running("running")))
    server.script("missing", Reply(body=envelope(data=None)))
    server.script("unknown", Reply(body=success("unknown", response=None)))
    server.script("silent", refuse(500))
    ids = ["running", "missing", "unknown", "silent", "done"]
    for _ in range(2):
        with Session(settings) as session:
            states = [record.state for record in session.status(ids)]
        assert states == [
            State.in_progress,
            State.not_found,
            State.unknown,
            State.no_answer,
            State.succeeded,
        ]
    assert asked(server) == sorted([*ids, *ids[:-1]])


# ── Without a key, without a network ─────────────────────────────────────────────────────────────


def test_what_is_final_comes_without_a_key_and_without_a_network(
    settings: Settings, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(settings) as session:
        session.status(["a", "b"])
    monkeypatch.delenv("KIE_API_KEY")
    server.stop()
    with Session(settings) as session:
        assert [record.state for record in session.status(["b", "a"])] == [State.succeeded] * 2


def test_without_a_network_what_is_final_comes_beside_rows_of_no_answer(
    settings: Settings, server: FaultServer
) -> None:
    with Session(settings) as session:
        session.status(["a"])
    server.stop()
    with Session(settings) as session:
        records = session.status(["x", "a", "y"])
        assert [record.state for record in records] == [State.no_answer, State.succeeded, State.no_answer]
        with pytest.raises(TransportError, match="task x"):
            session.status(["x", "y"])
        assert list(session.history().task_id) == ["y", "x", "a"]


def test_without_a_key_a_request_that_is_due_is_refused_and_kept(
    settings: Settings, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(settings) as session:
        session.status(["a"])
        monkeypatch.delenv("KIE_API_KEY")
        seen: list[Record] = []
        with pytest.raises(ConfigurationError, match="KIE_API_KEY"):
            session.status(["a", "b"], observe=seen.append)
        assert [record.task_id for record in seen] == ["a"]
        assert session.counts() == {State.succeeded: 1, State.no_answer: 1}


def test_a_refused_key_ends_all_and_loses_nothing(settings: Settings, server: FaultServer) -> None:
    server.script("last", Reply(status=401, body=envelope(401, "no"), delay=0.5))
    ids = [*(f"id{number}" for number in range(10)), "last", *(f"later{number}" for number in range(50))]
    server.default = lambda task_id: Reply(body=success(task_id), delay=5 * task_id.startswith("later"))
    with Session(replace(settings, workers=8, timeout=20)) as session:
        with pytest.raises(AuthenticationError):
            session.status(ids)
        assert session.counts() == {State.succeeded: 10, State.no_answer: 51}
    assert len(server.requests) < 20


# ── Every id is there first ──────────────────────────────────────────────────────────────────────


def test_every_id_is_in_the_ledger_before_the_first_request(
    settings: Settings, server: FaultServer, path: Path
) -> None:
    found: list[set[str]] = []

    def answer(task_id: str) -> Reply:
        found.append(in_file(path))
        return refuse(500)

    server.default = answer
    ids = [f"id{number}" for number in range(600)]
    with Session(replace(settings, workers=2)) as session, pytest.raises(ServerError):
        session.status(ids)
    assert all(ids_then == set(ids) for ids_then in found)
    assert len(found) == 600


def test_every_id_of_a_watch_is_in_the_ledger_before_the_first_request(
    settings: Settings, server: FaultServer, path: Path
) -> None:
    found: list[set[str]] = []

    def answer(task_id: str) -> Reply:
        found.append(in_file(path))
        return Reply(body=success(task_id))

    server.default = answer
    with Session(settings) as session:
        session.watch(["a", "b", "c"])
    assert found == [{"a", "b", "c"}] * 3


def test_an_interrupt_saves_what_was_fetched(settings: Settings, server: FaultServer) -> None:
    server.script("c", Reply(hang=True))

    def observe(record: Record) -> None:
        if len(seen) == 1:
            raise KeyboardInterrupt
        seen.append(record)

    seen: list[Record] = []
    with Session(settings) as session:
        with pytest.raises(KeyboardInterrupt):
            session.status(["a", "b", "c"], observe=observe)
        assert session.counts() == {State.succeeded: 2, State.no_answer: 1}


def test_records_are_written_while_others_are_awaited(
    settings: Settings, server: FaultServer, path: Path
) -> None:
    """A batch waits a quarter of a second, also where nothing more arrives."""
    server.script("slow", Reply(body=success("slow"), delay=3))
    with Session(replace(settings, timeout=10)) as session:
        thread = threading.Thread(target=session.status, args=[["a", "slow"]])
        thread.start()
        server.wait_until(lambda _: path.exists() and counted(path, "succeeded") == 1, timeout=2.5)
        thread.join()
    assert counted(path, "succeeded") == 2


def test_all_is_written_when_a_call_returns(settings: Settings, server: FaultServer, path: Path) -> None:
    server.script("refused", Reply(status=401, body=envelope(401, "no"), delay=0.2))
    with Session(settings) as session:
        session.status(["a", "b"])
        assert counted(path, "succeeded") == 2
        with pytest.raises(AuthenticationError):
            session.status(["c", "refused"])
        assert counted(path, "succeeded") == 3
        session.watch(["d"])
        assert counted(path, "succeeded") == 4


def test_records_are_written_in_batches(settings: Settings, server: FaultServer, path: Path) -> None:
    with Session(settings) as session:
        session.counts()
        before = writes(path)
        session.status([f"id{number}" for number in range(300)])
        assert 1 + 300 / 32 <= writes(path) - before < 100


def writes(path: Path) -> int:
    """Return how many transactions have written to a file, as it says itself."""
    return int.from_bytes(path.read_bytes()[24:28])


def counted(path: Path, state: str) -> int:
    """Count the tasks of a state as another program does; a ledger that is being made has none."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as other:
            (number,) = other.execute("select count(*) from tasks where state = ?", [state]).fetchone()
    except sqlite3.OperationalError:
        return 0
    return int(number)


# ── What replaces what ───────────────────────────────────────────────────────────────────────────

NOT_FINAL: dict[str, tuple[Reply, State]] = {
    "500": (refuse(500), State.no_answer),
    "500 inside": (refuse(500, inside=True), State.no_answer),
    "429": (refuse(429), State.no_answer),
    "404": (Reply(status=404, body="<h1>404</h1>"), State.no_answer),
    "404 in the envelope": (refuse(404, inside=True), State.not_found),
    "null": (Reply(body=envelope(data=None)), State.not_found),
    "running": (Reply(body=running("a")), State.in_progress),
    "unknown": (Reply(body=success("a", response=None)), State.unknown),
    "reset": (Reply(reset=True), State.no_answer),
    "no json": (Reply(body="<h1>hello</h1>"), State.no_answer),
}


@pytest.mark.parametrize("kept", [success("a"), failure("a")], ids=["succeeded", "failed"])
@pytest.mark.parametrize("what", NOT_FINAL)
def test_a_final_record_is_replaced_by_nothing_that_is_not(
    settings: Settings, server: FaultServer, what: str, kept: dict[str, object]
) -> None:
    reply, state = NOT_FINAL[what]
    server.script("a", Reply(body=kept))
    with Session(settings) as session:
        (before,) = session.status(["a"])
        history = session.history()
        server.script("a", reply)
        (record,) = session.status(["a"], fresh=True)
        assert record.state is state
        assert "the ledger still has the record" in record.reason
        assert before.state in record.reason
        assert "%aleph_history a" in record.reason
        pd.testing.assert_frame_equal(session.history(), history)
        assert shown(session, session.status(["a"])) == shown(session, [before])
    with Session(settings) as session:
        assert shown(session, session.status(["a"])) == shown(session, [before])


def test_a_dead_port_replaces_nothing(settings: Settings, server: FaultServer) -> None:
    with Session(settings) as session:
        before = session.status(["a", "b"])
        server.stop()
        records = session.status(["a", "b"], fresh=True)
        assert {record.state for record in records} == {State.no_answer}
        assert all(record.reason.count("the ledger still has the record") == 1 for record in records)
        assert shown(session, session.status(["a", "b"])) == shown(session, before)


def test_a_row_says_nothing_of_a_record_that_is_not_final(settings: Settings, server: FaultServer) -> None:
    server.script("a", Reply(body=running("a")), refuse(500))
    with Session(settings) as session:
        session.status(["a"])
        record, _ = session.status(["a", "b"], fresh=True)
        assert record.state is State.no_answer
        assert "ledger" not in record.reason
        assert session.counts() == {State.in_progress: 1, State.succeeded: 1}


@pytest.mark.parametrize("later", [failure("a"), success("a", errorMessage="anew")])
def test_a_later_final_record_replaces(
    settings: Settings, server: FaultServer, later: dict[str, object]
) -> None:
    server.script("a", Reply(body=success("a")), Reply(body=later))
    with Session(settings) as session:
        session.status(["a"])
        (record,) = session.status(["a"], fresh=True)
        assert record.reason.count("ledger") == 0
        assert shown(session, session.status(["a"])) == shown(session, [record])


def test_what_was_never_answered_is_asked_for_no_answer_yet(settings: Settings, server: FaultServer) -> None:
    server.default = lambda task_id: refuse(500)
    before = datetime.now(UTC)
    with Session(settings) as session:
        server.script("b", Reply(body=running("b")))
        records = session.status(["a", "b"])
        assert records[0].fetched_at is not None
        assert records[0].fetched_at >= before
        row = session.history().set_index("task_id").loc["a"]
    assert (row.state, row.reason) == (State.no_answer, "asked for, no answer yet")
    assert row.fetched_at is pd.NaT


# ── Labels, services, kernels ────────────────────────────────────────────────────────────────────


def test_labels_are_kept_over_kernels(settings: Settings, server: FaultServer) -> None:
    frame = pd.DataFrame({"task_id": ["a", "b"], "shot": ["12", "13"], "client": ["x", pd.NA]})
    with Session(settings) as session:
        session.status(frame)
    with Session(settings) as session:
        again = session.frame(session.status(["b", "a"]))
        assert list(again["shot"]) == ["13", "12"]
        assert list(again["client"]) == [pd.NA, "x"]
        session.status(pd.DataFrame({"task_id": ["a"], "shot": ["14"]}))
    with Session(settings) as session:
        assert session.labels(["a"]) == {"a": {"shot": "14", "client": "x"}}
        assert list(session.history(search="14").task_id) == ["a"]


def test_two_services_are_apart(settings: Settings, server: FaultServer) -> None:
    with Session(settings) as session, FaultServer() as other:
        session.status(["a", "b"])
        session.settings = replace(settings, base_url=other.base_url)
        session.status(["a"])
        assert asked(other) == ["a"]
        assert list(session.history().task_id) == ["a"]
        assert session.forget(["a"]) == 1
        assert session.known_ids() == []
        session.settings = settings
        assert sorted(session.known_ids()) == ["a", "b"]


def test_one_origin_is_one_service(settings: Settings, server: FaultServer) -> None:
    with Session(settings) as session:
        session.status(["a"])
        session.settings = replace(settings, base_url=f"{server.base_url}/")
        session.status(["a"])
    assert asked(server) == ["a"]


def test_the_demo_has_a_ledger_of_its_own(settings: Settings, server: FaultServer, path: Path) -> None:
    elsewhere = replace(settings, ledger=str(path.with_name("elsewhere.sqlite3")))
    for chosen in (settings, elsewhere, replace(settings, ledger="off")):
        with Session(chosen) as session:
            ids = session.start_demo(reset=True)
            assert session.counts() == {}
            session.status(pd.DataFrame({"task_id": ids[:2], "shot": ["1", "2"]}))
            assert session.counts() == {State.succeeded: 2}
        assert in_file(path.with_name("demo.sqlite3")) == set(ids[:2])
    assert [found.name for found in path.parent.iterdir()] == ["demo.sqlite3"]
    with Session(settings) as session:  # whatever its port
        session.start_demo()
        assert session.counts() == {State.succeeded: 2}
        session.start_demo(reset=True)
        assert session.known_ids() == []
        assert session.labels(ids) == {}
        session.stop_demo()
    assert path.with_name("demo.sqlite3").stat().st_mode & 0o777 == 0o600


def test_off_keeps_nothing_on_the_disk(settings: Settings, server: FaultServer, path: Path) -> None:
    with Session(replace(settings, ledger="off")) as session:
        session.status(["a"])
        session.status(["a", "b"])
        assert session.counts() == {State.succeeded: 2}
        assert sorted(session.known_ids()) == ["a", "b"]
        assert session.keeper.shown == "in memory"
    assert asked(server) == ["a", "b"]
    with Session(replace(settings, ledger="off")) as session:
        assert session.counts() == {}
    assert not path.parent.exists()


def test_another_ledger_counts_from_the_next_call_on(
    settings: Settings, server: FaultServer, tmp_path: Path
) -> None:
    with Session(settings) as session:
        session.status(["a"])
        for where in (str(tmp_path / "b.sqlite3"), f"sqlite:///{tmp_path}/c.sqlite3"):
            session.settings = replace(settings, ledger=where)
            session.status(["a"])
            assert session.counts() == {State.succeeded: 1}
        session.settings = settings
        session.status(["a"])
    assert asked(server) == ["a", "a", "a"]
    assert in_file(tmp_path / "b.sqlite3") == in_file(tmp_path / "c.sqlite3") == {"a"}


@pytest.mark.parametrize(
    "use",
    [
        lambda session: session.known_ids(),
        lambda session: session.settings,
        repr,
    ],
)
def test_no_ledger_is_made_before_it_is_needed(
    settings: Settings, path: Path, use: Callable[[Session], object]
) -> None:
    with Session(settings) as session:
        use(session)
    assert not path.parent.exists()


# ── What is looked after ─────────────────────────────────────────────────────────────────────────


def test_open_tasks_are_those_that_run_or_are_new(settings: Settings, server: FaultServer) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=8)
    with Session(settings) as session:
        ledger = session.keeper.open()
        ledger.ask(session.service, {"old": {}, "runs": {}, "gone": {}, "done": {}}, long_ago)
        records = [
            make_record("runs", State.in_progress),
            make_record("gone", State.not_found),
            make_record("done"),
        ]
        ledger.save(session.service, records)
        server.script("new", Reply(body=envelope(data=None)))
        server.script("silent", refuse(500))
        session.status(["new", "silent"])
        assert session.open_tasks() == (["runs", "new", "silent"], 2)
    with Ledger.open(None) as other:
        assert other.open_tasks(session.service, datetime.now(UTC)) == ([], 0)


def test_a_watch_without_ids_takes_the_open_tasks(settings: Settings, server: FaultServer) -> None:
    server.script("a", Reply(body=running("a")), Reply(body=success("a")))
    with Session(replace(settings, poll_interval=0.1)) as session:
        session.status(["a", "b"])
        records = session.watch()
        assert [(record.task_id, record.state) for record in records] == [("a", State.succeeded)]
        assert session.watch() == []
        assert session.counts() == {State.succeeded: 2}


def test_a_history_asks_nobody(settings: Settings, server: FaultServer) -> None:
    with Session(settings) as session:
        session.status(["a"])
    server.stop()
    with Session(settings) as session:
        assert list(session.history().task_id) == ["a"]
        assert session.history(["b"]).empty
        assert session.forget(["a", "b"]) == 1
        assert session.history().empty


def test_what_is_forgotten_is_asked_for_again(settings: Settings, server: FaultServer) -> None:
    with Session(settings) as session:
        session.status(pd.DataFrame({"task_id": ["a", "b"], "shot": ["1", "2"]}))
        assert session.forget("a") == 1
        assert session.labels(["a", "b"]) == {"b": {"shot": "2"}}
        session.status(["a", "b"])
    assert asked(server) == ["a", "a", "b"]


# ── Many threads ─────────────────────────────────────────────────────────────────────────────────


def test_threads_share_a_session(settings: Settings, server: FaultServer) -> None:
    errors: list[BaseException] = []
    with Session(settings) as session:

        def work(start: int) -> None:
            try:
                for number in range(5):
                    ids = [f"id{start + number}-{each}" for each in range(20)]
                    assert len(session.status(ids)) == 20
                    session.open_tasks(), session.known_ids(), session.counts()
            except BaseException as error:  # noqa: BLE001, it is told below
                errors.append(error)

        threads = [threading.Thread(target=work, args=[start]) for start in (0, 3, 100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert session.counts() == {State.succeeded: 20 * 13}


# ── The demo, which is elsewhere each time it starts ─────────────────────────────────────────────


def test_what_the_ledger_has_of_the_demo_plays_after_it_was_started_anew() -> None:
    with Session() as session:
        ids = session.start_demo()
        (first,) = session.status(ids[:1])
    with Session() as session:
        session.start_demo()
        (record,) = session.status(ids[:1])
        assert record.result_video_url != first.result_video_url
        assert record.raw == first.raw  # nobody was asked
        frame = session.history(ids[:1])
        assert frame.result_video_url[0] == record.result_video_url
        for url in (record.source_video_url, record.result_video_url, record.result_image_url):
            assert url is not None
            assert (session.media(url) or "").startswith("data:")


def test_a_clip_that_an_earlier_demo_finished_plays_while_it_is_made_again() -> None:
    with Session() as session:
        ids = session.start_demo(tasks=50)
        running = [record.task_id for record in session.status(ids) if record.state is State.in_progress]
        done = [record for record in session.watch(running, timeout=12) if record.state is State.succeeded]
        task_id = done[0].task_id
    with Session() as session:
        session.start_demo(tasks=50)
        (record,) = session.status([task_id])
        assert record.state is State.succeeded
        assert (session.media(record.result_video_url or "") or "").startswith("data:video/mp4")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows knows no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_does_not_wait_for_a_thread_that_it_lacks(settings: Settings) -> None:
    with Session(settings) as session:
        session.remember("a")
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with session.keeper._lock:
                held.set()
                done.wait(20)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(20)
        child = os.fork()
        if child == 0:
            try:
                signal.alarm(10)
                session.remember("b")
                os._exit(0 if session.known_ids() == ["b", "a"] else 1)
            finally:
                os._exit(2)
        done.set()
        thread.join()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert session.known_ids() == ["b", "a"]
