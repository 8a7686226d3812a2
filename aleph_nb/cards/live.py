"""How a watch stands: one display that is updated in place and never grows."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aleph_nb import words
from aleph_nb.cards import style
from aleph_nb.cards.face import Face
from aleph_nb.cards.markup import VERBATIM, Html, clean, shorten, tag
from aleph_nb.cards.telling import Telling, tell
from aleph_nb.record import Record, State

__all__ = ["Live"]

_MOST_ROWS = 8
_ROW = 24  # pixels
_PROMPT_LIMIT = 120
_ID_SHOWN = 8
_STATES = (
    (State.succeeded, "succeeded", "green"),
    (State.failed, "failed", "red"),
    (State.in_progress, "running", "running"),
    (State.not_found, "not found", "quiet"),
    (State.unknown, "unknown", "quiet"),
    (State.no_answer, "without an answer", "quiet"),
)


class Live(Face):
    """How many of how many, a bar, counts by state, how long so far, the next look, and a few tasks.

    A few tasks all have a row, in their order. Of many there are those that were done last and those
    that have been running for longest. At the end all that stays is a line.

    Parameters
    ----------
    total : int
        How many tasks are watched.
    records : sequence of Record
        What was last heard of each, in the order given.
    settled : sequence of Record
        Those that are done with, in the order in which that was heard.
    before : int
        How many of these were so before the watch began.
    elapsed : float
        Seconds so far.
    next_look : float or None
        Seconds until the next look; None where answers are awaited.
    ended : str
        How it ended, before the time that it took: "in", "interrupted after"; "" while it lasts.
    now : datetime, optional
        The moment that ages are counted from; the present where it is not given.
    """

    def __init__(
        self,
        *,
        total: int,
        records: Sequence[Record],
        settled: Sequence[Record],
        before: int = 0,
        elapsed: float,
        next_look: float | None = None,
        ended: str = "",
        now: datetime | None = None,
    ) -> None:
        self._now = now or datetime.now(UTC)
        self._share = len(settled) / total if total else 1.0
        self._done = f"{len(settled):,} of {total:,} done"
        found = Counter(record.state for record in records)
        silent = total - len(records)
        self._counts = [(f"{found[state]:,} {word}", hue) for state, word, hue in _STATES if found[state]]
        if silent:
            self._counts.append((f"{silent:,} not asked yet", "quiet"))
        self._counted = ", ".join(count for count, _ in self._counts)
        self._time = _time(elapsed, next_look, ended)
        self._is_over = bool(ended)
        self._room = 0 if ended else min(total - before, _MOST_ROWS)
        self._rows = [] if ended else self._chosen(records, settled, before)

    def _chosen(self, records: Sequence[Record], settled: Sequence[Record], before: int) -> list[Record]:
        """Choose the rows: all in their order, or those done last and those that have run for longest."""
        old = {record.task_id for record in settled[:before]}
        shown = [record for record in records if record.task_id not in old]
        if len(shown) <= self._room:
            return shown
        news = {record.task_id: record for record in settled[before:]}
        waiting = [record for record in shown if record.task_id not in news]
        waiting.sort(key=lambda record: record.create_time or self._now)
        latest = list(news.values())[::-1][: max(self._room // 2, self._room - len(waiting))]
        return latest + waiting[: self._room - len(latest)]

    def _span(self, record: Record) -> str:
        """Say how long it took or has run; the word before it says which."""
        created = record.create_time
        span = record.elapsed
        if record.state is State.in_progress and created:
            span = self._now - created
        return words.duration(span) if span is not None else ""

    @property
    def line(self) -> str:
        """All of it but the tasks, in one line."""
        return " · ".join(part for part in (self._done, self._counted, self._time) if part)

    @property
    def rest(self) -> str:
        """What stands behind how many are done, where the end of a line may be cut off."""
        return f"{self._time} · {self._counted}"

    @property
    def text(self) -> str:
        """The line and, while it lasts, a line for each of a few tasks."""
        return "\n".join([self.line, *map(self.row, self._rows)])

    def row(self, record: Record) -> str:
        """Say in a line what a task has become."""
        told = tell(record, self._now)
        what = " · ".join(part for part in (_fact(told), _what(record, told)) if part)
        return f"{told.word:<10} {clean(record.task_id)}  {what}".rstrip()

    @property
    def html(self) -> Html:
        """While it lasts a frame with a head and room for the rows; then a line."""
        if self._is_over:
            parts = [(self._done, "read"), *self._counts, (self._time, "quiet")]
            look = style.join(style.FONT, _SMALL, "margin:4px 0")
            return tag("div", _bar(self._share), *_told(parts), class_=f"aleph-live {VERBATIM}", style=look)
        rows = [self._row(record) for record in self._rows]
        # The room that the rows will take is there from the start, so that nothing below moves.
        space = tag("div", style=f"height:{_ROW * (self._room - len(rows))}px")
        body = tag("div", *rows, space, style=style.join("padding:6px 16px", style.border("border-top")))
        look = style.join(style.FRAME, f"max-width:{style.WIDEST}px", _SMALL)
        return tag("div", self._head(), body, class_=f"aleph-live {VERBATIM}", style=look)

    def _head(self) -> Html:
        cell = "display:table-cell;vertical-align:top"
        done = tag("div", self._done, style=style.join(cell, "font-size:13px;font-weight:600"))
        right = style.join(cell, "text-align:right;white-space:nowrap", style.ink("quiet"))
        first = tag("div", done, tag("div", self._time, style=right), style="display:table;width:100%")
        counts = _told(self._counts) or [Html("&nbsp;")]
        return tag(
            "div",
            first,
            _bar(self._share, is_wide=True),
            tag("div", *counts),
            style="padding:8px 16px",
        )

    def _row(self, record: Record) -> Html:
        told, task_id = tell(record, self._now), clean(record.task_id)
        short = task_id if len(task_id) <= _ID_SHOWN + 1 else f"{task_id[:_ID_SHOWN]}…"
        cell = "display:table-cell;overflow:hidden;white-space:nowrap;text-overflow:ellipsis"
        quiet = style.ink("quiet")
        right = style.join(cell, "width:84px;text-align:right", quiet)
        what = style.join(cell, "padding:0 16px 0 0", style.ink("read" if record.prompt else "quiet"))
        return tag(
            "div",
            tag("div", told.word, style=style.join(cell, "width:84px;font-weight:600", style.ink(told.hue))),
            tag("div", _what(record, told), dir_="auto", style=what),
            tag("div", self._span(record), title=_fact(told), style=right),
            tag("div", short, title=task_id, style=right),
            style=f"display:table;table-layout:fixed;width:100%;height:{_ROW}px;line-height:{_ROW}px",
        )


_SMALL = "font-size:12px;line-height:20px;font-variant:tabular-nums"


def _time(elapsed: float, next_look: float | None, ended: str) -> str:
    """Say how long it has lasted, and what comes next or how it ended."""
    lasted = words.duration(timedelta(seconds=elapsed))
    if ended:
        return f"{ended} {lasted}"
    if next_look is None:
        return f"{lasted} · asking"
    return f"{lasted} · next look in {max(round(next_look), 1)} s"


def _what(record: Record, told: Telling) -> str:
    return shorten(clean(record.prompt), _PROMPT_LIMIT) or told.brief


def _fact(told: Telling) -> str:
    return told.facts[0].text if told.facts else ""


def _bar(share: float, *, is_wide: bool = False) -> Html:
    place = "margin:4px 0" if is_wide else "width:180px;max-width:40%;margin:0 12px 0 0"
    box = "display:block" if is_wide else "display:inline-block;vertical-align:middle"
    fill = style.join(f"width:{share:.1%};height:4px;border-radius:2px", style.background("accent"))
    track = style.join(box, place, "height:4px;border-radius:2px;overflow:hidden", style.background("track"))
    return tag("div", tag("div", style=fill), style=track)


def _told(parts: Sequence[tuple[str, str]]) -> list[Html]:
    look = "display:inline-block;margin:0 12px 0 0"
    return [tag("span", part, style=style.join(look, style.ink(hue))) for part, hue in parts]
