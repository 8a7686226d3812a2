"""What became of one task: `Record`, its `State`, and the table that decides the state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from aleph_nb.errors import code_meaning

__all__ = ["RESULT_LIFETIME", "Record", "State", "decide_state"]

RESULT_LIFETIME = timedelta(days=14)
"""How long the service keeps a result after its completion (the page, `resultVideoUrl`)."""

_SUCCEEDED = 1
_FAILED = {2: "creation failed", 3: "generation failed"}  # beyond the page: seen in recorded traffic


class State(StrEnum):
    """What a task, or the call for it, has come to."""

    in_progress = "in_progress"
    succeeded = "succeeded"
    failed = "failed"
    not_found = "not_found"
    unknown = "unknown"
    no_answer = "no_answer"

    @property
    def is_final(self) -> bool:
        """Whether the service will not change its mind: only `succeeded` and `failed`."""
        return self in (State.succeeded, State.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One task as the service told of it, or why nothing was told.

    Times are aware and in UTC. A field that the answer lacks, or that cannot be read, is None.

    Attributes
    ----------
    task_id : str
        The id as it was asked for.
    state : State
        What became of it.
    reason : str
        Why it is `unknown`, `failed`, `not_found` or `no_answer`; else "".
    prompt, source_video_url : str or None
        What was asked of the service, from `params`.
    result_video_url, result_image_url : str or None
        The result and its thumbnail, http(s) only. The service deletes them at `expires_at`.
    create_time, complete_time : datetime or None
        By the service's clock.
    success_flag, error_code : int or None
        As the service sent them, where they are 64-bit integers.
    error_message : str or None
        The service's words for a failure.
    params : mapping
        The request's parameters, `{}` where there are none.
    code : int or None
        The code of the answer's envelope, or the HTTP status where there was no envelope.
    msg : str or None
        The envelope's message. Never read an outcome from it: it is "success" on failed tasks too.
    fetched_at : datetime or None
        When the answer arrived, or when the last try failed, by our clock.
    raw : object
        The answer as it was received, but for the query of a callback URL.
    """

    task_id: str
    state: State
    reason: str = ""
    prompt: str | None = None
    source_video_url: str | None = None
    result_video_url: str | None = None
    result_image_url: str | None = None
    create_time: datetime | None = None
    complete_time: datetime | None = None
    success_flag: int | None = None
    error_code: int | None = None
    error_message: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict, hash=False, repr=False)
    code: int | None = None
    msg: str | None = None
    fetched_at: datetime | None = None
    raw: Any = field(default=None, hash=False, repr=False)

    @property
    def elapsed(self) -> timedelta | None:
        """From creation to completion; None while running and where two clocks make it negative."""
        if self.create_time is None or self.complete_time is None:
            return None
        elapsed = self.complete_time - self.create_time
        return elapsed if elapsed >= timedelta(0) else None

    @property
    def expires_at(self) -> datetime | None:
        """When the service deletes the result; None for everything but `succeeded`."""
        if self.state is not State.succeeded or self.complete_time is None:
            return None
        return self.complete_time + RESULT_LIFETIME

    @property
    def is_final(self) -> bool:
        """Whether asking again can bring nothing new."""
        return self.state.is_final

    def has_expired(self, now: datetime) -> bool:
        """Whether the result is past its 14 days at `now`."""
        return self.expires_at is not None and self.expires_at <= now


def decide_state(
    success_flag: int | None,
    *,
    error_code: int | None,
    error_message: str | None,
    has_result: bool,
    is_completed: bool,
) -> tuple[State, str]:
    """Decide the state of a record that could be read, and the reason for it.

    This is the one place that takes the page's "0 = failed or in progress" apart.

    Parameters
    ----------
    success_flag : int or None
        The record's flag; None where it is missing or unreadable.
    error_code, error_message
        The record's error. It has one if the code is neither None nor 0, or the message is not empty.
    has_result : bool
        Whether there is a URL of a result video.
    is_completed : bool
        Whether there is a completion time that can be read.

    Returns
    -------
    tuple of State and str
        The state, and the reason for it ("" where the state says all).
    """
    what = error_message or (code_meaning(error_code) if error_code else "")
    told = " ".join(": ".join(str(part) for part in (error_code, what) if part).split())
    if success_flag == _SUCCEEDED:
        return (State.succeeded, "") if has_result else (State.unknown, "success without a video")
    if success_flag in _FAILED:
        return State.failed, told or _FAILED[success_flag]
    if success_flag != 0:
        flag = "missing or unreadable" if success_flag is None else str(success_flag)
        return State.unknown, f"the success flag is {flag}"
    if told:
        return State.failed, told
    if is_completed:
        return State.unknown, "completed, success not reported"
    return State.in_progress, ""
