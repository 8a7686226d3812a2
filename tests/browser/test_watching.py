"""A watch in both front ends: one display, updated in place, that moves nothing and ends as a line."""

import json

import pytest

from tests.browser.rig import Notebook, Rig
from tests.faults import FaultServer, Reply, failure, running, success
from tests.keys import KEY

pytestmark = [pytest.mark.browser, pytest.mark.alone]

WATCH = 1
IDS = [f"{number:08x}-debb-48d1-98c4-a6d1c717eba6" for number in range(30)]
PROMPTS = (
    "Turn the clear afternoon into a golden hour sunset, long shadows, warm haze; keep the camera move",
    "Deep winter",
    "Film noir: hard light, deep shadows, rain",
)

# Where the live display and the cell below it stand, noted whenever a frame is drawn while it runs.
_NOTE = """index => {
  window.places = new Set();
  const note = () => {
    const cell = document.querySelector(`[data-windowed-list-index="${index}"]`);
    const next = document.querySelector(`[data-windowed-list-index="${index + 1}"]`);
    const live = cell?.querySelector(".aleph-live");
    if (live?.innerText.includes("next look") || live?.innerText.includes("asking")) {
      const [box, below] = [live, next].map((each) => each.getBoundingClientRect());
      places.add([box.height, below.top - box.top].map(Math.round).join(" "));
    }
    requestAnimationFrame(note);
  };
  note();
}"""
_STICKS_OUT = """live => [...live.querySelectorAll("*")].filter((each) =>
  each.getBoundingClientRect().right > live.getBoundingClientRect().right + 0.5).length"""


def serve(server: FaultServer) -> None:
    """Let a few tasks end at each round, some of them badly; of the media there is nothing."""
    for number, task_id in enumerate(IDS):
        told = told_of(server, number)
        response = {"resultVideoUrl": f"{server.base_url}/k/result.mp4"}
        body = success(task_id, response=response, **told)
        if number % 7 == 3:
            body = failure(task_id, 422, **told)
        server.script(task_id, *[Reply(body=running(task_id, **told))] * (number // 10), Reply(body=body))


def told_of(server: FaultServer, number: int) -> dict[str, str]:
    params = {"prompt": PROMPTS[number % 3], "videoUrl": f"{server.base_url}/k/source.mp4"}
    return {"paramJson": json.dumps(params)}


def cells(server: FaultServer, *lines: str) -> list[str]:
    names = {"KIE_API_KEY": KEY, "ALEPH_NB_BASE_URL": server.base_url, "ALEPH_NB_RATE": "0"}
    names |= {"ALEPH_NB_POLL_INTERVAL": "0.2", "ALEPH_NB_LEDGER": "off"}
    begin = f"import os\nos.environ |= {names!r}\nids = {IDS!r}\n%load_ext aleph_nb"
    return [begin, *lines, "# the cell below"]


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_it_is_updated_in_place_and_moves_nothing(notebook: Notebook, server: FaultServer, app: str) -> None:
    serve(server)
    notebook.open(cells(server, "df = %aleph_watch $ids")).run_cell(0)
    notebook.page.evaluate(_NOTE, WATCH)
    notebook.run_cell(WATCH)
    places = notebook.page.evaluate("[...places]")
    assert len(places) == 1, places  # neither did it grow, nor did it push what is below
    outputs = notebook.outputs()[WATCH]
    live = [output for output in outputs if "aleph-live" in json.dumps(output)]
    assert len(live) == 1
    assert "30 of 30 done" in "".join(live[0]["data"]["text/plain"])

    if app == "lab":
        return  # both have the same sanitizer, and Notebook 7 is the quicker one
    notebook.reopen_untrusted()
    line = notebook.output(WATCH).locator(".jp-OutputArea-output").first
    assert "30 of 30 done" in line.inner_text()
    assert "failed" in line.inner_text()
    box = line.bounding_box()
    assert box
    assert box["height"] < 40
    notebook.screenshot(f"watch-{app}-untrusted", of=line)


def test_it_fits_from_narrow_to_wide_in_light_and_dark(rig: Rig, server: FaultServer) -> None:
    serve(server)
    for number, task_id in enumerate(IDS[20:]):
        server.script(task_id, Reply(body=running(task_id, **told_of(server, number))))  # and so on
    with rig.session("lab") as notebook:
        notebook.gates.expect("cell 1: KeyboardInterrupt")
        notebook.open(cells(server, "df = %aleph_watch $ids")).run_cell(0)
        notebook.page.evaluate("index => { rig.select(index); rig.execute('notebook:run-cell'); }", WATCH)
        live = notebook.output(WATCH).locator(".aleph-live")
        notebook.page.wait_for_function(
            "() => document.querySelector('.aleph-live')?.innerText.includes('20 of 30 done')"
        )
        for theme in ("Light", "Dark"):
            notebook.set_theme(f"JupyterLab {theme}")
            for width in (760, 1600):
                notebook.page.set_viewport_size({"width": width, "height": 768})
                notebook.page.wait_for_timeout(200)
                assert live.evaluate(_STICKS_OUT) == 0
                assert live.locator("text=next look").or_(live.locator("text=asking")).is_visible()
                notebook.screenshot(f"watch-{theme.lower()}-{width}", of=notebook.output(WATCH))
        notebook.page.evaluate("jupyterapp.commands.execute('notebook:interrupt-kernel')")
        notebook.wait_idle()
        shown = notebook.output(WATCH).inner_text()
        assert "20 of 30 done" in shown
        assert "interrupted after" in shown
        assert "Go on: %aleph_watch" in shown
