"""The desk's keys, pressed: what each does, whose it is, and which task a verdict belongs to."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.bare_desk import DeskPage

pytestmark = [pytest.mark.browser, pytest.mark.alone]

# What was painted when each key went down; of a key within a hair of a change, either.
_WITNESS = """() => {
  const current = () => document.querySelector(".ad-card[data-current]:not([hidden])")?.dataset.task ?? null;
  const painted = [[0, current()]];
  window.keys = [];
  new MutationObserver(() => {
    if (painted.at(-1)[1] !== current()) painted.push([performance.now(), current()]);
  }).observe(document.querySelector(".ad-list"), { subtree: true, attributes: true });
  window.addEventListener("keydown", (event) => {
    const at = (time) => painted.findLast(([since]) => since <= time)[1];
    const { key, timeStamp: time } = event;
    window.keys.push({ key, tasks: [at(time - 2), at(time), at(time + 2)] });
  }, true);
}"""
_ARRIVALS = """() => {
  let number = 5000;
  setInterval(() => {
    const rows = [harness.makeRow(number += 1), harness.makeRow(number += 1)];
    harness.kernel.tellRows(rows, { fresh: true });
    // Now and then the page is busy for longer than a key takes: keys wait, and what is painted stays.
    for (const since = performance.now(); number % 20 === 0 && performance.now() - since < 120;);
  }, 70);
}"""
_HEARD_OUTSIDE = """() => {
  window.heard = [];
  window.addEventListener("keydown", (event) => window.heard.push([event.key, event.defaultPrevented]));
}"""


def heard(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate("window.heard.splice(0)")
    return found


def test_going_about(desk: DeskPage) -> None:
    desk.open(count=60)
    keys = ["n", "n", "b", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft", "End", "n", "Home", "b"]
    places = [desk.press(key).place for key in keys]
    assert places == [2, 3, 2, 3, 5, 3, 2, 60, 60, 1, 1]
    assert desk.press("PageDown").place > 3
    assert desk.press("PageUp").place == 1
    selected = desk.current
    desk.page.wait_for_function("id => harness.kernel.state.selected === id", arg=selected)


@pytest.mark.parametrize("width", [520, 760])
def test_going_about_in_a_filmstrip(desk: DeskPage, width: int) -> None:
    desk.page.set_viewport_size(ViewportSize(width=width + 32, height=900))
    desk.open(count=300)
    keys = ["n", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft", "End", "Home"]
    places = []
    for key in keys:
        places.append(desk.press(key).place)
        expect(desk.page.locator(".ad-card[data-current]")).to_be_in_viewport(ratio=0.9)
    assert places == [2, 3, 4, 3, 2, 300, 1]
    rows = desk.cards.evaluate_all("all => all.map((each) => each.getBoundingClientRect().y)")
    assert len(set(rows)) == 1, "one row"


def test_each_verdict_key_and_its_undo(desk: DeskPage) -> None:
    desk.open()
    first = desk.current
    desk.press("4", "0", "p", "x", "u", "1", "2", "3", "5")
    fields = [("rating", 4), ("rating", 0), ("pick", "pick"), ("pick", "reject"), ("pick", None)]
    fields += [("rating", stars) for stars in (1, 2, 3, 5)]
    assert desk.verdicts(9) == [(first, *each) for each in fields]
    stars = desk.page.locator(".ad-star[data-on]")
    expect(stars).to_have_count(5)
    desk.press("n", "Control+z")  # shows whose it was
    assert desk.current == first
    expect(stars).to_have_count(3)
    assert desk.verdicts(10)[-1][1] == "undo"
    desk.says("Undone: rating")


def test_next_to_review_search_help_and_letting_go(desk: DeskPage) -> None:
    desk.open(count=40, work=True)
    desk.press("r")
    rated = desk.page.locator(".ad-card[data-current]").get_attribute("data-rating")
    assert (rated, desk.place > 1) == ("0", True)
    desk.press("/")
    expect(desk.page.locator(".ad-search")).to_be_focused()
    desk.page.keyboard.type("mars 4")  # digits are the input's
    desk.press("Enter")
    expect(desk.list).to_be_focused()
    assert desk.lines == []
    desk.press("?")
    expect(desk.page.get_by_role("dialog", name="Keys")).to_be_visible()
    desk.press("4", "n")  # the help is open: the desk does not move
    assert desk.lines == []
    desk.press("Escape")
    expect(desk.page.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(desk.root).to_have_attribute("data-keys", "on")
    desk.press("Escape")
    assert desk.root.get_attribute("data-keys") is None
    desk.press("4")
    assert desk.lines == []


def test_space_plays_both_and_pauses_both(desk: DeskPage) -> None:
    desk.open()
    playing = "() => [...document.querySelectorAll('.ad-video')].filter((each) => !each.paused).length"
    desk.page.wait_for_function(
        "() => [...document.querySelectorAll('.ad-video')].every((each) => each.readyState > 2)"
    )
    desk.press(" ")
    desk.page.wait_for_function(f"() => ({playing})() === 2")
    desk.press("n")
    desk.page.wait_for_function(f"() => ({playing})() === 2")  # what played goes on with the next one
    desk.press(" ")
    desk.page.wait_for_function(f"() => ({playing})() === 0")
    assert desk.lines == []


def test_keys_of_the_notebook_are_never_taken(desk: DeskPage) -> None:
    desk.open()
    desk.page.evaluate(_HEARD_OUTSIDE)
    desk.press("Control+s", "Shift+Enter", "Control+Enter", "Alt+Enter", "Control+Shift+P")
    through = [key for key, _ in heard(desk.page)]
    assert [key for key in through if len(key) == 1 or key == "Enter"] == [
        "s",
        "Enter",
        "Enter",
        "Enter",
        "P",
    ]
    desk.press("d", "d", "j", "m", "4", "n", "ArrowDown", "Control+z")
    assert [key for key, _ in heard(desk.page) if key != "Control"] == []
    assert [line["field"] for line in desk.lines] == ["rating", "undo"]


def test_nothing_is_heard_when_the_focus_is_outside(desk: DeskPage) -> None:
    desk.open()
    first = desk.current
    desk.page.locator("#outside").focus()
    desk.page.evaluate(_HEARD_OUTSIDE)
    desk.press("n", "4", "p", "r", "?", "c", "Control+a")
    assert [key for key, taken in heard(desk.page) if not taken] == [
        "n",
        "4",
        "p",
        "r",
        "?",
        "c",
        "Control",
        "a",
    ]
    assert (desk.current, desk.lines) == (first, [])
    assert desk.root.get_attribute("data-keys") is None


def test_inputs_keep_their_keys(desk: DeskPage) -> None:
    desk.open()
    desk.page.evaluate(_HEARD_OUTSIDE)
    desk.press("c")
    desk.page.keyboard.type("p1 x? n/b 0")
    desk.press("ArrowLeft", "Home", "End", "Control+a")
    note = desk.page.get_by_label("New note")
    expect(note).to_have_value("p1 x? n/b 0")
    assert desk.page.evaluate("getSelection().toString()") == "p1 x? n/b 0"
    assert {key for key, _ in heard(desk.page)} <= {"Shift", "Control"}
    desk.press("Enter")
    expect(desk.list).to_be_focused()
    assert {line["field"] for line in desk.lines} == {"note"}
    sort = desk.page.get_by_role("combobox", name="Sort")
    sort.focus()
    place = desk.place
    desk.press("ArrowDown", "n")
    assert (sort.input_value() != "rating", desk.place) == (True, place)


def test_the_details_scroll_by_their_own_keys(desk: DeskPage) -> None:
    desk.page.set_viewport_size(ViewportSize(width=760, height=900))
    desk.open(count=40, work=True).press("n", "n", "n", "n", "Enter")
    body = desk.page.locator(".ad-details-body")
    expect(body).to_contain_text("seed")
    body.focus()
    here = desk.place
    assert desk.press("End").place == here
    desk.page.wait_for_function("document.querySelector('.ad-details-body').scrollTop > 0")
    assert desk.press("n").place == here + 1


def test_a_selection_takes_a_verdict_and_one_undo_takes_it_back(desk: DeskPage) -> None:
    desk.open(count=30)
    desk.press("Shift+ArrowRight", "Shift+ArrowDown")
    expect(desk.page.locator(".ad-card[aria-selected=true]:not([hidden])")).to_have_count(4)
    desk.press("3")
    given = desk.verdicts(4)
    assert len({task for task, _, _ in given}) == 4
    assert {(field, value) for _, field, value in given} == {("rating", 3)}
    desk.says("Rated 3: 4 tasks")
    desk.press("g")
    desk.page.keyboard.type("haze")
    desk.press("Enter")
    expect(desk.list).to_be_focused()
    assert [each[1:] for each in desk.verdicts(8)[4:]] == [("tag", "haze")] * 4
    desk.press("Control+z")
    assert [each[1] for each in desk.verdicts(12)[8:]] == ["undo"] * 4
    expect(desk.page.locator(".ad-card[data-rating='3']:not([hidden])")).to_have_count(4)
    desk.press("Control+z")
    expect(desk.page.locator(".ad-card[data-rating='3']:not([hidden])")).to_have_count(0)
    desk.press("Control+a", "x")
    assert len(desk.verdicts(16 + 30)) == 46
    desk.press("Escape")
    expect(desk.page.locator(".ad-card[aria-selected=true]:not([hidden])")).to_have_count(1)


def test_a_hundred_keys_at_twenty_a_second(desk: DeskPage) -> None:
    desk.open(count=400, work=True)
    desk.page.get_by_role("combobox", name="Sort").select_option("rating")
    desk.chip("Succeeded").click()
    desk.page.get_by_role("switch").click()
    desk.list.focus()
    desk.settle()
    desk.page.evaluate(_WITNESS)
    desk.page.evaluate(_ARRIVALS)
    pressed = [("12345px"[(place * 5) % 7]) for place in range(100)]
    begun = time.monotonic()
    for place, key in enumerate(pressed):
        desk.page.keyboard.press(key)
        time.sleep(max(begun + 0.05 * (place + 1) - time.monotonic(), 0))  # the reviewer's pace
    took = time.monotonic() - begun
    given = desk.verdicts(100)
    assert took < 20, f"the keys were pressed at {100 / took:.0f} a second"
    keys = desk.page.evaluate("window.keys")
    assert [each["key"] for each in keys] == pressed
    values = {"p": ("pick", "pick"), "x": ("pick", "reject")}
    assert [each[1:] for each in given] == [values.get(key) or ("rating", int(key)) for key in pressed]
    for (task, field, value), key in zip(given, keys, strict=True):
        assert task in key["tasks"], f"{field} {value} went to {task}; painted was {key['tasks'][1]}"
    assert len({task for task, _, _ in given}) > 20  # it did go on, however busy the machine
    assert desk.page.evaluate("harness.kernel.sent.length") > 0
    expect(desk.sign).to_have_text("Saved")
