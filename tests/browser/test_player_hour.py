"""Sixty tasks in a row: what the player takes up, it lets go of."""

import pytest

from tests.browser.bare_player import PlayerPage
from tests.browser.player_hour import growth, review

pytestmark = [pytest.mark.browser, pytest.mark.alone]

_TASKS = 61
_MOST_VIDEOS = 5  # this pair, the next one, and the one under the pointer


def test_nothing_piles_up_from_task_to_task(player: PlayerPage) -> None:
    samples = review(player, _TASKS)
    grown = growth(samples, since=_TASKS // 2)
    said = "\n".join(map(str, samples))
    assert max(sample.videos for sample in samples) <= _MOST_VIDEOS, said
    assert grown["videos"] <= 0, said
    assert grown["nodes"] <= 0, said
    assert grown["listeners"] <= 0, said
    assert grown["heap"] < 2048, said
