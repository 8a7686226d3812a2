"""The pair as a picture: every view by its pixels, what may not be read, and where the picture goes."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.browser.stage_page import Colour, Pixels, StagePage, painted, stage_page
from tests.desk.server import serving_page

pytestmark = pytest.mark.browser

WIDE, TALL, LARGE = (320, 180), (180, 320), (640, 360)
RED, BLUE, GREEN, YELLOW = (200, 40, 40), (40, 40, 200), (40, 160, 60), (220, 200, 40)
STAGE = (13, 14, 16)
SLACK = 24
NO_READING = "The browser does not let a picture be read from this host."


@pytest.fixture
def stage(browser: Browser, desk_url: str) -> Iterator[StagePage]:
    """Lend a page with no stage open yet."""
    with stage_page(browser, desk_url) as lent:
        yield lent


def check(pixels: Pixels, *wanted: tuple[int, int, Colour], slack: int = SLACK) -> None:
    """Compare pixels of a picture."""
    found = [(x, y, tuple(int(each) for each in pixels[y, x])) for x, y, _ in wanted]
    off = [np.abs(np.subtract(one[2], other[2])).max() for one, other in zip(found, wanted, strict=True)]
    assert max(off) <= slack, f"{found} instead of {list(wanted)}"


def size(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def test_side_by_side_every_pixel_of_the_clips_is_there(stage: StagePage) -> None:
    corner = (0, 0, 1 / 320, 1 / 180)
    stage.open(painted(WIDE, RED, (corner, YELLOW)), painted(WIDE, BLUE, (corner, YELLOW)))
    taken = stage.shot()
    assert size(taken) == (642, 180)
    check(
        taken,
        (160, 90, RED),
        (319, 179, RED),
        (320, 90, STAGE),
        (321, 90, STAGE),
        (322, 90, BLUE),
        (641, 179, BLUE),
    )
    stage.do("views.swap();")
    check(stage.shot(), (160, 90, BLUE), (500, 90, RED))


def test_the_size_is_the_clips_and_not_the_pages(stage: StagePage) -> None:
    for whole in ((802, 450), (301, 777), (1203, 300)):
        stage.open(painted(LARGE, RED), painted(LARGE, BLUE), size=whole)
        assert size(stage.shot()) == (1282, 360)


def test_two_sizes_are_as_large_as_on_the_stage(stage: StagePage) -> None:
    # The larger one keeps its pixels, the other is drawn as large as it is seen.
    stage.open(painted(WIDE, RED), painted(LARGE, BLUE))
    taken = stage.shot()
    assert size(taken) == (1282, 360)
    check(taken, (5, 5, RED), (635, 355, RED), (645, 5, BLUE), (1277, 355, BLUE))


def test_two_shapes(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(TALL, BLUE))  # 400 by 225 and 253 by 450
    taken = stage.shot()
    width, height = size(taken)
    assert height == pytest.approx(360, abs=2)
    assert width == pytest.approx(320 + 2 + 202, abs=3)
    check(taken, (160, height // 2, RED), (160, 20, STAGE), (340, 20, BLUE), (width - 5, height - 5, BLUE))


def test_the_wipe(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    stage.do("views.toggle('wipe'); views.wipeTo(0.25);")
    taken = stage.shot()
    assert size(taken) == (320, 180)
    check(taken, (2, 2, RED), (77, 178, RED), (83, 2, BLUE), (317, 178, BLUE))
    stage.do("views.wipeTo(0);")
    check(stage.shot(), (2, 2, BLUE), (317, 178, BLUE))


@pytest.mark.parametrize("gain", [1, 4, 32])
def test_the_difference(stage: StagePage, gain: int) -> None:
    ground, other, mark = (100, 100, 100), (106, 100, 94), (0.25, 0.25, 0.75, 0.75)
    stage.open(painted(WIDE, ground), painted(WIDE, ground, (mark, other)))
    stage.do(f"views.toggle('difference'); while (views.state.gain < {gain}) views.louder(1);")
    taken = stage.shot()
    assert size(taken) == (320, 180)
    assert taken[:30].max() == 0
    check(taken, (160, 90, (min(255, 6 * gain), 0, min(255, 6 * gain))), slack=2 * gain)
    assert taken[90, 160, 0] > 0
    assert taken[90, 160, 0] % gain in (0, 255 % gain), "a multiple of the gain, or as light as can be"


def test_one_alone_and_the_other_while_a_key_is_held(stage: StagePage) -> None:
    stage.open(painted(WIDE, RED), painted(LARGE, BLUE))
    stage.do("views.toggle('single');")
    taken = stage.shot()
    assert size(taken) == (640, 360)
    check(taken, (2, 2, BLUE), (637, 357, BLUE))
    stage.do("views.blink(true);")
    taken = stage.shot()
    assert size(taken) == (320, 180)
    check(taken, (2, 2, RED), (317, 177, RED))


def test_zoomed_it_is_the_part_that_is_seen(stage: StagePage) -> None:
    marked = painted(LARGE, RED, ((0.5, 0.5, 1, 1), GREEN))
    stage.open(marked, painted(LARGE, BLUE))
    stage.do("views.toggle('single'); views.swap(); views.zoom(2, { x: 801, y: 450 });")
    taken = stage.shot()
    assert abs(size(taken)[0] - 320) <= 2
    assert abs(size(taken)[1] - 180) <= 1
    check(taken, (5, 5, GREEN), (300, 170, GREEN))


def test_a_fit_is_drawn_as_it_is_seen(stage: StagePage) -> None:
    rimmed = painted(WIDE, GREEN, ((0, 0, 0.1, 1), RED), ((0.9, 0, 1, 1), RED))
    stage.open(rimmed, rimmed)
    stage.do("views.cycleFit(0); views.cycleFit(0); views.cycleFit(1);")  # stretched, and filled
    taken = stage.shot()
    width, height = size(taken)
    check(
        taken,
        (4, 4, RED),
        (width // 4, height - 5, GREEN),
        (width // 2 + 5, 5, GREEN),
        (width - 5, height - 5, GREEN),
    )


def test_one_picture_alone_on_the_stage(stage: StagePage) -> None:
    stage.open(None, painted(WIDE, BLUE))
    taken = stage.shot()
    assert size(taken) == (320, 180)
    check(taken, (5, 5, BLUE), (315, 175, BLUE))
    stage.do("sides.shift();")  # whoever asks names the sides that there are
    check(stage.shot(), (5, 5, BLUE), (315, 175, BLUE))


def test_where_there_is_nothing_it_says_so(stage: StagePage) -> None:
    stage.open(None, None)
    said = stage.do("""try { await shot.takeShot({ sides, views }); } catch (error) {
      return [error instanceof shot.ShotError, error.message];
    }""")
    assert said == [True, "There is no picture to take yet."]


def test_another_hosts_clips_are_seen_in_every_view_and_not_read(stage: StagePage) -> None:
    with serving_page() as other:
        media = other.replace("page.html", "media/")
        stage.open(f"{media}ridge.mp4", f"{media}ridge.mp4")
        stage.do("views.toggle('difference'); for (let n = 0; n < 5; n += 1) views.louder(1);")
        assert stage.seen()[40:, :].max() == 0, "the same clip twice"
        stage.do(f"await show(1, '{media}ridge-winter.mp4');")
        stage.page.wait_for_timeout(300)
        assert stage.seen()[40:, :].max() > 200
        for view in ("difference", "side", "wipe", "single"):
            said = stage.do(f"""views.state = {{ view: "{view}" }};
            try {{ await shot.takeShot({{ sides, views }}); }} catch (error) {{
              return [error instanceof shot.ShotError, error.message];
            }}""")
            assert said == [True, NO_READING]


def test_the_picture_goes_to_the_clipboard(stage: StagePage) -> None:
    stage.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    kept = stage.do("""
      const { blob } = await shot.takeShot({ sides, views });
      const how = await shot.keepShot(blob, shot.shotName(56, 1));
      const [item] = await navigator.clipboard.read();
      const bytes = new Uint8Array(await (await item.getType("image/png")).arrayBuffer());
      return [how, Array.from(bytes)];
    """)
    assert kept[0] == "copied"
    assert Image.open(io.BytesIO(bytes(kept[1]))).size == (642, 180)


def test_without_a_clipboard_it_is_saved_as_a_file(stage: StagePage) -> None:
    stage.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined });")
    stage.page.reload()
    stage.page.wait_for_function("window.harness")
    stage.open(painted(WIDE, RED), painted(WIDE, BLUE))
    with stage.page.expect_download() as waiting:
        how = stage.do("""
          const { blob } = await shot.takeShot({ sides, views });
          return shot.keepShot(blob, shot.shotName(56, 2));
        """)
    assert how == "saved"
    assert waiting.value.suggested_filename == "frame-0056-2.png"
    with Image.open(waiting.value.path()) as picture:
        assert picture.size == (642, 180)


def test_a_name_that_is_no_name_does_no_harm(stage: StagePage) -> None:
    stage.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined });")
    stage.page.reload()
    stage.page.wait_for_function("window.harness")
    stage.open(painted(WIDE, RED), None)
    with stage.page.expect_download() as waiting:
        stage.do("""
          const { blob } = await shot.takeShot({ sides, views });
          return shot.keepShot(blob, "../../a b\\u202e/c.png");
        """)
    assert "/" not in waiting.value.suggested_filename
    assert waiting.value.suggested_filename.endswith("c.png")
