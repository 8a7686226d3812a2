"""The review desk in JupyterLab and Notebook 7, by real keys: each verdict kept, and of the right task."""

import json
import os
import random
import signal
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.desks import DeskPage, begin, match
from tests.browser.rig import Notebook
from tests.browser.server import REPOSITORY
from tests.faults import FaultServer, Reply, running, success
from tests.keys import KEY

pytestmark = [pytest.mark.browser, pytest.mark.alone]

DESK = 1
MEDIA = REPOSITORY / "aleph_nb" / "demo" / "media"
IDS = [f"{number:08x}-debb-48d1-98c4-a6d1c717eba6" for number in range(240)]
in_both = pytest.mark.parametrize("app", ["lab", "notebook"])

# What the notebook's own keys would change.
_STAND = """() => {
  const { content } = rig.panel();
  const cells = Array.from({ length: content.model.cells.length }, (_, i) => content.model.cells.get(i));
  return {
    cells: cells.map((cell) => [cell.type, cell.sharedModel.getSource()]), active: content.activeCellIndex,
    kernel: rig.kernel().id, dialogs: document.querySelectorAll(".jp-Dialog").length,
  };
}"""
_COUNT = f"rig.panel().content.model.cells.get({DESK}).executionCount"
_WIDGET = "application/vnd.jupyter.widget-view+json"


# ── A review by keys ─────────────────────────────────────────────────────────────────────────────


@in_both
def test_twelve_tasks_are_reviewed_without_the_mouse(notebook: Notebook, app: str) -> None:
    notebook.open([begin("ids = %aleph_demo"), "%aleph_dashboard $ids", "# the cell below"]).run_cell(0)
    notebook.save()
    before = notebook.file.stat().st_size
    desk = DeskPage(notebook).show(cards=3).focus()
    review_twelve(desk)
    the_notebook_keeps_its_hands_off(desk)
    saving_and_running_stay_the_notebooks(desk)
    after_esc_the_notebook_has_its_keys(desk)
    the_static_face_stays(notebook, before)


def test_cards_are_there_before_the_cell_has_ended(notebook: Notebook) -> None:
    shown = "import time\nfrom IPython.display import display\ndisplay(desk)\ntime.sleep(6)"
    notebook.open([begin("ids = %aleph_demo", "%aleph_status -q $ids", "desk = %aleph_dashboard"), shown])
    notebook.run_cell(0)
    desk = DeskPage(notebook)
    desk.page.evaluate("index => { rig.select(index); rig.execute('notebook:run-cell'); }", DESK)
    desk.wait("document.querySelectorAll('.aleph-desk .ad-card:not([hidden])').length >= 3")
    desk.focus().press("Home", "3")
    task = desk.current
    assert desk.page.evaluate("rig.kernel().status") == "busy", "the machine was too slow to tell"
    notebook.wait_idle()
    desk.sign("Saved")
    assert desk.reviews()[task].rating == 3
    expect(desk.find(".ad-chip", has_text="All").locator("b")).to_have_text("14")


def review_twelve(desk: DeskPage) -> None:
    """Judge twelve tasks in all ways there are."""
    desk.press("Home")
    judged, more = [], []
    for keys in ("4", "p", "x", "5 p", "3 x", "2 u", "c", "g", "1 Control+z", "3 0 4", "5", "1"):
        judged.append(desk.current)
        for key in keys.split():
            desk.press(key)
            if key in "cg":
                desk.page.keyboard.type({"c": "The sky bands at 2 s", "g": "dusk"}[key])
                desk.press(*{"c": ["Enter"], "g": ["Enter", "Enter"]}[key])
                more.append(desk.current)
        desk.press("n")
        desk.wait(f"desk.id() !== {judged[-1]!r}")
    assert len(set(judged)) == 12
    desk.sign("Saved")
    reviews = desk.reviews()
    assert judged[8] not in reviews  # taken back
    left = [reviews[each].rating for each in judged if each in reviews]
    assert left == [4, None, None, 5, 3, 2, None, None, 4, 5, 1]
    assert [reviews[each].pick for each in judged[:6]] == [None, "pick", "reject", "pick", "reject", None]
    assert [note.text for note in reviews[judged[6]].notes] == ["The sky bands at 2 s"]
    assert list(reviews[judged[7]].tags) == ["dusk"]
    assert more == judged[6:8]
    match([line for line in desk.kept() if line.field in ("rating", "pick")], desk.given())


def the_notebook_keeps_its_hands_off(desk: DeskPage) -> None:
    """Press what the notebook would act on: it does not."""
    before = desk.page.evaluate(_STAND)
    desk.press(
        *"jkabmzvry",
        *"dd",
        *"ii",
        *"oh",
        *"00",
        *"yx",
        "ArrowDown",
        "ArrowUp",
        "ArrowRight",
        "Enter",
        "Enter",
    )
    desk.press("c", *"jkabdd00", "Escape", "Delete", "Backspace")
    desk.press("/", *"xyz", "Enter", "/", "Control+a", "Delete", "Enter")
    assert desk.page.evaluate("desk.has()")
    desk.sign("Saved")
    assert desk.page.evaluate(_STAND) == before


def saving_and_running_stay_the_notebooks(desk: DeskPage) -> None:
    """Ctrl+S saves the notebook, Shift+Enter runs its cell."""
    desk.wait("rig.panel().context.model.dirty")
    desk.press("Control+s").wait("!rig.panel().context.model.dirty")
    left, told, count = desk.current, desk.find(".ad-reviewed").inner_text(), desk.page.evaluate(_COUNT)
    desk.press("Shift+Enter").wait(f"{_COUNT} > {count} && rig.idle()")
    desk.wait(f"desk.id() === {left!r}")  # it stands where it was left, with all that was given
    expect(desk.find(".ad-reviewed")).to_have_text(told)
    expect(desk.root).to_have_count(1)


def after_esc_the_notebook_has_its_keys(desk: DeskPage) -> None:
    """Esc lets go: the next key is the notebook's."""
    count = len(desk.page.evaluate(_STAND)["cells"])
    desk.page.evaluate("index => { rig.select(index); rig.panel().content.activeCell.node.focus(); }", DESK)
    expect(desk.focus().root).to_have_attribute("data-keys", "on")
    desk.press("Escape")
    expect(desk.root).not_to_have_attribute("data-keys", "on")
    desk.press("b").wait(f"rig.panel().content.model.cells.length === {count + 1}", 5)


def the_static_face_stays(notebook: Notebook, before: int) -> None:
    """Check what is saved, and what it shows where nobody trusts it and no kernel has the desk."""
    saved = notebook.save()
    assert "widgets" not in saved["metadata"]
    widget, face = (output["data"] for output in saved["cells"][DESK]["outputs"])
    assert _WIDGET in widget
    assert "text/html" not in widget
    beyond = notebook.file.stat().st_size - before - len(json.dumps(face))
    assert beyond < 20_000, f"the notebook grew by {beyond:,} bytes beyond the static face"
    notebook.reopen_untrusted()
    shown = notebook.output(DESK).locator("details.aleph-summary")
    shown.locator("summary").first.click()
    expect(shown).to_contain_text("The sky bands at 2 s")
    expect(shown).to_contain_text("dusk")
    assert notebook.page.locator(".aleph-desk").count() == 0
    notebook.screenshot(f"desk-face-{notebook.app}", of=notebook.output(DESK))


# ── At twenty keys a second ──────────────────────────────────────────────────────────────────────


@in_both
def test_a_hundred_keys_at_twenty_a_second(notebook: Notebook, server: FaultServer, app: str) -> None:
    """While a watch adds records; then while the kernel is killed, and comes back."""
    ready = Arriving(server)
    first = begin(
        f"ids = {IDS!r}",
        "from aleph_nb import current_session",
        "for at in range(0, 60, 2):",
        "    if ids[at] not in set(current_session().reviews().task_id):",
        "        current_session().review(ids[at], rating=at % 5 + 1)",
        "pid = os.getpid()",
        **fault_settings(server),
    )
    notebook.open([first, "%aleph_dashboard $ids", "print(pid)"]).run_all()
    desk = DeskPage(notebook, service=server.base_url).show(cards=3)
    before = len(desk.kept())
    desk.find(".ad-sort").select_option("rating")
    desk.find(".ad-chip", has_text="Succeeded").click()
    desk.find(".ad-switch").click()
    ready.begin()
    desk.find(".ad-watch").click()
    shown = desk.find(".ad-count")
    desk.focus().press("Home")
    at_first = shown.inner_text()
    desk.press_at_pace(some_keys(100), per_second=20)
    assert shown.inner_text() != at_first, "no record came while the keys were pressed"
    desk.sign("Saved")
    given = desk.given()
    assert len(given) == 100
    assert len({each.painted for each in given}) > 50, "it does not go on by itself"
    match(desk.kept()[before:], given)
    the_kernel_dies_in_the_middle(desk, before)


def the_kernel_dies_in_the_middle(desk: DeskPage, before: int) -> None:
    """Kill it after 30 of 100 keys; go on, run the cells again, and look for what was lost or came twice."""
    notebook = desk.notebook
    pid = int(notebook.outputs()[2][0]["text"])
    desk.focus().press("Home").press_at_pace(some_keys(30), per_second=20)
    os.kill(pid, signal.SIGKILL)
    desk.press_at_pace(some_keys(30), per_second=20)
    desk.page.locator(".jp-Dialog .jp-mod-accept").click(timeout=30_000)  # "the kernel has died"
    notebook.wait_idle()
    desk.page.evaluate("index => { rig.select(index); rig.panel().content.activeCell.node.focus(); }", DESK)
    desk.focus().press_at_pace(some_keys(40), per_second=20)
    expect(desk.find(".ad-sign")).to_contain_text("Kept in this browser", timeout=10_000)
    given = desk.given()
    assert len(given) > 160
    notebook.run_cell(0)
    desk.show(cards=3).sign("Saved")
    match(desk.kept()[before:], given)


@in_both
def test_an_old_desk_says_that_a_new_one_has_handed_its_verdicts_over(notebook: Notebook, app: str) -> None:
    first = begin("ids = %aleph_demo", "%aleph_status -q $ids;", "pid = os.getpid()")
    notebook.open([first, "%aleph_dashboard $ids", "print(pid)", "%aleph_dashboard {ids[:5]}"])
    notebook.run_cell(0).run_cell(2)
    desk = DeskPage(notebook).show(cards=3).focus()
    os.kill(int(notebook.outputs()[2][0]["text"]), signal.SIGKILL)
    desk.page.locator(".jp-Dialog .jp-mod-accept").click(timeout=30_000)  # "the kernel has died"
    notebook.wait_idle()
    desk.page.evaluate("index => { rig.select(index); rig.panel().content.activeCell.node.focus(); }", DESK)
    task = desk.focus().press("Home", "3").current
    desk.sign("Kept in this browser (1)")
    notebook.run_cell(0).run_cell(3)
    expect(desk.root).to_have_count(2, timeout=20_000)
    expect(desk.find(".ad-sign")).to_have_text(["Saved", "Saved"], timeout=20_000)
    gone = "Kernel gone: run this cell again."
    expect(desk.find(".ad-status").first).to_have_text(gone)
    expect(desk.find(".ad-status").last).not_to_have_text(gone)
    assert desk.reviews()[task].rating == 3
    assert len(desk.kept()) == 1


@pytest.mark.parametrize("app", ["notebook"])  # JupyterLab itself does not start where storage is refused
def test_where_storage_is_refused_the_sign_says_so(notebook: Notebook, app: str) -> None:
    notebook._context.add_init_script("Storage.prototype.setItem = () => { throw new Error('refused'); };")
    cells = [begin("ids = %aleph_demo"), "%aleph_dashboard $ids", "import time; time.sleep(3)"]
    desk = DeskPage(notebook.open(cells).run_cell(0)).show(cards=3).focus()
    task = desk.press("Home", "5").sign("Saved").current
    desk.page.evaluate("index => { rig.select(index); rig.execute('notebook:run-cell'); }", 2)
    desk.wait("rig.kernel().status === 'busy'")
    desk.find(".ad-card").first.click()
    desk.press("Home", "2").sign("Not kept (1)", 2)
    notebook.wait_idle()
    desk.sign("Saved")
    assert desk.reviews()[task].rating == 2


def some_keys(count: int) -> list[str]:
    """Draw keys of verdicts, the same each time."""
    chance = random.Random(count)  # noqa: S311, nothing is kept secret by it
    return [chance.choice("12345px") for _ in range(count)]


def fault_settings(server: FaultServer) -> dict[str, Any]:
    return {"key": KEY, "base_url": server.base_url, "rate": 0, "retries": 0, "poll_interval": 0.2}


class Arriving:
    """Tasks of which some have succeeded; the others do one after the other once it has begun."""

    EACH = 0.06  # seconds

    def __init__(self, server: FaultServer, ready: int = 140) -> None:
        self._ready = ready
        self._begun = float("inf")
        result = server.media("/k/result.mp4", (MEDIA / "ridge-sunset-1.mp4").read_bytes())
        source = server.media("/k/source.mp4", (MEDIA / "ridge.mp4").read_bytes())
        picture = server.media("/m/result.jpg", (MEDIA / "ridge-sunset-1.jpg").read_bytes(), "image/jpeg")
        self._response = {"resultVideoUrl": result, "resultImageUrl": picture}
        self._source = source
        server.default = self._answer

    def begin(self) -> None:
        """Let the others succeed from now on."""
        self._begun = time.monotonic()

    def _answer(self, task_id: str) -> Reply:
        number = IDS.index(task_id)
        told = {"paramJson": json.dumps({"prompt": f"Take {number}", "videoUrl": self._source})}
        late = number - self._ready
        if late >= 0 and time.monotonic() < self._begun + late * self.EACH:
            return Reply(body=running(task_id, **told))
        return Reply(body=success(task_id, response=self._response, **told))


# ── The watch ────────────────────────────────────────────────────────────────────────────────────


def test_cells_run_while_it_watches_and_three_ways_end_its_thread(
    notebook: Notebook, server: FaultServer
) -> None:
    Arriving(server, ready=0)
    threads = (
        "import threading\nprint([each.ident for each in threading.enumerate() if each.name == 'aleph-desk'])"
    )
    first = begin(f"ids = {IDS[:200]!r}", **fault_settings(server))
    cells = [first, "%aleph_dashboard $ids", "6 * 7", threads, "%unload_ext aleph_nb"]
    notebook.open(cells).run_cell(0)
    desk = DeskPage(notebook, service=server.base_url)
    (own,) = watch(desk)
    start = time.monotonic()
    notebook.run_cell(2)
    assert time.monotonic() - start < 3
    assert notebook.outputs()[2][0]["data"]["text/plain"] == "42"
    assert own in threads_of(notebook)

    for ends in (clear_output, DeskPage.show, unload):
        (own,) = watch(desk)
        ends(desk)
        until_gone(notebook, own)


def watch(desk: DeskPage) -> list[int]:
    """Show the desk, let it watch, and return its threads."""
    desk.show(cards=3)
    expect(desk.find(".ad-chip", has_text="Running")).to_contain_text("200", timeout=15_000)
    desk.find(".ad-watch").click()
    expect(desk.find(".ad-watch")).to_have_attribute("aria-pressed", "true")
    return threads_of(desk.notebook)


def threads_of(notebook: Notebook) -> list[int]:
    notebook.run_cell(3)
    found: list[int] = json.loads(notebook.outputs()[3][0]["text"])
    return found


def until_gone(notebook: Notebook, thread: int) -> None:
    end = time.monotonic() + 10
    while thread in threads_of(notebook):
        assert time.monotonic() < end, "the thread does not end"


def clear_output(desk: DeskPage) -> None:
    desk.page.evaluate("index => { rig.select(index); rig.execute('notebook:clear-cell-output'); }", DESK)


def unload(desk: DeskPage) -> None:
    desk.notebook.run_cell(4)


def test_the_keys_are_told_in_caps_as_wide_as_their_words(notebook: Notebook) -> None:
    """A notebook's own style has a width for the terms of a list."""
    notebook.open([begin("ids = %aleph_demo"), "%aleph_dashboard $ids"]).run_cell(0)
    desk = DeskPage(notebook).show()
    desk.focus().press("?")
    caps = desk.find(".ad-help .ad-key").evaluate_all(
        "all => all.map((each) => [each.textContent, each.scrollWidth - each.clientWidth, each.clientHeight])"
    )
    assert len(caps) > 40
    assert [cap for cap in caps if cap[1] > 1 or cap[2] > 24] == []
