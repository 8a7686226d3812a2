"""`Client`: what became of one task, or of many, asked of the service."""

import random
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn, Self
from weakref import WeakSet

from tenacity import RetryCallState, Retrying, retry_if_result, sleep_using_event

from aleph_nb import wire
from aleph_nb.credentials import ApiKey, find_key
from aleph_nb.errors import (
    AlephError,
    APIError,
    AuthenticationError,
    ConfigurationError,
    RateLimitError,
    TransportError,
)
from aleph_nb.pace import Pace
from aleph_nb.pool import work_off
from aleph_nb.record import Record, State
from aleph_nb.settings import Settings
from aleph_nb.transport import Reply, Transport

__all__ = ["Client", "Outcome"]

_PASSING = frozenset({408, 429, 455, 500, 502, 503, 504})  # codes of failures that may pass
_FIRST_WAIT = 0.5  # seconds; doubles with each try
_LONGEST_WAIT = 8.0
_LONGEST_RETRY_AFTER = 60.0
_JITTER = 0.1  # of a wait that the service asked for, on top of it

NO_KEY = (
    "There is no key. Set KIE_API_KEY in the environment or in a .env file in the working folder "
    "(make one at https://kie.ai/api-key), or try everything without a key: %aleph_demo"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What asking for one id came to: its record, and the error that stands behind a `no_answer`."""

    record: Record
    error: AlephError | None = None


@dataclass(frozen=True, slots=True)
class _Try:
    """What one try came to. `wait` is what the service asked for, in seconds."""

    record: Record | None = None
    error: AlephError | None = None
    wait: float | None = None

    @property
    def may_pass(self) -> bool:
        if isinstance(self.error, APIError):
            return self.error.code in _PASSING
        return isinstance(self.error, TransportError)


class Client:
    """Asks the service about tasks, at a steady pace, with retries.

    Parameters
    ----------
    settings : Settings, optional
        The defaults and the environment if not given.
    key : ApiKey, optional
        Found in the environment at each call if not given.
    pace : Pace, optional
        One of its own, of the settings' rate, if not given.
    """

    def __init__(
        self, settings: Settings | None = None, *, key: ApiKey | None = None, pace: Pace | None = None
    ) -> None:
        self.settings = settings or Settings.load()
        self.pace = pace or Pace(self.settings.rate)
        self._given_key = key
        self._key = key
        self._stops: WeakSet[threading.Event] = WeakSet()  # of the calls under way
        self._transport = Transport(
            self.settings.base_url,
            lambda: self._key.reveal() if self._key else "",
            connections=self.settings.workers,
        )

    def __repr__(self) -> str:
        return f"Client({self.settings!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A Client is not pickled: it holds a key and open connections. Make a new one.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; what is under way ends, and starts nothing more."""
        for stop in list(self._stops):
            stop.set()
        self._transport.close()

    def fetch(self, task_id: str) -> Record:
        """Ask for one task.

        Parameters
        ----------
        task_id : str
            The task's id.

        Returns
        -------
        Record
            Of any state but `no_answer`.

        Raises
        ------
        AlephError
            There is no key, or no answer that can be read.
        """
        if records := list(self.fetch_many([task_id])):
            return records[0]
        why = "the client was closed"
        raise TransportError(f"No answer for task {task_id}: {why}. Run the cell again.", why)

    def fetch_many(self, task_ids: Iterable[str]) -> Iterator[Record]:
        """Ask for many tasks.

        Parameters
        ----------
        task_ids : iterable of str
            An id that stands in it twice is asked for once.

        Yields
        ------
        Record
            One for each id, as they arrive; `no_answer` where there was none.

        Raises
        ------
        AuthenticationError
            At once, whatever is still to be asked.
        AlephError
            There is no key; or not one of the ids got an answer: the first failure.
        """
        failures: list[Outcome] = []
        answered = False
        with closing(self.outcomes(task_ids)) as outcomes:
            for outcome in outcomes:
                if outcome.error is None:
                    answered = True
                    yield from (failure.record for failure in failures)
                    failures.clear()
                    yield outcome.record
                elif answered:
                    yield outcome.record
                else:
                    failures.append(outcome)
        if failures and failures[0].error is not None:
            raise failures[0].error

    def outcomes(self, task_ids: Iterable[str]) -> Generator[Outcome, None, None]:
        """Ask for many tasks and tell of each how it went, as they arrive.

        Raises
        ------
        AuthenticationError
            At once, whatever is still to be asked.
        ConfigurationError
            There is no key.
        """
        ids = list(dict.fromkeys(task_ids))
        if not ids:
            return
        self._key = self._given_key or find_key()
        if self._key is None:
            raise ConfigurationError(NO_KEY)
        stop = threading.Event()
        self._stops.add(stop)
        with closing(
            work_off(
                lambda task_id: self._ask(task_id, stop),
                ids,
                workers=self.settings.workers,
                stop=stop,
                watch=self._transport.shut_overdue,
                abort=self._transport.shut,
            )
        ) as outcomes:
            for outcome in outcomes:
                if outcome is None:
                    continue
                if isinstance(outcome.error, AuthenticationError):
                    raise outcome.error
                yield outcome

    def _ask(self, task_id: str, stop: threading.Event) -> Outcome | None:
        """Try until there is an answer, the tries or the time are used up, or all is stopped."""
        asking = _Asking(self.settings)
        result: _Try | None = Retrying(
            retry=retry_if_result(lambda tried: tried is not None and tried.may_pass),
            stop=asking.is_over,
            wait=asking.wait,
            sleep=sleep_using_event(stop),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )(self._try, task_id, stop, asking)
        if result is None:
            return None
        if isinstance(result.error, AuthenticationError):
            stop.set()  # here, not in the main thread: until that wakes, a dozen more would go out
        if result.record is not None:
            return Outcome(result.record)
        return Outcome(_no_answer(task_id, result.error), result.error)

    def _try(self, task_id: str, stop: threading.Event, asking: "_Asking") -> _Try | None:
        """Take a turn and ask once; None if all is stopped."""
        if not self.pace.turn(stop):
            return None
        if asking.is_late():
            return asking.last
        asking.last = self._tried(task_id, asking.time_left())
        return asking.last

    def _tried(self, task_id: str, timeout: float) -> _Try:
        # An error changes threads here: its frames, which hold the answer as it came, stay behind.
        try:
            reply = self._transport.get(
                wire.PATH, wire.query(task_id), timeout=timeout, about=f"task {task_id}"
            )
        except TransportError as error:
            return _Try(error=error.with_traceback(None))
        try:
            return _Try(record=self._read(reply, task_id))
        except RateLimitError as error:
            wait = _retry_after(reply.headers)
            wait = self.settings.retry_wait if wait is None else wait
            self.pace.cool_down(wait * random.uniform(1, 1 + _JITTER))  # noqa: S311, no secret rests on it
            return _Try(error=error.with_traceback(None), wait=self.pace.cooling)
        except AlephError as error:
            return _Try(error=error.with_traceback(None), wait=_retry_after(reply.headers))

    def _read(self, reply: Reply, task_id: str) -> Record:
        return wire.parse(
            reply.body,
            status=reply.status,
            task_id=task_id,
            fetched_at=datetime.now(UTC),
            redact=lambda text, least: self._key.redact(text, least) if self._key else text,
        )


class _Asking:
    """The time and the tries that one id has."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._end: float | None = None
        self.last: _Try | None = None

    def is_late(self) -> bool:
        """Whether the deadline passed while the next try waited for its turn."""
        return self._end is not None and time.monotonic() >= self._end

    def time_left(self) -> float:
        """Seconds that the try which begins now may take. The first one starts the clock."""
        now = time.monotonic()
        if self._end is None:
            self._end = now + self._settings.deadline
        return max(0.001, min(self._settings.timeout, self._end - now))

    def wait(self, state: RetryCallState) -> float:
        """Seconds to the next try: what the service asked for, else doubling with full jitter."""
        tried = state.outcome.result() if state.outcome else None
        if tried is not None and tried.wait is not None:
            return float(tried.wait)
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (state.attempt_number - 1))
        return random.uniform(0, longest)  # noqa: S311, no secret rests on it

    def is_over(self, state: RetryCallState) -> bool:
        """Whether the tries are used up, or the next one would begin after the deadline."""
        if state.attempt_number > self._settings.retries:
            return True
        return self._end is not None and time.monotonic() + state.upcoming_sleep >= self._end


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After tolerantly: seconds, also with decimals, or an HTTP date; None for anything else."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        if when.tzinfo is not None:
            seconds = (when - datetime.now(UTC)).total_seconds()
    return min(seconds, _LONGEST_RETRY_AFTER) if seconds >= 0 else None


def _no_answer(task_id: str, error: AlephError | None) -> Record:
    return Record(
        task_id=task_id,
        state=State.no_answer,
        reason=error.reason if error else "",
        code=error.code if isinstance(error, APIError) else None,
        msg=(error.msg or None) if isinstance(error, APIError) else None,
        fetched_at=datetime.now(UTC),
    )
