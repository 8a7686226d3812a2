"""The review desk in JupyterLab and Notebook 7, by real keys: every verdict in the ledger, and of the right task."""

import pytest
from playwright.sync_api import expect

from tests.browser.desks import DeskPage, Given, begin
from tests.browser.rig import Notebook

pytestmark = pytest.mark.browser

DESK, LAST = 1, 2
in_both = pytest.mark.parametrize("app", ["lab", "notebook"])

_STAND = """() => {
  const { content, context } = rig.panel();
  const cells = Array.from({ length: content.model.cells.length }, (_, i) => content.model.cells.get(i));
  return {
    cells: cells.map((cell) => [cell.type, cell.sharedModel.getSource()]), active: content.activeCellIndex,
    kernel: rig.kernel().id, dialogs: document.querySelectorAll(".jp-Dialog").length,
  };
}"""


@in_both
def test_twelve_tasks_are_reviewed_without_the_mouse(notebook: Notebook, app: str) -> None:
    notebook.open([begin("ids = %aleph_demo", "alive = 'yes'"), "%aleph_dashboard $ids", "alive"]).run_cell(0)
    before = len(str(notebook.save()))
    desk = DeskPage(notebook).show(cards=3).focus()
    review_twelve(desk)
    the_notebook_keeps_its_hands_off(desk)
    saving_and_running_stay_the_notebooks(desk)
    after_esc_the_notebook_has_its_keys(desk)


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
    by_key = [given for given in desk.kept() if given.field in ("rating", "pick")]
    assert by_key == desk.given()


def the_notebook_keeps_its_hands_off(desk: DeskPage) -> None:
    """Press what the notebook would act on: it does not."""
    before = desk.page.evaluate(_STAND)
    desk.press(*"jkabmzvry", *"dd", *"ii", *"oh", *"00", *"yx", "ArrowDown", "ArrowUp", "ArrowRight", "Enter", "Enter")
    desk.press("c", *"jkabdd00", "Escape", "/", *"xyz", "Escape", "Delete", "Backspace")
    assert desk.page.evaluate("desk.has()")
    desk.sign("Saved")
    assert desk.page.evaluate(_STAND) == before


def saving_and_running_stay_the_notebooks(desk: DeskPage) -> None:
    """Ctrl+S saves the notebook, Shift+Enter runs its cell."""
    desk.wait("rig.panel().context.model.dirty")
    desk.press("Control+s").wait("!rig.panel().context.model.dirty")


def after_esc_the_notebook_has_its_keys(desk: DeskPage) -> None:
    """Esc lets go: the next key is the notebook's."""
    count = len(desk.page.evaluate(_STAND)["cells"])
    expect(desk.root).to_have_attribute("data-keys", "on")
    desk.press("Escape")
    expect(desk.root).not_to_have_attribute("data-keys", "on")
    desk.press("b").wait(f"rig.panel().content.model.cells.length === {count + 1}", 5)
