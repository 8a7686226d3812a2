"""Takes the README's pictures from the real thing: the quickstart in JupyterLab, light and dark.

`python -m tests.recipes.readme_picture` rewrites `notebooks/images/quickstart-*.png`. It needs what
the tests in a browser need.
"""

import json
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import FloatRect, ViewportSize

from tests.browser.rig import Notebook, running
from tests.browser.server import REPOSITORY

IMAGES = REPOSITORY / "notebooks" / "images"
QUICKSTART = REPOSITORY / "notebooks" / "quickstart.ipynb"
STATUS = "df = %aleph_status $ids"
TABLE = 'df[["task_id", "state", "reason", "elapsed", "expires_at"]].head(4)'
VIEW = ViewportSize(width=1180, height=1400)


def take(notebook: Notebook, theme: str) -> None:
    """Run the quickstart's own cells, with one card in place of three, and take the picture."""
    cells = json.loads(QUICKSTART.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    first = sources.index(STATUS)
    notebook.open([*sources[:first], f"{STATUS} --media 1", TABLE, ""])  # the last cell is the selected one
    notebook.set_theme(f"JupyterLab {theme}")
    notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
    notebook.run_all()
    for video in notebook.output(first).locator("video").all():
        video.evaluate("v => { v.controls = false; v.currentTime = 2 }")
    notebook.page.wait_for_timeout(1500)
    top = notebook.cell(first).bounding_box()
    end = notebook.cell(first + 1).bounding_box()
    assert top is not None
    assert end is not None
    height = end["y"] + end["height"] - top["y"]
    clip = FloatRect(x=top["x"], y=top["y"], width=top["width"], height=height)
    path = IMAGES / f"quickstart-{theme.lower()}.png"
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
