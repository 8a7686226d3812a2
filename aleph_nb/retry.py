"""When to try again: what may pass, how long to wait, when to give up.

The loop stands above the parser, because a refusal may come inside an answer whose status says 200.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import RetryCallState, Retrying, retry_if_result, sleep_using_event

from aleph_nb.errors import AlephError, APIError, ServerError, TransportError
from aleph_nb.record import Record
from aleph_nb.settings import Settings

__all__ = ["Attempt", "Tries", "retry_after"]

_RETRIED = frozenset({408, 429, 455, 500, 502, 503, 504})  # codes that another try may do away with
_FIRST_WAIT = 0.5  # seconds; doubles with each try
_LONGEST_WAIT = 8.0
_LONGEST_RETRY_AFTER = 60.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one try came to: a record or an error.

    Attributes
    ----------
    wait : float or None
        The seconds that the service asked to wait.
    """

    record: Record | None = None
    error: AlephError | None = None
    wait: float | None = None

    @property
    def is_retried(self) -> bool:
        """Whether another try, in a moment, may bring something else."""
        if isinstance(self.error, APIError):
            return self.error.code in _RETRIED
        return self.may_pass

    @property
    def may_pass(self) -> bool:
        """Whether to ask some minutes later may bring something else: the service failed, or the network."""
        if isinstance(self.error, APIError):
            return self.error.code in _RETRIED or isinstance(self.error, ServerError)
        return isinstance(self.error, TransportError) and self.error.may_pass


class Tries:
    """The tries, and the time, that one id has.

    Parameters
    ----------
    settings : Settings
        Of which `retries`, `deadline` and `timeout` count.

    Attributes
    ----------
    last : Attempt or None
        What the last try came to.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._end: float | None = None
        self.last: Attempt | None = None

    def run(self, attempt: Callable[[], Attempt | None], stop: threading.Event) -> Attempt | None:
        """Try until something lasting comes, the tries or the time are used up, or all is stopped.

        Parameters
        ----------
        attempt : callable
            One try; None where all is stopped.
        stop : threading.Event
            Ends the waiting between two tries.

        Returns
        -------
        Attempt or None
            The last try; None where all is stopped.
        """

        def once() -> Attempt | None:
            self.last = attempt()
            return self.last

        retrying = Retrying(
            retry=retry_if_result(lambda tried: tried is not None and tried.is_retried),
            stop=self._are_over,
            wait=self._wait,
            sleep=sleep_using_event(stop),
            retry_error_callback=lambda _: self.last,
        )
        retrying(once)
        return self.last

    def is_late(self) -> bool:
        """Whether the deadline passed while the next try waited for its turn."""
        return self._end is not None and time.monotonic() >= self._end

    def time_left(self) -> float:
        """Seconds that the try which begins now may take. The first one starts the clock."""
        now = time.monotonic()
        if self._end is None:
            self._end = now + self._settings.deadline
        return max(0.001, min(self._settings.timeout, self._end - now))

    def _wait(self, state: RetryCallState) -> float:
        """Seconds to the next try: doubling with full jitter, or what the service asked for if more."""
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (state.attempt_number - 1))
        backoff = random.uniform(0, longest)  # noqa: S311, no secret rests on it
        return max(backoff, (self.last.wait if self.last else None) or 0.0)

    def _are_over(self, state: RetryCallState) -> bool:
        """Whether the tries are used up, or the next one would begin after the deadline."""
        if state.attempt_number > self._settings.retries:
            return True
        return self._end is not None and time.monotonic() + state.upcoming_sleep >= self._end


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After tolerantly: seconds, also with decimals, or an HTTP date; at most a minute.

    Parameters
    ----------
    headers : mapping
        The answer's headers, by lower-case name.

    Returns
    -------
    float or None
        Seconds; None where there is none that can be read.
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds_until(text)
    return min(seconds, _LONGEST_RETRY_AFTER) if seconds >= 0 else None


def _seconds_until(date: str) -> float:
    """Return the seconds to an HTTP date; -1 for what is none, or lies behind."""
    try:
        when = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return -1.0
    return (when - datetime.now(UTC)).total_seconds() if when.tzinfo is not None else -1.0
