"""What somebody gets who has never seen it, with what they get wrong first; each with a picture of it.

One notebook holds all the cells; each test runs its own, in the state of the kernel that it sets up itself.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.browser.rig import Notebook, Rig
from tests.faults import FaultServer, Reply, success
from tests.keys import KEY

pytestmark = pytest.mark.browser

MEDIA = Path(__file__).parents[2] / "aleph_nb" / "demo" / "media"
ID = "ee603959-debb-48d1-98c4-a6d1c717eba6"
MANY = sorted(str(UUID(int=(n + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**128)) for n in range(300))
FIRST_HALF = [task_id for task_id in MANY if task_id < "8"]
PASTED = "\n".join(f'"{task_id}"\t' for task_id in MANY) + f"\n\n{MANY[0]}\n"
PAGE = b"<!doctype html><title>Sign in</title><h1>Sign in to the hotel's network</h1>"
HTML = {"Content-Type": "text/html"}
WELL = f"""\
import os
os.environ |= {{'KIE_API_KEY': '{KEY}', 'ALEPH_NB_RATE': '0'}}
%config AlephMagics.base_url = BASE
%config AlephMagics.retries = 1"""


def csv(content: str, name: str = "shots.csv") -> str:
    return f"from pathlib import Path\nPath({name!r}).write_text({content!r});"


# By the name of its picture: what comes before, in a cell of its own, and the cell.
CELLS: dict[str, tuple[str, str]] = {
    "no-key": ("import os\nos.environ.pop('KIE_API_KEY');", f"%aleph_status {ID}"),
    "wrong-key": (WELL, "%aleph_status wrong-key"),
    "typo": (WELL, "%aleph_status ee60395"),
    "no-network": ("%config AlephMagics.base_url = 'https://api.aleph.invalid'", f"%aleph_status {ID}"),
    "300-ids": (WELL, f"%%aleph_status\n{PASTED}"),
    "wrong-column": (csv("shot,aleph id\nSH010,a1\nSH020,b2\n"), "%aleph_status -f shots.csv"),
    "no-header": (csv(f"SH010,{ID}\nSH020,{MANY[0]}\n"), "%aleph_status -f shots.csv"),
    "xlsx": (csv("PK\x03\x04", "shots.xlsx"), "%aleph_status -f shots.xlsx"),
    "absent-file": (WELL, "%aleph_status -f shot.csv"),
    "spoilt-id": (csv(f"task_id,shot\n1.2E+31,SH010\n,SH020\n{ID},SH030\n"), "%aleph_status -f shots.csv"),
    "nothing-named": (f"{WELL}\n%config AlephMagics.ledger = 'new.sqlite3'", "%aleph_status"),
    "empty-body": (WELL, "%%aleph_status\n\n# none yet\n"),
    "empty-variable": ("none = []", "%aleph_status $none"),
    "no-variable": (WELL, "df = %aleph_status $ids"),
    "forgotten-sign": ("shots = []", "df = %aleph_status shots"),
    "other-server": (WELL, "%aleph_status other-server"),
    "other-server-404": (WELL, "%aleph_status other-server-404"),
    "interrupt": (f"{WELL}\nmany = {MANY}", "df = %aleph_status $many --fresh -o part"),
    "expired": ("demo = %aleph_demo;", "%aleph_show {demo[12]}"),
    "foreign-id": (WELL, "%aleph_status foreign"),
}
ERRORS = (
    "There is no key|answered 401|cannot be resolved|No column|no header|spreadsheet|cannot be read|"
    "No task ids|is not defined|sign-in page|base_url|KeyboardInterrupt"
)


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    """Answer that each task has succeeded, but for every tenth of the many and some by name."""
    failed = {"successFlag": 3, "errorCode": 422, "errorMessage": "The prompt was flagged.", "response": None}
    with FaultServer() as server:
        response = {
            "resultVideoUrl": server.media("/k/r.mp4", (MEDIA / "harbour-noir.mp4").read_bytes()),
            "resultImageUrl": server.media(
                "/k/r.jpg", (MEDIA / "harbour-noir.jpg").read_bytes(), "image/jpeg"
            ),
        }
        source = server.media("/k/s.mp4", (MEDIA / "harbour.mp4").read_bytes())
        well = {"response": response, "paramJson": f'{{"prompt": "Film noir", "videoUrl": "{source}"}}'}
        odd = set(MANY[::10])
        server.default = lambda task_id: Reply(body=success(task_id, **(failed if task_id in odd else well)))
        server.script("wrong-key", Reply(body=b'{"code": 401, "msg": "Unauthorized"}'))
        server.script("ee60395", Reply(body=b'{"code": 200, "msg": "success", "data": null}'))
        server.script("other-server", Reply(headers=HTML, body=PAGE))
        server.script("other-server-404", Reply(status=404, headers=HTML, body=PAGE))
        yield server


@pytest.fixture(scope="module")
def opened(rig: Rig, server: FaultServer) -> Iterator[Notebook]:
    """Lend the one notebook."""
    begin = f"%load_ext aleph_nb\nBASE = '{server.base_url}'\n{WELL}".replace(
        "= BASE", f"= '{server.base_url}'"
    )
    cells = [text.replace("= BASE", f"= '{server.base_url}'") for pair in CELLS.values() for text in pair]
    with rig.session("lab") as notebook:
        notebook.gates.expect(ERRORS)
        yield notebook.open([begin, *cells]).run_cell(0)


def shown(notebook: Notebook, name: str) -> str:
    """Run a cell, and return what it shows; a picture of it is kept."""
    index = 1 + 2 * list(CELLS).index(name)
    notebook.run_cell(index).run_cell(index + 1)
    return pictured(notebook, name)


def pictured(notebook: Notebook, name: str) -> str:
    index = 2 + 2 * list(CELLS).index(name)
    said = notebook.output(index).inner_text()
    notebook.screenshot(f"first-{name}", of=notebook.cell(index))
    return said


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("no-key", ["There is no key", "KIE_API_KEY", "%aleph_login", "%aleph_demo"]),
        ("wrong-key", ["401: the key is missing or invalid", "from KIE_API_KEY in the", "%aleph_login"]),
        (
            "no-network",
            [f"No answer for task {ID} from api.aleph.invalid", "cannot be resolved", "Check the"],
        ),
        ("wrong-column", ["No column of the table is called task_id", "shot, aleph id", "Rename the one"]),
        ("no-header", ["The table has no header. Set one above it, with task_id over the ids."]),
        ("xlsx", ["is a spreadsheet. Save it as CSV"]),
        ("absent-file", ["shot.csv cannot be read", "The working folder is"]),
        ("empty-body", ["No task ids", "%aleph_status ID ID"]),
        ("nothing-named", ["No task ids", "%aleph_status ID ID", "-f ids.csv", "ids = %aleph_demo"]),
        ("no-variable", ["ids is not defined", "Run the cell that defines it"]),
        ("other-server", ["a web page, where the Aleph API sends JSON", "asks you to sign in", "base_url"]),
        ("other-server-404", ["HTTP 404, so this is not the Aleph API", "base_url"]),
    ],
)
def test_what_stops_it_is_told_in_one_line(opened: Notebook, name: str, told: list[str]) -> None:
    said = " ".join(shown(opened, name).split())
    assert [part for part in told if part not in said] == []
    assert "Traceback" not in said
    assert "File " not in said


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("typo", ["Not found", "Check the id", "ee60395", "not_found"]),
        ("spoilt-id", ["1.2E+31 looks like an id that a spreadsheet turned", "1 row has no id.", "SH030"]),
        ("empty-variable", ["There is no task id in what was given."]),
        ("forgotten-sign", ["shots was asked for as a task id. If you mean the variable, write $shots"]),
        (
            "300-ids",
            [
                "300 of 300",
                f"Given more than once, asked for once: {MANY[0]}.",
                "297 more: 267 succeeded, 30 need a look",
                "10 more need a look: 10 failed. The table has them all",
                "300 rows",
            ],
        ),
    ],
)
def test_what_is_odd_is_told_beside_the_answer(opened: Notebook, name: str, told: list[str]) -> None:
    said = " ".join(shown(opened, name).split())
    assert [part for part in told if part not in said] == []


def test_an_interrupt_keeps_what_had_arrived(opened: Notebook, server: FaultServer) -> None:
    late = set(MANY) - set(FIRST_HALF)
    answer = server.default
    server.default = lambda task_id: Reply(body=answer(task_id).body, delay=60 if task_id in late else 0)
    index = 2 + 2 * list(CELLS).index("interrupt")
    opened.run_cell(index - 1)
    opened.page.evaluate("index => { rig.select(index); rig.execute('notebook:run-cell'); }", index)
    server.wait_until(lambda server: all(seen.task_id in late for seen in server.requests[-16:]), 20)
    opened.page.wait_for_timeout(1000)  # what has been answered is taken and written
    opened.page.evaluate("rig.execute('notebook:interrupt-kernel')")
    opened.wait_idle(10)
    server.default = answer
    said = pictured(opened, "interrupt")
    arrived = re.search(r"(\d+) of 300 arrived\. They are kept in part\.", said)
    assert arrived is not None
    assert int(arrived[1]) >= len(FIRST_HALF) - 16
    assert "KeyboardInterrupt: ended before all 300 had answered. Run the cell again." in said
    assert "Traceback" not in said


def test_a_result_that_expired_and_an_id_that_is_not_the_demos(opened: Notebook) -> None:
    said = shown(opened, "expired")
    for part in ("Expired", "The service deleted this result on", "Create the task again"):
        assert part in said
    assert "The demo was asked, which knows its own tasks alone." in shown(opened, "foreign-id")


def test_restart_and_run_all(notebook: Notebook) -> None:
    cells = ["%load_ext aleph_nb", "ids = %aleph_demo", "df = %aleph_status $ids"]
    notebook.open(cells).run_all()
    before = notebook.output(2).inner_text()
    notebook.page.evaluate("() => rig.panel().sessionContext.restartKernel()")
    notebook.run_all()
    after = notebook.output(2).inner_text()
    assert "14 of 14" in after
    succeeded = [line for line in before.splitlines() if "Succeeded" in line]
    assert [line for line in after.splitlines() if "Succeeded" in line] == succeeded
