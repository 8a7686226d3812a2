"""What the desk is told: rows as columns, in the order of the ledger, and verdict lines."""

import json
import struct
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aleph_nb.asked import Asked
from aleph_nb.dashboard import Dashboard
from aleph_nb.dashboard.feed import columns_of, row_messages
from aleph_nb.ledger import Ledger
from aleph_nb.record import RESULT_LIFETIME, State
from aleph_nb.session import Session
from aleph_nb.settings import Settings
from tests.ledgers import NOW, SERVICE, ids, make_record
from tests.pages import Page, decode

ODD = "a \ud83d half, \u202e, \0, </script>, \u2028 and 😀"


def fill(path: Path, count: int) -> list[str]:
    """Make a ledger of succeeded tasks, each a second newer than the one before; return the newest first."""
    named = ids(count)
    with Ledger.open(path) as ledger:
        ledger.ask(SERVICE, {task_id: {} for task_id in named}, NOW)
        begun = [NOW + timedelta(seconds=number) for number in range(count)]
        made = zip(named, begun, strict=True)
        ledger.save(SERVICE, [make_record(task_id, create_time=at, complete_time=at) for task_id, at in made])
    return named[::-1]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Return a session of the real service, with a ledger of its own; nothing is asked."""
    return Session(Settings.load({"ledger": str(tmp_path / "ledger.sqlite3")}))


def milliseconds(when: object) -> float:
    return float(round(when.timestamp() * 1000))  # type: ignore[attr-defined]


def test_a_row_says_what_the_record_says(session: Session, tmp_path: Path) -> None:
    good = make_record("good", source_video_url="https://media.example/s.mp4", prompt=ODD)
    bad = make_record("bad", State.failed)
    session.keeper.ask({"good": {"shot": "12a", "näme": "x"}, "bad": {}, "never": {}})
    for record in (good, bad):
        session.keeper.save(record)
    with session:
        dashboard = Dashboard(session=session)
        page = Page(dashboard)
        assert page.of("start")[0] | {"now": 0, "ledger": ""} == {
            "type": "start",
            "service": SERVICE,
            "ledger": "",
            "reviewer": session.settings.reviewer_name,
            "total": 3,
            "now": 0,
            "media": "url",
            "version": page.of("start")[0]["version"],
            "can_save": True,
            "round": 2,
        }
        assert page.of("start")[0]["ledger"] == session.keeper.open().id
        rows = page.rows
        dashboard.close()
    assert good.complete_time
    row = rows["good"]
    assert row["state"] == "succeeded"
    assert row["labels"] == {"shot": "12a", "näme": "x"}
    assert "half" in row["prompt"]
    assert "😀" in row["prompt"]
    assert row["source"] == "https://media.example/s.mp4"
    assert row["result"] == good.result_video_url
    assert row["thumbnail"] is None
    assert row["created"] == milliseconds(good.create_time)
    assert row["expires"] == milliseconds(good.complete_time + RESULT_LIFETIME)
    assert row["error_code"] == -1
    assert row["asked"] is not None
    row = rows["bad"]
    assert (row["state"], row["error_code"], row["error_message"]) == ("failed", 501, bad.error_message)
    assert row["expires"] is None
    assert rows["never"]["state"] == "no_answer"
    assert rows["never"]["created"] is None
    assert rows["never"]["fetched"] is None
    assert rows["never"]["asked"] is not None


def test_the_newest_go_out_at_once_and_the_rest_in_chunks(session: Session, tmp_path: Path) -> None:
    newest_first = fill(tmp_path / "ledger.sqlite3", 9_000)
    with session:
        dashboard = Dashboard(session=session)
        page = Page(dashboard)
        page.wait(lambda: any(told["done"] for told in page.of("rows")))
        told = page.of("rows")
        assert [each["count"] for each in told] == [200, 4000, 4000, 800]
        assert [each["first"] for each in told] == [0, 200, 4200, 8200]
        assert {each["total"] for each in told} == {9000}
        assert [each["done"] for each in told] == [False, False, False, True]
        assert list(page.rows) == newest_first
        dashboard.close()


def test_the_beginning_comes_with_the_widget_and_a_page_that_shows_it_is_told_the_rest(
    session: Session, tmp_path: Path
) -> None:
    newest_first = fill(tmp_path / "ledger.sqlite3", 1_000)
    with session:
        session.review(newest_first[0], rating=4)
        dashboard = Dashboard(session=session)
        begun = dashboard.desk.beginning
        assert [told["type"] for told, _ in begun] == ["start", "rows", "lines"]
        assert "now" not in begun[0][0], "it may be read much later"
        assert begun[1][0]["count"] == 200
        # Before the page speaks, a task is answered and another judged.
        moved = make_record(newest_first[1], State.failed, error_message="moderation", prompt="anew")
        session.keeper.forget([newest_first[1]])
        session.keeper.ask({newest_first[1]: {"shot": "12a"}})
        session.keeper.save(moved)
        session.review(newest_first[2], pick="reject")
        page = Page(dashboard, round=begun[0][0]["round"])
        page.wait(lambda: any(told["done"] for told in page.of("rows")))
        assert page.starts == 0
        assert page.of("goes_on")[0]["now"] > 0
        assert set(page.rows) == {newest_first[1], *newest_first[200:]}
        assert page.rows[newest_first[1]]["labels"] == {"shot": "12a"}
        assert [(each["task_id"], each["field"]) for each in page.lines] == [
            (newest_first[0], "rating"),
            (newest_first[2], "pick"),
        ]
        assert dashboard.desk.beginning == []
        dashboard.close()


def test_a_page_that_shows_what_is_no_more_begins_anew(session: Session, tmp_path: Path) -> None:
    newest_first = fill(tmp_path / "ledger.sqlite3", 300)
    with session:
        dashboard = Dashboard(session=session)
        told = dashboard.desk.beginning[0][0]
        session.forget([newest_first[5]])
        page = Page(dashboard, round=told["round"])
        page.wait(lambda: page.starts == 1 and page.of("rows")[-1]["done"])
        assert list(page.rows) == [each for each in newest_first if each != newest_first[5]]
        for wrong in (told["round"], -1, "x", None, [1]):
            starts = page.starts
            page.say("hello", round=wrong)
            assert page.starts == starts + 1
        dashboard.close()


def test_rows_under_way_when_a_page_speaks_are_told_to_it_whole(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest_first = fill(tmp_path / "ledger.sqlite3", 900)
    monkeypatch.setattr("aleph_nb.dashboard.feed._CHUNK", 100)
    with session:
        dashboard = Dashboard(session=session)
        begun = dashboard.desk.beginning[0][0]["round"]
        send, pages = dashboard.desk.send, list[Page]()

        def speak(told: dict[str, Any], buffers: list[bytes] | None = None) -> None:
            send(told, buffers)
            if told["type"] == "rows" and told["first"] >= 400 and not pages:
                pages.append(Page(dashboard, round=begun))

        dashboard.desk.send = speak
        dashboard._asking.rest()  # as the thread does that asks for ids; the page has not come yet
        (page,) = pages
        page.wait(lambda: set(page.rows) == set(newest_first[200:]))
        dashboard.close()


def test_numbers_are_written_as_browsers_read_them() -> None:
    record = make_record("a", State.failed, error_code=-5)
    ((told, buffers),) = row_messages(columns_of([record], {}), total=1, done=True)
    at = told["names"].index("created")
    assert buffers[at] == struct.pack("<d", milliseconds(record.create_time))
    assert decode(told, buffers)[0]["error_code"] == -1
    for code in (2**31, 2**70):
        ((told, buffers),) = row_messages(columns_of([make_record("a", error_code=code)], {}), total=1)
        assert decode(told, buffers)[0]["error_code"] == -1


def test_nothing_is_one_message_too() -> None:
    ((told, buffers),) = row_messages(columns_of([], {}), total=0, done=True)
    assert (told["count"], told["done"], told["total"]) == (0, True, 0)
    assert decode(told, buffers) == []


def test_with_ids_these_alone_and_those_that_nobody_knows_yet_too(session: Session, tmp_path: Path) -> None:
    fill(tmp_path / "ledger.sqlite3", 5)
    with session:
        dashboard = Dashboard([ids(5)[2], "nobody"], session=session)
        page = Page(dashboard)
        page.wait(lambda: "nobody" in page.rows)
        assert list(page.rows) == [ids(5)[2], "nobody"] or list(page.rows) == ["nobody", ids(5)[2]]
        assert page.of("start")[0]["total"] == 2
        dashboard.close()


def test_the_lines_of_this_reviewer_come_first(session: Session, tmp_path: Path) -> None:
    fill(tmp_path / "ledger.sqlite3", 300)
    with session:
        session.review(ids(1)[0], rating=4, note="too dark", time=1.5)
        other = Session(Settings.load({"ledger": session.settings.ledger, "reviewer": "somebody else"}))
        with other:
            other.review(ids(1)[0], rating=1)
        dashboard = Dashboard(session=session)
        page = Page(dashboard)
        page.wait_for("lines")
        kinds = [told["type"] for told, _ in page.heard[:3]]
        assert kinds == ["start", "rows", "lines"]
        assert [(each["field"], each["reviewer"]) for each in page.lines] == [
            (field, session.settings.reviewer_name) for field in ("rating", "note")
        ]
        assert page.lines[1]["value"]["time"] == 1.5
        assert page.of("lines")[0]["baseline"]
        assert page.of("lines")[0]["done"]
        dashboard.close()


def test_a_ledger_that_cannot_be_opened_is_told_in_the_line_of_status(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    path.write_text("no ledger at all, but a text of some length" * 100)
    told: list[str] = []
    with Session(Settings.load({"ledger": str(path)})) as session:
        session.tell = told.append
        dashboard = Dashboard(session=session)
        page = Page(dashboard)
        start = page.of("start")[0]
        assert (start["ledger"], start["total"], start["can_save"]) == ("", 0, False)
        assert "damaged" in page.status
        assert page.of("status")[-1]["kind"] == "error"
        assert "0 tasks" in repr(dashboard)
        page.say("verdicts", lines=[json.loads('{"uuid": "8c8b9f0e-8c8e-4f5c-9d3e-0d1c5c3b2a10"}')])
        assert page.of("refused")
        dashboard.close()


def test_a_ledger_that_is_only_read_cannot_save(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.sqlite3", 3)
    with Session(Settings.load({"ledger": f"sqlite:///{tmp_path}/ledger.sqlite3?mode=ro"})) as session:
        dashboard = Dashboard(session=session)
        page = Page(dashboard)
        assert not page.of("start")[0]["can_save"]
        assert len(page.rows) == 3
        dashboard.close()


def test_the_cell_does_not_wait_for_the_service(session: Session) -> None:
    asked = Asked({task_id: {"shot": task_id[-3:]} for task_id in ids(500)})
    with session:
        dashboard = Dashboard(asked, session=session)
        page = Page(dashboard)
        page.wait(lambda: len(page.rows) == 500)
        page.wait(lambda: "There is no key" in page.status)
        assert page.rows[ids(1)[0]]["labels"] == {"shot": "000"}
        dashboard.close()
