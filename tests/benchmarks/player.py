"""The player on a page of its own: from a key to the frame on the screen, read from its barcode."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from tests.benchmarks.measure import Figures, Row
from tests.browser.bare_player import PlayerPage, player_page
from tests.browser.rig import browsing
from tests.clips import CLIPS, make
from tests.player.server import ClipServer, serving_clips

__all__ = ["measure"]

_STEPS = 60
_REST = 200  # milliseconds: who steps looks
_TASKS = 24
_TAKES = 8
_ANIMATION_FRAME = 1000 / 60  # milliseconds
_MOST_STEP = 2 * _ANIMATION_FRAME
_MOST_PRELOADED, _MOST_LOADED = 200.0, 500.0
_PRELOAD_MS = 1200  # a look at the one task, while the next is loaded

# Seconds from the next key to the animation frame in which both sides show another frame than now, or in
# which the result is of another clip.
_STEPPED = """() => { window.timing = new Promise((done) => {
  const sides = ["source", "result"];
  const before = sides.map((side) => barcode.frameOf(side));
  window.addEventListener("keydown", (event) => {
    const look = (now) => {
      const frames = sides.map((side) => barcode.frameOf(side));
      if (frames.every((frame, place) => frame !== null && frame !== before[place])) {
        done((performance.now() - event.timeStamp) / 1000);
      } else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, { capture: true, once: true });
}); }"""
_SHOWN = """(number) => { window.timing = new Promise((done) => {
  window.addEventListener("keydown", (event) => {
    const look = () => {
      const video = barcode.videoOf("result");
      if (video && barcode.read(video)?.clip === number) done((performance.now() - event.timeStamp) / 1000);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, { capture: true, once: true });
}); }"""


def measure() -> list[Row]:
    """Measure stepping with small and large clips, and going to the next task."""
    with TemporaryDirectory() as folder, _browsing(Path(folder)) as (browser, server):
        for name in CLIPS:
            make(name, server.folder)
        rows = [
            _stepping(browser, server, "25", "320 x 180"),
            _stepping(browser, server, "hd", "1280 x 720"),
            _stepping(browser, server, "grain", "1280 x 720 with grain and one key frame"),
        ]
        return [*rows, _next(browser, server), _far(browser, server)]


@contextmanager
def _browsing(folder: Path) -> Iterator[tuple[Browser, ClipServer]]:
    clips = folder / "clips"
    clips.mkdir()
    with browsing(folder) as browser, serving_clips(clips) as server:
        yield browser, server


def _stepping(browser: Browser, server: ClipServer, name: str, size: str) -> Row:
    with player_page(browser, server) as player:
        player.open(f"{name}-source", f"{name}-result")
        player.press(*["."] * 3)  # the first steps find the way to the decoder
        player.page.wait_for_timeout(500)
        keys = islice(cycle([*["."] * 10, *[","] * 10]), _STEPS)
        figures = Figures([_timed(player, key, _STEPPED, rest=_REST) for key in keys])
    frames = figures.median / _ANIMATION_FRAME
    return Row(
        what=f"one frame on or back, {size}, to both on the screen",
        figures=figures,
        against="an animation frame",
        compared=f"{frames:.1f} x",
        target="at most 2 x",
        met=figures.median <= _MOST_STEP,
    )


def _next(browser: Browser, server: ClipServer) -> Row:
    seconds = []
    with player_page(browser, server) as player:
        player.open_desk(count=_TASKS + 2, takes=_TAKES)
        for task in range(1, _TASKS):
            player.page.wait_for_timeout(_PRELOAD_MS)
            seconds.append(_timed(player, "n", _SHOWN, CLIPS[f"take-{task % _TAKES}"].number))
    return _row("N to the next result's first frame, preloaded", Figures(seconds), _MOST_PRELOADED)


def _far(browser: Browser, server: ClipServer) -> Row:
    """Go to the last and to the first task, which nothing has loaded."""
    seconds = []
    with player_page(browser, server) as player:
        for turn in range(_TASKS // 2):
            player.page.evaluate("localStorage.clear()")  # else a desk stands where the last one was left
            player.open_desk(count=200 + turn, takes=_TAKES)
            player.page.wait_for_timeout(_PRELOAD_MS)
            last = 199 + turn
            seconds.append(_timed(player, "End", _SHOWN, CLIPS[f"take-{last % _TAKES}"].number))
            player.close()
    return _row("a key to a result's first frame, not preloaded", Figures(seconds), _MOST_LOADED)


def _row(what: str, figures: Figures, most: float) -> Row:
    return Row(what=what, figures=figures, target=f"at most {most:g} ms", met=figures.median <= most)


def _timed(player: PlayerPage, key: str, script: str, given: object = None, *, rest: float = 60) -> float:
    player.page.evaluate(script, given)
    player.press(key)
    took: float = player.page.evaluate("() => window.timing")
    player.page.wait_for_timeout(rest)
    return took
