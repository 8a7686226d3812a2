"""Hostile text in every field, in a real kernel: nothing breaks out of what is stored, or exported."""

import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.browser.rig import content_of
from tests.faces import Reading, check
from tests.faults import FaultServer
from tests.hostile import DIRECTIONS, cells, serve

Output = dict[str, Any]

TABLE = {"div", "style", "table", "thead", "tbody", "tr", "th", "td", "p"}  # pandas' own
OURS = ('<div class="aleph-', '<details class="aleph-')


# What nbconvert puts around a widget: where it stands, which it is, and the state of all.
NBCONVERTS = re.compile(
    r"""<script type="text/javascript">\s*var element = \$\('#[\w-]+'\);\s*</script>"""
    r"""|<script type="application/vnd\.jupyter\.widget-(?:view|state)\+json">.*?</script>""",
    re.DOTALL,
)


class _Elements(Reading):
    """The elements of a whole page, whoever wrote them."""

    def __init__(self, markup: str) -> None:
        super().__init__(markup)
        self.tags = {tag for tag, _ in self.elements}
        self.attributes = {name for _, attributes in self.elements for name in attributes}
        self.urls = [url for name in ("src", "href", "poster", "srcdoc") for url in self.values(name)]

    def handle_endtag(self, tag: str) -> None:
        """Let the page's own markup be what it is."""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the cells in a kernel, and keep the notebook."""
    folder = tmp_path_factory.mktemp("hostile")
    with FaultServer() as server:
        serve(server)
        content = content_of(cells(server.base_url))
        notebook = nbformat.from_dict(content)
        NotebookClient(
            notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}}
        ).execute()
    path = folder / "hostile.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def outputs(path: Path) -> Iterator[Output]:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        yield from cell["outputs"]


def texts(output: Output) -> list[str]:
    """Give all that is plain text of an output."""
    plain = output.get("data", {}).get("text/plain", "")
    return [
        "".join(each)
        for each in (plain, output.get("text", ""), output.get("traceback", ""), output.get("evalue", ""))
    ]


def test_everything_is_shown(stored: Path) -> None:
    pages = "".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs(stored))
    assert pages.count('class="aleph-card"') > 20
    for face in ("aleph-panel", "aleph-facts", "aleph-bar", "aleph-fold", "dataframe"):
        assert face in pages
    assert len([output for output in outputs(stored) if output["output_type"] == "error"]) == 6


def test_no_markup_breaks_out(stored: Path) -> None:
    ours = 0
    for output in outputs(stored):
        page = "".join(output.get("data", {}).get("text/html", ""))
        if page.startswith(OURS):
            check(page)
            ours += 1
        elif page:
            assert {tag for tag, _ in Reading(page).elements} <= TABLE
    assert ours > 20


def test_plain_text_has_no_escapes_and_no_turned_direction(stored: Path) -> None:
    for output in outputs(stored):
        for text in texts(output):
            odd = {c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs")}
            odd |= set(text) & set(DIRECTIONS)
            assert odd == set(), f"{output['output_type']}: {text[:300]!r}"


def test_the_export_holds_nothing_that_runs(stored: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "nbconvert",
        "--to",
        "html",
        "--template",
        "basic",
        "--stdout",
        str(stored),
    ]
    environment = os.environ | {"HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    ran = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=120)  # noqa: S603
    for own in NBCONVERTS.findall(ran.stdout):
        assert "pwned" not in own  # neither as it is nor in what a widget's state holds
    found = _Elements(NBCONVERTS.sub("", ran.stdout))
    assert "script" not in found.tags
    assert "iframe" not in found.tags
    assert {name for name in found.attributes if name.startswith("on")} == set()
    assert all(re.match(r"https?://\w|data:(image|video)/|#", url) for url in found.urls)
    assert len(found.urls) > 20
