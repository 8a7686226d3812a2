"""What a clip that does not come as it should is told as, and how it comes all the same."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.bare_player import PlayerPage

pytestmark = pytest.mark.browser


def _open(player: PlayerPage, fault: str, **options: Any) -> None:
    """Open a player whose result is served with a fault, and give it the keys once its source is shown."""
    sides = {"source": player.url("25-source"), "result": player.url("25-result", fault)}
    player.page.evaluate("options => { harness.openPlayer(options); }", sides | options)
    expect(player.page.locator(".ad-side-source")).to_have_attribute("data-state", "shown")
    player.stage.focus()


def _face(player: PlayerPage) -> Locator:
    return player.page.locator(".ad-side-result .ad-side-face")


@pytest.mark.parametrize(
    ("fault", "said"),
    [("gone", "the service has deleted it (404)"), ("junk", "This browser cannot decode it.")],
)
def test_a_clip_that_cannot_be_shown_says_why_and_offers_its_link(
    player: PlayerPage, fault: str, said: str
) -> None:
    _open(player, fault)
    expect(_face(player)).to_contain_text("This clip cannot be shown here")
    expect(_face(player)).to_contain_text(said)
    link = player.page.locator(".ad-side-result .ad-side-face a")
    expect(link).to_have_attribute("href", player.url("25-result", fault))
    player.press(".", ".")
    assert player.show(source=2) == {"source": 2}  # the other side goes on


@pytest.mark.parametrize("fault", ["refuses", "norange"])
def test_what_the_browser_cannot_use_comes_through_the_kernel(player: PlayerPage, fault: str) -> None:
    """A host without ranges lets a browser play, and seek nowhere, without a word."""
    _open(player, fault)
    player.page.wait_for_function(
        "() => document.querySelector('.ad-side-result video').currentSrc.startsWith('blob:')"
    )
    expect(player.page.locator(".ad-side-result")).to_have_attribute("data-state", "shown")
    player.press("Shift+ArrowRight", ".")
    assert player.show(source=11, result=11) == {"source": 11, "result": 11}


def test_a_clip_without_ranges_is_shown_as_it_is_where_no_kernel_helps(player: PlayerPage) -> None:
    _open(player, "norange", within={player.url("25-result", "norange"): "/gone/x"})
    expect(player.page.locator(".ad-side-result")).to_have_attribute("data-state", "shown")
    expect(_face(player)).to_be_hidden()
