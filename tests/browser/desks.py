"""A review desk in a notebook in a browser, and its verdicts as the ledger's file has them."""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, Self

from playwright.sync_api import Locator, expect

from aleph_nb.ledger import Ledger
from aleph_nb.review import Review, Verdict, VerdictLog
from tests.browser.rig import Notebook

__all__ = ["DEMO", "DeskPage", "Given", "begin", "match"]

DEMO = "demo"
"""What the ledger calls the demo's service."""

_DATA = "data"  # where the ledgers are, beside the notebook

_SCRIPT = Path(__file__).with_name("desk.js")
_MEANING: dict[str, tuple[str, Any]] = {str(stars): ("rating", stars) for stars in range(6)} | {
    "p": ("pick", "pick"),
    "x": ("pick", "reject"),
    "u": ("pick", None),
}
_TABS = 40  # presses, at most, from the cell to the desk in it
_SECONDS = 15


class Given(NamedTuple):
    """What a key meant: the tasks one of which was on the screen when it went down, and what."""

    painted: tuple[str, ...]
    field: str
    value: Any


def begin(*lines: str, **environment: object) -> str:
    """Make the first cell: a data folder beside the notebook, settings, the extension, and more lines."""
    names = {f"ALEPH_NB_{name.upper()}": str(value) for name, value in environment.items() if name != "key"}
    if "key" in environment:
        names["KIE_API_KEY"] = str(environment["key"])
    own = [
        "import os",
        f"os.environ |= {names!r}",
        f'os.environ["XDG_DATA_HOME"] = os.path.abspath("{_DATA}")',
    ]
    return "\n".join([*own, "%load_ext aleph_nb", *lines])


def match(kept: Sequence[Verdict], given: Sequence[Given]) -> None:
    """Check that each verdict was kept once, in its place, for the task that was on the screen."""
    told = [(line.field, line.value) for line in kept]
    assert told == [(each.field, each.value) for each in given]
    for place, (line, each) in enumerate(zip(kept, given, strict=True)):
        assert line.task_id in each.painted, f"key {place}, {line.field} {line.value}"


class DeskPage:
    """The desk that one cell of a notebook shows.

    Parameters
    ----------
    notebook : Notebook
        It is open, and the cell has not run yet.
    index : int
        The cell's.
    service : str
        What the ledger calls the service.
    """

    def __init__(self, notebook: Notebook, index: int = 1, service: str = DEMO) -> None:
        self.notebook = notebook
        self.index = index
        self.service = service
        self.page = notebook.page
        self.root = self.page.locator(".aleph-desk")
        self.page.evaluate(_SCRIPT.read_text(encoding="utf-8"))

    def show(self, *, cards: int = 1) -> Self:
        """Run the cell and wait until so many tasks are shown."""
        self.notebook.run_cell(self.index)
        self.notebook.output(self.index)
        expect(self.root).to_have_count(1, timeout=_SECONDS * 1000)
        return self.wait(f"document.querySelectorAll('.aleph-desk .ad-card:not([hidden])').length >= {cards}")

    def wait(self, condition: str, seconds: float = _SECONDS) -> Self:
        """Wait until a condition in the page is met."""
        self.page.wait_for_function(condition, timeout=seconds * 1000)
        return self

    def find(self, name: str, *, has_text: str | None = None) -> Locator:
        """Find something in the desk by its selector, and its text."""
        return self.root.locator(name, has_text=has_text)

    def focus(self) -> Self:
        """Give the desk the keys, by Tab alone."""
        for _ in range(_TABS):
            if self.page.evaluate("desk.has()"):
                return self
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{_TABS} times Tab, and the desk has no focus")

    def press(self, *keys: str) -> Self:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def press_at_pace(self, keys: Sequence[str], *, per_second: float) -> Self:
        """Press keys at a pace; where the machine is late, it is not caught up with."""
        due = time.monotonic()
        for key in keys:
            self.page.wait_for_timeout(max(due - time.monotonic(), 0) * 1000)
            due = max(due, time.monotonic() - 1 / per_second) + 1 / per_second
            self.page.keyboard.press(key)
        return self

    def sign(self, word: str, seconds: float = _SECONDS) -> Self:
        """Wait until the desk's sign says something."""
        expect(self.find(".ad-sign")).to_have_text(word, timeout=seconds * 1000)
        return self

    @property
    def current(self) -> str:
        """The id of the task that is shown."""
        shown: str = self.page.evaluate("desk.id()")
        return shown

    def given(self) -> list[Given]:
        """Tell what the keys meant, each for the task that was painted when it went down."""
        found = self.page.evaluate("desk.given()")
        for key in found:
            assert key["card"] in ("", key["id"]), f"the gallery and the verdict show two tasks: {key}"
        return [Given(tuple(key["painted"]), *_MEANING[key["key"].lower()]) for key in found]

    def kept(self) -> list[Verdict]:
        """Read what the ledger's file has, in the order in which it was given."""
        return sorted(self._lines(), key=lambda line: line.at)

    def reviews(self) -> dict[str, Review]:
        """Tell what comes of it, by task."""
        lines = self._lines()
        return VerdictLog(lines).reviews(lines[0].reviewer) if lines else {}

    def _lines(self) -> list[Verdict]:
        name = "demo.sqlite3" if self.service == DEMO else "ledger.sqlite3"
        (path,) = self.notebook.file.with_name(_DATA).rglob(name)
        with closing(Ledger.open(path)) as ledger:
            return ledger.verdicts(self.service)
