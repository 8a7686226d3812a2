"""What the desk shows and keeps: filters, notes, tags, the sign, where it was left, and hostile text."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.browser.bare_desk import DeskPage, desk_page

pytestmark = pytest.mark.browser

_RUNS = """() => [...document.querySelectorAll(".aleph-desk *")].filter((each) =>
  ["SCRIPT", "IFRAME", "OBJECT", "EMBED", "BASE", "FORM", "B-OLD"].includes(each.tagName)
  || [...each.attributes].some(({ name, value }) => name.startsWith("on") || name === "srcdoc"
    || (["src", "href", "poster", "xlink:href"].includes(name)
      && !/^(https?:|blob:|data:(image|video))/.test(value)))
).map((each) => each.outerHTML.slice(0, 300))"""
# Every text that anybody can write: in the records, the ledger, and what the kernel says.
_HOSTILE = """() => {
  const { hostileTexts: texts, makeRow, Kernel } = harness;
  const rows = texts.map((text, place) => makeRow(place, {
    prompt: text, reason: text, error_message: text, source: `javascript:window.pwned=${place}`, result: text,
    thumbnail: place % 2 ? text : "data:text/html,<script>window.pwned=1</script>",
    labels: { [text.slice(0, 50)]: text },
    state: ["succeeded", "failed", "unknown"][place % 3],
  }));
  const line = (place, field, value) => (
    { uuid: `u${place}${field}`, task_id: rows[place].task_id, at: 1e12 + place, field, value });
  const lines = texts.flatMap((text, place) => [
    line(place, "tag", text), line(place, "note", { id: `n${place}`, time: 1, text }),
  ]);
  harness.open({ rows, lines });
  const { kernel } = harness;
  for (const text of texts) {
    kernel.tell({ type: "status", text, kind: "error" });
    kernel.tell({ type: "watch", on: true, settled: 1, total: 2, text });
    kernel.tell({ type: "added", ids: [], notes: [text] });
  }
  for (const { task_id } of rows) {
    kernel.tell({ type: "details", task_id, params: { [texts[0]]: texts[1] }, code: 500, msg: texts[0],
      error_about: texts[1], facts: [[texts[0], texts[2]]] });
  }
}"""


def test_filters_counts_and_search(desk: DeskPage) -> None:
    desk.open(count=130, work=True)
    assert desk.count() == 130
    counted = {
        word: int(desk.chip(word).locator("b").inner_text())
        for word in ("All", "Succeeded", "Running", "Failed", "To review", "Picks", "Rejects")
    }
    assert (counted["All"], counted["Running"], counted["Failed"]) == (130, 10, 10)
    for word in ("Succeeded", "Running", "Failed", "To review", "Picks", "Rejects"):
        desk.chip(word).click()
        desk.settle()
        assert (word, desk.count()) == (word, counted[word])
        desk.chip(word).click()
        desk.settle()
    for name, option in (("Rating of at least", "4"), ("Tag", "client A"), ("Other states", "not_found")):
        chosen = desk.page.get_by_role("combobox", name=name, exact=True)
        chosen.select_option(option)
        desk.settle()
        said = chosen.locator(f'option[value="{option}"]').inner_text()
        assert desk.count() == int(re.findall(r"\((\d+)\)", said)[0]), said
        desk.chip("All").click()
        desk.settle()
    search = desk.page.locator(".ad-search")
    for text in ("mars", "nordlicht", "haze", "flickers"):  # a prompt, a label, a tag, a note
        search.fill(text)
        search.press("Enter")
        desk.settle()
        assert 0 < desk.count() < 130, text
    search.fill("no such thing")
    search.press("Enter")
    expect(desk.page.get_by_text("No task matches.")).to_be_visible()
    desk.page.get_by_role("button", name="Clear the filter").click()
    desk.settle()
    assert desk.count() == 130


def test_labels_stand_under_the_prompt(desk: DeskPage) -> None:
    desk.open(count=4)
    labels = desk.page.locator(".ad-labels")
    expect(labels).to_be_hidden()
    stars = desk.page.locator(".ad-rating")
    before = stars.bounding_box()
    desk.press("n", "n")
    expect(labels).to_have_text("shot A-12client Nordlicht")
    expect(labels).to_have_attribute("title", "shot A-12\nclient Nordlicht")
    assert stars.bounding_box() == before, "the stars do not jump from task to task"
    desk.press("n")
    expect(labels).to_be_hidden()


def test_a_verdict_does_not_move_its_task_until_asked(desk: DeskPage) -> None:
    desk.open(count=40)
    desk.chip("To review").click()
    desk.settle()
    before, count = desk.current, desk.count()
    desk.press("5")
    assert (desk.current, desk.count()) == (before, count)
    expect(desk.page.locator(".ad-reviewed")).to_have_text(re.compile(r"^1 of \d+ reviewed$"))
    desk.chip("To review").click()
    desk.chip("To review").click()
    desk.settle()
    assert (desk.current != before, desk.count()) == (True, count - 1)


def test_a_note_keeps_the_time_at_which_it_was_begun(desk: DeskPage) -> None:
    desk.open()
    task = desk.current
    desk.page.wait_for_function(
        "() => [...document.querySelectorAll('.ad-video')].every((each) => each.readyState > 1)"
    )
    desk.page.locator(".ad-seek").evaluate(
        "each => { each.value = 50; each.dispatchEvent(new Event('input')); }"
    )
    desk.press("c")
    expect(desk.page.locator(".ad-note-box .ad-stamp")).to_have_text("0:02.0")
    desk.page.keyboard.type("wing")
    desk.page.wait_for_function("() => Object.values(localStorage).some((each) => each.includes('wing'))")
    desk.press("Enter")
    (line,) = [each for each in desk.lines if each["value"]["text"] == "wing"]
    assert (line["task_id"], line["field"], round(line["value"]["time"], 1)) == (task, "note", 2.0)
    note = desk.page.get_by_label("Note at 0:02.0")
    expect(note).to_have_value("wing")
    note.fill("the left wing")
    note.blur()
    expect(note).to_have_value("the left wing")
    desk.page.get_by_role("button", name="Delete this note").click()
    expect(desk.page.locator(".ad-note")).to_have_count(0)
    assert desk.lines[-1]["value"]["text"] == ""


def test_a_note_begun_on_a_task_stays_with_it(desk: DeskPage) -> None:
    desk.open()
    task = desk.current
    desk.press("c")
    desk.page.keyboard.type("mine")
    desk.page.locator(".ad-card").nth(3).click()
    desk.settle()
    assert desk.current != task
    expect(desk.page.get_by_label("New note")).to_have_value("")
    desk.page.wait_for_function("() => harness.kernel.kept.size > 0")
    assert [(line["task_id"], line["value"]["text"]) for line in desk.lines] == [(task, "mine")]


def test_tags_are_completed_from_those_in_use(desk: DeskPage) -> None:
    desk.open(count=30, work=True)
    desk.press("End")
    task = desk.current
    desk.press("g")
    desk.page.keyboard.type("cli")
    expect(desk.page.locator(".ad-option:not([hidden])", has_text="client A")).to_be_visible()
    desk.press("ArrowDown", ",")
    desk.page.keyboard.type("  new   tag ")
    desk.press("Enter")
    expect(desk.list).to_be_focused()
    assert desk.verdicts(2) == [(task, "tag", "client A"), (task, "tag", "new tag")]
    desk.page.get_by_role("button", name="Take away the tag client A").click()
    assert desk.verdicts(3)[-1] == (task, "untag", "client A")


def test_the_sign_while_the_kernel_answers_late_and_then_not(desk: DeskPage) -> None:
    desk.open(delay=400)
    expect(desk.sign).to_have_text("Saved")
    desk.press("4")
    expect(desk.sign).to_have_text("Saving…")
    expect(desk.sign).to_have_text("Saved")
    desk.page.evaluate("harness.kernel.answers = false")
    desk.press("n", "3")
    expect(desk.sign).to_have_text("Kept in this browser (1)")
    desk.page.evaluate("harness.kernel.answers = true; harness.kernel.start()")
    expect(desk.sign).to_have_text("Saved")
    assert desk.page.evaluate("harness.kernel.kept.size") == 2


def test_the_sign_where_the_ledger_refuses(desk: DeskPage) -> None:
    desk.open(verdicts="not_kept")
    desk.press("4")
    expect(desk.sign).to_have_text("Kept in this browser (1)")
    desk.says("Not in the ledger yet: the disk is full")
    desk.page.evaluate("harness.kernel.verdicts = 'refused'")
    desk.press("n", "2")
    desk.says("1 verdict taken back: the task is not of this service")
    expect(desk.page.locator(".ad-star[data-on]")).to_have_count(0)


def test_the_sign_where_the_browser_refuses_storage(browser: Browser, desk_url: str) -> None:
    with desk_page(browser, desk_url, storage=False) as desk:
        desk.open(answers=False)
        desk.press("4")
        expect(desk.sign).to_have_text("Not kept (1)")
        desk.page.evaluate("harness.kernel.answers = true; harness.kernel.start()")
        expect(desk.sign).to_have_text("Saved")
        assert desk.verdicts(1)[0][1:] == ("rating", 4)


def test_a_desk_opened_again_hands_over_and_stands_where_it_was(desk: DeskPage) -> None:
    desk.open(count=40, answers=False)
    desk.chip("Succeeded").click()
    desk.page.get_by_role("combobox", name="Sort").select_option("longest")
    desk.list.focus()
    desk.press("n", "n", "n", "4", "c")
    desk.page.keyboard.type("half a wo")
    task, given = desk.current, desk.lines
    desk.reload().open(count=40)
    assert desk.current == task
    expect(desk.chip("Succeeded")).to_have_attribute("aria-pressed", "true")
    expect(desk.page.get_by_role("combobox", name="Sort")).to_have_value("longest")
    expect(desk.page.locator(".ad-star[data-on]")).to_have_count(4)
    expect(desk.page.locator(".ad-note-text")).to_have_value("half a wo")
    expect(desk.sign).to_have_text("Saved")
    kept = desk.page.evaluate("[...harness.kernel.kept.keys()]")
    assert len(kept) == 2
    assert {line["uuid"] for line in given} <= set(kept)
    assert (
        desk.page.evaluate("Object.keys(localStorage).filter((each) => each.startsWith('aleph_nb/'))") == []
    )


def test_an_old_desk_hears_that_a_new_one_on_its_page_has_handed_over(desk: DeskPage) -> None:
    desk.open(answers=False)
    desk.press("4", "n", "3")
    old, new = desk.sign.nth(0), desk.sign.nth(1)
    expect(old).to_have_text("Kept in this browser (2)")
    desk.page.evaluate("() => { const old = harness.kernel; harness.open(); harness.old = old; }")
    expect(new).to_have_text("Saved")
    expect(old).to_have_text("Saved")
    gone = "Kernel gone: run this cell again."
    expect(desk.status.nth(0)).to_have_text(gone)
    expect(desk.status.nth(1)).not_to_have_text(gone)
    assert desk.page.evaluate("[...harness.kernel.kept.values()].map(({ value }) => value)") == [4, 3]
    assert (
        desk.page.evaluate("Object.keys(localStorage).filter((each) => each.startsWith('aleph_nb/'))") == []
    )
    desk.page.evaluate("harness.old.tell({ type: 'status', text: '', kind: '' })")  # it was only busy
    expect(desk.status.nth(0)).not_to_have_text(gone)


def test_a_desk_whose_kernel_answers_is_not_told_that_it_is_gone(desk: DeskPage) -> None:
    desk.open(delay=1_500)
    desk.press("4")
    desk.page.evaluate("() => { harness.open(); }")
    expect(desk.sign.nth(0)).to_have_text("Saved")
    expect(desk.status.nth(0)).not_to_have_text("Kernel gone: run this cell again.")


def test_the_first_cards_are_there_while_the_kernel_is_busy(desk: DeskPage) -> None:
    desk.open(count=700, beginning=True, answers=False)
    expect(desk.chip("All").locator("b")).to_have_text("200")
    desk.says("Loading 200 of 700 tasks")
    task = desk.press("n", "n", "n").current
    desk.press("4")
    expect(desk.sign).to_have_text("Kept in this browser (1)")
    desk.page.evaluate("harness.kernel.answers = true")  # and the desk has asked again
    expect(desk.chip("All").locator("b")).to_have_text("700")
    expect(desk.sign).to_have_text("Saved")
    assert (desk.current, desk.verdicts(1)) == (task, [(task, "rating", 4)])


def test_rows_that_come_do_not_move_what_is_chosen(desk: DeskPage) -> None:
    desk.open(count=60)
    desk.press("PageDown", "PageDown")
    task = desk.current
    box = desk.page.locator(".ad-card[data-current]").bounding_box()
    desk.page.evaluate("""() => harness.kernel.tellRows(
      Array.from({ length: 50 }, (_, place) => harness.makeRow(900 + place)), { fresh: true })""")
    desk.settle()
    assert desk.current == task
    assert desk.page.locator(".ad-card[data-current]").bounding_box() == box
    assert desk.count() == 110


def test_code_moves_the_desk(desk: DeskPage) -> None:
    desk.open(count=300)
    wanted = desk.page.evaluate("harness.makeRow(250).task_id")
    desk.page.evaluate(
        "id => { harness.kernel.state.selected = id; harness.kernel.emit('change:selected'); }", wanted
    )
    desk.settle()
    assert desk.current == wanted
    expect(desk.page.locator(".ad-card[data-current]")).to_be_in_viewport()


def test_a_result_that_is_deleted_meanwhile(desk: DeskPage) -> None:
    desk.open()
    result = desk.page.locator(".ad-side-result")
    desk.page.wait_for_function("() => document.querySelector('.ad-side-result .ad-video').readyState > 1")
    expect(result.locator(".ad-side-face")).to_be_hidden()
    desk.page.evaluate("""() => {
      const [day, now] = [24 * 3600e3, Date.now()];
      const old = { created: now - 16 * day, completed: now - 16 * day, expires: now - 2 * day };
      harness.kernel.tellRows([harness.makeRow(0, old)]);
    }""")
    expect(result).to_contain_text("The service deleted this result 2 days ago.")
    expect(result.locator(".ad-video")).to_be_hidden()
    expect(desk.page.locator(".ad-card[data-current] .ad-face")).to_have_text("Expireddeleted 2 days ago")


def test_a_clip_that_cannot_be_shown_says_why(desk: DeskPage) -> None:
    gone = "http://media.test/none.mp4"
    desk.page.evaluate("url => { harness.open({ rows: [harness.makeRow(0, { result: url })] }); }", gone)
    expect(desk.page.locator(".ad-side-result")).to_contain_text("The service has no such clip (404).")
    expect(desk.page.get_by_role("link", name="Open none.mp4")).to_have_attribute("href", gone)
    expect(desk.page.locator(".ad-side-source .ad-side-face")).to_be_hidden()


def test_a_failed_task_says_its_code_on_the_stage_too(desk: DeskPage) -> None:
    desk.open(count=12).press("n", "n", "n", "n")
    expect(desk.page.locator(".ad-side-result b")).to_have_text("Failed · 422")
    expect(desk.page.locator(".ad-side-result p")).to_have_text("The prompt was flagged by moderation.")
    expect(desk.page.locator(".ad-side-source .ad-side-face")).to_be_hidden()


def test_ids_pasted_and_out_of_a_file(desk: DeskPage) -> None:
    desk.open(count=0)
    desk.page.locator(".ad-empty").get_by_role("button", name="Add ids").click()
    desk.page.get_by_role("textbox", name="Task ids").fill("ee603959-debb-48d1-98c4-a6d1c717eba6")
    desk.page.get_by_role("button", name="Add", exact=True).click()
    expect(desk.page.get_by_text("1 task added. 1 id was there already.")).to_be_visible()
    table = b"task_id,shot,secret\nee603959-debb-48d1-98c4-a6d1c717eba7,A-1,x\n"
    desk.page.locator("input[type=file]").set_input_files(
        FilePayload(name="ids.csv", mimeType="text/csv", buffer=table)
    )
    desk.page.wait_for_function(
        "() => harness.kernel.sent.filter((each) => each.type === 'add').length === 2"
    )
    added: list[dict[str, Any]] = desk.page.evaluate(
        "harness.kernel.sent.filter((each) => each.type === 'add')"
    )
    assert added[1]["ids"] == ["ee603959-debb-48d1-98c4-a6d1c717eba7"]
    desk.press("Escape")
    expect(desk.page.get_by_role("dialog", name="Add ids")).to_be_hidden()


def test_hostile_text_runs_nothing(desk: DeskPage) -> None:
    desk.page.evaluate(_HOSTILE)
    desk.cards.first.wait_for()
    desk.list.focus()
    desk.press("Enter")
    for _ in range(10):
        desk.press("n", "g")
        assert desk.page.evaluate(_RUNS) == []
        desk.press("Escape")
    desk.page.get_by_role("button", name="Group by source").click()
    desk.settle()
    assert desk.page.evaluate(_RUNS) == []
    assert desk.page.evaluate("window.pwned") is None


@pytest.mark.parametrize("signal", [True, False], ids=["signal", "no-signal"])
def test_nothing_is_left_behind(desk: DeskPage, signal: bool) -> None:
    desk.page.evaluate("""() => {
      window.urls = new Set();
      const { createObjectURL: make, revokeObjectURL: end } = URL;
      URL.createObjectURL = (each) => { const url = make.call(URL, each); window.urls.add(url); return url; };
      URL.revokeObjectURL = (url) => { window.urls.delete(url); end.call(URL, url); };
    }""")
    before = desk.listeners()
    desk.open(count=40, signal=signal)
    assert len(desk.listeners()) > len(before)
    desk.page.wait_for_function("() => window.urls.size > 4")
    desk.press("4")
    desk.page.evaluate("signal => { if (signal) harness.controller.abort(); harness.cleanup(); }", signal)
    assert desk.listeners() == before
    assert desk.page.evaluate("harness.kernel.listening") == 0
    expect(desk.root).to_have_count(0)
    sent = desk.page.evaluate("harness.kernel.sent.length")
    desk.press("5", "n", "?")
    assert desk.page.evaluate("harness.kernel.sent.length") == sent
    assert desk.page.evaluate("window.urls.size") == 0
    desk.open(count=40, signal=signal).press("n", "2")
    assert desk.verdicts(1)[0][1:] == ("rating", 2)
