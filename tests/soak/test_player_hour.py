"""An hour's session in five minutes: 300 tasks, and a third of their clips through the kernel."""

import pytest

from tests.browser.bare_player import player_page
from tests.browser.player_hour import growth, review
from tests.browser.rig import browsing
from tests.player.server import serving_clips

_TASKS = 301

pytestmark = [pytest.mark.soak, pytest.mark.browser]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("refuses", [0, 3])
def test_three_hundred_tasks_leave_nothing_behind(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str], refuses: int
) -> None:
    folder, home = tmp_path_factory.mktemp("clips"), tmp_path_factory.mktemp("home")
    with (
        browsing(home) as browser,
        serving_clips(folder) as server,
        player_page(browser, server) as player,
    ):
        samples = review(player, _TASKS, refuses=refuses)
    grown = growth(samples)
    said = "\n".join(map(str, samples))
    with capsys.disabled():
        print(f"\n{said}\n{grown}")  # noqa: T201, it is what the soak is for
    assert grown["videos"] <= 0, said
    assert grown["nodes"] <= 0, said
    assert grown["listeners"] <= 0, said
    assert grown["heap"] < 2048, said
