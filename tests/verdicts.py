"""Verdicts for tests: lines with uuids and times of their own."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from aleph_nb.review import Note, Value, Verdict
from tests.ledgers import NOW, SERVICE

__all__ = ["ME", "SAID", "line", "logs", "uuid"]

ME = "ana"
_numbers = count(1)


def uuid(number: int) -> str:
    """Return a uuid, for each number another."""
    return str(UUID(int=number))


def line(
    field: str,
    value: Value,
    *,
    task_id: str = "a",
    at: float | datetime | None = None,
    reviewer: str = ME,
    service: str = SERVICE,
    name: str = "",
) -> Verdict:
    """Make a line; `at` is a time, or seconds after `NOW`, and if not given later than all before."""
    number = next(_numbers)
    when = at if isinstance(at, datetime) else NOW + timedelta(seconds=number if at is None else at)
    return Verdict(name or uuid(number), service, task_id, reviewer, when, field, value)


NOTES = st.builds(Note, st.sampled_from("nm"), st.none() | st.floats(0, 1e6), st.sampled_from(["", "x", "y"]))
SAID = st.one_of(
    st.tuples(st.just("rating"), st.integers(0, 5)),
    st.tuples(st.just("pick"), st.sampled_from(["pick", "reject", None])),
    st.tuples(st.sampled_from(["tag", "untag"]), st.sampled_from(["sky", "dusk"])),
    st.tuples(st.just("note"), NOTES),
    st.tuples(st.just("undo"), st.integers(0, 12)),  # of which line, itself aside
)


@st.composite
def logs(draw: st.DrawFn) -> list[Verdict]:
    """Draw lines of distinct times, in some order; an undo may name what is not there, or comes later."""
    said = draw(st.lists(st.tuples(SAID, st.sampled_from("ab"), st.sampled_from([ME, "ben"])), max_size=12))
    times = draw(st.permutations(range(len(said))))
    lines = []
    for number, ((field, value), task_id, reviewer) in enumerate(said):
        told: Any = value
        if field == "undo":
            told = uuid(100 + (int(str(value)) if value != number else 99))
        name = uuid(100 + number)
        lines.append(line(field, told, task_id=task_id, reviewer=reviewer, at=times[number], name=name))
    return lines
