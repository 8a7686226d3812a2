"""The base of all that is displayed, and its small members: a line, a table of facts, a bar."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from aleph_nb import words
from aleph_nb.cards import style
from aleph_nb.cards.markup import VERBATIM, Html, clean, tag

__all__ = ["Bar", "Face", "Facts", "Note"]

_A_MINUTE = 60
_WIDEST_COLUMN = 48  # of text: what is longer stands alone in being longer


class Face(ABC):
    """Something to display: `text` for a terminal, `html` for a notebook."""

    @property
    @abstractmethod
    def text(self) -> str:
        """Plain text without a control character but for line breaks."""

    @property
    @abstractmethod
    def html(self) -> str:
        """Markup that is safe and looks right in a notebook, trusted or not."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        """Both faces; IPython itself drops what was not asked for."""
        return {"text/plain": self.text, "text/html": self.html}

    def __repr__(self) -> str:
        return self.text


class Note(Face):
    """One plain, muted line.

    Parameters
    ----------
    line : str
        What it says.
    """

    def __init__(self, line: str) -> None:
        self._line = clean(line)

    @property
    def text(self) -> str:
        """The line."""
        return self._line

    @property
    def html(self) -> Html:
        """The line, muted."""
        look = style.join(style.FONT, "font-size:12px;line-height:20px;margin:0", style.ink("quiet"))
        return tag("div", self._line, class_=f"aleph-note {VERBATIM}", style=look)


class Facts(Face):
    """A heading, and rows of a name, a value and a hint.

    Parameters
    ----------
    heading : str
        What the facts are about.
    rows : iterable of (str, str, str)
        A name, its value, and a muted hint that may be "".
    """

    def __init__(self, heading: str, rows: Iterable[tuple[str, str, str]]) -> None:
        self._heading = clean(heading)
        self._rows = [(clean(name), clean(value), clean(hint)) for name, value, hint in rows]

    @property
    def text(self) -> str:
        """The heading, then the rows with their columns aligned."""
        names = max((len(name) for name, _, _ in self._rows), default=0)
        hinted = (len(value) for _, value, hint in self._rows if hint)
        values = max((width for width in hinted if width <= _WIDEST_COLUMN), default=0)
        lines = [f"  {n:<{names}}  {v:<{values}}  {h}".rstrip() for n, v, h in self._rows]
        return "\n".join([self._heading, *lines])

    @property
    def html(self) -> Html:
        """A frame with the heading and a table."""
        cell = "display:table-cell;vertical-align:top;padding:2px 16px 2px 0"
        rows = [
            tag(
                "div",
                tag("div", name, style=style.join(cell, "white-space:nowrap", style.ink("quiet"))),
                tag(
                    "div",
                    tag("span", value),
                    *(
                        [" ", tag("span", hint, style=f"margin:0 0 0 8px;{style.ink('quiet')}")]
                        if hint
                        else []
                    ),
                    style=style.join(cell, "width:100%;white-space:pre-line"),
                ),
                style="display:table-row",
            )
            for name, value, hint in self._rows
        ]
        head = tag(
            "div", self._heading, style="font-size:14px;line-height:20px;font-weight:600;margin:0 0 4px"
        )
        table = tag("div", *rows, style="display:table;width:100%")
        look = style.join(style.FRAME, f"max-width:{style.WIDEST}px;padding:12px 16px")
        return tag("div", head, table, class_=f"aleph-facts {VERBATIM}", style=look)


class Bar(Face):
    """How far a fetch has come, in one line of fixed height; replace it in place by `update`.

    Parameters
    ----------
    done, total : int
        How many answers are there, of how many.
    failed : int
        How many came to nothing.
    failure : str
        What those are without.
    elapsed : float, optional
        Seconds so far.
    """

    def __init__(
        self,
        *,
        done: int,
        total: int,
        failed: int = 0,
        failure: str = "without an answer",
        elapsed: float | None = None,
    ) -> None:
        self._share = min(max(done / total, 0.0), 1.0) if total else 1.0
        self._parts = [f"{done:,} of {total:,}"]
        if failed:
            self._parts.append(f"{failed:,} {failure}")
        if elapsed is not None:
            self._parts.append(_seconds(elapsed))

    @property
    def text(self) -> str:
        """The counts."""
        return ", ".join(self._parts)

    @property
    def html(self) -> Html:
        """The bar and the counts."""
        fill = tag(
            "div",
            style=style.join(
                f"width:{self._share:.1%};height:4px;border-radius:2px", style.background("accent")
            ),
        )
        track = tag(
            "div",
            fill,
            style=style.join(
                "display:inline-block;vertical-align:middle;width:180px;max-width:40%;height:4px;"
                "margin:0 12px 0 0;border-radius:2px;overflow:hidden",
                style.background("track"),
            ),
        )
        told = [
            tag(
                "span",
                part,
                style=style.join("margin:0 12px 0 0", style.ink("quiet" if place else "read")),
            )
            for place, part in enumerate(self._parts)
        ]
        look = style.join(
            style.FONT,
            "height:20px;font-size:12px;line-height:20px;margin:0;white-space:nowrap;overflow:hidden",
            "font-variant:tabular-nums",
        )
        return tag("div", track, *told, class_=f"aleph-bar {VERBATIM}", style=look)


def _seconds(elapsed: float) -> str:
    """Tenths while they matter, then words."""
    return f"{elapsed:.1f} s" if elapsed < _A_MINUTE else words.duration(timedelta(seconds=elapsed))
