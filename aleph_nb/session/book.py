"""The verdicts of one service in one ledger, given by one reviewer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from aleph_nb.errors import ConfigurationError, StorageError
from aleph_nb.review import Refusal, Review, Value, Verdict, VerdictLog, read_value, read_verdicts
from aleph_nb.session.keeper import Keeper

__all__ = ["CLEAR", "Book", "Handed", "parts_of"]

CLEAR = "clear"
"""The pick that takes pick or reject away."""

_NEVER = datetime.min.replace(tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_TAG_FIELDS = ("tag", "untag", "undo")
_NOT_KEPT = "The verdict on {} is not kept."

_Part = tuple[str, Value]


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of lines that were handed over.

    Attributes
    ----------
    kept : sequence of Verdict
        Those that are in the ledger now, whether they were before or not.
    refused : sequence of Refusal
        Those that cannot be used, and why.
    """

    kept: Sequence[Verdict]
    refused: Sequence[Refusal]

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can say of it: the uuids that are kept, and what is wrong with the others."""
        refused = [{"place": line.place, "uuid": line.uuid, "why": line.why} for line in self.refused]
        return {"kept": [line.uuid for line in self.kept], "refused": refused}


class Book:
    """The verdict log of a service, as one reviewer writes and reads it.

    It stays with its service and its ledger, whatever is asked by then: so a desk may keep it.

    Parameters
    ----------
    keeper : Keeper
        The service, and its ledger.
    reviewer : str
        Who gives verdicts here, and whose are read.
    """

    def __init__(self, keeper: Keeper, reviewer: str) -> None:
        self._keeper = keeper
        self.reviewer = reviewer

    def __repr__(self) -> str:
        return f"Book({self.service!r}, reviewer={self.reviewer!r})"

    @property
    def service(self) -> str:
        """What the tasks belong to."""
        return self._keeper.service

    @property
    def ledger_id(self) -> str:
        """The ledger's own id.

        Raises
        ------
        StorageError
            The ledger cannot be opened.
        """
        return self._keeper.open().id

    # ── Writing ──────────────────────────────────────────────────────────────────────────────────

    def judge(self, lines: Iterable[Any]) -> Handed:
        """Take lines that were written elsewhere, as in a browser, into the log.

        Parameters
        ----------
        lines : iterable
            Each as `Verdict.as_dict` writes it. One that is handed over twice counts once.

        Raises
        ------
        StorageError
            They cannot be written, and none of them is.
        """
        read, refused = read_verdicts(lines, self.service)
        if read:
            self._keeper.judge(read)
        return Handed(read, refused)

    def give(self, task_id: str, parts: Sequence[_Part], *, undo: bool = False) -> Review:
        """Write a verdict down, and return what counts now; see `Session.review`.

        Parameters
        ----------
        task_id : str
            The task.
        parts : sequence of tuple of str and value
            The fields and values of its lines, which are given at one time.
        undo : bool
            Take back what was given last instead.

        Raises
        ------
        StorageError
            It cannot be written; or the ledger cannot be read.
        """
        why = None
        try:
            log = VerdictLog(self._keeper.verdicts([task_id], reviewer=self.reviewer))
            if undo:
                parts = [("undo", line.uuid) for line in log.last(task_id, self.reviewer)]
            lines = self._lines(task_id, parts, log.latest(task_id, self.reviewer))
            if lines:
                self._keeper.judge(lines)
                log.add(lines)
            return log.review(task_id, self.reviewer)
        except StorageError as error:
            why = error
        told = f"{_NOT_KEPT.format(task_id)} {why}" if parts or undo else str(why)
        raise StorageError(told, why.reason)

    def _lines(self, task_id: str, parts: Iterable[_Part], latest: datetime | None) -> list[Verdict]:
        """Make lines that come after all that was said of the task, also by a clock that is ahead."""
        now = datetime.now(UTC)
        at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        if latest is not None and latest >= at:
            at = latest + _MILLISECOND
        return [
            Verdict(str(uuid4()), self.service, task_id, self.reviewer, at, field, value)
            for field, value in parts
        ]

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────

    def knows(self, task_id: str) -> bool:
        """Whether a task was ever asked for; a ledger that cannot be read does not say that it was not."""
        try:
            return bool(self._keeper.open().history(self.service, ids=[task_id])["task_id"])
        except StorageError:
            return True

    def log(self, ids: Iterable[str] | None = None) -> VerdictLog:
        """Return the reviewer's lines, on some tasks or on all.

        Raises
        ------
        StorageError
            The ledger cannot be read.
        """
        return VerdictLog(self._keeper.verdicts(ids, reviewer=self.reviewer))

    def reviews(self, ids: Iterable[str] | None = None) -> dict[str, Review]:
        """Return what the reviewer says by task: in the order of the ids, without ids the latest first.

        Raises
        ------
        StorageError
            The ledger cannot be read.
        """
        wanted = None if ids is None else list(ids)
        found = self.log(wanted).reviews(self.reviewer)
        if wanted is not None:
            return {task_id: found[task_id] for task_id in wanted if task_id in found}
        latest = sorted(found.values(), key=lambda review: review.reviewed_at or _NEVER, reverse=True)
        return {review.task_id: review for review in latest}

    def tags(self) -> list[str]:
        """Return the tags in use by whomever, the most used first.

        Raises
        ------
        StorageError
            The ledger cannot be read.
        """
        return VerdictLog(self._keeper.verdicts(fields=_TAG_FIELDS)).tags()


def parts_of(
    *,
    rating: int | None,
    pick: str | None,
    tags: str | Iterable[str],
    untags: str | Iterable[str],
    note: str | None,
    time: float | None,
    undo: bool,
) -> list[_Part]:
    """Check what is said of a task, and take it apart; see `Session.review`.

    Raises
    ------
    ConfigurationError
        A part of it cannot be used, or does not go with another.
    """
    said: list[tuple[str, Any]] = []
    if rating is not None:
        said.append(("rating", rating))
    if pick is not None:
        said.append(("pick", None if pick == CLEAR else pick))
    said += [("untag", tag) for tag in ([untags] if isinstance(untags, str) else untags)]
    said += [("tag", tag) for tag in ([tags] if isinstance(tags, str) else tags)]
    if note is not None:
        said.append(("note", {"id": str(uuid4()), "time": time, "text": note}))
    why = "undo takes back what was given last, and goes with nothing else" if undo and said else ""
    if time is not None and note is None:
        why = f"time {time!r} is the time of a note, and there is none"
    if note is not None and isinstance(note, str) and not note.strip():
        why = "the note is empty"
    try:
        read = [(field, read_value(field, value)) for field, value in said]
    except ValueError as error:
        why = f'{error}, nor "{CLEAR}"' if str(error).startswith("pick ") else str(error)
    if not why:
        return read
    raise ConfigurationError(f"The verdict cannot be used: {why}. Nothing of it is written down.")
