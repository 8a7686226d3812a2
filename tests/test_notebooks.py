"""The notebooks: stored clean, and run from the first cell to the last by a real kernel, and as text."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_is_stored_without_outputs(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_runs_without_an_error(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()  # raises on the first cell that fails
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if output.get("name") == "stderr"] == []
    assert any("<video" in str(output.get("data", {}).get("text/html")) for output in outputs)


def test_the_quickstart_runs_as_text_in_a_terminal(tmp_path: Path) -> None:
    environment = os.environ | {"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path)}
    command = [sys.executable, "-m", "IPython", "--no-banner", str(FOLDER / "quickstart.ipynb")]
    ran = subprocess.run(  # noqa: S603, the command is ours
        command, capture_output=True, text=True, timeout=120, cwd=tmp_path, env=environment, check=False
    )
    assert ran.returncode == 0
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "Succeeded · took 5 min 45 s" in ran.stdout
    assert "Running" in ran.stdout
    assert "expires_at" in ran.stdout
