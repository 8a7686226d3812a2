"""The pictures that stand in for a slow video while it is stepped: at once, and never a wrong one."""

import pytest

from tests.browser.bare_player import PlayerPage

pytestmark = [pytest.mark.browser, pytest.mark.alone]

# In every animation frame in which a picture lies over the result: what it shows, and what was asked for, now
# and before. One that is not here yet leaves the one before in sight.
_WATCH = """() => {
  window.seen = [];
  const steps = [];
  const look = () => {
    const film = document.querySelector(".ad-side-result .ad-film:not([hidden])");
    const asked = Number(document.querySelector(".ad-seek").value);
    if (steps.at(-1) !== asked) steps.push(asked);
    if (film) seen.push([barcode.read(film)?.frame ?? null, steps.slice(-2)]);
    window.looking = requestAnimationFrame(look);
  };
  look();
}"""
# A machine on which seeks are quick needs no pictures: here every seek takes its time.
_SLOW = """() => {
  const own = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "currentTime");
  Object.defineProperty(HTMLMediaElement.prototype, "currentTime", {
    get() { return own.get.call(this); },
    set(time) { setTimeout(() => own.set.call(this, time), 60); },
    configurable: true,
  });
}"""


def test_what_is_stepped_to_is_shown_at_once_and_is_the_right_frame(player: PlayerPage) -> None:
    player.page.evaluate(_SLOW)
    player.open("29.97-source", "29.97-result")
    player.press(*["."] * 6)
    player.page.wait_for_timeout(1500)  # the next ones are fetched meanwhile
    player.page.evaluate(_WATCH)
    for key in (".", ".", ".", ",", ",", ",", ",", "."):
        player.press(key)
        player.page.wait_for_timeout(80)
    at = player.at
    assert player.show(result=at, source=at) == {"result": at, "source": at}
    seen: list[tuple[int | None, list[int]]] = player.page.evaluate("() => seen")
    assert len({frame for frame, asked in seen if frame == asked[-1]}) >= 3, seen
    assert [frame for frame, asked in seen if frame not in asked] == [], seen
    player.page.wait_for_function("() => !document.querySelector('.ad-film:not([hidden])')")


def test_the_pictures_and_their_video_go_with_the_task(player: PlayerPage) -> None:
    player.page.evaluate(_SLOW)
    player.open_desk(count=4)
    player.page.wait_for_timeout(1500)
    player.press(*["."] * 6)
    lent = "() => [...harness.el.querySelectorAll('video')].filter((each) => each.src).length"
    assert player.page.evaluate(lent) == 2  # those on the stage; what helps them is not in the page
    player.press("n")
    player.page.wait_for_timeout(800)
    assert player.page.evaluate("() => document.querySelectorAll('.ad-film').length") == 2
    assert player.page.evaluate("() => document.querySelectorAll('.ad-film:not([hidden])').length") == 0
