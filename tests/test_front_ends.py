"""Other places than a notebook in a browser: nbconvert, papermill, a terminal, a plain program."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Self

import IPython
import pytest

from tests.faults import FaultServer, Reply, running, serve_process, success
from tests.keys import KEY

QUICKSTART = Path(__file__).parent.parent / "notebooks" / "quickstart.ipynb"
PROMPTS = ("golden hour sunset", "Black and white film noir", "Hand-drawn anime background")
CARD = '<div class="aleph-card"'
CARDS = 5  # three of many, and two by their ids
THUMBNAIL = re.compile(r'<img [^>]*src="data:image/')
FROM_ELSEWHERE = re.compile(r'(?:src|poster)="(?!data:)[^"]*')


@pytest.fixture
def apart(tmp_path: Path, server: FaultServer) -> Iterator[dict[str, str]]:
    """Return an environment of its own for a process; what would leave this machine comes to a proxy."""
    home = str(tmp_path / "home")
    places = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), server.base_url)
    Path(home).mkdir()
    yield os.environ | dict.fromkeys(places, home) | proxies | {"NO_PROXY": "127.0.0.1,localhost"}
    assert server.accepted == 0


def run(env: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments to a good end."""
    command = [sys.executable, *map(str, arguments)]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
    return ran


def nbconvert(env: dict[str, str], notebook: Path, kind: str, *options: str) -> str:
    """Return an exported notebook."""
    return run(env, "-m", "nbconvert", "--to", kind, *options, "--stdout", notebook).stdout


def test_nbconvert_runs_it_and_exports_it_to_html(apart: dict[str, str]) -> None:
    page = nbconvert(apart, QUICKSTART, "html", "--execute")
    cells = page[page.index("<main>") : page.index("</main>")]  # around them are scripts of the template
    assert "<script" not in cells
    assert FROM_ELSEWHERE.findall(cells) == []
    assert cells.count(CARD) == CARDS
    assert len(THUMBNAIL.findall(cells)) >= CARDS - 1  # one still runs
    for prompt in PROMPTS:
        assert prompt in cells


def test_papermill_runs_it_and_what_it_wrote_can_be_exported(apart: dict[str, str]) -> None:
    written = Path("out.ipynb")
    ran = run(apart, "-m", "papermill", QUICKSTART, written)
    assert "100%" in ran.stderr
    assert ran.stdout == ""
    cells = json.loads(written.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    shown = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    assert sum(CARD in html for html in shown) == CARDS
    assert {"error", "stderr"}.isdisjoint({output.get("name", output["output_type"]) for output in outputs})

    cards = [html for html in shown if CARD in html]
    lines = nbconvert(apart, written, "markdown").splitlines()
    assert [line for line in lines if CARD in line] == cards  # indented or broken, Markdown shows their code

    script = Path("quickstart.py")
    script.write_text(nbconvert(apart, written, "script"), encoding="utf-8")
    assert "Succeeded · took 5 min 45 s" in run(apart, "-m", "IPython", script).stdout


# ── A terminal ───────────────────────────────────────────────────────────────────────────────────

START = """
import os
os.close(os.open(os.ttyname(0), os.O_RDWR))  # makes it the terminal whose Ctrl-C ends what runs
from IPython import start_ipython
start_ipython()
"""


class Terminal:
    """IPython in a terminal without colours, 120 columns wide."""

    def __init__(self, env: dict[str, str]) -> None:
        colors = "NoColor" if IPython.version_info < (9,) else "nocolor"
        options = ["--no-banner", "--no-confirm-exit", f"--colors={colors}"]
        self._leader, follower = pty.openpty()
        termios.tcsetwinsize(follower, (100, 120))
        self._process = subprocess.Popen(  # noqa: S603, the command is ours
            [sys.executable, "-c", START, *options],
            env=env | {"TERM": "dumb"},
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
        )
        os.close(follower)
        self._read = b""
        self._number = 1

    def __enter__(self) -> Self:
        self.until("In [1]: ")
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.type("exit\r")
            self._process.wait(20)
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._leader)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._leader, text.encode())

    def until(self, awaited: str, timeout: float = 30) -> str:
        """Return what is written up to this text."""
        end = time.monotonic() + timeout
        while (at := self._read.find(awaited.encode())) < 0:
            left = max(0.0, end - time.monotonic())
            assert select.select([self._leader], [], [], left)[0], f"{awaited!r} in {self._read.decode()}"
            self._read += os.read(self._leader, 65536)
        written, self._read = self._read[:at].decode(), self._read[at + len(awaited) :]
        return written

    def prompt(self, timeout: float = 30) -> str:
        """Return what is written up to the next prompt."""
        self._number += 1
        return self.until(f"In [{self._number}]: ", timeout)

    def run(self, line: str) -> str:
        """Run a line, and return what it writes; the line itself, as it is typed, is not in it."""
        self.type(f"{line}\r")
        return self.prompt().split("\r\r\n", 1)[1]


def as_seen(written: str) -> list[str]:
    """Return the lines as a terminal shows them: what follows a carriage return is written over."""
    lines = []
    for row in written.replace("\r\n", "\n").split("\n"):
        seen = ""
        for part in row.split("\r"):
            seen = part + seen[len(part) :]
        lines.append(seen.rstrip())
    return lines


def test_a_terminal_shows_cards_as_text(apart: dict[str, str]) -> None:
    with Terminal(apart) as terminal:
        assert as_seen(terminal.run("%load_ext aleph_nb")) == ["", ""]
        assert "df = %aleph_status $ids" in terminal.run("ids = %aleph_demo")
        written = terminal.run("df = %aleph_status $ids")
        help_text = terminal.run("%aleph_status?")
        assert "14" in terminal.run("len(df)")
    lines = as_seen(written)
    heads = [number for number, line in enumerate(lines) if "Succeeded · took" in line]
    assert [b - a for a, b in pairwise(heads)] == [4, 4]  # lines of a card
    for head, prompt in zip(heads, PROMPTS, strict=True):
        assert prompt in lines[head + 1]
        assert [line.split()[0] for line in lines[head + 2 : head + 4]] == ["result", "source"]
    assert "14/14" in written
    assert "14/14" not in "".join(lines)  # the bar is gone
    assert not re.search(r"\x1b|</?\w+[ >]", written)
    assert "df = %aleph_status $ids" in help_text
    assert "--fresh" in help_text


def test_ctrl_c_in_a_terminal_gives_the_prompt_back(apart: dict[str, str]) -> None:
    with serve_process(delay=60) as base_url:
        settings = {"ALEPH_NB_BASE_URL": base_url, "KIE_API_KEY": KEY}
        with Terminal(apart | settings) as terminal:
            terminal.run("%load_ext aleph_nb")
            terminal.type("df = %aleph_status a b c\r")
            terminal.until("0/3 [")
            time.sleep(0.5)  # the requests are under way
            pressed = time.monotonic()
            terminal.type("\x03")
            lines = as_seen(terminal.prompt())
            assert time.monotonic() - pressed < 2
            assert "2" in terminal.run("1 + 1")
    said = [line for line in lines if line]
    assert len(said) == 1
    assert said[0].startswith("KeyboardInterrupt: ended before all 3 had answered")


@pytest.fixture
def service() -> Iterator[FaultServer]:
    """Serve three tasks: `a` is done, `b` is soon, `c` never."""
    with FaultServer() as service:
        service.script("b", *[Reply(body=running("b"))] * 8, Reply(body=success("b")))
        service.script("c", Reply(body=running("c")))
        yield service


def settings_for(service: FaultServer) -> dict[str, str]:
    chosen = {"BASE_URL": service.base_url, "POLL_INTERVAL": "0.1", "RATE": "0"}
    return {"KIE_API_KEY": KEY} | {f"ALEPH_NB_{name}": value for name, value in chosen.items()}


def test_a_watch_in_a_terminal_is_a_bar_and_a_line_for_each(
    apart: dict[str, str], service: FaultServer
) -> None:
    with Terminal(apart | settings_for(service)) as terminal:
        terminal.run("%load_ext aleph_nb")
        written = terminal.run("df = %aleph_watch a b --timeout 20")
        terminal.type("df = %aleph_watch b c\r")
        terminal.until(", 1 running")
        terminal.type("\x03")
        interrupted = as_seen(terminal.prompt())
        assert "3" in terminal.run("1 + 2")
    lines = [line for line in as_seen(written) if line]
    assert re.search(r" 50%\|█+ +\| 1 of 2 done · .* s · (asking|next look in 1 s) · 1 succeeded", written)
    assert [line.split()[:2] for line in lines[:2]] == [["Succeeded", "a"], ["Succeeded", "b"]]
    assert lines[2].startswith("2 of 2 done · 2 succeeded · in ")
    assert not re.search(r"\x1b|</?\w+[ >]", written)
    said = [line for line in interrupted if line]
    assert said[0].startswith("1 of 2 done · 1 succeeded, 1 running · interrupted after ")
    assert said[-1] == "KeyboardInterrupt: 1 of 2 not done. Go on: %aleph_watch"
    assert any("in_progress" in line for line in said)


def test_a_watch_that_writes_to_a_file_writes_plain_lines(
    apart: dict[str, str], service: FaultServer
) -> None:
    script = Path("watch.ipy")
    script.write_text("%load_ext aleph_nb\ndf = %aleph_watch a b --timeout 20\n", encoding="utf-8")
    ran = run(apart | settings_for(service), "-m", "IPython", "--colors=NoColor", script)
    assert not re.search(
        r"[\x1b\r\x08]|\d%", ran.stderr
    )  # IPython 7 writes the terminal's title to the other one
    first, second, last = ran.stderr.splitlines()
    assert [first.split()[:2], second.split()[:2]] == [["Succeeded", "a"], ["Succeeded", "b"]]
    assert last.startswith("2 of 2 done")


# ── A plain program ──────────────────────────────────────────────────────────────────────────────

PROGRAM = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())

import aleph_nb
with aleph_nb.Session() as session:
    print(aleph_nb.to_frame(session.status(session.start_demo()[:2]))[["task_id", "state"]])
print(sorted({{"IPython", "traitlets", "ipykernel", "tqdm"}} & set(sys.modules)))
"""


@pytest.mark.parametrize("blocked", [(), ("IPython", "traitlets", "ipykernel")], ids=["there", "absent"])
def test_a_session_needs_no_ipython(apart: dict[str, str], blocked: tuple[str, ...]) -> None:
    lines = run(apart, "-c", PROGRAM.format(blocked=blocked)).stdout.splitlines()
    assert [line.split()[-1] for line in lines] == ["state", "succeeded", "succeeded", "[]"]
