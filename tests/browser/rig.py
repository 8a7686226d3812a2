"""A notebook in a real browser.

The fixture `notebook` is a `Notebook` with nothing open yet, in a browser context of its own:

    def test_a_cell_says_what_it_should(notebook: Notebook) -> None:
        notebook.open(["print('hello')"]).run_all()
        assert notebook.outputs()[0][0]["text"].split() == ["hello"]

It runs in JupyterLab; `@pytest.mark.parametrize("app", ["lab", "notebook"])` runs it in Notebook 7 too. When
the test ends, its gates raise what the test did not look for: see `gates.py`.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Playwright,
    ViewportSize,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as Timeout

from tests.browser.gates import Gates
from tests.browser.server import REPOSITORY, JupyterServer, serving

Content = dict[str, Any]
"""A notebook as its file has it: "cells", "metadata", "nbformat", "nbformat_minor"."""

OUTPUT = REPOSITORY / "tests" / "output"
"""Where screenshots go; git ignores it."""

LAPTOP = ViewportSize(width=1366, height=768)

_KERNELSPEC = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    # Nothing leaves the machine: every other name, and every other address, resolves to nothing.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def content_of(cells: Sequence[str]) -> Content:
    """Make a notebook of code cells."""
    fixed: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    numbered = [{**fixed, "id": f"cell-{index}", "source": source} for index, source in enumerate(cells)]
    return {"cells": numbered, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def find_browser() -> str:
    """Find Chromium or Chrome on the PATH; an AssertionError says how to install it."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    assert found, (
        f"no browser: none of {', '.join(_BROWSERS)} is on the PATH. Install one:\n"
        "apt-get update && apt-get install -y --no-install-recommends chromium ffmpeg fonts-dejavu-core"
    )
    return found


@contextmanager
def launched(playwright: Playwright, home: Path) -> Iterator[Browser]:
    """Run the browser as long as the context lasts, with `home` as its HOME."""
    environment: dict[str, str | float | bool] = {**os.environ, "HOME": str(home)}
    browser = playwright.chromium.launch(
        executable_path=find_browser(), args=list(_ARGUMENTS), env=environment, headless=True
    )
    try:
        yield browser
    finally:
        browser.close()


class Notebook:
    """One notebook in one page; `open` before anything else.

    Attributes
    ----------
    page : playwright.sync_api.Page
        The page that shows it, for all that is not wrapped here.
    file : Path
        The notebook's file on disk, in a folder of its own that is the kernel's working folder too.
    gates : Gates
        What went wrong so far; `gates.expect(pattern)` for what the test causes on purpose.
    """

    page: Page
    file: Path

    def __init__(self, server: JupyterServer, context: BrowserContext, app: str) -> None:
        self.app = app
        self.gates = Gates(context, app)
        self._server = server
        self._context = context
        self._folder = Path(tempfile.mkdtemp(dir=server.root))

    def open(self, source: Path | Mapping[str, Any] | Sequence[str], *, timeout: float = 60) -> Self:
        """Open a copy of a notebook file, a notebook's content, or code cells, and wait for its kernel."""
        if isinstance(source, Path):
            content = json.loads(source.read_text(encoding="utf-8"))
        else:
            content = dict(source) if isinstance(source, Mapping) else content_of(source)
        content["metadata"] = content["metadata"] | {"kernelspec": _KERNELSPEC}
        return self._show(content, source.name if isinstance(source, Path) else "test.ipynb", timeout)

    def reopen_untrusted(self, *, timeout: float = 60) -> Self:
        """Save it, and open it as one that somebody else has run: a new page, a new kernel, no trust."""
        content = self.save()
        self.close()
        self._server.end_kernels()
        content["metadata"]["reopened"] = uuid4().hex  # no signature of the server fits it any more
        self._show(content, f"untrusted-{self.file.name}", timeout)
        assert not self.trusted(), f"{self.file} is still trusted"
        return self

    def run_all(self, *, timeout: float = 60) -> Self:
        """Run every cell and wait; a cell that fails ends the run, as in the menu."""
        self.page.evaluate("rig.execute('notebook:run-all-cells')")
        return self.wait_idle(timeout)

    def run_cell(self, index: int, *, timeout: float = 60) -> Self:
        """Run one cell and wait."""
        self.page.evaluate("index => { rig.select(index); rig.execute('notebook:run-cell'); }", index)
        return self.wait_idle(timeout)

    def wait_idle(self, timeout: float = 60) -> Self:
        """Wait until all that was asked to run has run; failed cells go to the gates."""
        self._wait("rig.idle()", timeout, "the kernel is not idle")
        return self

    def outputs(self) -> list[list[dict[str, Any]]]:
        """Give each cell's outputs from the notebook's model, as nbformat has them."""
        found: list[list[dict[str, Any]]] = self.page.evaluate("rig.outputs()")
        return found

    def errors(self) -> list[str]:
        """Give the cells' errors, such as "cell 1: NameError: name 'x' is not defined", counted from 0."""
        return [
            f"cell {index}: {output['ename']}: {output['evalue']}"
            for index, outputs in enumerate(self.outputs())
            for output in outputs
            if output["output_type"] == "error"
        ]

    def cell(self, index: int) -> Locator:
        """Scroll to a cell and give it as it stands in the page."""
        self.page.evaluate("index => rig.panel().content.scrollToItem(index)", index)
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')

    def output(self, index: int) -> Locator:
        """Scroll to a cell and give what it shows below its input."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def trusted(self) -> bool:
        """Say whether the front end trusts the outputs of every code cell."""
        return bool(self.page.evaluate("rig.trusted()"))

    def set_theme(self, theme: str) -> Self:
        """Change the theme, for this test alone: "JupyterLab Light" or "JupyterLab Dark"."""
        self.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        self.page.locator(f'body[data-jp-theme-name="{theme}"]').wait_for(state="attached")
        return self

    def save(self) -> Content:
        """Save it, and read what then stands in its file."""
        self.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
        self._wait("!rig.panel().context.model.dirty", 30, "the notebook was not saved")
        saved: Content = json.loads(self.file.read_text(encoding="utf-8"))
        return saved

    def screenshot(self, name: str, *, of: Locator | None = None) -> Path:
        """Take a picture of the page, or of one thing on it, into `OUTPUT` as `name`.png."""
        path = OUTPUT / f"{name}.png"
        (of or self.page).screenshot(path=path)
        return path

    def close(self) -> None:
        """Close the page, once its errors are with the gates; the session does so at its end."""
        page = getattr(self, "page", None)
        if page is None or page.is_closed():
            return
        page.evaluate("() => new Promise(done => setTimeout(done))")  # events on their way arrive first
        self._tell_errors()
        page.close()

    def _show(self, content: Content, name: str, timeout: float) -> Self:
        self.close()
        self.file = self._folder / name
        self.file.write_text(json.dumps(content), encoding="utf-8")
        path = self.file.relative_to(self._server.root).as_posix()
        self.page = self._context.new_page()
        self.page.goto(self._server.url(self.app, path, self._folder.name), wait_until="commit")
        self._wait(f"window.rig?.ready({path!r})", timeout, f"{path} did not open")
        return self

    def _wait(self, condition: str, timeout: float, otherwise: str) -> None:
        try:
            self.page.wait_for_function(condition, timeout=timeout * 1000)
        except Timeout:
            state = self.page.evaluate("window.rig?.kernel()?.status ?? 'absent'")
            said = f"{otherwise} after {timeout:g} s; kernel: {state}; {self.gates.complaints}"
            raise AssertionError(f"{said}\n{self._server.log()}") from None
        finally:
            self._tell_errors()

    def _tell_errors(self) -> None:
        if self.page.evaluate("Boolean(window.rig?.panel()?.content?.model)"):
            for error in self.errors():
                self.gates.add(f"cell error: {error}")


class Rig:
    """One Jupyter server and one browser; `session` gives a notebook in a browser context of its own."""

    def __init__(self, server: JupyterServer, browser: Browser) -> None:
        self.server = server
        self.browser = browser

    @contextmanager
    def session(self, app: str = "lab", viewport: ViewportSize = LAPTOP) -> Iterator[Notebook]:
        """Lend a `Notebook` in `app`; at the end its kernels are ended and its gates are checked."""
        context = self.browser.new_context(viewport=viewport)
        try:
            context.add_init_script(path=Path(__file__).with_name("rig.js"))
            notebook = Notebook(self.server, context, app)
            yield notebook
            notebook.close()
        finally:
            context.close()
            self.server.end_kernels()
            self.server.forget_settings()
        notebook.gates.check()


@contextmanager
def browsing(scratch: Path) -> Iterator[Browser]:
    """Run a browser in the folder `scratch`; meanwhile no other event loop can run here."""
    with sync_playwright() as playwright, launched(playwright, scratch) as browser:
        yield browser


@contextmanager
def running(scratch: Path) -> Iterator[Rig]:
    """Run a server and a browser in the folder `scratch`."""
    with browsing(scratch) as browser, serving(scratch) as server:
        yield Rig(server, browser)


def playing(video: Locator, *, seek: float | None = None, timeout: float = 15) -> dict[str, Any]:
    """Play a video (muted), seek in it, and assert that both happened; it is left paused there.

    Parameters
    ----------
    video : Locator
        One `<video>`.
    seek : float, optional
        Where to, in seconds; by default to six tenths of its length.
    timeout : float
        Seconds that each of playing and seeking may take.

    Returns
    -------
    dict
        What was found: readyState, videoWidth, videoHeight, duration, seekable, target, landed, …
    """
    video.scroll_into_view_if_needed()
    said: dict[str, Any] = video.evaluate(
        "(video, [time, ms]) => rig.play(video, time, ms)", [seek, timeout * 1000]
    )
    assert said["error"] is None, f"the video cannot be played: {said}"
    assert said["refused"] == "", f"play() was refused: {said}"
    assert said["videoWidth"] > 0, f"there is no picture: {said}"
    assert said["readyState"] >= 3, f"too little of the video is there: {said}"
    assert said["moved"], f"the video does not move: {said}"
    assert said["seekable"] > 0, f"the video cannot seek; does its server answer Range? {said}"
    assert said["seeked"], f"the seek never ended: {said}"
    assert abs(said["landed"] - said["target"]) < 0.05, f"the seek ended elsewhere: {said}"
    return said
