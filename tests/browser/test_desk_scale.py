"""The desk with many tasks, while media load, and as axe-core reads it."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import ViewportSize, expect

from tests.browser.bare_desk import DeskPage

pytestmark = [pytest.mark.browser, pytest.mark.alone]

_NODES = "document.querySelectorAll('.aleph-desk *').length"
_JUMP = """async (count) => {
  const list = document.querySelector(".ad-list");
  const begun = performance.now();
  list.scrollTop = list.scrollHeight;
  for (;;) {
    await new Promise((done) => requestAnimationFrame(done));
    const box = list.getBoundingClientRect();
    const card = document.querySelector(`.ad-card[aria-posinset="${count}"]:not([hidden])`);
    const last = card?.getBoundingClientRect();
    if (last && last.bottom <= box.bottom && last.top >= box.top) return performance.now() - begun;
    if (performance.now() - begun > 10000) return Infinity;
  }
}"""
_WHEEL = """async (steps) => {
  const list = document.querySelector(".ad-list");
  const nodes = [];
  for (let step = 0; step <= steps; step += 1) {
    list.scrollTop = (list.scrollHeight - list.clientHeight) * step / steps;
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const box = list.getBoundingClientRect();
    const seen = [...document.querySelectorAll(".ad-card:not([hidden])")].filter((each) => {
      const { top, bottom } = each.getBoundingClientRect();
      return bottom > box.top && top < box.bottom;
    });
    nodes.push([document.querySelectorAll(".aleph-desk *").length, seen.length]);
  }
  return nodes;
}"""
# Where things stand: what is seen, but for what stands inside a picture.
_BOXES = """() => [...document.querySelectorAll(".aleph-desk *")].filter((each) =>
  !each.closest(".ad-picture > *, .ad-side > .ad-picture, .ad-clock, .ad-frame > *, .ad-seek-marks")
  && !each.closest("[hidden], svg") && each.checkVisibility()
).map((each) => { const { x, y, width, height } = each.getBoundingClientRect();
  return [each.className, ...[x, y, width, height].map(Math.round)].join(" "); })"""
_ONE_ROW = """() => new Set([...document.querySelectorAll(".ad-card:not([hidden])")]
  .map((each) => Math.round(each.getBoundingClientRect().top))).size === 1"""
_SHIFTS = """() => { window.shifts = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true }); }"""
_OUTSIDE = """(name) => {
  const frame = document.querySelector(".aleph-desk").getBoundingClientRect();
  const opened = document.querySelector(name).getBoundingClientRect();
  const beyond = { left: -1, top: -1, right: 1, bottom: 1 };
  return Object.keys(beyond).filter((side) => (opened[side] - frame[side]) * beyond[side] > 0);
}"""
_COVERED = """() => {
  const details = document.querySelector(".ad-details").getBoundingClientRect();
  return [".ad-side-source", ".ad-side-result", ".ad-verdict"].filter((name) => {
    const box = document.querySelector(name).getBoundingClientRect();
    const wide = Math.min(box.right, details.right) - Math.max(box.left, details.left);
    return wide > 1 && Math.min(box.bottom, details.bottom) - Math.max(box.top, details.top) > 1;
  });
}"""
# A bar that grows or a switch that slides ends where it belongs.
_STILL = "() => Promise.allSettled(document.getAnimations().map((each) => each.finished))"
_THEMED = """theme => {
  const { open } = harness;
  harness.open = (options) => open({ ...options, theme });
}"""

SCENES: dict[str, Callable[[DeskPage], object]] = {
    "details of a failed task": lambda desk: desk.open(count=40, work=True).press(
        "n", "n", "n", "n", "Enter"
    ),
    "help": lambda desk: desk.open(count=40).press("?"),
    "a tag, a selection": lambda desk: desk.open(count=40, work=True).press("Shift+ArrowRight", "g"),
    "empty, adding": lambda desk: desk.open(count=0).page.locator(".ad-empty button").click(),
    "a wipe, zoomed": lambda desk: desk.open(count=12, work=True).press("w", "+"),
    "a loud difference": lambda desk: desk.open(count=12, work=True).press("d", "]", "]"),
    "one alone, the other in its place": lambda desk: desk.open(count=12).press("v", "s"),
    "nothing matches": lambda desk: desk.open(count=12).chip("Picks").click(),
}


@pytest.mark.parametrize("count", [10_000, 100_000])
def test_only_the_cards_in_sight_exist(desk: DeskPage, count: int) -> None:
    desk.open(count=count, work=True)
    expect(desk.chip("All").locator("b")).to_have_text(f"{count:,}", timeout=15_000)
    first = desk.page.evaluate(_NODES)
    seen = desk.page.evaluate(_WHEEL, 60)
    assert max(nodes for nodes, _ in seen) < 1.5 * first
    assert min(cards for _, cards in seen) >= 4, "the list was empty while it was scrolled"
    desk.page.evaluate("document.querySelector('.ad-list').scrollTop = 0")
    jump = desk.page.evaluate(_JUMP, count)
    assert jump < 1000, "ms to the end of the list; it is meant to be 100"
    assert desk.press("End").place == count
    assert desk.press("Home").place == 1


def test_nothing_moves_while_media_load(desk: DeskPage) -> None:
    desk.page.evaluate(_SHIFTS)
    desk.open(count=40, work=True, mediaHeld=True)
    desk.page.evaluate(_STILL)
    before = desk.page.evaluate(_BOXES)
    assert desk.page.locator("[data-loaded]").count() == 0
    desk.page.evaluate("harness.kernel.letMedia()")
    desk.page.wait_for_function(
        """() => document.querySelectorAll("[data-loaded]").length > 4
          && [...document.querySelectorAll(".ad-video")].every((each) => each.readyState > 2)"""
    )
    assert desk.settle().page.evaluate(_BOXES) == before
    assert desk.page.evaluate("window.shifts") < 0.001


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(desk: DeskPage, theme: str) -> None:
    found = []
    for scene, show in SCENES.items():
        desk.reload()
        desk.page.evaluate(_THEMED, theme)
        show(desk)
        desk.page.evaluate(_STILL)
        results = Axe().run(desk.page, context=".aleph-desk")
        found += [
            f"{scene}: {each['id']} ({each['impact']}): {node['html'][:160]} {node['failureSummary'][:300]}"
            for each in results.response["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]
    assert found == []


def test_what_opens_stays_within_the_frame(desk: DeskPage) -> None:
    desk.open(count=200, work=True).press("End")
    steps: list[tuple[Callable[[], object], str, str]] = [
        (lambda: desk.press("g"), ".ad-menu", "Escape"),
        (lambda: desk.press("?"), ".ad-help-sheet", "Escape"),
        (desk.page.get_by_role("button", name="Add ids").first.click, ".ad-adder", "Escape"),
        (lambda: desk.press("Enter"), ".ad-details", "Enter"),
    ]
    for width in (520, 700, 900, 1100, 1400, 2000):
        desk.page.set_viewport_size(ViewportSize(width=width + 32, height=900))
        desk.settle()
        for opener, opened, closer in steps:
            opener()
            expect(desk.page.locator(opened)).to_be_visible()
            assert (width, opened, desk.page.evaluate(_OUTSIDE, opened)) == (width, opened, [])
            desk.press(closer)
            expect(desk.page.locator(opened)).to_be_hidden()
        assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        strip = desk.page.evaluate("document.querySelector('.ad-list').clientHeight") < 200
        assert strip == (width < 900)
        along = desk.page.evaluate(_ONE_ROW)
        assert along == strip, f"at {width} the cards stand {'in' if along else 'not in'} one row"
        expect(desk.page.locator(".ad-card[data-current]")).to_be_in_viewport()


@pytest.mark.parametrize("width", [520, 700, 900, 1100, 1279, 1400, 2000])
def test_the_details_leave_media_and_verdict_in_sight(desk: DeskPage, width: int) -> None:
    desk.page.set_viewport_size(ViewportSize(width=width + 32, height=900))
    desk.open(count=40, work=True).press("n", "n", "n", "n", "Enter")
    expect(desk.page.locator(".ad-details")).to_contain_text("The prompt was flagged by moderation.")
    assert desk.page.evaluate(_COVERED) == []
    body = desk.page.locator(".ad-details-body")
    assert body.evaluate("each => each.scrollWidth <= each.clientWidth"), "something of them is out of reach"
