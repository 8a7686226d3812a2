"""The history: its columns, its order, and what it is filtered by."""

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from aleph_nb.frame import COLUMNS, from_columns, to_frame
from aleph_nb.ledger import Ledger
from aleph_nb.record import Record, State
from tests.ledgers import NOW, SERVICE, ids, make_record

DAY = timedelta(days=1)


def history(*records: Record, **filters: Any) -> list[str]:
    """Return the ids that a ledger of some records has in its history."""
    with Ledger.open(None) as ledger:
        ledger.save(SERVICE, records)
        return ledger.history(SERVICE, now=NOW, **filters)["task_id"]


def created(task_id: str, days: float, state: State = State.succeeded, **fields: Any) -> Record:
    """Make a record of a task that was created some days ago, and took no time."""
    when = NOW - days * DAY
    times = {"create_time": when, "complete_time": when if state is State.succeeded else None}
    return make_record(task_id, state, **(times | fields))


def test_its_columns_make_the_frame_of_its_records() -> None:
    records = [make_record(state.value, state) for state in State if state is not State.no_answer]
    labels = {"failed": {"shot": "12a"}}
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, labels, NOW)
        ledger.save(SERVICE, records)
        columns = ledger.history(SERVICE)
        assert set(columns) == {*COLUMNS, "labels"} - {"elapsed", "expires_at"}
        kept = ledger.records(SERVICE, columns["task_id"])
        pd.testing.assert_frame_equal(from_columns(columns), to_frame(list(kept.values()), labels=labels))
        empty = ledger.history("demo")
        pd.testing.assert_frame_equal(from_columns(empty), to_frame([]))


def test_what_was_never_answered_is_there_too() -> None:
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {"a": {"shot": "1"}, "b": {}}, NOW)
        ledger.save(SERVICE, [make_record("b", State.no_answer, reason="timed out")])
        columns = ledger.history(SERVICE, states=[State.no_answer])
    assert columns["task_id"] == ["b", "a"]
    assert columns["state"] == [State.no_answer] * 2
    assert columns["reason"] == ["asked for, no answer yet"] * 2
    assert columns["fetched_at"] == columns["prompt"] == [None, None]
    assert columns["params"] == [{}, {}]
    assert columns["labels"] == [None, {"shot": "1"}]


def test_the_newest_comes_first() -> None:
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {"asked": {}}, NOW - 2 * DAY)
        ledger.ask(SERVICE, {"late": {}}, NOW)
        ledger.save(SERVICE, [created("new", 1), created("old", 3), created("late", 4)])
        assert ledger.history(SERVICE)["task_id"] == ["new", "asked", "old", "late"]
        assert ledger.history(SERVICE, limit=2)["task_id"] == ["new", "asked"]
        assert ledger.history(SERVICE, limit=0)["task_id"] == []
        assert ledger.history(SERVICE, since=NOW - 2 * DAY)["task_id"] == ["new", "asked"]
        assert ledger.history(SERVICE, ids=["late", "nobody", "new", "new"])["task_id"] == ["new", "late"]
        assert ledger.history(SERVICE, ids=["late", "new"], since=NOW - 2 * DAY, limit=1)["task_id"] == [
            "new"
        ]
        assert ledger.history(SERVICE, ids=[])["task_id"] == []
        assert ledger.history("demo")["task_id"] == []


def test_by_state() -> None:
    records = [created(state.value, 1, state) for state in State]
    assert history(*records, states=[State.failed]) == ["failed"]
    assert history(*records, states=[State.failed, State.succeeded]) == ["failed", "succeeded"]
    assert history(*records, ids=["failed", "unknown"], states=[State.unknown]) == ["unknown"]
    assert len(history(*records, states=[])) == len(State)


def test_by_what_expires() -> None:
    records = [
        created("gone", 14),
        created("today", 13.5),
        created("soon", 11),
        created("fresh", 1),
        created("failed", 13.5, State.failed),
        created("unknown", 13.5, complete_time=None),
    ]
    assert history(*records, expiring=3 * DAY) == ["soon", "today"]
    assert history(*records, expiring=3 * DAY, limit=1) == ["soon"]
    assert history(*records, expiring=DAY) == ["today"]
    assert history(*records, expiring=timedelta(0)) == []


@pytest.mark.parametrize(
    "text",
    [
        "EAGLE",
        "an eagle over",  # across a line break
        "straße",
        "STRASSE",
        "İSTANBUL",
        "ΣΊΣΥΦΟΣ",
        "σίσυφος",
        "cafe\u0301",
        "100%_\\",
        "/slash",
        "Reference Is BLOCKED",
        "501",
        "ab-12",
        "Shot 12A",
        "client",
        "🦅",
    ],
)
def test_search_finds_text_in_whatever_case(text: str) -> None:
    prompt = "An eagle\nover the STRASSE of İstanbul, Σίσυφος, Café, 100%_\\ /slash 🦅"
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {"AB-12": {"client": "shot 12a"}, "other": {}}, NOW)
        ledger.save(SERVICE, [make_record("AB-12", State.failed, prompt=prompt), make_record("other")])
        assert ledger.history(SERVICE, search=text)["task_id"] == ["AB-12"]
        assert ledger.history(SERVICE, search=text, limit=5, states=[State.failed])["task_id"] == ["AB-12"]
        assert ledger.history(SERVICE, search=text, states=[State.succeeded])["task_id"] == []
        assert ledger.history(SERVICE, search=text, ids=["other"])["task_id"] == []
        assert ledger.history("demo", search=text)["task_id"] == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "eagle over", "x" * 100_000, "\ud800", "\0", "blue red"])
def test_search_finds_nothing_else(text: str) -> None:
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {"a": {"shot": "blue"}, "b": {"name": "red"}}, NOW)
        ledger.save(SERVICE, [make_record("a", prompt="eagle, over and out")])
        assert ledger.history(SERVICE, search=text)["task_id"] == []


def test_names_given_later_are_found_and_those_of_before_are_not() -> None:
    with Ledger.open(None) as ledger:
        ledger.save(SERVICE, [make_record("a", prompt="eagle")])
        ledger.ask(SERVICE, {"a": {"shot": "one"}}, NOW)
        ledger.ask(SERVICE, {"a": {"shot": "two"}}, NOW)
        ledger.save(SERVICE, [make_record("a", prompt="falcon")])
        found = {
            text: ledger.history(SERVICE, search=text)["task_id"]
            for text in ("eagle", "one", "two", "falcon")
        }
    assert found == {"eagle": [], "one": [], "two": ["a"], "falcon": ["a"]}


def test_a_long_history_has_every_row_once() -> None:
    many = [created(task_id, number / 1000) for number, task_id in enumerate(ids(3500))]
    with Ledger.open(None) as ledger:
        ledger.save(SERVICE, many)
        columns = ledger.history(SERVICE)
    assert columns["task_id"] == ids(3500)
    assert [params["prompt"] for params in columns["params"]] == columns["prompt"]
    assert {len(column) for column in columns.values()} == {3500}


def test_in_brief_it_leaves_out_what_a_list_does_not_show() -> None:
    with Ledger.open(None) as ledger:
        ledger.ask(SERVICE, {"a": {"shot": "1"}, "b": {}}, NOW)
        ledger.save(SERVICE, [make_record("a")])
        filters: list[dict[str, Any]] = [{}, {"limit": 5}, {"ids": ["b", "a"]}, {"search": "a"}]
        for more in filters:
            whole, brief = (ledger.history(SERVICE, brief=brief, **more) for brief in (False, True))
            assert set(whole) - set(brief) == {"params", "msg", "code", "success_flag"}
            asked = brief.pop("first_asked")
            assert set(asked) == {round(NOW.timestamp() * 1000)}
            assert brief == {name: whole[name] for name in brief}
