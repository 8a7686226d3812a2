"""The player's views by real keys and the pointer: what is pressed, said, kept and taken as a picture."""

import io
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from PIL import Image
from playwright.sync_api import ViewportSize, expect

from tests.browser.bare_desk import DeskPage
from tests.browser.bare_player import PlayerPage
from tests.clips import read

pytestmark = pytest.mark.browser

_PASTED = """async () => {
  const due = performance.now() + 5000;
  let [item] = await navigator.clipboard.read();
  while (!item.types.includes("image/png") && performance.now() < due) {
    await new Promise((done) => setTimeout(done, 20));
    [item] = await navigator.clipboard.read();
  }
  return Array.from(new Uint8Array(await (await item.getType("image/png")).arrayBuffer()));
}"""


def view(player: PlayerPage) -> str | None:
    return player.page.locator(".ad-pair").get_attribute("data-view")


def pressed(player: PlayerPage) -> list[str]:
    return player.page.locator(".ad-view[aria-pressed=true]").all_inner_texts()


def says(player: PlayerPage, words: str) -> None:
    expect(player.page.locator(".ad-status")).to_have_text(words)


def box(player: PlayerPage) -> Any:
    return player.page.locator(".ad-pair").bounding_box()


def pasted(player: PlayerPage) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Press the key of the picture and give what is on the clipboard then."""
    player.page.evaluate("navigator.clipboard.writeText('nothing yet')")
    player.press("y")
    picture = Image.open(io.BytesIO(bytes(player.page.evaluate(_PASTED))))
    says(player, "The picture is on the clipboard")
    return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize("height", [720, 900])
def test_the_stage_has_room_at_every_width(desk: DeskPage, height: int) -> None:
    rooms = {}
    desk.page.set_viewport_size(ViewportSize(width=1400, height=height))
    desk.open(count=12, work=True)
    for width in (420, 500, 559, 640, 760, 899, 960, 1200, 1400, 2000):
        desk.page.set_viewport_size(ViewportSize(width=width + 32, height=height))
        desk.settle()
        box = desk.page.locator(".ad-pair").bounding_box()
        assert box
        rooms[width] = round(box["height"])
    assert min(rooms.values()) >= 160, rooms


def test_every_view_has_its_key(player: PlayerPage) -> None:
    player.open("25-source", "25-result")
    steps = [
        ("w", "wipe", "Wipe", "Wipe at 50 %"),
        ("d", "difference", "Difference", "Difference, gain 1"),
        ("]", "difference", "Difference", "Difference, gain 2"),
        ("]", "difference", "Difference", "Difference, gain 4"),
        ("[", "difference", "Difference", "Difference, gain 2"),
        ("d", "side", "Side by side", "Side by side"),
        ("[", "side", "Side by side", "The gain is the difference's: D shows it."),
        ("v", "single", "Result", "Result alone"),
        ("s", "single", "Result", "Source alone"),
        ("v", "side", "Side by side", "Side by side, swapped"),
        ("s", "side", "Side by side", "Side by side"),
    ]
    for key, shown, button, words in steps:
        player.press(key).settle()
        assert (key, view(player), pressed(player)) == (key, shown, [button])
        says(player, words)
    player.press("+", "+")
    expect(player.page.locator(".ad-view-zoom")).to_have_text("1.6\u00d7 · Z fits")
    player.press("z")
    expect(player.page.locator(".ad-view-zoom")).to_be_hidden()


def test_the_other_one_is_shown_as_long_as_a_key_is_held(player: PlayerPage) -> None:
    player.open("25-source", "25-result")
    names = player.page.locator(".ad-side-name:visible")
    player.press("v").settle()
    expect(names).to_have_text(["Result"])
    player.page.keyboard.down("t")
    expect(names).to_have_text(["Source"])
    player.page.keyboard.up("t")
    expect(names).to_have_text(["Result"])
    player.page.keyboard.down("t")
    expect(names).to_have_text(["Source"])
    player.page.locator("#outside").focus()  # whoever goes away holds no key
    expect(names).to_have_text(["Result"])
    player.page.keyboard.up("t")


def test_a_click_plays_and_a_drag_does_not(player: PlayerPage) -> None:
    player.open("25-source", "25-result").press("w").settle()
    stage, play = box(player), player.page.locator(".ad-play")
    mouse = player.page.mouse
    mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + 40)
    mouse.down()
    mouse.move(stage["x"] + stage["width"] * 0.7, stage["y"] + 60, steps=3)
    mouse.up()
    expect(player.page.locator(".ad-wipe")).to_have_attribute("aria-valuenow", "70")
    expect(play).to_have_attribute("aria-label", "Play")
    mouse.click(stage["x"] + stage["width"] * 0.3, stage["y"] + 60)
    expect(play).to_have_attribute("aria-label", "Pause")
    mouse.click(stage["x"] + stage["width"] * 0.3, stage["y"] + 60)
    expect(play).to_have_attribute("aria-label", "Play")
    expect(player.page.locator(".ad-wipe")).to_have_attribute("aria-valuenow", "70")


def test_arrows_are_frames_but_on_the_divider(player: PlayerPage) -> None:
    player.open("25-source", "25-result").press("w", "ArrowRight", "ArrowRight")
    expect(player.seeker).to_have_value("2")
    divider = player.page.get_by_role("slider", name="Wipe")
    divider.focus()
    player.press("ArrowRight", "ArrowRight", "Shift+ArrowRight", "PageDown")
    expect(divider).to_have_attribute("aria-valuetext", "52 %")
    expect(player.seeker).to_have_value("2")
    player.press(".")
    expect(player.seeker).to_have_value("3")
    player.stage.focus()
    player.press("ArrowRight")
    expect(player.seeker).to_have_value("4")
    expect(divider).to_have_attribute("aria-valuetext", "52 %")


def test_the_view_goes_along_from_task_to_task(player: PlayerPage) -> None:
    player.open_desk(count=4)
    player.page.evaluate("""() => {
      const rows = harness.clipRows(4);
      const none = { result: null, thumbnail: null, expires: null };
      Object.assign(rows[1], { ...none, state: "failed", error_code: 422, reason: "It was flagged." });
      harness.cleanup();
      harness.openDesk({ rows });
    }""")
    player.page.wait_for_function(
        "() => document.querySelectorAll('.ad-side[data-state=shown]').length === 2"
    )
    player.focus_list().press("d", "]", "+")
    assert (view(player), pressed(player)) == ("difference", ["Difference"])
    player.press("n")  # this one has failed: there is a source, and in words why there is no result
    expect(player.page.locator(".ad-side-result b")).to_have_text("Failed · 422")
    assert (view(player), pressed(player)) == ("side", ["Side by side"])
    player.press("d")
    says(player, "A difference needs two pictures: there is only one.")
    player.press("n").settle()
    player.page.wait_for_function(
        "() => document.querySelectorAll('.ad-side[data-state=shown]').length === 2"
    )
    assert (view(player), pressed(player)) == ("difference", ["Difference"])
    expect(player.page.locator(".ad-view-name")).to_have_text("Difference \u00d7 2")
    expect(player.page.locator(".ad-view-zoom")).to_contain_text("1.3")


def test_the_picture_is_of_the_frame_that_was_stepped_to(player: PlayerPage) -> None:
    player.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sides = [player.side(f"29.97-{name}", fps=29.97) for name in ("source", "result")]
    player.open(*sides)
    for keys in (["."] * 3, ["Shift+ArrowRight"], ["End"], [","] * 2, ["Home"]):
        player.press(*keys)
        at = player.at
        taken = pasted(player)
        assert taken.shape == (180, 642, 3)
        halves = [read(taken[:, :320]), read(taken[:, 322:])]
        assert [each.frame for each in halves if each] == [at, at]
    player.press("s")
    swapped = pasted(player)
    clips = [read(each) for each in (swapped[:, :320], swapped[:, 322:])]
    assert [each.clip for each in clips if each] == [each.clip for each in reversed(halves) if each]


def test_a_host_whose_pictures_cannot_be_read_is_told_of(player: PlayerPage) -> None:
    sides = [{"url": player.url(f"25-{name}", other=True)} for name in ("source", "result")]
    player.page.evaluate("([source, result]) => { harness.openPlayer({ source, result }); }", sides)
    player.page.wait_for_function(
        "() => document.querySelectorAll('.ad-side[data-state=shown]').length === 2"
    )
    player.stage.focus()
    for key in ("d", "w", "v"):
        player.press(key, "y")
        says(player, "The browser does not let a picture be read from this host.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_player_alone(player: PlayerPage, theme: str) -> None:
    gone = {"url": player.url("25-result", "gone")}
    scenes: dict[str, tuple[Any, list[str]]] = {
        "side by side": ("25-result", []),
        "a wipe, zoomed": ("25-result", ["w", "+"]),
        "a difference, a loop": ("25-result", ["d", "]", "i", ".", ".", "o", ">"]),
        "help": ("25-result", ["?"]),
        "no result": (gone, []),
    }
    found = []
    for scene, (result, keys) in scenes.items():
        player.page.evaluate(
            "([source, result, theme]) => { harness.openPlayer({ source, result, theme }); }",
            [
                {"url": player.url("25-source")},
                result if isinstance(result, dict) else {"url": player.url(result)},
                theme,
            ],
        )
        player.page.wait_for_function("() => document.querySelector('.ad-side-source[data-state=shown]')")
        if result is gone:
            expect(player.page.locator(".ad-side-result b")).to_be_visible()
        player.stage.focus()
        player.press(*keys).settle()
        player.page.wait_for_timeout(300)
        results = Axe().run(player.page, context=".aleph-desk")
        player.close()
        found += [
            f"{scene}: {each['id']} ({each['impact']}): {node['html'][:160]} {node['failureSummary'][:300]}"
            for each in results.response["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]
    assert found == []
