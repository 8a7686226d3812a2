"""Takes the README's pictures of the desk: the demo's tasks, judged by key in JupyterLab, light and dark.

`python -m tests.recipes.desk_picture` rewrites `notebooks/images/desk-*.png`. It needs what the tests in a
browser need.
"""

import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import FloatRect, ViewportSize

from aleph_nb.demo import DemoService
from tests.browser.desks import DeskPage, begin
from tests.browser.rig import Notebook, running
from tests.browser.server import REPOSITORY

IMAGES = REPOSITORY / "notebooks" / "images"
FIRST = DemoService().ids[0]  # the ridge at sunset
VIEW = ViewportSize(width=1500, height=1400)
FRAME = 50  # of the clips, at 25 a second
EDGE = 14  # pixels below the desk
CLIPS = "[...document.querySelectorAll('.ad-video')]"

BEGIN = """ids = %aleph_demo --reset --tasks 40
df = %aleph_status $ids -q
from aleph_nb import current_session
review = current_session().review
verdicts = {
    0: {"rating": 5}, 7: {"rating": 5, "pick": "pick"}, 1: {"rating": 4, "pick": "pick"}, 2: {"rating": 4},
    5: {"rating": 4}, 4: {"rating": 3}, 8: {"rating": 3}, 3: {"rating": 2, "pick": "reject"},
    14: {"rating": 3}, 15: {"rating": 2}, 20: {"pick": "reject"},
}
for number, verdict in verdicts.items():
    review(ids[number], **verdict)"""


def judge(desk: DeskPage, task_id: str) -> None:
    """Go to a task, and judge it by key in the middle of its clips."""
    desk.find(".ad-sort").select_option("rating")
    desk.find(".ad-list").focus()
    desk.press("Home").find(f".ad-card[data-task='{task_id}']").click()
    desk.wait(f"desk.id() === {task_id!r}")
    desk.wait(f"({CLIPS}).every((clip) => clip.readyState === 4)")
    desk.find(".ad-seek").fill(str(FRAME))
    desk.wait(f"({CLIPS}).every((clip) => !clip.seeking && Math.floor(clip.currentTime * 25) === {FRAME})")
    desk.find(".ad-list").focus()
    desk.press("p")
    for tag in ("haze", "client A"):
        desk.press("g")
        desk.page.keyboard.type(tag)
        desk.press("Enter")
    desk.press("c")
    desk.page.keyboard.type("The far ridge glows")
    desk.press("Enter").sign("Saved")


def take(notebook: Notebook, theme: str) -> None:
    """Open the desk, judge in it, and take the picture of its cell."""
    notebook.open([begin(*BEGIN.splitlines()), "%aleph_dashboard"])
    notebook.set_theme(f"JupyterLab {theme}")
    notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
    notebook.run_cell(0)
    desk = DeskPage(notebook).show(cards=6)
    judge(desk, FIRST)
    notebook.page.wait_for_timeout(1500)  # the thumbnails are there, and nothing fades any more
    cell, box = notebook.cell(1).bounding_box(), desk.root.bounding_box()
    assert cell is not None
    assert box is not None
    height = box["y"] + box["height"] + EDGE - cell["y"]
    clip = FloatRect(x=cell["x"], y=cell["y"], width=cell["width"], height=height)
    path = IMAGES / f"desk-{theme.lower()}.png"
    notebook.page.screenshot(path=path, clip=clip)
    Image.open(path).convert("RGB").save(path, optimize=True)
    print(path.relative_to(REPOSITORY), path.stat().st_size)


def main() -> None:
    """Take both pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, running(Path(scratch)) as rig:
        for theme in ("Light", "Dark"):
            with rig.session(viewport=VIEW) as notebook:
                take(notebook, theme)


if __name__ == "__main__":
    main()
