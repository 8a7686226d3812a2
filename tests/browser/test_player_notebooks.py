"""The player in JupyterLab and Notebook 7, by real keys, a third of its clips through the kernel."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.bare_player import frames_at
from tests.browser.desks import DeskPage, begin
from tests.browser.rig import Notebook
from tests.browser.server import REPOSITORY
from tests.clips import CLIPS, make
from tests.faults import FaultServer, Reply, success
from tests.keys import KEY
from tests.player.server import ClipServer

pytestmark = pytest.mark.browser

_BARCODE = (REPOSITORY / "tests" / "player" / "barcode.js").read_text(encoding="utf-8")
_TASKS = 9
_IDS = [f"{number:08x}-debb-48d1-98c4-a6d1c717eba6" for number in range(_TASKS)]
_REFUSED = 3  # every third result is on a host that refuses the browser
_SOURCE = "25-source"

in_both = pytest.mark.parametrize("app", ["lab", "notebook"])

_ARRIVED = """([number]) => {
  const found = barcode.videoOf("result") && barcode.read(barcode.videoOf("result"));
  return found?.clip === number && barcode.frameOf("source") !== null;
}"""
# The source, which lasts longer, has moved on, or from the beginning again.
_MOVED = """frame => {
  const now = barcode.frameOf("source");
  return now !== null && (now > frame || now < frame - 10);
}"""


class ClipTasks:
    """Tasks that have succeeded, with clips beside the notebook, where a page may read what they show."""

    def __init__(self, notebook: Notebook, server: FaultServer, clip_server: ClipServer) -> None:
        folder = notebook.file.parent
        self._files = f"{notebook.page.evaluate('location.origin')}/files/{folder.name}"
        self._clips = clip_server
        for name in (_SOURCE, *(self.take(place) for place in range(_TASKS))):
            make(name, folder)
        server.default = self._answer

    @staticmethod
    def take(place: int) -> str:
        """Name the clip that is a task's result."""
        return f"take-{place % 8}"

    def _answer(self, task_id: str) -> Reply:
        place = _IDS.index(task_id)
        at = f"{self._clips.origin}/refuses" if place % _REFUSED == 0 else self._files
        told = {"prompt": f"Take {place}", "videoUrl": f"{self._files}/{_SOURCE}.mp4"}
        response = {"resultVideoUrl": f"{at}/{self.take(place)}.mp4"}
        return Reply(body=success(task_id, response=response, paramJson=json.dumps(told)))


@in_both
def test_a_pair_is_stepped_played_and_judged_by_keys(
    notebook: Notebook, server: FaultServer, clip_server: ClipServer, app: str
) -> None:
    settings = {"key": KEY, "base_url": server.base_url, "rate": 0, "retries": 0}
    notebook.open([begin(f"ids = {_IDS!r}", **settings), "%aleph_dashboard $ids"])
    ClipTasks(notebook, server, clip_server)
    notebook.run_cell(0)
    notebook.page.evaluate(_BARCODE)
    before = len(clip_server.asked)
    desk = DeskPage(notebook, service=server.base_url).show(cards=3)
    expect(desk.find(".ad-chip", has_text="Succeeded")).to_contain_text(str(_TASKS), timeout=15_000)
    desk.focus().press("Home")
    through_the_kernel = set()
    judged: list[str] = []
    while len(judged) < _TASKS:
        place = _IDS.index(desk.current)
        judged.append(desk.current)
        look_and_judge(desk, place)
        if notebook.page.evaluate("barcode.videoOf('result').currentSrc").startswith("blob:"):
            through_the_kernel.add(place)
        desk.press("n")
        if len(judged) < _TASKS:
            desk.wait(f"desk.id() !== {judged[-1]!r}")
    assert through_the_kernel == {place for place in range(_TASKS) if place % _REFUSED == 0}
    desk.sign("Saved")
    assert {task: review.rating for task, review in desk.reviews().items()} == {
        task: 1 + place % 5 for place, task in enumerate(_IDS)
    }
    asked = clip_server.asked[before:]
    assert {fetched_for for path, fetched_for in asked if "/refuses/" in path} == {"video", ""}


def look_and_judge(desk: DeskPage, place: int) -> None:
    """Step, play, pause and rate one task."""
    page, take = desk.page, ClipTasks.take(place)
    page.wait_for_function(_ARRIVED, arg=[CLIPS[take].number])
    stands = int(desk.find(".ad-seek").input_value())
    expected = frames_at(stands, _SOURCE, take)
    assert page.evaluate("frames => barcode.settle(frames)", expected) == expected, take
    desk.press(str(1 + place % 5))
