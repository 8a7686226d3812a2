"""What a caller of `Session.history` wants, in the ways in which it can be said."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from aleph_nb import words
from aleph_nb.errors import ConfigurationError
from aleph_nb.record import State

__all__ = ["read_limit", "read_since", "read_span", "read_states"]

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_SPAN = "a timedelta, or a text such as 90m, 12h, 7d or 2w"


def read_states(states: str | Collection[str] | None) -> list[State] | None:
    """Read one state or several; None for none, which asks for all.

    Raises
    ------
    ConfigurationError
        One is no state.
    """
    given = [states] if isinstance(states, str) else list(states or ())
    names = [state.value for state in State]
    for state in given:
        if state not in names:
            raise ConfigurationError(f"{state!r} is no state. The states are: {', '.join(names)}.")
    return [State(state) for state in given] or None


def read_span(name: str, span: Any) -> timedelta | None:
    """Read a span; None stays None.

    Raises
    ------
    ConfigurationError
        It is none.
    """
    read = words.span(span) if isinstance(span, str) else span
    if span is None or isinstance(read, timedelta):
        return read
    raise ConfigurationError(f"{name} = {span!r} cannot be used: it is {_SPAN}.")


def read_since(since: Any) -> datetime | None:
    """Read a time, or a span before now; None stays None.

    Raises
    ------
    ConfigurationError
        It is neither, or a time without a zone.
    """
    if isinstance(since, datetime):
        if since.tzinfo is not None:
            return since
        raise ConfigurationError(
            f"since = {since!r} cannot be used: it has no time zone. Add one, as tzinfo=datetime.UTC does."
        )
    if since is not None and not isinstance(since, str | timedelta):
        raise ConfigurationError(f"since = {since!r} cannot be used: it is a datetime, {_SPAN}.")
    span = read_span("since", since)
    if span is None:
        return None
    try:
        return datetime.now(UTC) - span
    except OverflowError:
        return _EARLIEST


def read_limit(limit: Any) -> int | None:
    """Read how many at most; None stays None.

    Raises
    ------
    ConfigurationError
        It is no whole number from 0 on.
    """
    if limit is None or (isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0):
        return limit
    raise ConfigurationError(f"limit = {limit!r} cannot be used: it is a whole number, 0 or more.")
