"""The player at length: 200 steps and seeks a rate, 20 of each disturbance."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.bare_player import PlayerPage, player_page
from tests.browser.player_frames import go_about, wrong
from tests.browser.player_sync import DISTURBANCES, disturb
from tests.browser.rig import browsing
from tests.clips import CLIPS, RATES
from tests.player.server import ClipServer, serving_clips

_VISITS = 200
_ROUNDS = 20
_PAIRS = [("25-source", "25-result"), ("25-source", "29.97-result"), ("25-source", "25-short")]

pytestmark = [pytest.mark.soak, pytest.mark.browser, pytest.mark.timeout(1800)]


# For the module: while Playwright's loop runs, no other test of this process can have one.
@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("home")) as lent:
        yield lent


@pytest.fixture(scope="module")
def clip_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClipServer]:
    with serving_clips(tmp_path_factory.mktemp("clips")) as server:
        yield server


@pytest.fixture
def player(browser: Browser, clip_server: ClipServer) -> Iterator[PlayerPage]:
    with player_page(browser, clip_server) as lent:
        yield lent


def open_pair(player: PlayerPage, source: str, result: str) -> None:
    sides = (player.side(name, fps=float(CLIPS[name].rate)) for name in (source, result))
    player.open(*sides)


@pytest.mark.parametrize("rate", RATES)
def test_two_hundred_steps_and_seeks_are_exact(
    player: PlayerPage, capsys: pytest.CaptureFixture[str], rate: str
) -> None:
    source, result = f"{rate}-source", f"{rate}-result"
    open_pair(player, source, result)
    failed = wrong(go_about(player, source, result, _VISITS))
    player.close().open_plain(source, result, fps=rate)
    plain = wrong(go_about(player, source, result, _VISITS, patience=0.5))
    with capsys.disabled():
        told = f"{_VISITS - len(failed)} of {_VISITS} exact; seeking to n/fps: {_VISITS - len(plain)}"
        print(f"\n{rate} fps: {told}")  # noqa: T201, it is what the soak is for
    assert failed == []


@pytest.mark.parametrize(("source", "result"), _PAIRS)
@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_twenty_disturbances_are_made_good(
    player: PlayerPage, capsys: pytest.CaptureFixture[str], disturbance: str, source: str, result: str
) -> None:
    open_pair(player, source, result)
    player.press(" ")
    rounds = [disturb(player, disturbance, source, result) for _ in range(_ROUNDS)]
    back = [each for each in rounds if each.is_back]
    with capsys.disabled():
        worst = max(abs(each.after) for each in rounds) * 1000
        told = f"{len(back)} of {_ROUNDS} back, {worst:.1f} ms apart at most"
        print(f"\n{source} and {result}, {disturbance}: {told}")  # noqa: T201, likewise
    assert len(back) == _ROUNDS, "\n".join(map(str, rounds))
