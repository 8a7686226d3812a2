"""One task of the demo: what it is, and where it stands at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

__all__ = ["CALLBACK_SECRET", "RESULT_LIFETIME", "Spelling", "Task"]

RESULT_LIFETIME = timedelta(days=14)
"""How long the API keeps a result after its completion (the page, `resultVideoUrl`)."""

CALLBACK_SECRET = "demo-callback-secret"  # noqa: S105 - made up; it stands in for what must stay secret


class Spelling(StrEnum):
    """How a task's answer is written."""

    page = "page"
    """As the page has it, to the letter: ISO times, integers, strings, and what is not there is absent."""
    wire = "wire"
    """As recorded traffic has it: epoch milliseconds, nulls, the flags 2 and 3, more parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task, with its times relative to the beginning of the demo's clock.

    Attributes
    ----------
    task_id : str
        As it is asked for.
    source : str
        The source's file, as `/media/source/` has it.
    prompt : str
        What was asked for.
    created : timedelta
        When, from the beginning of the clock; mostly negative.
    took : timedelta
        From creation to completion, however it ended.
    result : str or None
        The clip that it became; None for a failure.
    flag, error_code, error_message
        What it answers once it has ended.
    seed : int or None
        One of its parameters.
    spelling : Spelling
        How its answer is written.
    """

    task_id: str
    source: str
    prompt: str
    created: timedelta
    took: timedelta
    result: str | None = None
    flag: int = 1
    error_code: int = 0
    error_message: str = ""
    seed: int | None = None
    spelling: Spelling = Spelling.page

    def created_at(self, begun: datetime) -> datetime:
        """When it was created, on a clock that began at `begun`."""
        return begun + self.created

    def completed_at(self, begun: datetime) -> datetime:
        """When it ends, or has ended."""
        return begun + self.created + self.took

    def is_completed(self, begun: datetime, now: datetime) -> bool:
        """Whether it has ended by `now`."""
        return self.completed_at(begun) <= now

    def has_media(self, begun: datetime, now: datetime, *, early: bool = False) -> bool:
        """Whether its result can be fetched at `now`: there is one, and it has not expired."""
        completed = self.completed_at(begun)
        return self.result is not None and (early or completed <= now) and now < completed + RESULT_LIFETIME
