"""What the desk does under the pointer, for those who want nothing to move, and when its tab is killed."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.bare_desk import DeskPage, desk_page

pytestmark = pytest.mark.browser

_HOVERED = """() => [...document.querySelectorAll(".aleph-desk .ad-hover")].map((each) => ({
  task: each.closest(".ad-card")?.dataset.task, muted: each.muted,
  playing: !each.paused && each.currentTime > 0,
}))"""
# The page ends, and nobody in it is told: as when the tab is killed.
_UNHEARD = """() => {
  for (const name of ["pagehide", "beforeunload", "unload", "visibilitychange"]) {
    window.addEventListener(name, (event) => event.stopImmediatePropagation(), true);
  }
}"""
_MOVING = """() => [...document.querySelectorAll(".aleph-desk *")].flatMap((each) => {
  const { transitionDuration, animationName } = getComputedStyle(each);
  return /[1-9]/.test(transitionDuration) || animationName !== "none" ? [`${each.className}`] : [];
})"""


def test_one_video_plays_over_the_card_under_the_pointer(desk: DeskPage) -> None:
    desk.open(count=40)
    for place in (0, 1, 3):
        card = desk.cards.nth(place)
        card.hover()
        desk.page.wait_for_function(f"() => ({_HOVERED})()[0]?.playing")
        (video,) = desk.page.evaluate(_HOVERED)
        assert (video["task"], video["muted"]) == (card.get_attribute("data-task"), True)
    desk.page.mouse.move(2, 2)
    expect(desk.page.locator(".ad-hover")).to_have_count(0)
    desk.cards.nth(4).hover()  # failed: there is nothing to play
    desk.page.wait_for_timeout(400)
    assert desk.page.evaluate(_HOVERED) == []


def test_nothing_moves_where_that_is_not_wanted(browser: Browser, desk_url: str) -> None:
    with desk_page(browser, desk_url) as desk:
        desk.page.emulate_media(reduced_motion="reduce")
        desk.open(count=40, work=True).press("Enter", "?")
        assert desk.page.evaluate(_MOVING) == []
        desk.press("Escape")
        desk.cards.nth(1).hover()
        desk.page.wait_for_timeout(400)
        assert desk.page.evaluate(_HOVERED) == []
        desk.page.emulate_media(reduced_motion="no-preference")
        assert desk.page.evaluate(_MOVING) != [], "there is something that could move"


def test_an_id_is_copied(desk: DeskPage) -> None:
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.open()
    task = desk.press("n").current
    desk.page.get_by_role("button", name="Copy id").click()
    desk.says("Copied")
    assert desk.page.evaluate("navigator.clipboard.readText()") == task
    expect(desk.list).to_be_focused()  # the keys stay with the desk


def test_a_tab_that_is_killed_in_the_middle_of_a_word_loses_none_of_it(desk: DeskPage) -> None:
    desk.page.evaluate(_UNHEARD)
    desk.open(answers=False).press("n")
    task = desk.current
    desk.press("4", "c")
    desk.page.keyboard.type("half a wo")
    desk.reload().open()
    expect(desk.sign).to_have_text("Saved")
    kept = desk.page.evaluate("[...harness.kernel.kept.values()]")
    assert [(line["task_id"], line["field"]) for line in kept] == [(task, "rating"), (task, "note")]
    assert kept[1]["value"]["text"] == "half a wo"
