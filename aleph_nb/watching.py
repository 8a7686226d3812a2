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

_BETWEEN = 0.5  # seconds between two updates where nothing has settled


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
    """

    def __init__(self, total: int, *, in_terminal: bool, hidden: bool) -> None:
        self._total = total
        self._in_terminal = in_terminal
        self._hidden = hidden
        self._begun = time.monotonic()
        self._shown = 0.0
        self._settled = 0
        self._state: Watch | None = None
        self._display: Any = None
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self._in_terminal and not self._hidden:
            self._bar = terminal_bar(self._total, "task")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        if self._hidden or self._state is None:
            return
        now = time.monotonic()
        word = "interrupted" if kind else "time is up" if self._state.timed_out(now) else "done"
        face = self._face(self._state, now, word)
        if self._display is not None:
            self._display.update(face)
        else:
            print(face.line, file=sys.stderr)  # noqa: T201, where the bar was

    def observe(self, state: Watch, now: float) -> None:
        """Show how it stands, if something has changed or a moment has gone by."""
        self._state = state
        settled = len(state.settled)
        if self._hidden or (settled == self._settled and now - self._shown < _BETWEEN):
            return
        face = self._face(state, now)
        if self._bar is not None:
            for record in list(state.settled.values())[self._settled :]:
                self._bar.write(face.row(record), file=sys.stderr)
            self._bar.n = self._total - len(state.waiting)
            self._bar.set_postfix_str(face.line.partition(" · ")[2])
        elif self._display is None:
            self._display = display(face, display_id=True)
        else:
            self._display.update(face)
        self._shown, self._settled = now, settled

    def _face(self, state: Watch, now: float, ended: str = "") -> Live:
        look = state.next_look
        return Live(
            total=len(state.waiting) + len(state.settled),
            records=list(state.latest.values()),
            settled=list(state.settled.values()),
            elapsed=now - self._begun,
            next_look=None if look is None else max(look - now, 0.0),
            ended=ended,
        )
