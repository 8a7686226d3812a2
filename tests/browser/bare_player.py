"""The player on a page of its own: `tests/player` plays the kernel's part, no notebook is there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from math import ceil
from typing import Any, Self

from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.gates import Gates
from tests.clips import CLIPS
from tests.player.server import ClipServer

__all__ = ["SIDES", "WIDE", "PlayerPage", "frames_at", "last_frame", "player_page"]

WIDE = ViewportSize(width=1400, height=860)
SIDES = ("source", "result")

Side = str | Mapping[str, Any] | None
"""A clip's name, or what the kernel tells of a side, or that there is none."""

_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
_SHOWN = """(names) => names.every((name) =>
  document.querySelector(`.ad-side-${name}[data-state=shown]`) && barcode.frameOf(name) !== null)"""
_GATHER = """async ([ms, by]) => {
  const found = [], due = performance.now() + ms;
  while (performance.now() < due) {
    found.push(barcode.drift(by));
    await new Promise((done) => setTimeout(done, 20));
  }
  return found;
}"""


def last_frame(source: str, result: str) -> int:
    """Tell the last frame of a pair, in frames of its result: the longer one decides."""
    lead, other = CLIPS[result], CLIPS[source]
    return max(lead.frames, ceil(Fraction(other.frames) / other.rate * lead.rate - Fraction(1, 2))) - 1


def frames_at(at: int, source: str, result: str) -> dict[str, int]:
    """Tell what each side shows in the middle of a frame of the pair; a clip that is over, its last one."""
    lead, other = CLIPS[result], CLIPS[source]
    own = int((at + Fraction(1, 2)) / lead.rate * other.rate)
    return {"source": min(own, other.frames - 1), "result": min(at, lead.frames - 1)}


class PlayerPage:
    """A page with one player on it; `open` or `open_plain` before anything else."""

    def __init__(self, page: Page, server: ClipServer) -> None:
        self.page = page
        self.server = server
        self.stage = page.locator(".ad-stage")
        self.seeker = page.locator(".ad-seek")
        page.goto(f"{server.origin}/page.html")
        page.wait_for_function("window.harness && window.barcode")

    def url(self, name: str, fault: str = "clips", *, other: bool = False) -> str:
        """Give the address of a clip, with a fault or without; `other`: on another host."""
        return f"{self.server.other_origin if other else self.server.origin}/{fault}/{name}.mp4"

    def side(self, name: str, **told: Any) -> dict[str, Any]:
        """Tell a side of the pair by its clip's name, and what else the kernel says of it (fps, name, …)."""
        return {"url": self.url(name), **told}

    def open(self, source: Side, result: Side, **options: Any) -> Self:
        """Open the player with two sides, wait until they are shown, and give it the keys."""
        return self._open("openPlayer", source, result, options)

    def open_plain(self, source: str, result: str, *, seeks: str = "start", fps: str = "25") -> Self:
        """Open the player to compare with."""
        sides = [self.side(name, fps=fps) for name in (source, result)]
        return self._open("openPlain", sides[0], sides[1], {"seeks": seeks})

    def open_desk(self, **options: Any) -> Self:
        """Open a desk whose clips come from this server, wait for its first clip, and give it the keys."""
        self.page.evaluate("options => { harness.openDesk(options); }", options)
        self.page.wait_for_function(_SHOWN, arg=["result"])
        return self.focus_list().settle()

    def focus_list(self) -> Self:
        """Give the keys of the desk to its gallery."""
        self.page.locator(".ad-list").focus()
        return self

    def _open(self, how: str, source: Any, result: Any, options: dict[str, Any]) -> Self:
        given = {"source": source, "result": result}
        sides = {name: self.side(side) if isinstance(side, str) else side for name, side in given.items()}
        self.page.evaluate("([how, options]) => { harness[how](options); }", [how, sides | options])
        self.page.wait_for_function(_SHOWN, arg=[name for name in SIDES if sides[name]])
        self.stage.focus()
        return self.settle()

    def settle(self) -> Self:
        """Wait until what was asked for is painted."""
        self.page.evaluate(_FRAMES)
        return self

    def press(self, *keys: str) -> Self:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def seek(self, frame: int) -> Self:
        """Move the seek bar to a frame, as a hand does that lets go there."""
        self.seeker.fill(str(frame))
        return self

    def show(self, patience: float = 3, **frames: int) -> dict[str, int | None]:
        """Wait for frames (`source=3, result=4`); give what is shown then, or once waiting was in vain."""
        waited = [frames, patience * 1000]
        found: dict[str, int | None] = self.page.evaluate(
            "([frames, ms]) => barcode.settle(frames, ms)", waited
        )
        return found

    def drifts(self, milliseconds: float = 300, by: float = 0) -> list[float]:
        """Gather for a while by how many seconds the source is ahead of the result."""
        found: list[float] = self.page.evaluate(_GATHER, [milliseconds, by])
        return found

    @property
    def at(self) -> int:
        """The frame that the player says it is on, from 0."""
        return int(self.seeker.input_value())

    def expected(self, source: str, result: str) -> dict[str, int]:
        """Tell which frame each side should show, from where the player says it is; the result leads."""
        return frames_at(self.at, source, result)

    def know_the_rate(self) -> Self:
        """Let it play until the rate is known: it is measured as frames come."""
        self.press(" ")
        expect(self.page.locator(".ad-rate")).to_contain_text("≈", timeout=5000)
        self.press(" ")
        return self.settle()

    def close(self) -> Self:
        """Take the player away; another one can be opened then."""
        self.page.evaluate("() => { harness.cleanup(); }")
        return self.settle()


@contextmanager
def player_page(
    browser: Browser, server: ClipServer, *, viewport: ViewportSize = WIDE
) -> Iterator[PlayerPage]:
    """Lend a page in a browser context of its own; page errors and requests elsewhere fail the test."""
    context = browser.new_context(viewport=viewport)
    gates = Gates(context, "player")
    try:
        context.set_default_timeout(10_000)
        page = context.new_page()
        yield PlayerPage(page, server)
        page.evaluate("() => new Promise((done) => setTimeout(done))")
    finally:
        context.close()
    gates.check()
