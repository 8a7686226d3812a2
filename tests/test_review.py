"""The verdict log: what is read of a line, and what counts of many."""

import json
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb.review import Note, Review, Value, Verdict, VerdictLog, read_verdict, read_verdicts
from tests.ledgers import NOW, SERVICE
from tests.verdicts import ME, SAID, line, logs, uuid

HERE = Note("n1", 2.5, "the horizon flickers")


def reviewed(*lines: Verdict, task_id: str = "a", reviewer: str = ME) -> Review:
    return VerdictLog(lines).review(task_id, reviewer)


# ── The fold ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ([], {}),
        ([("rating", 3), ("rating", 5)], {"rating": 5}),
        ([("rating", 3), ("rating", 0)], {}),
        ([("pick", "pick"), ("pick", "reject")], {"pick": "reject"}),
        ([("pick", "pick"), ("pick", None)], {}),
        ([("tag", "sky"), ("tag", "dusk"), ("tag", "sky")], {"tags": ("sky", "dusk")}),
        ([("tag", "sky"), ("untag", "sky"), ("untag", "dusk")], {}),
        ([("tag", "sky"), ("untag", "sky"), ("tag", "sky")], {"tags": ("sky",)}),
        ([("note", HERE), ("note", Note("n2", None, "x"))], {"notes": (HERE, Note("n2", None, "x"))}),
        ([("note", Note("n1", 9, "")), ("note", HERE)], {"notes": (HERE,)}),
        ([("note", HERE), ("note", Note("n1", 3, "new"))], {"notes": (Note("n1", 3, "new"),)}),
        ([("note", HERE), ("note", Note("n1", None, ""))], {}),
        ([("rating", 4), ("pick", "pick"), ("tag", "x")], {"rating": 4, "pick": "pick", "tags": ("x",)}),
    ],
)
def test_what_counts(said: list[tuple[str, Value]], counts: dict[str, Any]) -> None:
    lines = [line(field, value) for field, value in said]
    review = reviewed(*lines)
    at = lines[-1].at if lines else None
    assert review == Review(task_id="a", reviewer=ME, reviewed_at=at, **counts)
    assert bool(review) == bool(counts)
    assert list(VerdictLog(lines).reviews(ME)) == (["a"] if counts else [])


def test_it_is_told_in_words() -> None:
    assert str(reviewed()) == "no verdict"
    assert str(reviewed(line("rating", 1), line("note", HERE))) == "1 star; 1 note"
    every = [line("rating", 4), line("pick", "reject"), line("tag", "sky"), line("tag", "dusk")]
    assert str(reviewed(*every)) == "4 stars; rejected; tagged sky, dusk"


def test_the_time_decides_and_of_one_time_the_arrival() -> None:
    assert reviewed(line("rating", 5, at=10), line("rating", 2, at=3)).rating == 5
    assert reviewed(line("rating", 5, at=3), line("rating", 2, at=3)).rating == 2


def test_tasks_and_reviewers_are_apart() -> None:
    log = VerdictLog(
        [
            line("rating", 1),
            line("rating", 2, reviewer="ben"),
            line("tag", "x", task_id="b"),
            line("tag", "x"),
        ]
    )
    assert log.review("a", ME).rating == 1
    assert log.review("a", "ben").rating == 2
    assert list(log.reviews(ME)) == ["a", "b"]
    assert log.reviews("nobody") == {}
    assert log.tags() == ["x"]
    theirs = line("rating", 4)
    log.add([theirs, line("undo", theirs.uuid, reviewer="ben"), line("undo", theirs.uuid, task_id="b")])
    assert log.review("a", ME).rating == 4  # nobody takes back what is another's, or on another task


def test_tags_in_use_are_told_the_most_used_first() -> None:
    gone = line("tag", "gone")
    lines = [line("tag", tag, task_id=task_id) for task_id, tag in ("ax", "bx", "ay", "bz", "cz", "dz")]
    assert VerdictLog([*lines, gone, line("undo", gone.uuid)]).tags() == ["z", "x", "y"]


# ── Undo ─────────────────────────────────────────────────────────────────────────────────────────


def test_an_undo_counts_whatever_the_clocks_say_and_waits_for_its_line() -> None:
    first, wrong = line("rating", 3, at=5), line("rating", 1, at=20)
    undo = line("undo", wrong.uuid, at=1)
    assert reviewed(undo, first).rating == 3
    assert reviewed(undo, first, wrong) == reviewed(first)
    assert reviewed(first, wrong, undo) == reviewed(first)


def test_a_selection_is_taken_back_task_by_task() -> None:
    tasks = [str(number) for number in range(50)]
    given = [line("rating", 2, task_id=task_id, at=1) for task_id in tasks]
    log = VerdictLog([line("pick", "pick", task_id=task_id, at=0) for task_id in tasks])
    before = log.reviews(ME)
    log.add(given)
    log.add([line("undo", said.uuid, task_id=said.task_id, at=2) for said in given])
    assert log.reviews(ME) == before


def test_lines_that_name_each_other_take_nothing_back() -> None:
    rating = line("rating", 3)
    circle = [
        line("undo", uuid(1002), name=uuid(1001)),
        line("undo", uuid(1003), name=uuid(1002)),
        line("undo", uuid(1001), name=uuid(1003)),
        line("undo", rating.uuid, name=uuid(1004)),
        line("undo", uuid(1004), name=uuid(1005)),
        line("undo", uuid(9999)),
    ]
    assert reviewed(rating, *circle) == reviewed(rating)


def test_a_long_chain_of_undos() -> None:
    lines = [line("rating", 3)]
    for _ in range(20_000):
        lines.append(line("undo", lines[-1].uuid))
    assert reviewed(*lines).rating == 3
    assert reviewed(*lines[:-1]).rating is None


def test_what_an_undo_takes_back_is_what_was_given_at_one_time() -> None:
    log = VerdictLog([line("rating", 3, at=1), line("tag", "x", at=2), line("pick", "pick", at=2)])
    assert [said.field for said in log.last("a", ME)] == ["tag", "pick"]
    log.add([line("undo", said.uuid, at=3) for said in log.last("a", ME)])
    assert [said.field for said in log.last("a", ME)] == ["rating"]
    log.add([line("undo", said.uuid, at=4) for said in log.last("a", ME)])
    assert log.last("a", ME) == log.last("b", ME) == []
    assert log.latest("a", ME) == NOW + timedelta(seconds=4)
    assert log.latest("b", ME) is None


# ── In whatever order, however often ─────────────────────────────────────────────────────────────


def everything(log: VerdictLog) -> list[Review]:
    return [log.review(task_id, reviewer) for task_id in "ab" for reviewer in (ME, "ben")]


@given(lines=logs(), data=st.data())
@settings(max_examples=300, deadline=None)
def test_neither_the_order_of_arrival_nor_a_line_twice_matters(
    lines: list[Verdict], data: st.DataObject
) -> None:
    once = everything(VerdictLog(lines))
    mixed = data.draw(
        st.permutations(lines + data.draw(st.lists(st.sampled_from(lines)) if lines else st.just([])))
    )
    log = VerdictLog()
    for part in range(0, len(mixed), 3):  # asked in between, too: what is folded is folded again
        log.add(mixed[part : part + 3])
        everything(log)
    assert everything(log) == once
    assert len(log) == len(lines)
    assert log.add(lines) == []


@given(lines=logs(), said=SAID.filter(lambda said: said[0] != "undo"))
@settings(max_examples=300, deadline=None)
def test_an_undo_restores_exactly_and_its_own_undo_brings_back(
    lines: list[Verdict], said: tuple[str, Any]
) -> None:
    log = VerdictLog(lines)
    before = everything(log)
    new = line(*said)
    log.add([new])
    after = everything(log)
    assert log.review("a", ME).reviewed_at == new.at
    undo = line("undo", new.uuid)
    log.add([undo])
    assert everything(log) == before
    log.add([line("undo", undo.uuid)])
    assert everything(log) == after


@given(lines=logs())
@settings(max_examples=300, deadline=None)
def test_the_fold_is_what_a_slow_one_finds(lines: list[Verdict]) -> None:
    log = VerdictLog(lines)
    for task_id in "ab":
        mine = [said for said in lines if (said.task_id, said.reviewer) == (task_id, ME)]
        assert log.review(task_id, ME) == slow(mine, task_id)


def slow(lines: list[Verdict], task_id: str) -> Review:
    """Fold as it is told, one rule after the other: a line stands unless one that stands names it."""
    undos = [said for said in lines if said.field == "undo"]

    def stands(name: str, above: tuple[str, ...] = ()) -> bool | None:
        """None where it hangs on itself."""
        if name in above:
            return None
        found = [stands(undo.uuid, (*above, name)) for undo in undos if undo.value == name]
        if True in found:
            return False
        return None if None in found else True

    rating, pick, at = None, None, None
    tags: list[str] = []
    notes: dict[str, Note] = {}
    for said in sorted(lines, key=lambda said: said.at):
        hangs = stands(said.uuid) is None  # in a circle: it takes nothing back, and is not taken back
        if said.field == "undo" or not (hangs or stands(said.uuid)):
            continue
        at = said.at
        value: Any = said.value
        if said.field == "rating":
            rating = value or None
        elif said.field == "pick":
            pick = value
        elif said.field == "note":
            notes = {key: note for key, note in {**notes, value.id: value}.items() if note.text}
        else:
            tags = [tag for tag in tags if said.field == "tag" or tag != value]
            tags += [value] if said.field == "tag" and value not in tags else []
    return Review(task_id, ME, rating, pick, tuple(tags), tuple(notes.values()), at)


def test_many_lines_fold_in_no_time() -> None:
    """By the processor's time and with much room: a fold in square time would not do."""
    chance = random.Random(1)  # noqa: S311, nothing is kept secret by it
    lines = [line("rating", 3, task_id=str(chance.randrange(9)), at=chance.random()) for _ in range(20_000)]
    lines += [line("undo", said.uuid, task_id=said.task_id, at=2) for said in lines[::2]]
    start = time.process_time()
    assert len(VerdictLog(lines).reviews(ME)) == 9
    assert time.process_time() - start < 2


# ── What is read ─────────────────────────────────────────────────────────────────────────────────

GOOD = line("rating", 3, name=uuid(7)).as_dict()


@given(lines=logs())
@settings(max_examples=100, deadline=None)
def test_a_line_comes_back_from_json(lines: list[Verdict]) -> None:
    for said in lines:
        assert read_verdict(json.loads(json.dumps(said.as_dict()))) == said


def test_what_json_says_of_a_review() -> None:
    review = reviewed(line("rating", 4, at=1), line("tag", "sky", at=1), line("note", HERE, at=2))
    assert json.loads(json.dumps(review.as_dict())) == {
        "task_id": "a",
        "reviewer": ME,
        "rating": 4,
        "pick": None,
        "tags": ["sky"],
        "notes": [{"id": "n1", "time": 2.5, "text": "the horizon flickers"}],
        "reviewed_at": int((NOW + timedelta(seconds=2)).timestamp() * 1000),
    }
    assert reviewed().as_dict()["reviewed_at"] is None


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("tag", "  night \n sky ", "night sky"),
        ("tag", "cafe\u0301", "caf\u00e9"),
        ("tag", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("tag", "<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("note", {"id": "n", "time": 3, "text": " a\r\nb\0\ud83d "}, Note("n", 3.0, "a\nb\ufffd")),
        ("note", {"id": "n", "time": None, "text": "  "}, Note("n", None, "")),
        ("note", {"id": "n", "time": None, "text": "x" * 20_000}, Note("n", None, "x" * 20_000)),
    ],
)
def test_what_a_person_typed_is_tidied(field: str, value: Any, read: Value) -> None:
    assert read_verdict({**GOOD, "field": field, "value": value}).value == read


NOTE = {"id": "n", "time": 1, "text": "x"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"uuid": "7"}, "uuid '7' is no uuid"),
        ({"uuid": uuid(7).replace("-", "")}, "is no uuid"),
        ({"uuid": uuid(0xABC).upper()}, "in small letters"),
        ({"uuid": None}, "uuid None is no uuid"),
        ({"service": ""}, "service '' is no text"),
        ({"task_id": 7}, "task_id 7 is no text"),
        ({"task_id": "a\nb"}, "holds a control character"),
        ({"task_id": "x" * 10_001}, "more than 10,000 characters"),
        ({"reviewer": " "}, "reviewer ' ' is no text"),
        ({"reviewer": "x" * 101}, "more than 100 characters"),
        ({"at": -1}, "at -1 is no number of milliseconds"),
        ({"at": 10**18}, "is no number of milliseconds"),
        ({"at": True}, "at True is"),
        ({"at": "2026-11-23"}, "is no number of milliseconds"),
        ({"field": "stars"}, "field 'stars' is none of rating, pick, tag"),
        ({"field": ["rating"]}, "is none of"),
        ({"value": 6}, "rating 6 is no whole number from 0 to 5"),
        ({"value": -1}, "rating -1"),
        ({"value": True}, "rating True"),
        ({"value": 3.0}, "rating 3.0"),
        ({"value": "3"}, "rating '3'"),
        ({"value": None}, "rating None"),
        ({"field": "pick", "value": ""}, "pick '' is neither"),
        ({"field": "pick", "value": ["pick"]}, "is neither"),
        ({"field": "tag", "value": " \n"}, "is no text, or an empty one"),
        ({"field": "tag", "value": "x" * 101}, "more than 100 characters"),
        ({"field": "tag", "value": "a\x07b"}, "control character"),
        ({"field": "tag", "value": "half \ud83d"}, "half of one"),
        ({"field": "untag", "value": None}, "untag None is no text"),
        ({"field": "note", "value": "x"}, "is not made of id, time and text"),
        ({"field": "note", "value": {"id": "n", "text": "x"}}, "is not made of id, time and text"),
        ({"field": "note", "value": {**NOTE, "text": None}}, "note None is no text"),
        ({"field": "note", "value": {**NOTE, "text": "x" * 20_001}}, "more than 20,000 characters"),
        ({"field": "note", "value": {**NOTE, "id": ""}}, "the note's id '' is no text"),
        ({"field": "note", "value": {**NOTE, "time": -0.1}}, "the note's time -0.1 is no number of seconds"),
        ({"field": "note", "value": {**NOTE, "time": float("nan")}}, "the note's time nan"),
        ({"field": "note", "value": {**NOTE, "time": float("inf")}}, "the note's time inf"),
        ({"field": "note", "value": {**NOTE, "time": 10**400}}, "is no number of seconds"),
        ({"field": "note", "value": {**NOTE, "time": True}}, "the note's time True"),
        ({"field": "undo", "value": "x"}, "undo 'x' is no uuid"),
        ({"field": "undo", "value": uuid(7)}, "undo names its own line"),
        (
            {"service": "https://other.example"},
            f"it belongs to 'https://other.example', and not to {SERVICE}",
        ),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_read(changes: dict[str, Any], why: str) -> None:
    read, (refused,) = read_verdicts([GOOD, {**GOOD, **changes}, GOOD], SERVICE)
    assert [said.uuid for said in read] == [uuid(7), uuid(7)]
    assert refused.place == 1
    assert why in refused.why
    assert refused.uuid == ("" if "uuid" in changes else uuid(7))


@pytest.mark.parametrize("name", GOOD)
def test_a_line_that_lacks_something_is_told(name: str) -> None:
    lacking = {key: value for key, value in GOOD.items() if key != name}
    assert read_verdicts([lacking], SERVICE)[1][0].why == f"it has no {name}"


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    lines=st.lists(
        TREES | st.dictionaries(st.sampled_from(list(GOOD)), TREES).map(lambda changes: {**GOOD, **changes}),
        max_size=5,
    )
)
@settings(max_examples=300, deadline=None)
def test_whatever_is_handed_over_is_read_or_told_in_one_line(lines: list[Any]) -> None:
    read, refused = read_verdicts(lines, SERVICE)
    assert len(read) + len(refused) == len(lines)
    for line_ in refused:
        assert line_.why.isprintable()
        assert 5 < len(line_.why) < 200
    log = VerdictLog(read)
    for said in read:
        str(log.review(said.task_id, said.reviewer))
        assert said.at.tzinfo is UTC
        assert datetime(1970, 1, 1, tzinfo=UTC) <= said.at
