"""How far a fetch has come: one display updated in place in a notebook, tqdm in a terminal."""

import sys
import time
from types import TracebackType
from typing import Any, Self

from IPython.display import display

from aleph_nb.cards import Bar

__all__ = ["Progress", "terminal_bar"]

_BETWEEN = 0.1  # seconds between two updates of the display


class Progress:
    """A context manager that shows how many of how many have arrived.

    Parameters
    ----------
    total : int
        How many are awaited.
    in_terminal : bool
        Whether the shell runs in a terminal, not behind a front end that shows HTML.
    hidden : bool
        Show nothing.
    unit : str
        What is counted, in a terminal.
    failure : str
        What those have come to that failed.
    """

    def __init__(
        self,
        total: int,
        *,
        in_terminal: bool,
        hidden: bool = False,
        unit: str = "task",
        failure: str = "without an answer",
    ) -> None:
        self._total = total
        self._unit, self._failure = unit, failure
        self._hidden = hidden
        self._done = self._failed = 0
        self._begun = self._shown = time.monotonic()
        self._in_terminal = in_terminal
        self._display: Any = None
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self._hidden:
            return self
        if self._in_terminal:
            self._bar = terminal_bar(self._total, self._unit)
        else:
            self._display = display(self._face(), display_id=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.refresh()  # the last ones may have come too soon after one another to be drawn
            self._bar.close()
        if self._display is not None:
            self._display.update(self._face())

    def arrived(self, *, failed: bool = False) -> None:
        """Count one more; `failed` if it is not what was asked for."""
        self._done += 1
        self._failed += failed
        if self._bar is not None:
            self._bar.update()
        elif self._display is not None and time.monotonic() - self._shown >= _BETWEEN:
            self._shown = time.monotonic()
            self._display.update(self._face())

    def _face(self) -> Bar:
        elapsed = time.monotonic() - self._begun
        return Bar(
            done=self._done, total=self._total, failed=self._failed, failure=self._failure, elapsed=elapsed
        )


def terminal_bar(total: int, unit: str, form: str | None = None) -> Any:
    """Make a bar for a terminal, which is gone once it is closed; `form` is tqdm's `bar_format`."""
    from tqdm import tqdm  # noqa: PLC0415, in a terminal alone

    class Quiet(tqdm):  # type: ignore[type-arg]
        monitor_interval = 0  # no thread of tqdm's own, which would outlive us

    return Quiet(total=total, unit=unit, leave=False, file=sys.stderr, disable=None, bar_format=form)
