"""The session: verbs, what it remembers, and the demo."""

import sys
import threading
import time
from dataclasses import replace

import pandas as pd
import pytest

from aleph_nb import Client, Record, Session, Settings, State, TransportError, current_session
from aleph_nb.errors import ConfigurationError
from aleph_nb.session import close_current_session
from aleph_nb.watch import Watch
from tests.faults import FaultServer, Reply, envelope, refuse, running, success
from tests.keys import KEY


@pytest.fixture(autouse=True)
def with_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_API_KEY", KEY)


@pytest.fixture
def settings(server: FaultServer) -> Settings:
    return Settings(base_url=server.base_url, rate=0, retries=0, retry_wait=0, timeout=1)


def test_status_gives_a_record_for_each_id_in_the_order_given(
    settings: Settings, server: FaultServer
) -> None:
    server.script("a", Reply(body=running("a"), delay=0.2))
    seen: list[Record] = []
    with Session(settings) as session:
        records = session.status(["a", "b", "a", "c"], observe=seen.append)
    assert [record.task_id for record in records] == ["a", "b", "c"]
    assert sorted(record.task_id for record in seen) == ["a", "b", "c"]
    assert seen[-1].task_id == "a"  # observed as they arrive


@pytest.mark.parametrize(
    "ids",
    ["a b", ["a", "b"], ("a", "b"), pd.Series(["a", "b"]), pd.DataFrame({"taskId": ["a", "b"]})],
    ids=lambda ids: type(ids).__name__,
)
def test_ids_come_in_any_way(settings: Settings, server: FaultServer, ids: object) -> None:
    with Session(settings) as session:
        assert [record.task_id for record in session.status(ids)] == ["a", "b"]


def test_no_ids_are_no_request(settings: Settings, server: FaultServer) -> None:
    with Session(settings) as session:
        assert session.status([]) == []
        assert len(session.frame([])) == 0
    assert server.requests == []


def test_one_answer_is_enough_for_rows(settings: Settings, server: FaultServer) -> None:
    server.default = lambda task_id: refuse(500)
    server.script("b", Reply(body=envelope(data=None)))  # not found is an answer
    with Session(settings) as session:
        states = [record.state for record in session.status(["a", "b", "c"])]
    assert states == [State.no_answer, State.not_found, State.no_answer]


def test_without_any_answer_the_first_ids_failure_is_raised(settings: Settings, server: FaultServer) -> None:
    server.script("a", Reply(reset=True, delay=0.3))
    server.script("b", refuse(500))
    with Session(settings) as session, pytest.raises(TransportError, match="task a"):
        session.status(["a", "b"])


def test_counts_remember_answers_over_silence(settings: Settings, server: FaultServer) -> None:
    with Session(settings) as session:
        server.script("a", Reply(body=running("a")))
        session.status(["a", "b"])
        assert session.counts() == {State.in_progress: 1, State.succeeded: 1}
        server.script("a", refuse(500))
        server.script("b", Reply(body=envelope(data=None)))
        session.status(["a", "b"])
        assert session.counts() == {State.in_progress: 1, State.succeeded: 1}


def test_labels_are_kept_and_a_frames_own_columns_are_none(settings: Settings, server: FaultServer) -> None:
    with Session(settings) as session:
        first = session.frame(
            session.status(pd.DataFrame({"task_id": ["a"], "shot": ["12"], "state": ["x"]}))
        )
        assert list(first.columns)[-1] == "shot"
        assert session.labels(["a", "b"]) == {"a": {"shot": "12"}}
        again = session.frame(session.status(first))  # a frame of ours gives its ids and labels back
        assert list(again.columns) == list(first.columns)
        assert list(session.frame(session.status(["b", "a"]))["shot"]) == [pd.NA, "12"]


def test_new_settings_count_from_the_next_call_on(settings: Settings, server: FaultServer) -> None:
    with Session(settings) as session, FaultServer() as other:
        session.status(["a"])
        session.settings = replace(settings, base_url=other.base_url)
        session.status(["b"])
        assert [seen.task_id for seen in other.requests] == ["b"]
        assert session.counts() == {State.succeeded: 1}  # of this service


def test_a_changed_key_counts_from_the_next_call_on(
    settings: Settings, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(settings) as session:
        session.status(["a"])
        monkeypatch.setenv("KIE_API_KEY", "another-key-1234")
        session.status(["b"])
        monkeypatch.delenv("KIE_API_KEY")
        with pytest.raises(ConfigurationError, match="KIE_API_KEY"):
            session.status(["c"])
    sent = [seen.headers["authorization"] for seen in server.requests]
    assert sent == [f"Bearer {KEY}", "Bearer another-key-1234"]


def test_the_demo_is_a_service_of_its_own(settings: Settings, server: FaultServer) -> None:
    with Session(settings) as session:
        real = session.service
        assert real == server.base_url
        ids = session.start_demo()
        assert session.service == "demo"
        records = session.status(ids[:2])
        assert [record.state for record in records] == [State.succeeded] * 2
        url = records[0].result_video_url
        assert url is not None
        assert (session.media(url) or "").startswith("data:video/mp4;base64,")
        assert session.stop_demo()
        assert session.service == real
        assert session.media(url) is None
        assert session.counts() == {}
    assert server.requests == []


def test_closing_ends_the_demo_and_its_thread(settings: Settings) -> None:
    before = set(threading.enumerate())
    session = Session(settings)
    session.start_demo()
    assert set(threading.enumerate()) > before
    session.close()
    assert set(threading.enumerate()) == before
    session.close()


def test_the_current_session_is_one_until_it_is_closed() -> None:
    first = current_session()
    assert current_session() is first
    close_current_session()
    assert current_session() is not first
    close_current_session()


def test_settings_are_found_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEPH_NB_RATE", "2.5")
    with Session() as session:
        assert session.settings.rate == 2.5
        assert "2.5" in repr(session)


def test_a_cool_down_of_one_service_is_none_of_anothers(settings: Settings, server: FaultServer) -> None:
    server.script("a", refuse(429, headers={"Retry-After": "60"}))
    with Session(settings) as session:
        session.status(["a", "b"])
        ids = session.start_demo()
        begun = time.monotonic()
        session.status(ids[:1])
        assert time.monotonic() - begun < 30


def test_a_new_rate_counts_from_the_next_call_on(settings: Settings, server: FaultServer) -> None:
    with Session(replace(settings, rate=0.01)) as session:
        session.status(["a"])
        session.settings = replace(settings, rate=9)
        begun = time.monotonic()
        session.status(["b"])
        assert time.monotonic() - begun < 30


def test_closing_the_session_in_the_middle_of_a_call_loses_no_row(
    settings: Settings, server: FaultServer
) -> None:
    server.default = lambda task_id: Reply(body=running(task_id), delay=0.05)
    with Session(replace(settings, workers=2)) as session:
        ids = [f"id{number}" for number in range(50)]
        closing = iter([threading.Thread(target=session.close)])

        def observe(_: Record) -> None:
            for thread in closing:
                thread.start()

        records = session.status(ids, observe=observe)
    assert [record.task_id for record in records] == ids
    assert {record.state for record in records} == {State.in_progress, State.no_answer}


def test_settings_that_change_in_the_middle_of_a_call_do_not_end_it(
    settings: Settings, server: FaultServer
) -> None:
    server.default = lambda task_id: Reply(body=running(task_id), delay=0.05)
    with Session(replace(settings, workers=2)) as session:
        ids = [f"id{number}" for number in range(30)]

        def observe(_: Record) -> None:
            session.settings = replace(settings, timeout=2)

        records = session.status(ids, observe=observe)
        assert {record.state for record in records} == {State.in_progress}
        session.status(["last"])
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("aleph-")]


def test_closing_the_session_ends_a_call_that_began_with_other_settings(
    settings: Settings, server: FaultServer
) -> None:
    server.default = lambda task_id: Reply(body=running(task_id), delay=0.2)
    session = Session(replace(settings, workers=1))
    ids = [f"id{number}" for number in range(200)]
    thread = threading.Thread(target=lambda: session.status(ids))
    thread.start()
    server.wait_until(lambda server: len(server.requests) > 1)
    session.settings = replace(settings, timeout=2)
    session.close()
    thread.join(10)
    assert not thread.is_alive()
    assert len(server.requests) < 50


def test_closing_and_asking_may_meet(settings: Settings, server: FaultServer) -> None:
    often = sys.getswitchinterval()
    end = time.monotonic() + 3
    client = Client(settings)

    def ask() -> None:
        while time.monotonic() < end:
            list(client.outcomes(["a"]))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        while time.monotonic() < end:
            client.close()
    finally:
        sys.setswitchinterval(often)
        for thread in threads:
            thread.join()


def test_a_watch_in_a_thread_and_a_call_do_not_end_each_other(
    settings: Settings, server: FaultServer
) -> None:
    asked: dict[str, int] = {}

    def answer(task_id: str) -> Reply:
        asked[task_id] = asked.get(task_id, 0) + 1
        is_done = task_id.startswith("id") or asked[task_id] > 10
        return Reply(body=success(task_id) if is_done else running(task_id), delay=0.02)

    server.default = answer
    watched: list[Record] = []
    with Session(replace(settings, poll_interval=0.05)) as session:
        thread = threading.Thread(target=lambda: watched.extend(session.watch(["slow"], timeout=30)))
        thread.start()
        for number in range(20):
            (record,) = session.status([f"id{number}"])
            assert record.state is State.succeeded
        thread.join(30)
    assert [record.state for record in watched] == [State.succeeded]


def test_a_watch_in_a_thread_stays_with_its_service(settings: Settings, server: FaultServer) -> None:
    server.default = lambda task_id: Reply(body=running(task_id))
    watched: list[Record] = []
    with Session(replace(settings, poll_interval=0.05)) as session:
        thread = threading.Thread(target=lambda: watched.extend(session.watch(["mine"], timeout=30)))
        thread.start()
        server.wait_until(lambda server: len(server.requests) > 1)
        session.start_demo()  # which does not know the task
        number = len(server.requests)
        server.wait_until(lambda server: len(server.requests) > number + 3)
        session.stop_demo()
        assert list(session.history().state) == ["in_progress"]
        with FaultServer() as other:
            session.settings = replace(settings, base_url=other.base_url, poll_interval=0.05)
            number = len(server.requests)
            server.wait_until(lambda server: len(server.requests) > number + 3)
            assert other.requests == []
        server.default = lambda task_id: Reply(body=success(task_id))
        thread.join(30)
        session.settings = settings
        assert list(session.history().state) == ["succeeded"]
    assert [record.state for record in watched] == [State.succeeded]


def test_the_real_key_never_goes_to_the_demos_port(settings: Settings, server: FaultServer) -> None:
    with Session(replace(settings, poll_interval=0.05)) as session:
        (task, *_) = [
            record.task_id
            for record in session.status(session.start_demo())
            if record.state is State.in_progress
        ]
        assert session.demo
        port = int(session.demo.base_url.rsplit(":", 1)[1])
        looks = threading.Event()
        thread = threading.Thread(
            target=lambda: session.watch([task], timeout=3, observe=lambda *_: looks.set())
        )
        thread.start()
        assert looks.wait(5)
        session.stop_demo()
        with FaultServer(port=port) as stranger:
            stranger.default = lambda task_id: Reply(body=running(task_id))
            thread.join(10)
        assert not thread.is_alive()
    assert stranger.requests
    assert not [seen for seen in stranger.requests if KEY in str(seen)]


def test_what_is_done_meanwhile_can_end_a_call(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_API_KEY", KEY)
    server.script("slow", Reply(hang=True))

    class EnoughError(Exception):
        pass

    def enough() -> None:
        raise EnoughError

    with Session(Settings.load({"base_url": server.base_url, "rate": 0})) as session:
        begun = time.monotonic()
        with pytest.raises(EnoughError):
            session.status("slow", meanwhile=enough)
        assert time.monotonic() - begun < 2


def test_closing_the_session_ends_a_watch_in_a_thread(settings: Settings, server: FaultServer) -> None:
    server.default = lambda task_id: Reply(body=running(task_id))
    watched: list[Record] = []
    began = threading.Event()
    session = Session(replace(settings, poll_interval=0.05))

    def observe(state: Watch, _: float) -> None:
        if state.latest:
            began.set()

    thread = threading.Thread(
        target=lambda: watched.extend(session.watch(["a", "b"], timeout=60, observe=observe))
    )
    thread.start()
    assert began.wait(20)
    session.close()
    thread.join(20)
    assert not thread.is_alive()
    assert [record.task_id for record in watched] == ["a", "b"]
