"""The player is on the frame that it says: steps and seeks, read from the barcodes on both sides."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.bare_player import PlayerPage
from tests.browser.player_frames import go_about, wrong
from tests.clips import CLIPS, RATES

pytestmark = [pytest.mark.browser, pytest.mark.alone]

_TIMES = 20
_WAYS = ["given", "in the file", "measured"]

PAIRS = [
    ("25-source", "29.97-result"),
    ("29.97-source", "25-result"),
    ("60-source", "23.976-result"),
    ("25-source", "25-short"),
    ("29.97-short", "25-result"),
    ("tall-source", "square-result"),
    ("25-source", "one-key-result"),
]


def side(player: PlayerPage, name: str, way: str) -> dict[str, Any]:
    """Tell of a clip so that the player learns its rate in one way alone."""
    if way == "given":
        return player.side(name, fps=float(CLIPS[name].rate))
    if way == "in the file":
        return {"url": f"kernel:{name}"}
    return player.side(name)


def options(way: str, *names: str) -> dict[str, Any]:
    within = {f"kernel:{name}": f"/clips/{name}.mp4" for name in names}
    return {"within": within} if way == "in the file" else {}


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("rate", RATES)
def test_every_step_and_seek_is_exact(player: PlayerPage, rate: str, way: str) -> None:
    source, result = f"{rate}-source", f"{rate}-result"
    player.open(side(player, source, way), side(player, result, way), **options(way, source, result))
    if way == "measured":
        player.know_the_rate()
    assert wrong(go_about(player, source, result, _TIMES)) == []


@pytest.mark.parametrize(("source", "result"), PAIRS)
def test_clips_that_differ_have_each_its_own_frame(player: PlayerPage, source: str, result: str) -> None:
    player.open(side(player, source, "given"), side(player, result, "given"))
    assert wrong(go_about(player, source, result, _TIMES)) == []


def test_one_clip_alone(player: PlayerPage) -> None:
    player.open(None, side(player, "29.97-result", "given")).press(".", ".")
    assert player.show(result=2) == {"result": 2}
    player.close().open(side(player, "29.97-source", "given"), None).press("Shift+ArrowRight")
    assert player.show(source=10) == {"source": 10}


def test_the_numbers_are_those_of_the_frame(player: PlayerPage) -> None:
    player.open(side(player, "25-source", "given"), side(player, "25-result", "given"))
    player.seek(57)
    assert player.show(source=57, result=57) == {"source": 57, "result": 57}
    expect(player.page.locator(".ad-frame")).to_contain_text("of 125")
    expect(player.page.locator(".ad-timecode")).to_have_text("00:00:02:07")
    expect(player.page.locator(".ad-clock").first).to_have_text("0:02.2")
    assert player.at == 57


def test_the_frame_before_a_key_frame_is_not_lost(player: PlayerPage) -> None:
    """Some files count their time in whole frames: rounded, the middle of a frame is the next one."""
    player.open(side(player, "25-source", "given"), side(player, "25-result", "given"))
    assert lost(player) == []


def lost(player: PlayerPage, patience: float = 3) -> list[int]:
    """Give the frames before key frames that are not shown when they are asked for."""
    found = []
    for frame in (24, 49, 99, 74):
        expected = {"source": frame, "result": frame}
        if player.seek(frame).show(patience, **expected) != expected:
            found.append(frame)
    return found


# ── The rig itself ───────────────────────────────────────────────────────────────────────────────


def test_a_player_that_seeks_to_the_middle_of_frames_loses_some(player: PlayerPage) -> None:
    player.open_plain("25-source", "25-result", seeks="centre")
    assert lost(player, patience=0.6) == [24, 49, 99, 74]
    player.close().open_plain("25-source", "25-result", seeks="within")
    assert lost(player) == []


def test_a_player_that_seeks_into_frames_is_found_right(player: PlayerPage) -> None:
    player.open_plain("29.97-source", "29.97-result", seeks="within", fps="29.97")
    assert wrong(go_about(player, "29.97-source", "29.97-result", _TIMES)) == []


def test_a_player_that_seeks_to_the_start_of_frames_is_found_wrong(player: PlayerPage) -> None:
    found = {}
    for rate in RATES:
        player.open_plain(f"{rate}-source", f"{rate}-result", seeks="start", fps=rate)
        visits = go_about(player, f"{rate}-source", f"{rate}-result", _TIMES, patience=0.6)
        found[rate] = len(wrong(visits))
        player.close()
    assert max(found["23.976"], found["29.97"], found["60"]) > 0, found
