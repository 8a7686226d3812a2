"""Two clips that play together come back together when one of them is disturbed."""

import pytest

from tests.browser.bare_player import PlayerPage
from tests.browser.player_sync import DISTURBANCES, disturb

pytestmark = pytest.mark.browser

PAIRS = [("25-source", "25-result"), ("25-source", "29.97-result"), ("25-source", "25-short")]


def test_two_plain_videos_stay_apart(player: PlayerPage) -> None:
    player.open_plain("25-source", "25-result").press(" ")
    rounds = {name: disturb(player, name, "25-source", "25-result") for name in DISTURBANCES}
    said = "\n".join(f"{name}: {each}" for name, each in rounds.items())
    assert all(each.struck > each.half_frame for each in rounds.values()), said
    assert not any(each.is_back for each in rounds.values()), said
