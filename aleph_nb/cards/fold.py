"""A player as it is read without a kernel: one closed fold with its clips, or its tasks' cards."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from aleph_nb import words
from aleph_nb.cards import style
from aleph_nb.cards.card import Card
from aleph_nb.cards.face import Face
from aleph_nb.cards.markup import VERBATIM, Html, clean, shorten, tag, web_url
from aleph_nb.cards.stage import Media, clips_stage
from aleph_nb.record import Record

__all__ = ["Fold"]

_HEADING_LIMIT = 100
_AGAIN = "No player above? Run the cell again to open the player."


class Fold(Face):
    """Clips, and tasks as cards, below a heading.

    Parameters
    ----------
    heading : str
        What it is.
    clips : sequence of (str, str, str or None)
        Each clip's name, what it is, and its URL; None for one that is nowhere on the web.
    records : sequence of Record
        The tasks.
    labels : mapping
        The reviewer's own names, by task id.
    media : callable, optional
        As a card's.
    now : datetime, optional
        The moment that ages are counted from; the present where it is not given.
    """

    def __init__(
        self,
        heading: str,
        *,
        clips: Sequence[tuple[str, str, str | None]] = (),
        records: Sequence[Record] = (),
        labels: Mapping[str, Mapping[str, str]] | None = None,
        media: Media | None = None,
        now: datetime | None = None,
    ) -> None:
        self._heading = shorten(clean(heading), _HEADING_LIMIT)
        self._clips = [(clean(name), clean(about), web_url(url)) for name, about, url in clips]
        now = now or datetime.now(UTC)
        self._cards = [
            Card(
                record,
                labels=(labels or {}).get(record.task_id, {}),
                media=media,
                now=now,
                preload="none",  # a closed fold loads what is in it
            )
            for record in records
        ]
        self._when = f"As of {words.exact(now)}."

    @property
    def text(self) -> str:
        """The heading, a line for each clip, and the cards."""
        clips = [f"{name}  {url or about}" for name, about, url in self._clips]
        return "\n".join([self._heading, *clips, *(card.text for card in self._cards)])

    @property
    def html(self) -> Html:
        """The fold."""
        head = tag(
            "summary",
            tag("span", self._heading, style=style.join("font-weight:600", style.ink("read"))),
            style="cursor:pointer;padding:8px 16px",
        )
        line = style.join("padding:8px 16px", style.border("border-top"), style.ink("quiet"))
        shown = [(name, url) for name, _, url in self._clips if url]
        held = [
            tag("div", f"{name}: {about}, which the kernel alone has", style=line)
            for name, about, url in self._clips
            if not url
        ]
        cards = [tag("div", card.html, style="padding:0 8px") for card in self._cards]
        again = tag("div", _AGAIN, style=line)
        stage = [clips_stage(shown)] if shown else []
        body = [again, *stage, *cards, *held, tag("div", self._when, style=line)]
        look = style.join(style.FRAME, f"max-width:{style.WIDEST}px")
        return tag("details", head, *body, class_=f"aleph-fold {VERBATIM}", style=look)
