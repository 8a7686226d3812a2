"""Takes the README's moving picture: the player in the desk, stepped, wiped and judged by key in JupyterLab.

`python -m tests.recipes.player_picture` rewrites `notebooks/images/player.webp`. It needs what the tests in a
browser need.
"""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import FloatRect, ViewportSize

from aleph_nb.demo import DemoService
from tests.browser.desks import DeskPage, begin
from tests.browser.rig import Notebook, running
from tests.browser.server import REPOSITORY
from tests.recipes.desk_picture import BEGIN, CLIPS

TARGET = REPOSITORY / "notebooks" / "images" / "player.webp"
FIRST = DemoService().ids[0]  # the ridge at sunset
VIEW = ViewportSize(width=1360, height=1200)
WIDTH = 960  # pixels of the picture
MOST_BYTES = 2_000_000
STILL = f"({CLIPS}).every((clip) => !clip.seeking && clip.readyState > 1)"
SHORT, LONG = 90, 700  # milliseconds that a picture stands


def act(desk: DeskPage) -> Iterator[int]:
    """Review a task by key; gives after each key for how long its picture stands."""
    yield LONG
    for _ in range(14):
        desk.press(".", ".")
        yield SHORT
    desk.press("w")
    yield LONG // 2
    box = desk.find(".ad-pair").bounding_box()
    assert box is not None
    way = [0.5, 0.42, 0.34, 0.26, 0.2, 0.26, 0.36, 0.46, 0.56, 0.66, 0.74, 0.8, 0.74, 0.66, 0.58, 0.5]
    middle = box["y"] + box["height"] / 2
    desk.page.mouse.move(box["x"] + box["width"] / 2, middle)
    desk.page.mouse.down()
    for share in way:
        desk.page.mouse.move(box["x"] + box["width"] * share, middle)
        yield SHORT
    desk.page.mouse.up()
    desk.press("d")
    yield LONG
    desk.press("]", "]")
    yield LONG
    desk.press("d")
    yield LONG // 2
    for key in ("4", "p"):
        desk.press(key)
        yield LONG
    desk.press("n")
    desk.wait(STILL)
    yield LONG
    for _ in range(10):
        desk.press(".", ".")
        yield SHORT
    yield LONG


def shoot(notebook: Notebook) -> tuple[list[Image.Image], list[int]]:
    """Open the desk and take a picture after each key."""
    notebook.open([begin(*BEGIN.splitlines()), "%aleph_dashboard"])
    notebook.set_theme("JupyterLab Dark")
    notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
    notebook.run_cell(0)
    desk = DeskPage(notebook).show(cards=6)
    desk.find(".ad-sort").select_option("rating")
    desk.find(".ad-list").focus()
    desk.press("Home").find(f".ad-card[data-task='{FIRST}']").click()
    desk.wait(f"desk.id() === {FIRST!r}")
    desk.page.wait_for_timeout(2500)  # the thumbnails are there, and what comes next is loaded
    box = desk.root.bounding_box()
    assert box is not None
    clip = FloatRect(x=box["x"], y=box["y"], width=box["width"], height=box["height"])
    pictures, stands = [], []
    for stand in act(desk):
        desk.wait(STILL)
        desk.page.wait_for_timeout(180)  # a screenshot just after a seek can show the picture before it
        shot = Image.open(io.BytesIO(desk.page.screenshot(clip=clip))).convert("RGB")
        pictures.append(
            shot.resize((WIDTH, round(shot.height * WIDTH / shot.width)), Image.Resampling.LANCZOS)
        )
        stands.append(stand)
    return pictures, stands


def main() -> None:
    """Take the picture, as good as its size allows."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        running(Path(scratch)) as rig,
        rig.session(viewport=VIEW) as notebook,
    ):
        pictures, stands = shoot(notebook)
    for quality in (80, 70, 60, 50, 40):
        pictures[0].save(
            TARGET,
            save_all=True,
            append_images=pictures[1:],
            duration=stands,
            loop=0,
            quality=quality,
            method=6,
        )
        if TARGET.stat().st_size < MOST_BYTES:
            break
    print(TARGET.relative_to(REPOSITORY), TARGET.stat().st_size, len(pictures), quality)


if __name__ == "__main__":
    main()
