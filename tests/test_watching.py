"""A watch of a session: whom it asks, what it waits for, and that all it hears is kept."""

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from aleph_nb import AuthenticationError, Record, Session, Settings, State
from aleph_nb.errors import ConfigurationError
from aleph_nb.session import scribe, watching
from aleph_nb.watch import Watch
from tests.faults import FaultServer, Reply, envelope, failure, refuse, running, success
from tests.keys import KEY

ODD = envelope(data={"successFlag": 9})


@pytest.fixture
def settings(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("KIE_API_KEY", KEY)
    return Settings(base_url=server.base_url, rate=0, retry_wait=0, timeout=2, poll_interval=0.05)


@pytest.fixture
def session(settings: Settings) -> Iterator[Session]:
    with Session(settings) as session:
        yield session


def settles(server: FaultServer, task_id: str, after: int, end: Reply | None = None) -> None:
    """Let a task run for so many answers, then end."""
    replies = [Reply(body=running(task_id))] * after
    server.script(task_id, *replies, end or Reply(body=success(task_id)))


def asks(server: FaultServer) -> Counter[str | None]:
    return Counter(seen.task_id for seen in server.requests)


def states(records: list[Record]) -> list[State]:
    return [record.state for record in records]


def kept(session: Session) -> dict[str, str]:
    """Tell what another session reads in the ledger."""
    with Session(session.settings) as other:
        frame = other.history()
    return dict(zip(frame.task_id, frame.state.astype(str), strict=True))


# ── Who leaves when ──────────────────────────────────────────────────────────────────────────────


def test_each_task_leaves_as_it_settles(session: Session, server: FaultServer) -> None:
    for number, task_id in enumerate("dbca"):
        settles(server, task_id, number)
    server.script("c", *[Reply(body=running("c"))] * 2, Reply(body=failure("c")))
    records = session.watch("d b c a", 20)
    assert [record.task_id for record in records] == ["d", "b", "c", "a"]  # as they were asked for
    assert states(records) == [State.succeeded, State.succeeded, State.failed, State.succeeded]
    assert asks(server) == {"d": 1, "b": 2, "c": 3, "a": 4}
    assert kept(session) == {"a": "succeeded", "b": "succeeded", "c": "failed", "d": "succeeded"}


def test_what_the_ledger_has_as_final_is_not_asked_for(session: Session, server: FaultServer) -> None:
    session.status("a")
    settles(server, "b", 1)
    seen: list[tuple[int, int]] = []
    records = session.watch(
        "b a", 20, observe=lambda state, _: seen.append((len(state.settled), len(state.waiting)))
    )
    assert states(records) == [State.succeeded] * 2
    assert asks(server) == {"a": 1, "b": 2}
    assert seen[0] == (1, 1)  # the one that was done is so from the start
    assert seen[-1] == (2, 0)


def test_where_all_are_done_no_key_is_needed(
    session: Session, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.status("a b")
    monkeypatch.delenv("KIE_API_KEY")
    assert states(session.watch("a b")) == [State.succeeded] * 2
    with pytest.raises(ConfigurationError, match="KIE_API_KEY"):
        session.watch("a c")
    assert kept(session)["c"] == "no_answer"  # an id asked for is not forgotten


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(reset=True),
        *map(refuse, (408, 429, 500, 503, 522)),
        *(refuse(code, inside=True) for code in (408, 455, 501, 550)),
    ],
    ids=["network", "408", "429", "500", "503", "522", "408 inside", "455", "501", "550"],
)
def test_a_failure_that_can_pass_is_waited_out(session: Session, server: FaultServer, trouble: Reply) -> None:
    server.script("a", *[trouble] * 5, Reply(body=success("a")))
    assert states(session.watch("a", 20)) == [State.succeeded]
    assert asks(server)["a"] == 6  # each is one request: a watch does not try again within a round


def test_one_seen_running_stays_through_what_will_not_change(session: Session, server: FaultServer) -> None:
    server.script("a", Reply(body=running("a")), *[refuse(402)] * 5, Reply(body=success("a")))
    assert states(session.watch("a", 20)) == [State.succeeded]


@pytest.mark.parametrize(
    ("trouble", "state"),
    [(Reply(body=ODD), State.unknown), (refuse(402), State.no_answer), (Reply(body="?"), State.no_answer)],
    ids=["unknown", "402", "junk"],
)
def test_what_will_not_change_leaves_after_three_rounds(
    session: Session, server: FaultServer, trouble: Reply, state: State
) -> None:
    server.default = lambda _: trouble
    assert states(session.watch("a b", 20)) == [state] * 2
    assert asks(server) == {"a": 3, "b": 3}


def test_one_that_is_not_found_may_still_turn_up(session: Session, server: FaultServer) -> None:
    server.script("a", *[Reply(body=envelope(data=None))] * 4, Reply(body=success("a")))
    assert states(session.watch("a", 20)) == [State.succeeded]
    server.script("b", Reply(body=envelope(data=None)))
    begun = time.monotonic()
    assert states(session.watch("b", 0.5)) == [State.not_found]
    assert time.monotonic() - begun > 0.4  # half a minute of grace is longer than that


# ── How it ends ──────────────────────────────────────────────────────────────────────────────────


def test_a_key_that_is_refused_ends_all_and_what_came_is_kept(session: Session, server: FaultServer) -> None:
    for task_id in "abc":
        settles(server, task_id, 50)
    settles(server, "b", 0)
    server.script("c", *[Reply(body=running("c"))] * 2, refuse(401))
    with pytest.raises(AuthenticationError):
        session.watch("a b c", 20)
    asked = sum(asks(server).values())
    assert kept(session) == {"a": "in_progress", "b": "succeeded", "c": "in_progress"}
    assert asked < 10
    assert sum(asks(server).values()) == asked  # and nobody goes on asking


def test_the_timeout_returns_the_table_so_far(session: Session, server: FaultServer) -> None:
    settles(server, "slow", 1000)
    begun = time.monotonic()
    records = session.watch("slow quick", 0.6)
    assert 0.5 < time.monotonic() - begun < 3
    assert states(records) == [State.in_progress, State.succeeded]
    assert kept(session) == {"slow": "in_progress", "quick": "succeeded"}


@pytest.mark.parametrize("timeout", [math.nan, math.inf, -1, 0, 10**6, "20m", True])
def test_a_timeout_that_would_not_end_is_refused_before_anything_is_asked(
    session: Session, server: FaultServer, timeout: Any
) -> None:
    with pytest.raises(ConfigurationError, match="watch_timeout"):
        session.watch("a", timeout)
    assert server.requests == []


@pytest.mark.parametrize("trouble", [refuse(500), Reply(hang=True)], ids=["500", "silence"])
def test_where_nobody_ever_answers_there_is_a_row_for_each(
    session: Session, server: FaultServer, trouble: Reply
) -> None:
    server.default = lambda _: trouble
    records = session.watch("a b c", 0.6)
    assert [record.task_id for record in records] == ["a", "b", "c"]
    assert set(states(records)) == {State.no_answer}
    assert all(record.reason for record in records)
    assert len(session.frame(records)) == 3


def test_an_answer_that_is_awaited_at_the_timeout_hides_no_earlier_one(
    session: Session, server: FaultServer
) -> None:
    server.script("a", Reply(body=running("a")), Reply(hang=True))
    assert states(session.watch("a", 0.6)) == [State.in_progress]


def test_an_interrupt_ends_it_soon_and_what_came_is_kept(session: Session, server: FaultServer) -> None:
    server.script("b", Reply(hang=True))
    last: list[Watch] = []

    def observe(state: Watch, _: float) -> None:
        last.append(state)
        if state.settled:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.watch("a b", 20, observe=observe)
    assert kept(session) == {"a": "succeeded", "b": "no_answer"}
    assert states(last[-1].records) == [State.succeeded, State.no_answer]
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("aleph-")]
    assert left == []


# ── Whom it keeps waiting ────────────────────────────────────────────────────────────────────────


def test_slow_answers_do_not_hold_up_the_others(
    settings: Settings, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_HELD_UP", 0.3)
    for task_id in ("x", "y"):
        server.script(task_id, Reply(hang=True))
    settles(server, "a", 3)
    settles(server, "b", 1)
    with Session(replace(settings, workers=2, timeout=30)) as session:  # both are taken by those that hang
        records = session.watch("x y a b", 3)
    assert states(records) == [State.no_answer, State.no_answer, State.succeeded, State.succeeded]


def test_those_whose_turn_has_not_come_are_not_passed_over(
    settings: Settings, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_HELD_UP", 0.6)  # a busy machine is silent for as long as a third of it
    server.default = lambda task_id: Reply(body=running(task_id))
    begun = time.monotonic()
    with Session(replace(settings, rate=50)) as session:  # 60 take longer than what counts as held up
        records = session.watch(" ".join(f"t{number}" for number in range(60)), 5)
    took = time.monotonic() - begun
    assert set(states(records)) == {State.in_progress}
    counts = asks(server)
    assert max(counts.values()) - min(counts.values()) <= 3  # a busy machine breaks a round off
    assert len(server.requests) <= 50 * took + 1  # nobody asks beside the pace


def test_a_cool_down_is_not_taken_for_silence(
    settings: Settings, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_HELD_UP", 0.1)
    server.script_all(refuse(429, headers={"Retry-After": "1"}))
    rounds: list[int] = []
    with Session(replace(settings, workers=1)) as session:
        records = session.watch("a b c", 20, observe=lambda state, _: rounds.append(state.rounds))
    assert set(states(records)) == {State.succeeded}
    assert rounds[-1] < 5
    times = [seen.time for seen in server.requests]
    assert sum(1 for at in times if at - times[0] < 0.9) <= 3  # those that were under way


# ── What else there is ───────────────────────────────────────────────────────────────────────────


def test_without_ids_the_tasks_that_are_under_way(session: Session, server: FaultServer) -> None:
    assert session.watch() == []
    settles(server, "a", 2)
    session.status("a b")
    assert [record.task_id for record in session.watch(timeout=20)] == ["a"]
    assert session.watch() == []


def test_labels_are_kept_and_in_the_frame(session: Session, server: FaultServer) -> None:
    settles(server, "a", 1)
    shots = pd.DataFrame({"task_id": ["a", "b"], "shot": ["SH010", "SH020"]})
    frame = session.frame(session.watch(shots, 20))
    assert list(frame.shot) == ["SH010", "SH020"]
    assert list(session.history()["shot"].sort_values()) == ["SH010", "SH020"]


def test_an_observer_is_called_while_answers_are_awaited(session: Session, server: FaultServer) -> None:
    server.script("a", Reply(body=success("a"), delay=0.6))
    at: list[float] = []
    session.watch("a", 20, observe=lambda _, now: at.append(now))
    assert 5 <= len(at) <= 20
    assert at == sorted(at)


def test_what_is_heard_is_in_the_ledger_while_answers_are_awaited(
    settings: Settings, server: FaultServer
) -> None:
    server.script("a", Reply(body=running("a")), Reply(hang=True))  # and nothing more is heard
    read: list[dict[str, str]] = []
    begun = time.monotonic()
    with Session(replace(settings, timeout=30)) as session:

        def observe(state: Watch, now: float) -> None:
            known = kept(session) if state.settled and not read and now < begun + 3 else {}
            if "succeeded" in known.values():
                read.append(known)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            session.watch("a b", 5, observe=observe)
    assert read == [{"a": "in_progress", "b": "succeeded"}]


def test_a_ledger_that_is_mended_during_a_watch_has_what_was_held_back(
    settings: Settings, server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scribe, "_AGAIN", 0.2)
    settles(server, "slow", 10_000)
    folder = tmp_path / "folder"
    folder.write_text("in its place", encoding="utf-8")
    said: list[str] = []
    with Session(replace(settings, ledger=str(folder / "ledger.sqlite3"))) as session:
        session.tell = said.append
        begun = time.monotonic()

        def observe(state: Watch, now: float) -> None:
            if now > begun + 0.7 and folder.is_file():
                folder.unlink()
            if folder.is_dir() and kept(session) == {"slow": "in_progress", "quick": "succeeded"}:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            session.watch("slow quick", 20, observe=observe)
    (line,) = said  # once, however often it was tried
    assert "cannot be opened" in line
