"""The face of a watch: it never grows, it tells what matters, and it ends as a line."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from aleph_nb.cards import Live
from aleph_nb.record import Record, State
from tests.faces import NOW, check, live, record

ROW = 24


def done(number: int) -> Record:
    return replace(record(), task_id=f"done-{number}", prompt=f"done {number}")


def going(number: int) -> Record:
    created = NOW - timedelta(seconds=number)
    return replace(record(State.in_progress), task_id=f"going-{number}", create_time=created)


def shown(face: Live) -> list[str]:
    """Give the ids of the rows."""
    return [line.split()[1] for line in face.text.splitlines()[1:]]


def make(records: list[Record], settled: list[Record], total: int | None = None) -> Live:
    return Live(
        total=total or len(records), records=records, settled=settled, elapsed=75, next_look=4.2, now=NOW
    )


def height(face: Live) -> int:
    """Add up the rows, and the room that is left for more."""
    rows = face.html.count(f"height:{ROW}px;line-height")
    return rows * ROW + sum(map(int, re.findall(r'"height:(\d+)px"', face.html)))


def test_it_tells_how_many_of_how_many_how_long_and_what_comes_next() -> None:
    face = make([done(1), going(20), done(2)], [done(1), done(2)], total=4)
    assert (
        face.line == "2 of 4 done · 2 succeeded, 1 running, 1 not asked yet · 1 min 15 s · next look in 4 s"
    )
    words = check(face.html).words
    for part in ("2 of 4 done", "2 succeeded", "1 running", "1 not asked yet"):
        assert part in words
    assert "width:50.0%" in face.html


def test_a_few_tasks_keep_their_places() -> None:
    records = [going(1), done(1), going(3), done(2)]
    assert shown(make(records, [done(2), done(1)])) == ["going-1", "done-1", "going-3", "done-2"]


@pytest.mark.parametrize(
    ("ended", "running", "rows"),
    [
        (
            20,
            30,
            ["done-19", "done-18", "done-17", "done-16", "going-29", "going-28", "going-27", "going-26"],
        ),
        (20, 2, [*(f"done-{n}" for n in range(19, 13, -1)), "going-1", "going-0"]),
        (1, 30, ["done-0", *(f"going-{n}" for n in range(29, 22, -1))]),
    ],
)
def test_of_many_there_are_those_done_last_and_those_that_run_for_longest(
    ended: int, running: int, rows: list[str]
) -> None:
    settled = [done(number) for number in range(ended)]
    assert shown(make([*map(going, range(running)), *settled], settled)) == rows


def test_what_was_done_before_is_counted_and_has_no_row() -> None:
    old, new = [done(1), done(2)], done(3)
    face = Live(
        total=4, records=[*old, going(5), new], settled=[*old, new], before=2, elapsed=1, next_look=1, now=NOW
    )
    assert face.line.startswith("3 of 4 done · 3 succeeded, 1 running")
    assert shown(face) == ["going-5", "done-3"]


@pytest.mark.parametrize("total", [1, 8, 12, 50, 500])
def test_its_height_is_the_same_from_the_first_moment_to_the_last(total: int) -> None:
    nobody = Live(total=total, records=[], settled=[], elapsed=0, next_look=0, now=NOW)
    stages = [nobody, *(live(total, settled) for settled in range(0, total + 1, max(total // 5, 1)))]
    assert {height(face) for face in stages} == {min(total, 8) * ROW}
    assert all(len(face.html) < 12_000 for face in stages)
    assert all(len(face.text.splitlines()) <= 9 for face in stages)


def test_what_remains_at_the_end_is_a_line() -> None:
    face = live(500, 500, ended="interrupted after")
    assert face.text == face.line
    assert face.line.startswith("500 of 500 done · ")
    assert face.line.endswith(" · interrupted after 1 min 15 s")
    assert height(face) == 0
    assert "task-" not in face.html
    assert len(face.html) < 4000


def test_while_answers_are_awaited_it_says_so() -> None:
    assert live(3, next_look=None).line.endswith(" · 1 min 15 s · asking")


def test_a_row_tells_the_state_the_prompt_how_long_and_which() -> None:
    face = make([going(80)], [])
    words = check(face.html).words
    assert words[-3:] == [record().prompt, "1 min 20 s", "going-80"]
    assert "Running" in words
    assert face.text.splitlines()[1] == f"Running    going-80  1 min 20 s so far · {record().prompt}"
    lost = Record(task_id="lost", state=State.not_found)
    assert "The service knows no such task." in check(make([lost], []).html).words
