"""Clips through the kernel in real notebooks: of a host that refuses the browser, and of the kernel alone."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from aleph_nb.dashboard.pieces import PIECE
from tests.browser.desks import begin
from tests.browser.rig import Notebook
from tests.clips import make
from tests.player.server import ClipServer

pytestmark = [pytest.mark.browser, pytest.mark.alone]

PLAYER = 1  # the cell
LARGE = 20_000_000
A_WHILE = 30  # seconds
HERE = "http://127.0.0.1:1"  # a service on this machine: then clips may be fetched from it, too

# What stands on each side from the beginning on, and how full its bar is.
_RECORD = """() => {
  window.told = [];
  const look = () => {
    for (const side of document.querySelectorAll(".aleph-player .ad-side")) {
      const bar = side.querySelector("progress");
      const text = side.querySelector(".ad-side-face p")?.textContent ?? "";
      const said = [text, bar.hidden ? null : bar.getAttribute("value")];
      if (JSON.stringify(said) !== side.lastSaid) window.told.push(said);
      side.lastSaid = JSON.stringify(said);
    }
  };
  const all = { subtree: true, childList: true, characterData: true, attributes: true };
  new MutationObserver(look).observe(document.body, all);
}"""


_SIZE = "url => fetch(url).then(got => got.blob()).then(blob => blob.size)"


class PlayerCell:
    """A player in the second cell of a notebook."""

    def __init__(self, notebook: Notebook, made: str, more: Sequence[str] = ()) -> None:
        setup = begin("from aleph_nb import Player", base_url=HERE)
        self.notebook = notebook.open([setup, made, *more]).run_cell(0)
        self.page = notebook.page
        self.page.evaluate(_RECORD)
        self.stage = self.page.locator(".aleph-player .ad-stage")

    def run(self) -> "PlayerCell":
        """Run its cell."""
        self.notebook.run_cell(PLAYER)
        return self

    def side(self, name: str) -> Locator:
        """Find a side."""
        return self.stage.locator(f".ad-side-{name}")

    def expect_shown(self, *names: str, seconds: int = A_WHILE) -> "PlayerCell":
        """Wait until sides have their pictures."""
        self.notebook.output(PLAYER)
        for name in names:
            expect(self.side(name)).to_have_attribute("data-state", "shown", timeout=seconds * 1000)
        return self

    def address(self, name: str) -> str:
        """Say where a side's video has its clip from."""
        return str(self.side(name).locator("video").evaluate("video => video.currentSrc"))

    @property
    def told(self) -> list[tuple[str, float | None]]:
        """What was said in place of pictures so far, and how full the bars were."""
        told = self.page.evaluate("window.told")
        return [(text, None if value is None else float(value)) for text, value in told]


def write_large(path: Path, small: Path) -> None:
    """Write a clip of 20 MB, most of which is nothing."""
    clip = small.read_bytes()
    filling = LARGE - len(clip)
    path.write_bytes(clip + filling.to_bytes(4, "big") + b"free" + bytes(filling - 8))


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_a_host_that_refuses_the_browser_does_not_refuse_the_kernel(
    notebook: Notebook, clip_server: ClipServer, app: str
) -> None:
    url = f"{clip_server.origin}/refuses/{app}~25-result.mp4"
    other = f"{clip_server.origin}/clips/{app}~25-source.mp4"
    cell = PlayerCell(notebook, f"player = Player({url!r}, {other!r})\nplayer").run()
    cell.expect_shown("source", "result")
    assert cell.address("result").startswith("blob:")
    assert cell.address("source") == other
    asked = [dest for path, dest in clip_server.asked if path.endswith(f"/{app}~25-result.mp4")]
    assert asked == ["video", ""]
    cell.stage.focus()
    cell.page.keyboard.press("End")
    expect(cell.stage.locator(".ad-frame")).to_contain_text("of 125")
    cell.page.keyboard.press(",")
    expect(cell.stage.locator(".ad-frame")).to_contain_text("124 of 125")


def test_a_large_clip_of_the_kernel_comes_with_its_progress(notebook: Notebook, tmp_path: Path) -> None:
    cell = PlayerCell(notebook, "player = Player('large.mp4', 'small.mp4')\nplayer")
    small = make("25-source", tmp_path)
    (notebook.file.parent / "small.mp4").write_bytes(small.read_bytes())
    write_large(notebook.file.parent / "large.mp4", small)
    cell.run().expect_shown("source", "result")
    assert cell.address("result").startswith("blob:")
    size = cell.page.evaluate(_SIZE, cell.address("result"))
    assert size == LARGE
    filled = [
        value for text, value in cell.told if value is not None and "It comes through the kernel" in text
    ]
    assert len(filled) > 5
    assert filled == sorted(filled)
    assert any("of 20 MB" in text for text, _ in cell.told)
    outputs = notebook.outputs()[PLAYER]
    assert not [each for each in outputs if each["output_type"] == "stream"]  # no limit of the server was met
    expect(cell.side("result").locator("progress")).to_be_hidden()


# A server drops what is beyond its limit of messages a second: every fifth piece, when it is first sent.
_LOSSY = """
player = Player("large.mp4")
sent, tell = [], player._pieces._send

def lose_some(told, buffers):
    first = told.get("at") not in sent
    if told["state"] == "chunk":
        sent.append(told["at"])
    if not (first and told["state"] == "chunk" and len(set(sent)) % 5 == 3):
        tell(told, buffers)

player._pieces._send = lose_some
player
"""


def test_pieces_that_are_lost_on_the_way_are_asked_for_again(notebook: Notebook, tmp_path: Path) -> None:
    cell = PlayerCell(notebook, _LOSSY, ["len(sent), len(set(sent))"])
    write_large(notebook.file.parent / "large.mp4", make("25-source", tmp_path))
    cell.run().expect_shown("result", seconds=90)
    assert cell.page.evaluate(_SIZE, cell.address("result")) == LARGE
    notebook.run_cell(PLAYER + 1)
    pieces = -(-LARGE // PIECE)
    (told,) = notebook.outputs()[PLAYER + 1]
    assert told["data"]["text/plain"] == str((pieces + pieces // 5 + 1, pieces))


def test_while_a_cell_runs_it_is_said_and_then_the_clip_comes(notebook: Notebook, tmp_path: Path) -> None:
    cell = PlayerCell(notebook, "player = Player('a.mp4')\nplayer", ["import time; time.sleep(6)"])
    (notebook.file.parent / "a.mp4").write_bytes(make("25-result", tmp_path).read_bytes())
    cell.page.evaluate("rig.execute('notebook:run-all-cells')")
    told = cell.side("result").locator(".ad-side-face")
    expect(told).to_contain_text("The kernel is running a cell", timeout=A_WHILE * 1000)
    notebook.wait_idle()
    cell.expect_shown("result")


def test_why_a_clip_comes_neither_way_is_told_with_its_link(
    notebook: Notebook, clip_server: ClipServer
) -> None:
    gone = f"{clip_server.origin}/gone/25-result.mp4"
    cell = PlayerCell(notebook, f"Player({gone!r}, 'http://127.0.0.1:1/none.mp4')").run()
    notebook.output(PLAYER)
    face = cell.side("result").locator(".ad-side-face")
    expect(face).to_contain_text("The server answered 404: it is not there any more", timeout=A_WHILE * 1000)
    expect(face.get_by_role("link")).to_have_attribute("href", gone)
    expect(cell.side("source")).to_contain_text("The connection was refused", timeout=A_WHILE * 1000)


def test_a_clip_that_is_larger_than_allowed_says_so(notebook: Notebook, clip_server: ClipServer) -> None:
    url = f"{clip_server.origin}/refuses/25-result.mp4"
    made = f"%config AlephMagics.max_media_bytes = 1000\n%aleph\nPlayer({url!r})"
    cell = PlayerCell(notebook, made).run()
    notebook.output(PLAYER)
    told = cell.side("result")
    expect(told).to_contain_text("and 1 KB may come through the kernel", timeout=A_WHILE * 1000)
    expect(told).to_contain_text("max_media_bytes")
