"""The desk's face without a kernel: a second output of its cell, written anew in place after verdicts."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from aleph_nb import words
from aleph_nb.cards import Judged, Summary
from aleph_nb.cards.telling import tell
from aleph_nb.dashboard.clips import Clips
from aleph_nb.dashboard.shelf import Shelf
from aleph_nb.pictures import to_stamp
from aleph_nb.record import Record, State
from aleph_nb.review import Review

__all__ = ["StaticFace"]

_MOST_ROWS = 200
_ORDER = (
    (State.succeeded, "succeeded"),
    (State.failed, "failed"),
    (State.in_progress, "running"),
    (State.not_found, "not found"),
    (State.unknown, "unknown"),
    (State.no_answer, "without an answer"),
)


class StaticFace:
    """Shows the summary of a desk, and keeps it up to date wherever it was shown.

    Parameters
    ----------
    shelf : Shelf
        The tasks and their verdicts.
    media : callable
        Takes a URL and returns a data URI that is at hand, or None.
    clips : Clips or None
        The demo's pictures.
    """

    def __init__(self, shelf: Shelf, media: Callable[[str], str | None], clips: Clips | None) -> None:
        self._shelf = shelf
        self._media = media
        self._clips = clips
        self._stamps: dict[str, str | None] = {}  # by URL; None for what is no picture
        self._made: dict[bytes, str | None] = {}  # likewise, by a fingerprint of what was made small
        self._shown: list[tuple[str, Any]] = []  # the ids of displays, and their publishers

    def show(self) -> None:
        """Show it in the cell that runs."""
        shell = get_ipython()
        handle = display(self.make(), display_id=True)
        # A later cell may have another publisher for a while, as in %%capture.
        publisher = getattr(shell, "display_pub", None)
        if handle is not None and "text/html" in shell.display_formatter.active_types:
            self._shown.append((handle.display_id, publisher))

    def update(self) -> None:
        """Write it anew wherever it was shown."""
        if not self._shown:
            return
        face = self.make()
        data = {"text/plain": face.text, "text/html": str(face.html)}
        for display_id, publisher in self._shown:
            publisher.publish(data, {}, transient={"display_id": display_id}, update=True)

    def make(self) -> Summary:
        """Make it as it is now."""
        now, reviews, states = datetime.now(UTC), self._shelf.reviews(), self._shelf.states()
        counted = words.counts((states[state], word) for state, word in _ORDER)
        total = sum(states.values())
        return Summary(
            counts=f"{words.plural(total, 'task')}{': ' if counted else ''}{counted}",
            verdicts=_verdicts(reviews),
            rows=self._rows(reviews, now),
            total=total,
            now=now,
        )

    def _rows(self, reviews: Mapping[str, Review], now: datetime) -> list[Judged]:
        """Choose the rows: those with a verdict, picks and the best first, then the newest."""
        ranked = sorted(reviews.values(), key=_rank)[:_MOST_ROWS]
        judged = {each.task_id: each for each in ranked}
        columns = [self._shelf.of(list(judged)), self._shelf.newest(_MOST_ROWS)]
        found = {record.task_id: (record, labels) for part in columns for record, labels in _records(part)}
        order = [*(each for each in judged if each in found), *(each for each in found if each not in judged)]
        return [
            _row(*found[each], reviews.get(each), self._stamp(found[each][0], now), now)
            for each in order[:_MOST_ROWS]
        ]

    def _stamp(self, record: Record, now: datetime) -> str | None:
        """Return the thumbnail as a small data URI, if it is at hand."""
        url = record.result_image_url
        if not url or record.has_expired(now):
            return None
        if url not in self._stamps:
            found = self._clips.get(url) if self._clips else None
            content = found[1] if found else _content(self._media(url))
            if not content:  # it may be at hand later
                return None
            self._stamps[url] = self._small(content)
        return self._stamps[url]

    def _small(self, content: bytes) -> str | None:
        """Make a picture small, once for all tasks that have the same."""
        name = blake2b(content, digest_size=16).digest()
        if name not in self._made:
            self._made[name] = to_stamp(content)
        return self._made[name]


def _content(uri: str | None) -> bytes:
    """Return what a data URI holds."""
    return base64.b64decode(uri.partition(",")[2]) if uri else b""


def _verdicts(reviews: Mapping[str, Review]) -> str:
    picks = sum(review.pick == "pick" for review in reviews.values())
    rejects = sum(review.pick == "reject" for review in reviews.values())
    return words.counts(
        [
            (len(reviews), "reviewed"),
            (picks, "pick" if picks == 1 else "picks"),
            (rejects, "reject" if rejects == 1 else "rejects"),
        ]
    )


def _rank(review: Review) -> tuple[bool, bool, int]:
    return review.pick != "pick", review.pick == "reject", -(review.rating or 0)


def _records(columns: Mapping[str, Sequence[Any]]) -> list[tuple[Record, Mapping[str, str]]]:
    """Make records of a few rows of a ledger's history."""
    names = [name for name in columns if name not in ("labels", "first_asked", *_TIMES)]
    made = []
    for at, labels in enumerate(columns["labels"]):
        told = {name: columns[name][at] for name in names}
        told |= {name: _time(columns[name][at]) for name in _TIMES}
        told["state"] = State(told["state"])
        made.append((Record(**told), labels or {}))
    return made


_TIMES = ("create_time", "complete_time", "fetched_at")


def _time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


def _row(
    record: Record, labels: Mapping[str, str], review: Review | None, stamp: str | None, now: datetime
) -> Judged:
    notes = [(note.time, note.text) for note in review.notes] if review else []
    return Judged(
        task_id=record.task_id,
        told=tell(record, now),
        prompt=record.prompt,
        labels=labels,
        rating=review.rating if review else None,
        pick=review.pick if review else None,
        tags=review.tags if review else (),
        notes=notes,
        thumbnail=stamp,
    )
