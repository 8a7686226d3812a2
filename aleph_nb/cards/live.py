"""How a watch stands: one display that is updated in place and never grows."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aleph_nb import words
from aleph_nb.cards import style
from aleph_nb.cards.face import Face
from aleph_nb.cards.markup import VERBATIM, Html, clean, shorten, tag
from aleph_nb.cards.telling import tell
from aleph_nb.record import Record, State

__all__ = ["Live"]

_MOST_ROWS = 6
_PROMPT_LIMIT = 90
_ORDER = (
    (State.succeeded, "succeeded"),
    (State.failed, "failed"),
    (State.in_progress, "running"),
    (State.not_found, "not found"),
    (State.unknown, "unknown"),
    (State.no_answer, "without an answer"),
)


class Live(Face):
    """A bar, the counts by state, how long so far and when the next look is due, and what came last.

    Parameters
    ----------
    total : int
        How many tasks are watched.
    records : sequence of Record
        What was last heard of each.
    settled : sequence of Record
        Those that are done with, in the order in which that was heard.
    elapsed : float
        Seconds so far.
    next_look : float or None
        Seconds until the next look; None where answers are awaited.
    ended : str
        How it ended; "" while it lasts.
    now : datetime, optional
        The moment that ages are counted from; the present where it is not given.
    """

    def __init__(
        self,
        *,
        total: int,
        records: Sequence[Record],
        settled: Sequence[Record],
        elapsed: float,
        next_look: float | None = None,
        ended: str = "",
        now: datetime | None = None,
    ) -> None:
        self._now = now or datetime.now(UTC)
        self._share = len(settled) / total if total else 1.0
        self._done = f"{len(settled):,} of {total:,} settled"
        found = Counter(record.state for record in records)
        silent = total - len(records)
        counted = words.counts((found[state], word) for state, word in _ORDER)
        self._counts = ", ".join(
            part for part in (counted, f"{silent:,} not asked yet" if silent else "") if part
        )
        self._time = words.duration(timedelta(seconds=elapsed))
        self._next = ended or _next(next_look)
        self._ended = bool(ended)
        self._last = list(settled)[-_MOST_ROWS:][::-1]

    @property
    def line(self) -> str:
        """All of it but the tasks, in one line."""
        return " · ".join(part for part in (self._done, self._counts, self._time, self._next) if part)

    @property
    def text(self) -> str:
        """The line and, while it lasts, a line for each of the tasks that settled last."""
        return "\n".join([self.line, *([] if self._ended else map(self.row, self._last))])

    def row(self, record: Record) -> str:
        """Say in a line what a task has become."""
        told = tell(record, self._now)
        what = shorten(clean(record.prompt), _PROMPT_LIMIT) or told.brief
        return f"{told.word:<10} {clean(record.task_id)}  {what}".rstrip()

    @property
    def html(self) -> Html:
        """The bar and the line; below it, while it lasts, room for the last few tasks."""
        rows = [] if self._ended else [self._row(record) for record in self._last]
        rest = 0 if self._ended else _MOST_ROWS - len(rows)
        look = style.join(style.FONT, "font-size:12px;line-height:20px;margin:0;font-variant:tabular-nums")
        # The room that the rows will take is there from the start, so that nothing below moves.
        space = tag("div", style=f"height:{20 * rest}px") if rest else Html("")
        return tag("div", self._head(), *rows, space, class_=f"aleph-live {VERBATIM}", style=look)

    def _head(self) -> Html:
        fill = f"width:{self._share:.1%};height:4px;border-radius:2px"
        track = (
            "display:inline-block;vertical-align:middle;width:180px;max-width:40%;height:4px;"
            "margin:0 12px 0 0;border-radius:2px;overflow:hidden"
        )
        bar = tag(
            "div",
            tag("div", style=style.join(fill, style.background("accent"))),
            style=style.join(track, style.background("track")),
        )
        parts = [(self._done, "read"), (self._counts, "quiet"), (self._time, "quiet"), (self._next, "quiet")]
        told = [
            tag("span", part, style=style.join("margin:0 12px 0 0", style.ink(hue)))
            for part, hue in parts
            if part
        ]
        return tag("div", bar, *told, style="white-space:nowrap;overflow:hidden")

    def _row(self, record: Record) -> Html:
        told = tell(record, self._now)
        cell = "display:inline-block;vertical-align:top;overflow:hidden;white-space:nowrap"
        what = shorten(clean(record.prompt), _PROMPT_LIMIT) or told.brief
        return tag(
            "div",
            tag("span", told.word, style=style.join(cell, "width:88px;font-weight:600", style.ink(told.hue))),
            tag("span", what, dir_="auto", style=style.join(cell, "margin:0 16px 0 0", style.ink("read"))),
            tag("span", clean(record.task_id), style=style.join(cell, style.ink("quiet"))),
            style="height:20px;overflow:hidden;white-space:nowrap",
        )


def _next(seconds: float | None) -> str:
    if seconds is None:
        return "asking"
    return f"next look in {max(round(seconds), 1)} s"
