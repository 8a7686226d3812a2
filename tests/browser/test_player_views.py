"""The views of a pair, by the pixels on the screen: clips of known colours, laid out in every way."""

import json
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.stage_page import Colour, Pixels, StagePage, painted, stage_page

pytestmark = pytest.mark.browser

WIDE, TALL, SQUARE = (320, 180), (180, 320), (240, 240)
RED, BLUE, GREEN, YELLOW = (200, 40, 40), (40, 40, 200), (40, 160, 60), (220, 200, 40)
SLACK = 24  # a clip keeps its colours to a few steps; ours are a hundred apart
STAGE, BLACK = (13, 14, 16), (0, 0, 0)
# The stage is 802 by 450: a 16:9 picture is 400 by 225 in one half of it, 800 by 450 on the whole.
MARK = (0.4, 0.4, 0.6, 0.6)


@pytest.fixture
def stage(browser: Browser, desk_url: str) -> Iterator[StagePage]:
    """Lend a page with no stage open yet."""
    with stage_page(browser, desk_url) as lent:
        yield lent


def is_near(found: Colour, wanted: Colour, slack: int = SLACK) -> bool:
    return max(abs(int(one) - other) for one, other in zip(found, wanted, strict=True)) <= slack


def colours(pixels: Pixels, places: Sequence[tuple[float, float]]) -> list[Colour]:
    """Give the colours at places: the median of nine pixels each."""
    found = []
    for x, y in places:
        column, row = round(x), round(y)
        around = pixels[row - 1 : row + 2, column - 1 : column + 2]
        red, green, blue = np.median(around, axis=(0, 1))
        found.append((int(red), int(green), int(blue)))
    return found


def check(stage: StagePage, *wanted: tuple[float, float, Colour], slack: int = SLACK) -> Pixels:
    """Compare colours at places of the stage; what is on the screen can be late by a moment."""
    places, told = [(x, y) for x, y, _ in wanted], [each for _, _, each in wanted]
    for _ in range(10):
        seen = stage.seen()
        found = colours(seen, places)
        if all(is_near(one, other, slack) for one, other in zip(found, told, strict=True)):
            return seen
        stage.page.wait_for_timeout(200)
    pytest.fail(f"at {places} there is {found} instead of {told}")


def quarters(size: tuple[int, int], *colours: Colour) -> str:
    """Paint a clip in quarters: top left, top right, bottom left, bottom right."""
    first, second, third, fourth = colours
    return painted(
        size, first, ((0.5, 0, 1, 0.5), second), ((0, 0.5, 0.5, 1), third), ((0.5, 0.5, 1, 1), fourth)
    )


# ── Side by side ─────────────────────────────────────────────────────────────────────────────────


def test_side_by_side_two_pixels_lie_between(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    seen = check(stage, (3, 225, RED), (396, 225, RED), (405, 225, BLUE), (798, 225, BLUE))
    assert [is_near(tuple(seen[225, x]), STAGE, 0) for x in (400, 401)] == [True, True]
    assert is_near(tuple(seen[225, 399]), RED)
    assert is_near(tuple(seen[225, 402]), BLUE)
    check(stage, (200, 105, STAGE), (200, 120, RED), (200, 330, RED), (200, 345, STAGE))


@pytest.mark.parametrize(
    ("size", "left", "right"), [(TALL, 147, 654), (SQUARE, 0, 801)], ids=["portrait", "square"]
)
def test_other_shapes_meet_in_the_middle_too(
    stage: StagePage, size: tuple[int, int], left: int, right: int
) -> None:
    stage.open(painted(size, RED), painted(size, BLUE))
    check(stage, (396, 225, RED), (405, 225, BLUE), (left + 5, 225, RED), (right - 5, 225, BLUE))
    if left:
        check(stage, (left - 5, 225, STAGE), (right + 5, 225, STAGE))


def test_swapped_the_sides_change_places(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(TALL, BLUE))
    check(stage, (200, 225, RED), (410, 225, BLUE), (700, 225, STAGE))
    stage.do("views.swap();")
    check(stage, (380, 225, BLUE), (100, 225, STAGE), (600, 225, RED))
    assert stage.do("return views.describe();") == "Side by side, swapped"
    expect(stage.page.locator(".ad-side-source .ad-side-name")).to_be_visible()
    stage.do("views.swap();")
    check(stage, (200, 225, RED))


def test_boxes_do_not_move_when_clips_come(stage: StagePage) -> None:
    boxes = "return sides.map(({ el }) => ({ ...el.getBoundingClientRect().toJSON() }));"
    for view in ("side", "wipe", "difference", "single"):
        stage.open(None, None)
        stage.do(f"views.present(2); if ('{view}' !== 'side') views.toggle('{view}');")
        before = stage.do(boxes)
        stage.do(f"await show(0, '{painted(TALL, RED)}');")
        assert stage.do(boxes) == before
        stage.do(f"await show(1, '{painted(WIDE, BLUE)}');")
        assert stage.do(boxes) == before


# ── One over the other ───────────────────────────────────────────────────────────────────────────


def test_the_wipe_shows_the_left_one_left_of_the_divider(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do("views.toggle('wipe'); views.wipeTo(0.25);")
    seen = check(stage, (5, 20, RED), (190, 400, RED), (212, 400, BLUE), (790, 20, BLUE))
    divider = [x for x in range(180, 220) if is_near(tuple(seen[40, x]), (240, 240, 240), 22)]
    assert divider == [200, 201], "the divider is where the pictures meet"
    stage.do("views.swap();")
    check(stage, (5, 20, BLUE), (190, 400, BLUE), (212, 400, RED), (790, 20, RED))


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 1])
def test_the_wipe_stays_at_the_divider_when_it_is_zoomed(stage: StagePage, share: float) -> None:
    stage.open(painted(WIDE, RED), painted(SQUARE, BLUE))
    stage.do(f"views.toggle('wipe'); views.wipeTo({share}); views.zoom(5, {{ x: 480, y: 300 }});")
    at = share * 802
    check(stage, *[(x, 60, RED if x < at else BLUE) for x in range(24, 780, 84) if abs(x - at) > 4])


def test_the_parts_of_the_wipe_are_cut_to_their_own_half(stage: StagePage) -> None:
    # What is wider than the other must not look out behind it.
    stage.open(painted(WIDE, RED), painted(TALL, BLUE))
    stage.do("views.toggle('wipe'); views.wipeTo(0.5);")
    check(stage, (100, 225, RED), (390, 100, RED), (412, 100, BLUE), (600, 225, STAGE))


@pytest.mark.parametrize("gain", [1, 2, 4, 8, 16, 32])
def test_the_difference_is_what_it_should_be(stage: StagePage, gain: int) -> None:
    ground, other = (100, 100, 100), (106, 100, 94)
    stage.open(painted(WIDE, ground), painted(WIDE, ground, (MARK, other)))
    told = stage.do("""
      const canvas = new OffscreenCanvas(320, 180);
      const pen = canvas.getContext("2d");
      return sides.map(({ video }) => {
        pen.drawImage(video, 0, 0);
        return [...pen.getImageData(160, 90, 1, 1).data];
      });
    """)
    apart = [abs(one - two) for one, two in zip(*told, strict=True)][:3]
    assert sum(apart) > 4, "the clips differ in their middle"
    stage.do(f"views.toggle('difference'); while (views.state.gain < {gain}) views.louder(1);")
    red, green, blue = (min(255, each * gain) for each in apart)
    seen = check(stage, (401, 225, (red, green, blue)), slack=1 + gain)
    assert seen[60:420, 100:300].max() == 0, "black where they are equal, however loud"
    assert seen[60:420, 500:700].max() == 0


def test_the_difference_of_two_colours(stage: StagePage) -> None:
    stage.open(painted(WIDE, (180, 90, 30)), painted(WIDE, (60, 120, 230)))
    stage.do("views.toggle('difference');")
    check(stage, (401, 225, (120, 30, 190)), slack=10)
    stage.do("views.swap();")
    check(stage, (401, 225, (120, 30, 190)), slack=10)


def test_beyond_the_smaller_picture_the_difference_is_the_larger(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(TALL, RED))
    stage.do("views.toggle('difference');")
    seen = check(stage, (100, 225, RED), (700, 225, RED))
    assert seen[100:400, 340:460].max() <= 8


def test_the_labels_are_as_they_were_when_the_difference_is_loud(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do("views.toggle('difference'); views.louder(1); views.louder(1);")
    label = stage.page.locator(".ad-view-name")
    expect(label).to_have_text("Difference \u00d7 4")
    # The label begins at (12, 10); what is below is as bright as can be.
    seen = check(stage, (401, 225, (255, 0, 255)), (200, 200, (255, 0, 255)))
    assert seen[13:16, 14:17].max() < 90, "a dark label, not one that was made louder"


def test_alone_and_the_other_one_in_its_place(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do("views.toggle('single');")
    check(stage, (5, 225, BLUE), (401, 10, BLUE), (797, 440, BLUE))
    stage.do("views.blink(true);")
    check(stage, (5, 225, RED), (401, 10, RED), (797, 440, RED))
    expect(stage.page.locator(".ad-side-result .ad-side-name")).to_be_hidden()
    stage.do("views.blink(false); views.swap();")
    check(stage, (401, 10, RED))
    assert stage.do("return views.describe();") == "Source alone"
    stage.do("views.toggle('single');")
    assert stage.state["view"] == "side"


@pytest.mark.parametrize(
    ("view", "before", "while_held"),
    [
        ("side", ((200, RED), (600, BLUE)), ((200, BLUE), (600, RED))),
        ("wipe", ((200, RED), (600, BLUE)), ((200, BLUE), (600, RED))),
        ("difference", ((200, (160, 0, 160)), (600, (160, 0, 160))), ((200, BLUE), (600, BLUE))),
        ("single", ((200, BLUE), (600, BLUE)), ((200, RED), (600, RED))),
    ],
)
def test_blink(
    stage: StagePage,
    view: str,
    before: tuple[tuple[int, Colour], ...],
    while_held: tuple[tuple[int, Colour], ...],
) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do(f"views.state = {{ view: '{view}' }};")
    kept = stage.state
    check(stage, *[(x, 200, wanted) for x, wanted in before])
    stage.do("views.blink(true);")
    check(stage, *[(x, 200, wanted) for x, wanted in while_held])
    assert stage.state == kept, "what is held is not kept"
    stage.do("views.blink(false);")
    check(stage, *[(x, 200, wanted) for x, wanted in before])


# ── Zoom and fit ─────────────────────────────────────────────────────────────────────────────────


def test_zoom_goes_to_the_same_place_on_both_sides(stage: StagePage) -> None:
    first, second = (RED, BLUE, GREEN, YELLOW), (YELLOW, GREEN, BLUE, RED)
    stage.open(quarters(WIDE, *first), quarters(WIDE, *second))
    # The pointer is on the left one, in its top right quarter: at 3/4 and 1/4 of it.
    stage.do("views.zoom(4, { x: 300, y: 169 });")
    check(stage, (20, 60, BLUE), (390, 225, BLUE), (422, 60, GREEN), (790, 225, GREEN))
    stage.do("views.fit();")
    check(stage, (20, 130, RED), (422, 130, YELLOW))
    stage.do("views.zoom(4, { x: 402 + 100, y: 281 });")  # the right one's bottom left
    check(stage, (20, 225, GREEN), (790, 225, BLUE))


def test_what_is_under_the_pointer_stays_there(stage: StagePage) -> None:
    mark = (0.70, 0.30, 0.72, 0.33)
    stage.open(painted((640, 360), RED, (mark, YELLOW)), painted((640, 360), BLUE))
    stage.do("views.toggle('wipe'); views.wipeTo(1);")
    point = (1 + 0.71 * 800, 0.315 * 450)
    for factor in (1.5, 2, 3, 0.4):
        stage.do(f"views.zoom({factor}, {{ x: {point[0]}, y: {point[1]} }});")
        check(stage, (*point, YELLOW), slack=24)


def test_what_lies_on_what_stays_on_it_when_shapes_differ(stage: StagePage) -> None:
    # The square one is the middle of the wide one: marks at the same place of the stage.
    wide = painted((640, 360), BLACK, ((0.30, 0.4, 0.32, 0.6), (220, 220, 220)))
    square = painted(
        (360, 360), BLACK, ((0.30 * 16 / 9 - 7 / 18, 0.4, 0.32 * 16 / 9 - 7 / 18, 0.6), (220, 220, 220))
    )
    stage.open(wide, square)
    stage.do("views.toggle('difference');")
    stage.do("views.zoom(6, { x: 248, y: 225 }); views.zoom(1.5, { x: 200, y: 100 });")
    seen = check(stage, (20, 60, BLACK), (401, 225, BLACK))
    assert np.percentile(seen, 99) < 24, "equal at every place, so nothing is left"


def test_a_zoomed_picture_is_moved_by_the_pointer(stage: StagePage) -> None:
    stage.open(quarters(WIDE, RED, BLUE, GREEN, YELLOW), quarters(WIDE, RED, BLUE, GREEN, YELLOW))
    stage.do("views.zoom(4, { x: 100, y: 169 });")
    check(stage, (200, 225, RED), (600, 225, RED))
    stage.drag((380, 225), (-700, 225))  # by more than there is
    check(stage, (20, 225, BLUE), (390, 225, BLUE), (790, 225, BLUE))
    assert stage.state["zoom"]["x"] <= 1 - 1 / 8 + 0.001
    stage.drag((500, 300), (300, -600))
    check(stage, (390, 225, YELLOW), (790, 225, YELLOW))
    stage.drag((200, 100), (1400, 900))
    check(stage, (5, 20, RED), (790, 225, RED))
    assert stage.do("return told.clicks;") == 0, "a drag is no click"
    stage.do("views.fit();")
    assert stage.state["zoom"] == {"scale": 1, "x": 0.5, "y": 0.5}


def test_the_wheel_zooms_with_ctrl_alone(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do(
        """window.let = 0;
        window.addEventListener("wheel", (event) => { if (!event.defaultPrevented) window.let += 1; });"""
    )
    box = stage.pair.bounding_box()
    assert box
    stage.page.mouse.move(box["x"] + 100, box["y"] + 200)
    stage.page.mouse.wheel(0, -200)
    stage.page.wait_for_function("() => window.let === 1")
    assert stage.state["zoom"]["scale"] == 1
    stage.page.keyboard.down("Control")
    stage.page.mouse.wheel(0, -200)
    stage.page.wait_for_function("() => window.stage.views.state.zoom.scale > 1.2")
    stage.page.mouse.wheel(0, 2000)
    stage.page.mouse.wheel(0, 2000)
    stage.page.wait_for_function("() => window.stage.views.state.zoom.scale === 1")
    stage.page.keyboard.up("Control")
    assert stage.page.evaluate("window.let") == 1, "the page does not zoom with it"


def test_two_fingers_zoom(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), quarters(WIDE, RED, BLUE, GREEN, YELLOW))
    stage.do("views.toggle('single');")
    stage.fingers((300, 110), (300, 110))
    stage.fingers((300, 110), (420, 110), (700, 110))
    assert stage.state["zoom"]["scale"] > 2
    assert stage.do("return told.clicks;") == 0
    stage.fingers((300, 110), (700, 110), (320, 110))
    assert stage.state["zoom"]["scale"] == 1


def test_fits_are_each_sides_own(stage: StagePage) -> None:
    # A wide clip with a red rim of a tenth left and right, and one of another colour.
    rimmed = painted(WIDE, GREEN, ((0, 0, 0.1, 1), RED), ((0.9, 0, 1, 1), RED))
    stage.open(rimmed, rimmed)
    check(stage, (10, 225, RED), (200, 225, GREEN), (200, 20, STAGE), (412, 225, RED))
    assert stage.do("return views.cycleFit(1);") == "cover"
    check(stage, (10, 225, RED), (200, 20, STAGE), (412, 225, GREEN), (412, 20, GREEN), (790, 440, GREEN))
    assert stage.do("return views.cycleFit(1);") == "fill"
    check(stage, (412, 20, RED), (600, 20, GREEN), (790, 440, RED), (200, 20, STAGE))
    assert stage.do("return views.cycleFit(0);") == "cover"
    check(stage, (10, 20, GREEN), (412, 20, RED))
    assert stage.state["fits"] == ["cover", "fill"]
    assert stage.do("return told.said;")[-1] == "Source: filled, its edges cut off."


def test_a_fit_is_a_button_in_its_corner(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    button = stage.page.get_by_role("button", name="Result: fit")
    expect(button).to_have_css("opacity", "0")
    stage.pair.hover()
    expect(button).to_have_css("opacity", "1")
    button.click()
    expect(stage.page.get_by_role("button", name="Result: fill")).to_have_text("Fill")
    check(stage, (412, 60, BLUE), (790, 380, BLUE), (200, 20, STAGE))
    stage.page.mouse.move(5, 880)
    expect(stage.page.get_by_role("button", name="Result: fill")).to_have_css("opacity", "1")
    expect(stage.page.get_by_role("button", name="Source: fit")).to_have_css("opacity", "0")


def test_pixels_are_squares_where_they_are_looked_at(stage: StagePage) -> None:
    halves = painted(WIDE, BLACK, ((0.5, 0, 1, 1), (220, 220, 220)))
    stage.open(halves, halves)

    def edge() -> int:
        """Count the pixels across the edge that are neither dark nor light."""
        row = check(stage, (200, 60, BLACK), (600, 60, (220, 220, 220)))[60, 200:600, 1]
        return int(((row > 40) & (row < 180)).sum())

    stage.do("views.toggle('single'); views.zoom(2, { x: 401, y: 225 });")
    assert edge() >= 2
    stage.do("views.zoom(8, { x: 401, y: 225 });")  # 40 pixels for one of the clip
    assert edge() <= 1


def test_how_far_it_is_zoomed_is_said(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    label = stage.page.locator(".ad-view-zoom")
    expect(label).to_be_hidden()
    stage.do("views.zoom(2.5);")
    expect(label).to_have_text("2.5\u00d7 · Z fits")
    assert stage.do("return views.describe();") == "Side by side, zoom 2.5\u00d7"
    stage.do("views.fit();")
    expect(label).to_be_hidden()


def test_what_a_fit_has_cut_off_can_be_moved_into_sight(stage: StagePage) -> None:
    stage.open(quarters(WIDE, RED, BLUE, RED, BLUE), painted(WIDE, GREEN))
    stage.do("views.cycleFit(0);")
    check(stage, (190, 20, RED), (210, 20, BLUE))
    stage.drag((100, 200), (500, 200))
    check(stage, (190, 20, RED), (210, 20, RED), (390, 20, RED))


# ── The pointer on the divider, and its keys ─────────────────────────────────────────────────────


def test_the_divider_follows_the_pointer(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do("views.toggle('wipe');")
    stage.drag((401, 225), (160, 300))
    assert stage.state["wipe"] == pytest.approx(0.2, abs=0.01)
    check(stage, (145, 40, RED), (180, 40, BLUE))
    stage.drag((500, 100), (640, 100))  # anywhere on the stage
    assert stage.state["wipe"] == pytest.approx(0.8, abs=0.01)
    stage.drag((640, 100), (2000, 100))
    assert stage.state["wipe"] == 1
    assert stage.do("return told.clicks;") == 0
    assert stage.page.evaluate("document.activeElement.className") == "ad-stage"
    stage.click(300, 225)
    assert stage.do("return told.clicks;") == 1, "a click is the player's"
    assert stage.state["wipe"] == 1


def test_zoomed_the_divider_still_follows(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do("views.toggle('wipe'); views.zoom(3);")
    stage.drag((401, 100), (601, 100))
    assert stage.state["wipe"] == pytest.approx(601 / 802, abs=0.01)
    check(stage, (580, 40, RED), (620, 40, BLUE))
    before = stage.state
    stage.drag((100, 100), (140, 120))
    assert stage.state["wipe"] == before["wipe"]
    assert stage.state["zoom"]["x"] < before["zoom"]["x"]


def test_the_divider_is_a_slider_with_keys(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    divider = stage.page.get_by_role("slider", name="Wipe")
    expect(divider).to_be_hidden()
    stage.do("views.toggle('wipe');")
    expect(divider).to_have_attribute("aria-valuetext", "50 %")
    keys = [
        ("ArrowLeft", False, 0.49),
        ("ArrowRight", True, 0.59),
        ("PageUp", False, 0.69),
        ("Home", False, 0),
        ("End", False, 1),
    ]
    for key, shift, wanted in keys:
        assert stage.do(f"return views.key({{ key: '{key}', shiftKey: {str(shift).lower()} }});")
        assert stage.state["wipe"] == pytest.approx(wanted)
    expect(divider).to_have_attribute("aria-valuenow", "100")
    assert not stage.do("return views.key({ key: 'w' }) || views.key({ key: 'Home', ctrlKey: true });")


# ── What is not there, what changes ──────────────────────────────────────────────────────────────


def test_one_picture_has_the_stage_to_itself(stage: StagePage) -> None:
    stage.open(None, painted(WIDE, BLUE))
    stage.do("views.present(1);")
    check(stage, (5, 225, BLUE), (401, 20, BLUE), (797, 430, BLUE))
    assert stage.do("return views.toggle('difference') || views.toggle('wipe');") is False
    assert stage.do("return told.said;") == [
        "A difference needs two pictures: there is only one.",
        "A wipe needs two pictures: there is only one.",
    ]
    assert stage.do("return views.describe();") == "One picture"


def test_words_for_the_other_keep_their_half(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), None)
    stage.do("views.present(1); sides[1].face.hidden = false; sides[1].face.append('It has failed');")
    check(stage, (200, 225, RED), (396, 225, RED), (410, 225, STAGE))
    expect(stage.page.get_by_text("It has failed")).to_be_in_viewport()


def test_a_view_comes_back_with_the_next_pair(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do("views.toggle('single'); views.present(1);")
    check(stage, (200, 225, RED), (600, 225, BLUE))
    assert stage.state["view"] == "single"
    assert stage.do("return views.shown;") == "side"
    stage.do("views.present(2);")
    check(stage, (200, 225, BLUE), (600, 225, BLUE))


def test_another_clip_in_its_place_and_another_size(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do(f"await show(0, '{painted(TALL, GREEN)}');")
    check(stage, (380, 20, GREEN), (380, 430, GREEN), (100, 225, STAGE))
    stage.do(f"""
      const video = sides[0].video.cloneNode();
      video.src = '{painted(SQUARE, YELLOW)}';
      await new Promise((done) => video.addEventListener("loadeddata", done, {{ once: true }}));
      sides[0].picture.replaceChildren(video);
    """)
    check(stage, (10, 225, YELLOW), (390, 225, YELLOW))
    stage.do("root.style.width = '602px'; root.style.height = '300px';")
    check(
        stage,
        (10, 150, YELLOW),
        (296, 150, YELLOW),
        (305, 150, BLUE),
        (598, 150, BLUE),
        (450, 20, STAGE),
    )


def test_the_next_pair_is_zoomed_to_the_same_place(stage: StagePage) -> None:
    stage.open(None, None)
    stage.do("views.present(2); views.state = { zoom: { scale: 4, x: 0.75, y: 0.25 } };")
    for size in (WIDE, TALL):
        for place, first in ((0, BLUE), (1, YELLOW)):
            stage.do(f"await show({place}, '{quarters(size, RED, first, GREEN, RED)}');")
        check(stage, (200, 60, BLUE), (200, 430, BLUE), (602, 60, YELLOW), (602, 430, YELLOW))


def test_the_view_is_kept_as_plain_json(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do("views.toggle('wipe'); views.wipeTo(0.3); views.swap(); views.zoom(2); views.cycleFit(0);")
    kept = stage.do("return JSON.parse(JSON.stringify(views.state));")
    assert stage.do("return told.changed;") >= 5
    seen = check(stage, (20, 225, BLUE), (780, 225, RED))
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do(f"views.state = {json.dumps(kept)};")
    assert stage.state == kept
    again = check(stage, (20, 225, BLUE), (780, 225, RED))
    assert np.abs(again.astype(int) - seen).max() <= 2


def test_nothing_is_left_behind(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    before = stage.do("return pair.children.length;")
    stage.do("views.dispose();")
    assert stage.do("return pair.children.length;") == before - 4
    expect(stage.page.locator(".ad-fit")).to_have_count(0)
    stage.do("pair.dispatchEvent(new WheelEvent('wheel', { ctrlKey: true, deltaY: -99 }));")
    assert stage.state["zoom"]["scale"] == 1
