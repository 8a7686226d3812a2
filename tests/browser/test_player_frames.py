"""The player is on the frame that it says: steps and seeks, read from the barcodes on both sides."""

import pytest

from tests.browser.bare_player import PlayerPage
from tests.browser.player_frames import go_about
from tests.clips import RATES

pytestmark = pytest.mark.browser

_TIMES = 20


@pytest.mark.parametrize("rate", ["25"])
def test_the_barcodes_can_be_read_at_the_centre_of_every_frame(player: PlayerPage, rate: str) -> None:
    player.open_plain(f"{rate}-source", f"{rate}-result", seeks="centre", fps=rate)
    assert [
        visit for visit in go_about(player, f"{rate}-source", f"{rate}-result", _TIMES) if not visit.is_right
    ] == []


def test_a_player_that_seeks_to_the_start_of_frames_is_found_wrong(player: PlayerPage) -> None:
    wrong = {}
    for rate in RATES:
        player.open_plain(f"{rate}-source", f"{rate}-result", seeks="start", fps=rate)
        visits = go_about(player, f"{rate}-source", f"{rate}-result", _TIMES, patience=0.6)
        wrong[rate] = sum(not visit.is_right for visit in visits)
        player.close()
    assert max(wrong["23.976"], wrong["29.97"], wrong["60"]) > 0, wrong
