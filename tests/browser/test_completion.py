"""Tab on a magic's line in JupyterLab and Notebook 7: what is accepted stands in the cell once, in full."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.rig import Notebook

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("app", ["lab", "notebook"])]

CELLS = ["%load_ext aleph_nb\nids = %aleph_demo", "df = %aleph_status -q $ids", ""]
LAST = len(CELLS) - 1
TASK_ID = "ee603959-debb-48d1-98c4-a6d1c717eba6"  # of the demo's


def press_tab(notebook: Notebook, typed: str) -> Locator:
    """Write a line into the last cell and press Tab; return what is offered."""
    keyboard = notebook.page.keyboard
    notebook.cell(LAST).locator(".cm-content").click()
    keyboard.press("ControlOrMeta+A")
    keyboard.press("Delete")
    keyboard.type(typed)
    keyboard.press("Tab")
    popup = notebook.page.locator(".jp-Completer:not(.lm-mod-hidden)")
    expect(popup).to_be_visible(timeout=15_000)
    return popup.locator(".jp-Completer-match")


def accept(notebook: Notebook) -> Locator:
    """Take the first; return the cell's text."""
    notebook.page.keyboard.press("Enter")
    expect(notebook.page.locator(".jp-Completer:not(.lm-mod-hidden)")).to_have_count(0)
    return notebook.cell(LAST).locator(".cm-content")


def test_an_option_is_completed(notebook: Notebook) -> None:
    notebook.open(CELLS).run_all()
    expect(press_tab(notebook, "df = %aleph_status --fr")).to_have_text(["--fresh"])
    expect(accept(notebook)).to_have_text("df = %aleph_status --fresh")
    expect(press_tab(notebook, "%aleph_demo st")).to_have_text(["start", "stop"])
    expect(accept(notebook)).to_have_text("%aleph_demo start")


def test_an_id_and_a_file_are_completed(notebook: Notebook) -> None:
    notebook.open(CELLS).run_all()
    (notebook.file.parent / "my shots.csv").write_text(f"task_id\n{TASK_ID}\n", encoding="utf-8")
    for typed in (TASK_ID[:4], TASK_ID[:11]):
        expect(press_tab(notebook, f"%aleph_show {typed}")).to_have_text([TASK_ID])
        expect(accept(notebook)).to_have_text(f"%aleph_show {TASK_ID}")
    expect(press_tab(notebook, "%aleph_show -f my")).to_have_text(['"my shots.csv"'])
    expect(accept(notebook)).to_have_text('%aleph_show -f "my shots.csv"')
    notebook.run_cell(LAST)
    expect(notebook.output(LAST)).to_contain_text(re.compile("Succeeded"))
