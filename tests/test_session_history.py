"""A session's history from Python: in what ways it can be asked for, and what is refused."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from aleph_nb import Session, Settings, State
from aleph_nb.errors import ConfigurationError
from tests.ledgers import make_record

NOW = datetime.now(UTC)


@pytest.fixture
def session() -> Iterator[Session]:
    """Return a session that knows a success of two hours ago and a failure of ten days ago."""
    with Session(Settings(ledger="off")) as session:
        hours, days = NOW - timedelta(hours=2), NOW - timedelta(days=10)
        session.keeper.save(make_record("new", create_time=hours, complete_time=hours))
        session.keeper.save(make_record("old", State.failed, create_time=days, fetched_at=days))
        yield session


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, ["new", "old"]),
        ({"states": "failed"}, ["old"]),
        ({"states": State.failed}, ["old"]),
        ({"states": ["failed", State.succeeded]}, ["new", "old"]),
        ({"states": ()}, ["new", "old"]),
        ({"since": "7d"}, ["new"]),
        ({"since": timedelta(days=7)}, ["new"]),
        ({"since": pd.Timedelta(days=7)}, ["new"]),
        ({"since": timedelta(days=10**7)}, ["new", "old"]),
        ({"since": NOW - timedelta(days=7)}, ["new"]),
        ({"since": pd.Timestamp(NOW) - pd.Timedelta(days=7)}, ["new"]),
        ({"expiring": "20d"}, ["new"]),
        ({"expiring": timedelta(days=3)}, []),
        ({"limit": 1}, ["new"]),
        ({"limit": 0}, []),
        ({"search": 501}, ["old"]),
    ],
)
def test_every_way_to_say_it(session: Session, wanted: dict[str, Any], ids: list[str]) -> None:
    assert list(session.history(**wanted).task_id) == ids


@pytest.mark.parametrize(
    ("wanted", "about"),
    [
        ({"states": "fialed"}, "no state. The states are: in_progress, succeeded"),
        ({"states": ["failed", 7]}, "7 is no state"),
        ({"since": datetime(2026, 1, 1)}, "no time zone"),  # noqa: DTZ001, that is the point
        ({"since": date(2026, 1, 1)}, "it is a datetime"),
        ({"since": "yesterday"}, "such as 90m, 12h, 7d or 2w"),
        ({"since": 7}, "it is a datetime"),
        ({"expiring": 3}, "such as 90m"),
        ({"limit": -1}, "0 or more"),
        ({"limit": 2.5}, "whole number"),
        ({"limit": True}, "whole number"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_refused_in_one_line(
    session: Session, wanted: dict[str, Any], about: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        session.history(**wanted)
    assert about in str(caught.value)
    assert "\n" not in str(caught.value)
