"""`Client`: what became of one task, or of many, asked of the service."""

import random
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn, Self

from aleph_nb import wire
from aleph_nb.credentials import ApiKey, env_file, find_key
from aleph_nb.errors import (
    AlephError,
    APIError,
    AuthenticationError,
    ConfigurationError,
    ProtocolError,
    RateLimitError,
    TransportError,
)
from aleph_nb.pace import Pace
from aleph_nb.pool import work_off
from aleph_nb.record import Record, State
from aleph_nb.retry import Attempt, Tries, retry_after
from aleph_nb.settings import Settings
from aleph_nb.transport import Reply, Transport

__all__ = ["Client", "Outcome"]

_CLOSED = "the client was closed"
_JITTER = 0.1  # of a wait that the service asked for, on top of it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What asking for one id came to: its record, and the error that stands behind a `no_answer`.

    Attributes
    ----------
    may_pass : bool
        Whether that error may be gone when one asks again some minutes later.
    """

    record: Record
    error: AlephError | None = None
    may_pass: bool = False


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
    is_alone : bool
        Whether no other kernel asks the same service, so that the pace need not be shared.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        key: ApiKey | None = None,
        pace: Pace | None = None,
        is_alone: bool = False,
    ) -> None:
        self.settings = settings or Settings.load()
        self.pace = pace or Pace(self.settings.rate)
        self._is_alone = is_alone
        self._given_key = key
        self._key = key
        self._stops: set[threading.Event] = set()  # of the calls under way, in whatever threads
        self._is_retired = False
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

    def retire(self) -> None:
        """Close all connections as soon as no call is under way."""
        self._is_retired = True
        if not self._stops:
            self.close()

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
        (record,) = self.fetch_many([task_id])
        return record

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
        ids = list(dict.fromkeys(task_ids))
        failures: dict[str, Outcome] = {}
        answered = False
        with closing(self.outcomes(ids)) as outcomes:
            for outcome in outcomes:
                if outcome.error is None:
                    answered = True
                    yield from (failure.record for failure in failures.values())
                    failures.clear()
                    yield outcome.record
                elif answered:
                    yield outcome.record
                else:
                    failures[outcome.record.task_id] = outcome
        first = next((failures[task_id].error for task_id in ids if task_id in failures), None)
        if first is not None:
            raise first

    def outcomes(
        self, task_ids: Iterable[str], *, meanwhile: Callable[[], None] | None = None
    ) -> Generator[Outcome, None, None]:
        """Ask for many tasks and tell of each how it went, as they arrive.

        Parameters
        ----------
        task_ids : iterable of str
            An id that stands in it twice is asked for once.
        meanwhile : callable, optional
            Called about ten times a second, in the caller's thread. What it raises ends the call.

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
            raise ConfigurationError(_no_key())
        if not self._is_alone:
            self.pace.share(self._key.reveal, self.settings.service)
        stop = threading.Event()
        self._stops.add(stop)
        left = dict.fromkeys(ids)
        try:
            with closing(self._work_off(ids, stop, meanwhile)) as outcomes:
                for outcome in outcomes:
                    if outcome is None:
                        continue
                    if isinstance(outcome.error, AuthenticationError):
                        raise outcome.error
                    del left[outcome.record.task_id]
                    yield outcome
        finally:
            self._stops.discard(stop)
            if self._is_retired:
                self.retire()
        for task_id in left:  # whoever closed the client in the meantime has not asked for fewer rows
            closed = TransportError(f"No answer for task {task_id}: {_CLOSED}. Run the cell again.", _CLOSED)
            yield Outcome(_no_answer(task_id, closed), closed, may_pass=True)

    def _work_off(
        self, ids: list[str], stop: threading.Event, meanwhile: Callable[[], None] | None
    ) -> Generator[Outcome | None, None, None]:
        return work_off(
            lambda task_id: self._ask(task_id, stop),
            ids,
            workers=self.settings.workers,
            stop=stop,
            watch=lambda: self._look_up(meanwhile),
            abort=lambda: self._transport.shut(stop),
        )

    def _look_up(self, meanwhile: Callable[[], None] | None) -> None:
        self._transport.shut_overdue()
        if meanwhile is not None:
            meanwhile()

    def _ask(self, task_id: str, stop: threading.Event) -> Outcome | None:
        """Try until there is an answer, the tries or the time are used up, or all is stopped."""
        tries = Tries(self.settings)
        result = tries.run(lambda: self._try(task_id, stop, tries), stop)
        if result is None:
            return None
        if isinstance(result.error, AuthenticationError):
            result.error.key_source = self._key.source if self._key else ""
            stop.set()  # here, not in the main thread: until that wakes, a dozen more would go out
        if result.record is not None:
            return Outcome(result.record)
        return Outcome(_no_answer(task_id, result.error), result.error, result.may_pass)

    def _try(self, task_id: str, stop: threading.Event, tries: Tries) -> Attempt | None:
        """Take a turn and ask once; None if all is stopped."""
        if not self.pace.turn(stop):
            return None
        return tries.last if tries.is_late() else self._attempt(task_id, tries.time_left(), stop)

    def _attempt(self, task_id: str, timeout: float, stop: threading.Event) -> Attempt:
        # An error changes threads here: its frames, which hold the answer as it came, stay behind.
        try:
            reply = self._transport.get(
                wire.PATH, wire.query(task_id), timeout=timeout, about=f"task {task_id}", stop=stop
            )
        except TransportError as error:
            return Attempt(error=error.with_traceback(None))
        try:
            return Attempt(record=self._read(reply, task_id))
        except RateLimitError as error:
            wait = retry_after(reply.headers)
            wait = self.settings.retry_wait if wait is None else wait
            self.pace.cool_down(wait * random.uniform(1, 1 + _JITTER))  # noqa: S311, no secret rests on it
            return Attempt(error=error.with_traceback(None), wait=self.pace.cooling)
        except AlephError as error:
            return Attempt(error=error.with_traceback(None), wait=retry_after(reply.headers))

    def _read(self, reply: Reply, task_id: str) -> Record:
        return wire.parse(
            reply.body,
            status=reply.status,
            task_id=task_id,
            fetched_at=datetime.now(UTC),
            redact=lambda text, least: self._key.redact(text, least) if self._key else text,
        )


def _no_key() -> str:
    return (
        "There is no key. Type it into %aleph_login, or set KIE_API_KEY in the environment or in "
        f"{env_file()} (keys are made at https://kie.ai/api-key); or try everything without one: %aleph_demo"
    )


def _no_answer(task_id: str, error: AlephError | None) -> Record:
    return Record(
        task_id=task_id,
        state=State.no_answer,
        reason=error.reason if error else "",
        code=error.code if isinstance(error, APIError | ProtocolError) else None,
        msg=(error.msg or None) if isinstance(error, APIError | ProtocolError) else None,
        fetched_at=datetime.now(UTC),
    )
