"""A desk as it is read without a kernel: one closed fold with counts, thumbnails and verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aleph_nb import words
from aleph_nb.cards import style
from aleph_nb.cards.face import Face
from aleph_nb.cards.markup import VERBATIM, Html, clean, data_uri, shorten, tag
from aleph_nb.cards.telling import Telling

__all__ = ["Judged", "Summary"]

_MOST_ROWS = 200
_MOST_BYTES = 480_000  # of the markup; what is around it in a notebook is below 20 KB
_PROMPT_LIMIT = 160
_NOTE_LIMIT = 200
_NOTES_SHOWN = 5
_TEXT_ROWS = 20
_AGAIN = "No desk above? Run the cell again to open the desk."
_PICKED = {"pick": ("Pick", "green"), "reject": ("Reject", "red")}
_THUMBNAIL = 96  # pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A task, and what was said of it.

    Attributes
    ----------
    task_id : str
        The task.
    told : Telling
        What became of it.
    prompt : str or None
        What was asked for.
    labels : mapping
        The reviewer's own names.
    rating : int or None
        1 to 5.
    pick : str or None
        "pick" or "reject".
    tags : sequence of str
        In the order given.
    notes : sequence of (float or None, str)
        The second of the result that each is about, and what it says.
    thumbnail : str or None
        A data URI.
    """

    task_id: str
    told: Telling
    prompt: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    rating: int | None = None
    pick: str | None = None
    tags: Sequence[str] = ()
    notes: Sequence[tuple[float | None, str]] = ()
    thumbnail: str | None = None

    @property
    def verdict(self) -> str:
        """The verdict in a line; "" where there is none."""
        stars = "★" * (self.rating or 0) + "☆" * (5 - self.rating if self.rating else 0)
        picked = _PICKED.get(self.pick or "", ("", ""))[0]
        tags = ", ".join(shorten(clean(each), 40) for each in self.tags)
        return " · ".join(part for part in (stars, picked, tags) if part)


class Summary(Face):
    """What a desk holds: counts, and its tasks with their verdicts.

    Parameters
    ----------
    counts : str
        How many tasks there are, and in which states.
    verdicts : str
        How many are reviewed, picked, rejected; "" for none.
    rows : sequence of Judged
        The tasks, those that matter most first; as many are shown as there is room for.
    total : int
        How many there are in all.
    now : datetime
        When that was.
    """

    def __init__(
        self, *, counts: str, verdicts: str, rows: Sequence[Judged], total: int, now: datetime
    ) -> None:
        self._heading = f"Review desk: {counts}"
        self._verdicts = verdicts or "nothing reviewed yet"
        self._rows = rows[:_MOST_ROWS]
        self._total = total
        self._when = f"As of {words.exact(now)}."

    @property
    def text(self) -> str:
        """The counts, and a line for each of the first few tasks that have a verdict."""
        judged = [row for row in self._rows if row.verdict or row.notes][:_TEXT_ROWS]
        lines = [f"{clean(row.task_id)}  {row.told.word}  {row.verdict}".rstrip() for row in judged]
        return "\n".join([f"{self._heading}; {self._verdicts}", *lines])

    @property
    def html(self) -> Html:
        """The fold."""
        head = tag(
            "summary",
            tag("span", self._heading, style=style.join("font-weight:600", style.ink("read"))),
            tag("span", f" · {self._verdicts}", style=style.ink("quiet")),
            style="cursor:pointer;padding:8px 16px",
        )
        quiet = style.join("padding:8px 16px", style.border("border-top"), style.ink("quiet"))
        rows = self._fitting()
        more = self._total - len(rows)
        foot = [f"{words.plural(more, 'more task')} not shown here."] if more > 0 else []
        again = tag("div", _AGAIN, style=quiet)
        body = [again, *rows, *(tag("div", line, style=quiet) for line in (*foot, self._when))]
        look = style.join(style.FRAME, f"max-width:{style.WIDEST}px")
        return tag("details", head, *body, class_=f"aleph-summary {VERBATIM}", style=look)

    def _fitting(self) -> list[Html]:
        """Make the rows that there is room for; what room they leave is for thumbnails."""
        made: list[Html] = []
        room = _MOST_BYTES
        for row in self._rows:
            html = _row(row, None)
            if _size(html) > room:
                break
            room -= _size(html)
            made.append(html)
        for place, row in enumerate(self._rows[: len(made)]):
            html = _row(row, row.thumbnail)
            more = _size(html) - _size(made[place])
            if 0 < more <= room:
                room -= more
                made[place] = html
        return made


def _size(html: Html) -> int:
    return len(html.encode())


def _row(row: Judged, thumbnail: str | None) -> Html:
    cell = "display:table-cell;vertical-align:top"
    uri = data_uri(thumbnail, "image")
    picture = [tag("img", src=uri, alt="", width=str(_THUMBNAIL))] if uri else []
    box = "height:54px;overflow:hidden;margin:0 16px 0 0"
    told = tag(
        "div",
        tag("div", row.told.word, style=style.join("font-weight:600", style.ink(row.told.hue))),
        *_verdict(row),
        style=style.join(cell, "width:150px"),
    )
    inside = tag(
        "div",
        tag("div", tag("div", *picture, style=box), style=style.join(cell, f"width:{_THUMBNAIL + 16}px")),
        told,
        _said(row, cell),
        style="display:table;table-layout:fixed;width:100%",
    )
    return tag("div", inside, style=style.join("padding:8px 16px", style.border("border-top")))


def _verdict(row: Judged) -> list[Html]:
    """Write the stars, the pick and the tags, each in a line of its own."""
    parts = []
    if row.rating:
        stars = "★" * row.rating + "☆" * (5 - row.rating)
        parts.append(tag("div", stars, title=words.plural(row.rating, "star"), style=style.ink("amber")))
    if row.pick in _PICKED:
        word, hue = _PICKED[row.pick]
        parts.append(tag("div", word, style=style.ink(hue)))
    if row.tags:
        tags = ", ".join(shorten(clean(each), 40) for each in row.tags)
        parts.append(tag("div", shorten(tags, _PROMPT_LIMIT), dir_="auto"))
    return parts


def _said(row: Judged, cell: str) -> Html:
    """Write the prompt, the labels, the notes, and the id."""
    prompt = shorten(clean(row.prompt), _PROMPT_LIMIT)
    names = " · ".join(f"{clean(name)} {clean(text)}" for name, text in row.labels.items() if text)
    lines = [tag("div", prompt, dir_="auto", style="font-size:13px")] if prompt else []
    if names:
        lines.append(tag("div", shorten(names, _PROMPT_LIMIT), dir_="auto"))
    for time, text in row.notes[:_NOTES_SHOWN]:
        at = f"{_clock(time)} " if time is not None else ""
        note = shorten(clean(text), _NOTE_LIMIT)
        lines.append(tag("div", tag("span", at, style=style.ink("quiet")), note, dir_="auto"))
    lines.append(tag("div", shorten(clean(row.task_id), 80), style=style.ink("quiet")))
    return tag("div", *lines, style=cell)


def _clock(seconds: float) -> str:
    """Say a place in a video: "0:03.2"."""
    tenths = int(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
