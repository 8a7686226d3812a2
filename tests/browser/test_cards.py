"""Cards in both front ends: the thumbnail comes by itself, nothing moves, and they outlive their media."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator

from tests.browser.rig import Notebook, Rig, playing
from tests.browser.server import REPOSITORY
from tests.faults import FaultServer, Reply, success
from tests.keys import KEY

pytestmark = pytest.mark.browser

MEDIA = REPOSITORY / "aleph_nb" / "demo" / "media"
VIDEO, PICTURE, SOURCE = "/k/result.mp4", "/m/result.jpg", "/k/source.mp4"
STATUS, EMBED, TOO_LARGE = 2, 3, 5  # the cells with cards
WIDTHS = (500, 760, 1100, 1600)
in_both = pytest.mark.parametrize("app", ["lab", "notebook"])


# The words of a card that do not stand within it.
_STICKS_OUT = """card => {
  const frame = card.getBoundingClientRect(), found = [], range = document.createRange();
  const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    range.selectNodeContents(texts.currentNode);
    const rects = texts.currentNode.data.trim() ? [...range.getClientRects()] : [];
    if (rects.some((each) => each.left < frame.left + 8 || each.right > frame.right - 8))
      found.push(texts.currentNode.data);
  }
  return found;
}"""


def cells_for(server: FaultServer, *lines: str) -> list[str]:
    names = {"KIE_API_KEY": KEY, "ALEPH_NB_BASE_URL": server.base_url}
    return [f"import os\nos.environ |= {names!r}", "%load_ext aleph_nb", *lines]


def serve(server: FaultServer, delay: float) -> None:
    """Serve two tasks with the same media; the first one's thumbnail hangs at first."""
    result = server.media(VIDEO, (MEDIA / "ridge-sunset-1.mp4").read_bytes())
    source = server.media(SOURCE, (MEDIA / "ridge.mp4").read_bytes())
    picture = server.media(PICTURE, (MEDIA / "ridge-sunset-1.jpg").read_bytes(), "image/jpeg")
    slow = server.media("/m/slow.jpg", b"")
    content = large_picture()
    server.script("/m/slow.jpg", Reply(body=content, headers={"Content-Type": "image/jpeg"}, delay=delay))

    def answer(task_id: str) -> Reply:
        still = slow if task_id == "slow" else picture
        params = f'{{"prompt": "A golden hour sunset", "videoUrl": "{source}"}}'
        response = {"resultVideoUrl": result, "resultImageUrl": still}
        return Reply(body=success(task_id, response=response, paramJson=params))

    server.default = answer


def large_picture() -> bytes:
    """Make a thumbnail as large as the service's are, with grain; the demo's are smaller."""
    written = BytesIO()
    with Image.open(MEDIA / "ridge-sunset-1.jpg") as small:
        large = small.resize((1280, 720))
        grain = Image.effect_noise(large.size, 60).convert("RGB")
        Image.blend(large, grain, 0.2).save(written, "JPEG")
    return written.getvalue()


def pictures(outputs: Sequence[dict[str, Any]]) -> list[str]:
    """Give the `src` of each card's thumbnail."""
    pages = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    return [page.split('<img src="')[1].split('"')[0] for page in pages if '<img src="' in page]


def lit(box: Locator) -> float:
    """Tell how much of a box, as it is seen, is brighter than a stage without a picture."""
    box.scroll_into_view_if_needed()
    seen = Image.open(BytesIO(box.screenshot())).convert("L").histogram()
    return sum(seen[64:]) / sum(seen)


@in_both
def test_the_thumbnail_comes_by_itself_and_outlives_the_media(
    notebook: Notebook, server: FaultServer, app: str
) -> None:
    serve(server, delay=4)
    few = (MEDIA / "ridge-sunset-1.mp4").stat().st_size + 500
    shown = ["%aleph_status slow quick", "%aleph_show slow --embed"]
    shown += [f"%config AlephMagics.max_embed_bytes = {few}", "%aleph_show quick --embed"]
    notebook.open(cells_for(server, *shown)).run_cell(0).run_cell(1)
    notebook.page.evaluate("index => { rig.watch(index); }", STATUS)
    notebook.run_cell(STATUS)
    outputs = notebook.outputs()[STATUS]
    assert outputs[-1]["output_type"] == "execute_result", "the DataFrame"
    assert f"{server.base_url}/m/slow.jpg" in pictures(outputs), "the DataFrame did not wait"
    arrived = "rig.outputs()[2].filter(each => JSON.stringify(each).includes('data:image/jpeg')).length === 2"
    notebook.page.wait_for_function(arrived, timeout=15_000)
    notebook.page.wait_for_timeout(300)
    layouts = notebook.page.evaluate("[...rig.layouts]")
    assert len(layouts) == 1, f"something moved: {layouts}"
    stored = notebook.save()["cells"][STATUS]["outputs"]
    assert all(uri.startswith("data:image/jpeg;") and len(uri) <= 40_000 for uri in pictures(stored))
    for index in (EMBED, TOO_LARGE - 1, TOO_LARGE):
        notebook.run_cell(index)
    said = notebook.output(TOO_LARGE).inner_text()
    assert "The source video of quick stays a link: it is 64 KB, and a card takes 61 KB" in said

    notebook.reopen_untrusted()
    for video in notebook.output(STATUS).locator("video").all():
        notebook.page.wait_for_function("video => video.readyState >= 2", arg=video.element_handle())
        assert lit(video.locator("..")) > 0.6
    for video in notebook.output(STATUS).locator(".aleph-card").first.locator("video").all():
        playing(video)

    for path in (VIDEO, SOURCE, PICTURE, "/m/slow.jpg"):
        server.script(path, Reply(status=404))
    notebook.reopen_untrusted().page.set_viewport_size({"width": 1366, "height": 1600})
    notebook.screenshot(f"cards-{app}-untrusted-without-media", of=notebook.output(STATUS))
    _check_without_media(notebook)


def _check_without_media(notebook: Notebook) -> None:
    cards = notebook.output(STATUS).locator(".aleph-card")
    assert cards.count() == 2
    for card in cards.all():
        assert card.locator("video").count() == 2
        dead = card.locator("video").last
        notebook.page.wait_for_function("video => video.error !== null", arg=dead.element_handle())
        picture = card.locator("img")
        assert picture.evaluate("image => image.complete && image.naturalWidth") > 0
        assert lit(picture.locator("..")) > 0.6
        assert lit(card.locator("video").first.locator("..")) < 0.2, "no picture of the source"
        for words in ("A golden hour sunset", "Succeeded", "took 5 min 45 s", "Open video"):
            assert words in card.inner_text()
    for video in notebook.output(EMBED).locator("video").all():
        assert playing(video)["src"].startswith("data:video/mp4;base64,")
    assert playing(notebook.output(TOO_LARGE).locator("video").last)["src"].startswith("data:")


def test_cards_fit_from_narrow_to_wide_in_light_and_dark(rig: Rig) -> None:
    with rig.session("lab") as notebook:
        cells = [
            "%load_ext aleph_nb\nids = %aleph_demo --reset",
            "%aleph_status $ids --media 2",
            "%aleph_show $ids",
        ]
        notebook.open(cells).run_all()
        for theme in ("Light", "Dark"):
            notebook.set_theme(f"JupyterLab {theme}")
            for width in WIDTHS:
                _check_width(notebook, width, theme.lower())


def _check_width(notebook: Notebook, width: int, theme: str) -> None:
    page = notebook.page
    around = page.evaluate(
        "innerWidth - document.querySelector('.jp-Cell-outputArea .jp-OutputArea-output').clientWidth"
    )
    page.set_viewport_size({"width": around + width, "height": 6500})
    page.wait_for_timeout(400)
    cards = notebook.output(2).locator(".aleph-card")
    for card in [*cards.all(), *notebook.output(1).locator(".aleph-card, .aleph-panel").all()]:
        assert card.evaluate(_STICKS_OUT) == []
    first, second = (each.bounding_box() for each in cards.first.locator("video").all())
    assert first
    assert second
    beside = second["y"] == first["y"]
    assert beside == (width >= 560)
    notebook.screenshot(f"cards-{theme}-{width}", of=notebook.output(1))
    if (width, theme) in ((500, "dark"), (1100, "light")):
        notebook.screenshot(f"cards-all-{theme}-{width}", of=notebook.output(2))
