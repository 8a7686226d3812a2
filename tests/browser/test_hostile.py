"""Hostile text in every field, run fresh in the browser, and exported: nothing runs, nothing breaks out."""

import subprocess
import sys

import pytest
from playwright.sync_api import Dialog, Page

from tests.browser.rig import Notebook
from tests.faces import check
from tests.faults import FaultServer
from tests.hostile import cells, serve

pytestmark = pytest.mark.browser

# What nbconvert's own page asks for, and what it says without.
_TEMPLATE = r"^request: https://(cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net|unpkg\.com)/"

# What of the outputs runs, or could; the names of its attributes in a row.
_RUNS = """within => [...document.querySelectorAll(`${within} *`)].filter((each) =>
  ["SCRIPT", "IFRAME", "OBJECT", "EMBED", "BASE", "FORM"].includes(each.tagName)
  || [...each.attributes].some(({ name, value }) => name.startsWith("on") || name === "srcdoc"
    || (["src", "href", "poster", "action", "xlink:href"].includes(name)
      && !/^(https?:\\/\\/|data:(image|video)\\/)/.test(value)))
).map((each) => each.outerHTML.slice(0, 300))"""


class Alarm:
    """What a script that ran would have left: on the console, in a dialog, in the page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._heard: list[str] = []
        page.on("console", lambda message: self._heard.append(message.text))
        page.on("dialog", self._dialog)

    def _dialog(self, dialog: Dialog) -> None:
        self._heard.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def check(self) -> None:
        """Raise an AssertionError if any did; requests are the gates' own matter."""
        assert [said for said in self._heard if "pwned" in said and "192.0.2.1" not in said] == []
        assert self._page.evaluate("window.pwned") is None
        assert not [frame for frame in self._page.frames if frame != self._page.main_frame]


def check_outputs(page: Page, within: str) -> None:
    """Check everything below `within` that the outputs have put into the page."""
    assert page.evaluate(_RUNS, within) == []
    own = f"{within} [class^=aleph-]:not(.aleph-desk)"  # what a widget draws is not ours to read as markup
    ours = page.locator(own).evaluate_all("all => all.map((each) => each.outerHTML)")
    assert len(ours) > 20
    for markup in ours:
        check(markup)


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_no_script_runs_fresh_or_exported(notebook: Notebook, server: FaultServer, app: str) -> None:
    serve(server)
    notebook.gates.expect("^cell error: ")
    notebook.open(cells(server.base_url))
    alarm = Alarm(notebook.page)
    notebook.run_all(timeout=120)
    notebook.page.set_viewport_size({"width": 1366, "height": 20_000})  # all cells are in the page
    notebook.page.wait_for_timeout(1000)
    check_outputs(notebook.page, ".jp-OutputArea-output")
    alarm.check()
    notebook.page.set_viewport_size({"width": 1366, "height": 1400})
    notebook.screenshot(f"hostile-{app}")
    notebook.save()

    _export(notebook, server)
    page = notebook.page.context.new_page()
    alarm = Alarm(page)
    notebook.gates.expect(_TEMPLATE)
    page.goto(f"{server.base_url}/export.html", wait_until="load")
    page.wait_for_timeout(1000)
    check_outputs(page, ".jp-OutputArea-output")
    alarm.check()
    page.screenshot(path=notebook.screenshot(f"hostile-{app}-exported"))
    page.close()


def _export(notebook: Notebook, server: FaultServer) -> None:
    """Let nbconvert write the saved notebook as HTML, and serve that."""
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--stdout", str(notebook.file)]
    written = subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603, ours
    server.media("/export.html", written.stdout, "text/html; charset=utf-8")
