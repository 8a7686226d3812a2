"""Two clips that play together come back together when one of them is disturbed."""

import pytest

from tests.browser.bare_player import PlayerPage
from tests.browser.player_sync import DISTURBANCES, disturb
from tests.clips import CLIPS

pytestmark = [pytest.mark.browser, pytest.mark.alone]

_TIMES = 3
PAIRS = [
    ("25-source", "25-result"),
    ("25-source", "29.97-result"),
    ("25-source", "25-short"),
    ("29.97-short", "25-result"),
]


def open_pair(player: PlayerPage, source: str, result: str) -> None:
    sides = (player.side(name, fps=float(CLIPS[name].rate)) for name in (source, result))
    player.open(*sides).press(" ")


@pytest.mark.parametrize(("source", "result"), PAIRS)
@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_a_disturbed_pair_comes_back(player: PlayerPage, disturbance: str, source: str, result: str) -> None:
    open_pair(player, source, result)
    rounds = [disturb(player, disturbance, source, result) for _ in range(_TIMES)]
    said = "\n".join(map(str, rounds))
    assert all(each.is_back for each in rounds), said
    if disturbance != "the follower plays at 1.1":  # its speed is set right before it is anywhere else
        assert all(each.struck > each.half_frame for each in rounds), said


@pytest.mark.parametrize(("source", "result"), PAIRS)
def test_what_is_paused_stands_on_one_frame(player: PlayerPage, source: str, result: str) -> None:
    open_pair(player, source, result)
    for wait in (410, 770, 330, 640, 1230):
        player.page.wait_for_timeout(wait)
        player.press(" ")
        expected = player.expected(source, result)
        assert player.show(**expected) == expected
        player.press(" ")


@pytest.mark.parametrize(("source", "result"), [("25-source", "25-short"), ("29.97-short", "25-result")])
def test_it_begins_again_together(player: PlayerPage, source: str, result: str) -> None:
    """Where one is shorter, it waits on its last frame; both begin again at once."""
    open_pair(player, source, result)
    player.seek(CLIPS[result].frames - 20)
    rounds = disturb(player, "the follower is moved by 60 ms", source, result, begins=False)
    assert rounds.is_back, str(rounds)


def test_two_plain_videos_stay_apart(player: PlayerPage) -> None:
    player.open_plain("25-source", "25-result").press(" ")
    rounds = {name: disturb(player, name, "25-source", "25-result") for name in DISTURBANCES}
    said = "\n".join(f"{name}: {each}" for name, each in rounds.items())
    assert all(each.struck > each.half_frame for each in rounds.values()), said
    by_chance = sum(
        each.is_back for each in rounds.values()
    )  # where a busy machine holds up the other one as long
    assert by_chance <= 1, said
