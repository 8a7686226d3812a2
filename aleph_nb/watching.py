"""A watch as it is shown: one display updated in place in a notebook, a bar and lines in a terminal."""

import sys
import time
from types import TracebackType
from typing import Any, Self

from IPython.display import display

from aleph_nb.cards import Live
from aleph_nb.progress import terminal_bar
from aleph_nb.watch import Watch

__all__ = ["Watching"]

_BETWEEN = 0.2  # seconds between two updates
_AT_REST = 1.0  # likewise, where nothing has settled: the clock goes on
_FORM = "{percentage:3.0f}%|{bar:20}| {n_fmt} of {total_fmt} done · {desc}"


class Watching:
    """A context manager that shows how a watch stands.

    Parameters
    ----------
    total : int
        How many tasks are watched, those that were settled before it began among them.
    in_terminal : bool
        Whether the shell runs in a terminal, not behind a front end that shows HTML.
    hidden : bool
        Show nothing.

    Attributes
    ----------
    state : Watch or None
        The watch, once it was observed.
    """

    def __init__(self, total: int, *, in_terminal: bool, hidden: bool) -> None:
        self.state: Watch | None = None
        self._total = total
        self._in_terminal = in_terminal
        self._hidden = hidden or not total
        self._begun = time.monotonic()
        self._shown = -_AT_REST
        self._before: int | None = None  # so many had settled before it began
        self._settled = 0
        self._display: Any = None
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self._in_terminal and not self._hidden:
            self._bar = terminal_bar(self._total, "task", _FORM)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        state = self.state
        if self._hidden or state is None or not (state.latest or self._display):
            return
        now = time.monotonic()
        if kind is None:
            word = "time was up after" if state.timed_out(now) else "in"
        else:
            word = "interrupted after" if issubclass(kind, KeyboardInterrupt) else "broken off after"
        face = self._face(state, now, word)
        if self._display is not None:
            self._display.update(face)
        elif self._in_terminal:
            self._write_rows(state, face)
            print(face.line, file=sys.stderr)  # noqa: T201, where the bar was
        else:
            display(face)

    def observe(self, state: Watch, now: float) -> None:
        """Show how it stands, if something has changed or a moment has gone by."""
        self.state = state
        if self._before is None:
            self._before = self._settled = len(state.settled)
        is_news = len(state.settled) != self._settled
        if self._hidden or now - self._shown < (_BETWEEN if is_news else _AT_REST):
            return
        if not state.latest and now - self._begun < _AT_REST:
            return  # where there is no key, there is nothing to be seen
        self._shown = now
        face = self._face(state, now)
        if self._bar is not None:
            self._bar.n = len(state.settled)
            self._write_rows(state, face)
            self._bar.set_description_str(face.rest)
        elif self._display is None:
            self._display = display(face, display_id=True)
        else:
            self._display.update(face)
        self._settled = len(state.settled)

    def _write_rows(self, state: Watch, face: Live) -> None:
        """Write a line for each that has settled since the last time."""
        for record in list(state.settled.values())[self._settled :]:
            self._bar.write(face.row(record), file=sys.stderr)
        self._settled = len(state.settled)

    def _face(self, state: Watch, now: float, ended: str = "") -> Live:
        look = None if state.is_asking else state.next_look
        return Live(
            total=self._total,
            records=list(state.latest.values()),
            settled=list(state.settled.values()),
            before=self._before or 0,
            elapsed=now - self._begun,
            next_look=None if look is None else max(look - now, 0.0),
            ended=ended,
        )
