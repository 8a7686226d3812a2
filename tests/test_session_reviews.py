"""Verdicts in a session: what they come to, whose they are, and that none is dropped in silence."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from aleph_nb import Record, Review, Session, Settings, State, Verdict, to_frame
from aleph_nb.errors import ConfigurationError, StorageError
from aleph_nb.frame import COLUMNS, reviews_frame
from aleph_nb.ledger import Ledger
from aleph_nb.review import Note
from tests.ledgers import NOW, SERVICE
from tests.verdicts import ME, line, uuid

DTYPES = {
    "task_id": "string",
    "rating": "Int64",
    "pick": "string",
    "tags": "object",
    "notes": "object",
    "reviewer": "string",
    "reviewed_at": "datetime64[ms, UTC]",
}
FOUR = ["rating", "pick", "tags", "notes"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def session(path: Path) -> Any:
    with Session(Settings(ledger=str(path), reviewer=ME)) as session:
        yield session


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}


# ── review ───────────────────────────────────────────────────────────────────────────────────────


def test_a_verdict_of_many_parts_is_given_at_one_time(session: Session) -> None:
    before = datetime.now(UTC)
    said = session.review("a", rating=4, pick="pick", tags=["sky", " dusk "], note="it\nflickers", time=2)
    assert (said.task_id, said.reviewer, said.rating, said.pick) == ("a", ME, 4, "pick")
    assert said.tags == ("sky", "dusk")
    assert [(note.time, note.text) for note in said.notes] == [(2.0, "it\nflickers")]
    assert said.reviewed_at is not None
    assert before - timedelta(milliseconds=1) <= said.reviewed_at <= datetime.now(UTC)
    lines = session.book.log(["a"])
    assert len(lines) == 5
    assert len({given.at for given in lines.last("a", ME)}) == 1
    assert session.review("a") == said
    assert len(session.book.log(["a"])) == 5  # to look writes nothing


def test_each_part_can_be_taken_away(session: Session) -> None:
    session.review("a", rating=4, pick="reject", tags=["sky", "dusk"])
    assert session.review("a", rating=0).rating is None
    assert session.review("a", pick="clear").pick is None
    assert session.review("a", untags="sky", tags="noon").tags == ("dusk", "noon")
    assert not session.review("a", untags=["dusk", "noon", "never"])
    assert len(session.reviews()) == 0


def test_undo_takes_back_call_by_call(session: Session) -> None:
    states = [session.review("a")]
    states.append(session.review("a", rating=2))
    states.append(session.review("a", rating=4, tags=["sky"], note="x"))
    states.append(session.review("a", pick="pick"))
    session.review("b", rating=1)
    for state in reversed(states[:-1]):
        assert session.review("a", undo=True) == state
    assert session.review("a", undo=True) == states[0]  # there is nothing left
    assert session.review("b").rating == 1
    assert session.review("a", rating=5).rating == 5
    assert session.review("a", undo=True) == states[0]


def test_calls_in_quick_succession_keep_their_order(session: Session) -> None:
    for number in range(40):
        assert session.review("a", rating=number % 5 + 1).rating == number % 5 + 1
    times = [said.at for said in session.keeper.verdicts(["a"])]
    assert times == sorted(set(times))


def test_a_verdict_counts_after_one_of_a_clock_that_is_ahead(session: Session) -> None:
    ahead = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    session.judge([line("rating", 1, at=ahead).as_dict(), line("pick", "pick", at=ahead).as_dict()])
    assert session.review("a", rating=5).rating == 5
    assert session.review("a", undo=True).rating == 1
    assert not session.review("a", undo=True)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"rating": 6}, "rating 6 is no whole number from 0 to 5"),
        ({"rating": 2.5}, "rating 2.5"),
        ({"rating": True}, "rating True"),
        ({"pick": "yes"}, "pick 'yes' is neither 'pick' nor 'reject' nor None, nor \"clear\""),
        ({"tags": ["ok", ""]}, "tag '' is no text"),
        ({"tags": [7]}, "tag 7 is no text"),
        ({"untags": "x" * 101}, "more than 100 characters"),
        ({"note": " "}, "the note is empty"),
        ({"note": 7}, "note 7 is no text"),
        ({"note": "x", "time": -1}, "time -1 is no number of seconds"),
        ({"time": 3}, "time 3 is the time of a note, and there is none"),
        ({"undo": True, "rating": 3}, "goes with nothing else"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_written(
    session: Session, said: dict[str, Any], why: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        session.review("a", **{"tags": ["good"], **said} if "undo" not in said else said)
    assert why in str(caught.value)
    assert "Nothing of it is written down" in str(caught.value)
    assert caught.value.__context__ is None
    assert session.known_ids() == []


def test_a_number_of_pandas_is_a_rating(session: Session) -> None:
    frame = pd.DataFrame({"task_id": ["a"], "stars": [4]})
    assert session.review(frame.loc[0, "task_id"], rating=frame.loc[0, "stars"]).rating == 4  # type: ignore[arg-type]
    assert session.review("a", rating=np.int8(3)).rating == 3  # type: ignore[arg-type]


@pytest.mark.parametrize("ids", ["a b", [], ["a", "b"], ""])
def test_a_verdict_is_on_one_task(session: Session, ids: Any) -> None:
    with pytest.raises(ConfigurationError, match="on one task"):
        session.review(ids, rating=3)


def test_each_reviewer_has_their_own(session: Session) -> None:
    session.review("a", rating=4)
    session.settings = replace(session.settings, reviewer="ben")
    assert not session.review("a")
    session.review("a", rating=1, tags="x")
    session.review("a", undo=True)
    session.review("a", undo=True)  # not what is another's
    session.review("b", tags="x")
    session.settings = replace(session.settings, reviewer=ME)
    assert session.reviews()[["task_id", "rating"]].to_numpy().tolist() == [["a", 4]]
    session.review("b", tags=["y", "z"])
    session.review("c", tags="z")
    assert session.tags() == ["z", "x", "y"]


def test_without_a_setting_the_reviewer_is_the_user(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "cleo")
    with Session(Settings(ledger=str(path))) as session:
        assert session.review("a", rating=4).reviewer == "cleo"


def test_services_are_apart_and_off_is_in_memory() -> None:
    with Session(Settings(ledger="off")) as session:
        session.review("a", rating=4)
        session.settings = replace(session.settings, base_url="https://other.example")
        assert len(session.reviews()) == 0
        session.settings = replace(session.settings, base_url="https://api.kie.ai")
        assert session.reviews()["rating"].tolist() == [4]
    with Session(Settings(ledger="off")) as session:
        assert len(session.reviews()) == 0
    assert list(Path.cwd().iterdir()) == []


def test_a_verdict_is_there_after_the_session_and_goes_with_its_task(path: Path) -> None:
    for _ in range(2):
        with Session(Settings(ledger=str(path), reviewer=ME)) as session:
            session.review("a", tags="sky")
    with Session(Settings(ledger=str(path), reviewer=ME)) as session:
        assert session.reviews()["tags"].tolist() == [["sky"]]
        assert session.forget(["a"]) == 1
        assert len(session.reviews()) == 0


# ── reviews ──────────────────────────────────────────────────────────────────────────────────────


def test_the_frame_of_reviews(session: Session) -> None:
    assert dtypes(session.reviews()) == dtypes(session.reviews("zz")) == DTYPES
    first = session.review("a", rating=4, tags=["sky"], note="x", time=1.5)
    second = session.review("b", pick="reject")
    session.review("c", rating=3)
    session.review("c", undo=True)
    frame = session.reviews()
    assert dtypes(frame) == DTYPES
    assert type(frame.index) is pd.RangeIndex
    assert set(frame["task_id"]) == {"a", "b"}  # nothing is said of c
    assert frame["reviewed_at"].is_monotonic_decreasing
    frame = session.reviews(["b", "zz", "a"])
    assert frame["task_id"].tolist() == ["b", "a"]
    assert frame["rating"].tolist() == [pd.NA, 4]
    assert frame["pick"].tolist() == ["reject", pd.NA]
    assert frame["tags"].tolist() == [[], ["sky"]]
    assert frame["notes"].tolist() == [[], [{"time": 1.5, "text": "x"}]]
    assert frame["reviewer"].tolist() == [ME, ME]
    assert frame["reviewed_at"].tolist() == [second.reviewed_at, first.reviewed_at]


def record(task_id: str) -> Record:
    return Record(task_id=task_id, state=State.succeeded, fetched_at=NOW)


def test_verdicts_are_joined_behind_the_last_column_and_before_the_labels(session: Session) -> None:
    session.review("a", rating=4, tags=["sky"], note="x")
    session.review("b", pick="pick")
    records = [record("c"), record("a"), record("b")]
    labels = {"a": {"shot": "1", "notes": "a label of the same name"}}
    wanted = {name: DTYPES[name] for name in FOUR}
    plain = to_frame(records)
    for reviews in (session.reviews(), session.book.reviews()):
        frame = to_frame(records, labels=labels, reviews=reviews)
        assert list(frame.columns) == [*COLUMNS, *FOUR, "shot"]
        assert dtypes(frame[FOUR]) == wanted
        assert frame["rating"].tolist() == [pd.NA, 4, pd.NA]
        assert frame["pick"].tolist() == [pd.NA, pd.NA, "pick"]
        assert frame["tags"].tolist() == [[], ["sky"], []]
        assert frame["notes"].tolist() == [[], [{"time": None, "text": "x"}], []]
        pd.testing.assert_frame_equal(frame[list(COLUMNS)], plain)
    assert frame.loc[0, "tags"] is not frame.loc[0, "notes"]
    assert list(plain.columns) == list(COLUMNS)


def test_the_joined_columns_are_there_with_nothing_in_them(session: Session) -> None:
    wanted = {name: DTYPES[name] for name in FOUR}
    for records in ([], [record("a")]):
        for frame in (
            to_frame(records, reviews=session.reviews()),
            to_frame(records, reviews={}),
            to_frame(records, reviews=reviews_frame([])),
        ):
            assert list(frame.columns) == [*COLUMNS, *FOUR]
            assert dtypes(frame[FOUR]) == wanted


def test_the_sessions_own_frames_have_them_where_they_are_asked_for(session: Session) -> None:
    session.review("a", rating=4)
    session.keeper.ask({"b": {"shot": "2"}})
    assert session.frame([record("b"), record("a")], reviews=True)["rating"].tolist() == [pd.NA, 4]
    known = session.history(reviews=True)
    assert list(known.columns) == [*COLUMNS, *FOUR, "shot"]
    assert dict(zip(known["task_id"], known["rating"], strict=True)) == {"a": 4, "b": pd.NA}
    assert "rating" not in session.history()
    assert "rating" not in session.frame([record("a")])


def test_a_frame_of_ours_gives_no_verdicts_as_labels_and_a_table_of_theirs_does(session: Session) -> None:
    session.review("a", rating=4, tags="sky", note="x")
    joined = session.history(reviews=True)
    assert len(session.history(joined)) == 1
    session.keeper.ask(dict(_labels(joined)))
    session.keeper.ask(dict(_labels(session.reviews())))
    assert session.labels(["a"]) == {}
    theirs = pd.DataFrame({"task_id": ["a"], "rating": ["good"], "notes": ["from the client"]})
    session.keeper.ask(dict(_labels(theirs)))
    assert session.labels(["a"]) == {"a": {"rating": "good", "notes": "from the client"}}


def _labels(frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    from aleph_nb.ids import read_ids  # noqa: PLC0415

    return read_ids(frame).labels


# ── Lines from elsewhere ─────────────────────────────────────────────────────────────────────────


def test_lines_of_a_desk_are_kept_or_refused_one_by_one(session: Session) -> None:
    good = [line("rating", 3, name=uuid(501)).as_dict(), line("tag", "x", name=uuid(502)).as_dict()]
    elsewhere = line("tag", "x", service="demo").as_dict()
    bad = [line("rating", 9, name=uuid(503)).as_dict(), {"uuid": "x"}, elsewhere]
    handed = session.judge([good[0], *bad, good[1], good[0]])
    assert [kept.uuid for kept in handed.kept] == [uuid(501), uuid(502), uuid(501)]
    told = handed.as_dict()
    assert told["kept"] == [uuid(501), uuid(502), uuid(501)]
    assert [(refused["place"], refused["uuid"]) for refused in told["refused"]] == [
        (1, uuid(503)),
        (2, ""),
        (3, elsewhere["uuid"]),
    ]
    assert "rating 9" in told["refused"][0]["why"]
    again = session.judge(iter(good))
    assert [kept.uuid for kept in again.kept] == [uuid(501), uuid(502)]
    assert len(session.book.log()) == 2
    assert session.review("a").tags == ("x",)
    assert session.judge([]).as_dict() == {"kept": [], "refused": []}


def test_a_desk_stays_with_the_service_it_was_opened_for(session: Session) -> None:
    book = session.book
    session.settings = replace(session.settings, base_url="https://other.example", reviewer="ben")
    handed = book.judge([line("rating", 3).as_dict()])
    assert not handed.refused
    assert book.reviews()["a"].rating == 3
    assert book.service == SERVICE
    assert book.ledger_id == session.book.ledger_id
    assert len(session.reviews()) == 0


def test_threads_give_verdicts_at_once(session: Session) -> None:
    failures: list[BaseException] = []

    def work(task_id: str) -> None:
        try:
            for number in range(20):
                session.review(task_id, tags=str(number))
                session.judge([line("pick", "pick", task_id=task_id).as_dict()])
        except BaseException as error:  # noqa: BLE001, told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=[task_id]) for task_id in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert len(session.book.log()) == 160
    assert all(len(tags) == 20 for tags in session.reviews()["tags"])


# ── A ledger that cannot be used ─────────────────────────────────────────────────────────────────


@pytest.fixture
def broken(path: Path) -> Any:
    """Return a session whose ledger may only be read."""
    with Ledger.open(path) as ledger:
        ledger.judge(SERVICE, [line("rating", 3)])
    with Session(Settings(ledger=f"sqlite:///{path}?mode=ro", reviewer=ME)) as session:
        yield session


def test_a_verdict_that_cannot_be_written_is_raised(broken: Session) -> None:
    told: list[str] = []
    broken.tell = told.append
    for said in ({"rating": 4}, {"undo": True}):
        with pytest.raises(StorageError) as caught:
            broken.review("a", **said)
        assert str(caught.value).startswith("The verdict on a is not kept. The ledger ")
        assert "may only be read" in str(caught.value)
        assert caught.value.__context__ is None
    with pytest.raises(StorageError, match="may only be read"):
        broken.judge([line("rating", 4).as_dict()])
    assert broken.review("a").rating == 3
    assert broken.reviews()["rating"].tolist() == [3]
    assert told == []


def test_a_ledger_that_cannot_be_opened_and_is_mended(path: Path) -> None:
    path.write_bytes(b"no database, and no ledger either" * 100)
    with Session(Settings(ledger=str(path), reviewer=ME)) as session:
        with pytest.raises(StorageError, match=r"^The verdict on a is not kept\. .*damaged"):
            session.review("a", rating=4)
        with pytest.raises(StorageError, match=r"^The ledger .*damaged"):
            session.review("a")
        with pytest.raises(StorageError):
            session.reviews()
        path.unlink()
        assert session.review("a", rating=4).rating == 4


def test_a_ledger_deleted_in_between_is_told(session: Session, path: Path) -> None:
    told: list[str] = []
    session.tell = told.append
    session.review("a", rating=4)
    path.unlink()
    assert session.review("a", tags="x").tags == ("x",)
    assert len(told) == 1
    assert "deleted or replaced" in told[0]


def test_what_a_review_is(session: Session) -> None:
    said = session.review("a", rating=4, note="x")
    assert type(said) is Review
    assert type(said.notes[0]) is Note
    assert all(type(given) is Verdict for given in session.keeper.verdicts())
    assert repr(session.book) == f"Book({SERVICE!r}, reviewer='ana')"
    assert repr(session.book.log(["a"])) == "VerdictLog(2 lines)"
