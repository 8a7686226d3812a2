"""Durations, ages, dates and counts in words; `now` is always handed in."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

__all__ = ["ago", "counts", "date", "duration", "exact", "plural", "remaining", "size", "span"]

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_UNITS = ((_DAY, "day"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s"))

_DAYS_IN_HOURS = timedelta(days=3)  # below it the hours are told too: they begin to matter
_HOURS_A_DAY = 24
_DAYS_TOLD = 60  # older than that is told in months
_DAYS_A_MONTH = 30.44
_MONTHS_TOLD = 24

_A_THOUSAND = 1000
_TENTHS_BELOW = 10

# Our own, because strftime's are those of the machine's locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_SECONDS = {"s": 1, "m": _MINUTE, "h": _HOUR, "d": _DAY, "w": 7 * _DAY}
_LONGEST_SPAN = 36_500 * _DAY


def span(text: str) -> timedelta | None:
    """Read a span such as "90s", "30m", "12h", "7d" or "2w"; None for anything else, a bare number too."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        return None
    seconds = float(found[1]) * _SECONDS[found[2]]
    return timedelta(seconds=seconds) if seconds <= _LONGEST_SPAN else None


def plural(number: int, noun: str) -> str:
    """Put a number before a noun: "1 task", "12 tasks", "1,204 tasks"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def counts(parts: Iterable[tuple[int, str]]) -> str:
    """Join counts that are not zero: "6 succeeded, 1 running"; "" where all are."""
    return ", ".join(f"{number:,} {word}" for number, word in parts if number)


def size(number: int) -> str:
    """Say a number of bytes in decimal units: "840 B", "96 KB", "1.4 MB", "34 MB"."""
    amount, unit = float(number), "B"
    for larger in ("KB", "MB", "GB"):
        if amount < _A_THOUSAND - 0.5:
            break
        amount, unit = amount / _A_THOUSAND, larger
    told = f"{amount:.1f}" if amount < _TENTHS_BELOW and unit not in ("B", "KB") else f"{amount:.0f}"
    return f"{told.removesuffix('.0')} {unit}"


def duration(span: timedelta) -> str:
    """Say a span in its two largest units, rounded down: "5 min 45 s", "1 day 20 h", "2 h".

    A negative span, which two clocks can make, counts as none: "0 s".
    """
    if timedelta(0) < span < timedelta(seconds=1):
        return "under 1 s"
    rest = max(int(span.total_seconds()), 0)
    for place, (size, unit) in enumerate(_UNITS):
        if rest >= size:
            whole, rest = divmod(rest, size)
            words = [_measure(whole, unit)]
            for smaller, name in _UNITS[place + 1 : place + 2]:
                if rest >= smaller:
                    words.append(_measure(rest // smaller, name))
            return " ".join(words)
    return "0 s"


def ago(when: datetime, now: datetime) -> str:
    """Say how long ago something was, in its largest unit, rounded: "just now", "3 days ago".

    A time that lies ahead, as by a clock that differs, is "just now" within a minute and else "in 5 min".
    """
    seconds = (now - when).total_seconds()
    if abs(seconds) < _MINUTE:
        return "just now"
    told = _largest(abs(seconds))
    return f"{told} ago" if seconds > 0 else f"in {told}"


def remaining(until: datetime, now: datetime) -> str:
    """Say how much time is left: "11 more days"; under three days "1 day 20 h"; "" when none is left."""
    left = until - now
    if left <= timedelta(0):
        return ""
    if left < _DAYS_IN_HOURS:
        return duration(left)
    return f"{_rounded(left.total_seconds(), _DAY)} more days"


def date(when: datetime, now: datetime) -> str:
    """Say a day, in UTC: "6 Nov", with its year where that is not the present one."""
    day = when.astimezone(UTC)
    told = f"{day.day} {_MONTHS[day.month - 1]}"
    return told if day.year == now.astimezone(UTC).year else f"{told} {day.year}"


def exact(when: datetime) -> str:
    """Say a time to the second, in UTC, as a tooltip holds it: "2026-11-20 14:25:00 UTC"."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _measure(number: int, unit: str) -> str:
    """Only days, months and years have a plural: h, min and s are symbols."""
    return plural(number, unit) if unit in ("day", "month", "year") else f"{number} {unit}"


def _rounded(amount: float, size: float) -> int:
    """Half goes up: `round` would send 2.5 down to the even number."""
    return int(amount / size + 0.5)


def _largest(seconds: float) -> str:
    if (minutes := _rounded(seconds, _MINUTE)) < _MINUTE:
        return _measure(minutes, "min")
    if (hours := _rounded(seconds, _HOUR)) < _HOURS_A_DAY:
        return _measure(hours, "h")
    if (days := _rounded(seconds, _DAY)) < _DAYS_TOLD:
        return _measure(days, "day")
    if (months := _rounded(days, _DAYS_A_MONTH)) < _MONTHS_TOLD:
        return _measure(months, "month")
    return _measure(_rounded(months, 12), "year")
