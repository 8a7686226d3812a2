"""The notebooks: stored clean, and run from the first cell to the last by a real kernel, and as text."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from aleph_nb.demo import DemoService

FOLDER = Path(__file__).parent.parent / "notebooks"
QUICKSTART, MANY = FOLDER / "quickstart.ipynb", FOLDER / "many-tasks.ipynb"
REVIEW = FOLDER / "review-session.ipynb"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_is_stored_without_outputs(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


def run(path: Path, folder: Path) -> dict[str, list[Any]]:
    """Run a notebook in a folder; return the outputs by the id of their cell."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}})
    client.execute()  # raises on the first cell that fails
    outputs = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    said = [output for each in outputs.values() for output in each]
    assert [output for output in said if output.get("name") == "stderr"] == []
    return outputs


def has_video(outputs: dict[str, list[Any]]) -> bool:
    """Say whether a cell shows a video."""
    said = [output for each in outputs.values() for output in each]
    return any("<video" in str(output.get("data", {}).get("text/html")) for output in said)


def table(outputs: list[Any]) -> list[list[str]]:
    """Return the rows of the frame that a cell shows, without its head."""
    (shown,) = outputs
    body = shown["data"]["text/html"].partition("<tbody>")[2]
    return [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in body.split("</tr>")[:-1]]


def test_the_quickstart_runs_without_an_error(tmp_path: Path) -> None:
    assert has_video(run(QUICKSTART, tmp_path))


def test_the_fifty_tasks_are_watched_to_their_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEPH_NB_POLL_INTERVAL", "1")
    folder = tmp_path / "mine"
    folder.mkdir()
    shown = run(MANY, folder)
    assert has_video(shown)
    assert shown["watch"][0]["data"]["text/plain"].startswith(
        "50 of 50 done · 43 succeeded, 6 failed, 1 not found"
    )
    states = [row[3] for row in table(shown["failed"])]
    assert states == ["failed", "failed", "failed", "not_found", "failed", "failed", "failed"]
    assert ["sunset", "0.90", "10"] in table(shown["share"])
    assert [[shot, count] for shot, _, _, count in table(shown["took"])] == [
        ["canyon", "5"],
        ["city", "10"],
        ["harbour", "9"],
        ["ridge", "19"],
    ]
    assert len(table(shown["expiring"])) == 5
    assert {row[2] for row in table(shown["search"])} == {"winter", "mars", "neon", "sunset", "noir"}
    assert [row[-1] for row in table(shown["asked"])] == ["not_found"]
    assert list(folder.iterdir()) == []


def test_a_session_of_review_has_its_verdicts_where_nobody_presses_a_key(tmp_path: Path) -> None:
    shown = run(REVIEW, tmp_path)
    widget, face = (output["data"] for output in shown["desk"])
    assert "application/vnd.jupyter.widget-view+json" in widget
    assert face["text/plain"].startswith(
        "Review desk: 24 tasks: 16 succeeded, 4 failed, 3 running, 1 not found; 6 "
    )
    states = dict(re.findall(r"^([0-9a-f-]{32,36})  (\w+)", face["text/plain"], re.MULTILINE))
    assert list(states.values()) == ["Succeeded"] * 6  # nobody judges what is not there
    assert {row[1] for row in table(shown["reviews"])} == set(states)
    assert [row[2] for row in table(shown["frame"])] == ["aurora", "sunset", "winter"]
    assert table(shown["wins"]) == [
        ["aurora", "2", "1", "5.0", "1"],
        ["winter", "3", "1", "4.0", "1"],
        ["sunset", "5", "4", "3.5", "1"],
    ]
    assert shown["selected"] == []


def test_a_verdict_is_still_there_when_all_of_the_review_is_run_again(tmp_path: Path) -> None:
    first = table(run(REVIEW, tmp_path)["reviews"])
    mine = DemoService(tasks=24).ids[0]  # it has one by code: 5 stars, a pick and a note
    code = f"%load_ext aleph_nb\n%aleph_demo --tasks 24;\n%aleph_review {mine} --rating 1 --reject"
    between = tmp_path / "between.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), between)
    run(between, tmp_path)
    again = run(REVIEW, tmp_path)
    rows = {row[1]: row[2:] for row in table(again["reviews"])}
    before = {row[1]: row[2:] for row in first}
    assert rows[mine][:2] == ["1", "reject"]
    assert rows[mine][3] == before[mine][3]  # the note is there once
    assert rows | {mine: []} == before | {mine: []}
    assert again["desk"][1]["data"]["text/plain"].startswith("Review desk: 24 tasks: ")


def test_the_styles_of_the_review_are_the_demo_s() -> None:
    cell = next(cell for cell in nbformat.read(REVIEW, as_version=4).cells if cell.id == "tasks")
    styles = cell.source.split('"""')[1].split()
    service = DemoService(tasks=24)
    for task_id, style in zip(service.ids, styles, strict=True):
        task = service.task(task_id)
        assert task is None or task.result is None or style in task.result


def test_the_list_of_fifty_is_the_demo_s_and_names_what_was_filmed() -> None:
    cell = next(cell for cell in nbformat.read(MANY, as_version=4).cells if cell.id == "list")
    rows = list(csv.DictReader(cell.source.splitlines()[1:]))
    service = DemoService(tasks=50)
    assert [row["task_id"] for row in rows] == service.ids
    for row in rows:
        task = service.task(row["task_id"])
        if task is not None:
            assert task.source.startswith(row["shot"])
            assert task.result is None or row["version"] in task.result


def test_the_quickstart_runs_as_text_in_a_terminal(tmp_path: Path) -> None:
    environment = os.environ | {"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path)}
    command = [sys.executable, "-m", "IPython", "--no-banner", str(QUICKSTART)]
    ran = subprocess.run(  # noqa: S603, the command is ours
        command, capture_output=True, text=True, timeout=120, cwd=tmp_path, env=environment, check=False
    )
    assert ran.returncode == 0
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "Succeeded · took 5 min 45 s" in ran.stdout
    assert "Running" in ran.stdout
    assert "expires_at" in ran.stdout
