"""Verdicts for tests: lines with uuids and times of their own."""

from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from aleph_nb.review import Value, Verdict
from tests.ledgers import NOW, SERVICE

__all__ = ["ME", "line", "uuid"]

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
