"""`%aleph_login` in a browser: the key is typed into a field that hides it, and is not in the saved file."""

import re

import pytest

from tests.browser.rig import Notebook
from tests.faults import FaultServer
from tests.keys import KEY, key_parts

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_the_key_is_typed_unseen_and_is_not_in_the_saved_notebook(
    notebook: Notebook, server: FaultServer
) -> None:
    cells = [
        f"import os\nos.environ['ALEPH_NB_BASE_URL'] = '{server.base_url}'",
        "%load_ext aleph_nb",
        "%aleph_login",
        "df = %aleph_status -q some-task",
    ]
    notebook.open(cells)
    notebook.page.evaluate("rig.execute('notebook:run-all-cells')")
    field = notebook.page.locator(".jp-Stdin-input")
    field.wait_for()
    assert field.get_attribute("type") == "password"
    assert "https://kie.ai/api-key" in notebook.page.locator(".jp-Stdin-prompt").inner_text()
    field.fill(KEY)
    field.press("Enter")
    notebook.wait_idle()
    assert notebook.errors() == []
    assert f"{server.base_url} accepts the key." in notebook.output(2).inner_text()
    assert {seen.headers["authorization"] for seen in server.requests} == {f"Bearer {KEY}"}
    assert server.requests[-1].task_id == "some-task"
    notebook.save()
    saved = notebook.file.read_text(encoding="utf-8")
    assert re.search("accepts the key", saved)
    for text in (saved, notebook.page.content(), repr(notebook.outputs())):
        assert not [part for part in key_parts(6) if part in text]
