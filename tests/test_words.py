"""Durations, ages, dates and counts in words, at their boundaries."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from aleph_nb import words

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
S = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(0), "0 s"),
        (-5 * S, "0 s"),
        (timedelta(milliseconds=1), "under 1 s"),
        (timedelta(milliseconds=999), "under 1 s"),
        (S, "1 s"),
        (59.9 * S, "59 s"),
        (60 * S, "1 min"),
        (61 * S, "1 min 1 s"),
        (345 * S, "5 min 45 s"),
        (3599.9 * S, "59 min 59 s"),
        (3600 * S, "1 h"),
        (3659 * S, "1 h"),
        (3660 * S, "1 h 1 min"),
        (DAY - S, "23 h 59 min"),
        (DAY, "1 day"),
        (DAY + 59 * 60 * S, "1 day"),
        (timedelta(days=1, hours=20), "1 day 20 h"),
        (timedelta(days=2, hours=1), "2 days 1 h"),
        (timedelta(days=1400), "1,400 days"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(span: timedelta, told: str) -> None:
    assert words.duration(span) == told


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(0), "just now"),
        (59 * S, "just now"),
        (60 * S, "1 min ago"),
        (89 * S, "1 min ago"),
        (90 * S, "2 min ago"),
        (3569 * S, "59 min ago"),
        (3570 * S, "1 h ago"),
        (DAY - 1801 * S, "23 h ago"),
        (DAY - 1800 * S, "1 day ago"),
        (3 * DAY, "3 days ago"),
        (3 * DAY + 15 * S, "3 days ago"),
        (59.4 * DAY, "59 days ago"),
        (60 * DAY, "2 months ago"),
        (700 * DAY, "23 months ago"),
        (731 * DAY, "2 years ago"),
        (-30 * S, "just now"),
        (-300 * S, "in 5 min"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(span: timedelta, told: str) -> None:
    assert words.ago(NOW - span, NOW) == told


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (-S, ""),
        (timedelta(0), ""),
        (S, "1 s"),
        (timedelta(days=1, hours=20), "1 day 20 h"),
        (3 * DAY - S, "2 days 23 h"),
        (3 * DAY, "3 more days"),
        (11 * DAY - 15 * S, "11 more days"),
        (14 * DAY, "14 more days"),
    ],
)
def test_what_remains_is_told_in_hours_only_when_they_matter(left: timedelta, told: str) -> None:
    assert words.remaining(NOW + left, NOW) == told


@pytest.mark.parametrize("minutes", [0, 10, 700, 719])
def test_age_and_remaining_add_up_to_fourteen_days(minutes: int) -> None:
    done = NOW - timedelta(days=3, minutes=minutes)
    age, left = words.ago(done, NOW), words.remaining(done + 14 * DAY, NOW)
    assert int(age.split()[0]) + int(left.split()[0]) == 14


def test_a_date_names_its_year_only_where_it_is_another() -> None:
    assert words.date(datetime(2026, 11, 6, tzinfo=UTC), NOW) == "6 Nov"
    assert words.date(datetime(2025, 12, 31, tzinfo=UTC), NOW) == "31 Dec 2025"


def test_times_are_told_in_utc() -> None:
    west = datetime(2026, 11, 5, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert words.date(west, NOW) == "6 Nov"
    assert words.exact(west) == "2026-11-06 04:30:00 UTC"


def test_counts_leave_out_what_there_is_none_of() -> None:
    assert (
        words.counts([(6, "succeeded"), (0, "running"), (2, "need a look")]) == "6 succeeded, 2 need a look"
    )
    assert words.counts([(1204, "running")]) == "1,204 running"
    assert words.counts([(0, "running")]) == ""


def test_only_one_is_singular() -> None:
    told = [words.plural(number, "task") for number in (0, 1, 2, 12345)]
    assert told == ["0 tasks", "1 task", "2 tasks", "12,345 tasks"]
