"""The desk in a real shell: what it shows, what it takes from the browser, and what it leaves behind."""

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ipywidgets.widgets import widget

from aleph_nb import current_session
from aleph_nb.dashboard import Dashboard
from aleph_nb.errors import ConfigurationError
from aleph_nb.frame import COLUMNS
from tests.kernel import running_kernel
from tests.pages import Page, line
from tests.shell import Shell

WIDGET = "application/vnd.jupyter.widget-view+json"
FIRST = "ee603959-debb-48d1-98c4-a6d1c717eba6"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def demo(shell: Shell) -> Shell:
    """Return a shell with the demo, whose tasks were asked for: `ids`."""
    shell.good("%config AlephMagics.rate = 0\nids = %aleph_demo\n%aleph_status -q $ids;")
    return shell


@pytest.fixture
def desk(demo: Shell) -> Dashboard:
    demo.good("desk = %aleph_dashboard")
    return demo["desk"]  # type: ignore[no-any-return]


@pytest.fixture
def page(desk: Dashboard) -> Page:
    return Page(desk)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("aleph-desk")]


# ── Shown ────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_a_widget_with_a_static_face_below_it(demo: Shell) -> None:
    ran = demo.good("%aleph_dashboard")
    widget, face = ran.shown
    assert set(widget) == {"text/plain", WIDGET}
    assert widget["text/plain"].startswith("Dashboard: 14 tasks of demo, 0 reviewed")
    assert set(face) == {"text/plain", "text/html"}
    assert face["text/html"].startswith("<details class=")
    assert "14 tasks: 9 succeeded" in face["text/plain"]
    assert isinstance(ran.value, Dashboard)


def test_assigned_it_is_shown_where_it_stands_alone(demo: Shell) -> None:
    assert demo.good("desk = %aleph_dashboard").shown == []
    assert len(demo.good("desk").shown) == 2
    assert demo.good("%aleph_dashboard;").shown == []


def test_without_ids_it_holds_all_that_the_ledger_knows_and_with_ids_these(demo: Shell) -> None:
    whole = Page(demo.good("%aleph_dashboard").value)
    assert set(whole.rows) == set(demo["ids"])
    few = demo.good("%aleph_dashboard {ids[:2]}").value
    assert set(few.frame.task_id) == set(demo["ids"][:2])
    assert "2 tasks of demo" in repr(few)


def test_what_is_odd_about_the_ids_is_told(demo: Shell) -> None:
    assert "asked for once" in demo.good("d = %aleph_dashboard a a").printed
    assert isinstance(demo.bad("%aleph_dashboard $none").error, ConfigurationError)


def test_a_file_with_labels_is_asked_for_in_the_background(demo: Shell, tmp_path: Path) -> None:
    file = tmp_path / "shots.csv"
    file.write_text(f"shot,task_id\n12a,{demo['ids'][0]}\n12b,{demo['ids'][1]}\n", encoding="utf-8")
    page = Page(demo.good(f"%aleph_dashboard -f {file}").value)
    page.wait(lambda: [row["labels"] for row in page.rows.values()] == [{"shot": "12a"}, {"shot": "12b"}])
    assert {row["state"] for row in page.rows.values()} == {"succeeded"}


# ── In code ──────────────────────────────────────────────────────────────────────────────────────


def test_the_frame_has_the_verdicts_and_lives(demo: Shell, desk: Dashboard, page: Page) -> None:
    assert list(desk.frame.columns) == [*COLUMNS, "rating", "pick", "tags", "notes"]
    page.say("verdicts", lines=[line(FIRST, "rating", 4), line(FIRST, "tag", "sky", at=1_795_000_000_001)])
    row = desk.frame.set_index("task_id").loc[FIRST]
    assert (row["rating"], row["tags"]) == (4, ["sky"])
    assert desk.reviews().to_dict("records")[0]["task_id"] == FIRST
    assert type(desk.frame) is pd.DataFrame


def test_selected_moves_the_desk_both_ways(desk: Dashboard, page: Page) -> None:
    assert desk.selected is None
    desk.selected = FIRST
    assert desk.desk.selected == FIRST
    with pytest.raises(ConfigurationError, match="no task nobody"):
        desk.selected = "nobody"
    page.receive(selected="another")
    assert desk.selected == "another"
    desk.selected = None
    assert desk.desk.selected == ""


def test_the_browser_sets_nothing_but_what_is_its_own(desk: Dashboard, page: Page) -> None:
    before = desk.desk._esm
    page.receive(_esm="alert(1)", selected=["no", "text"], _view_count="x", layout=None)
    assert desk.desk._esm == before
    assert desk.selected is None


# ── Verdicts ─────────────────────────────────────────────────────────────────────────────────────


def test_a_verdict_is_in_the_ledger_when_it_is_kept(demo: Shell, page: Page) -> None:
    lines = [line(FIRST, "rating", 3), line(FIRST, "note", {"id": "n", "time": 1.2, "text": "too dark"})]
    page.say("verdicts", lines=lines)
    assert page.of("kept") == [{"type": "kept", "uuids": [each["uuid"] for each in lines]}]
    row = current_session().reviews([FIRST]).iloc[0]
    assert (row.rating, row.notes) == (3, [{"time": 1.2, "text": "too dark"}])


def test_a_line_that_is_handed_over_twice_counts_once(demo: Shell, page: Page) -> None:
    one = line(FIRST, "rating", 3)
    page.say("verdicts", lines=[one, one])
    page.say("verdicts", lines=[one])
    assert [told["uuids"][-1] for told in page.of("kept")] == [one["uuid"]] * 2
    assert len(current_session().keeper.verdicts([FIRST])) == 1


def test_the_service_and_the_reviewer_are_the_desks(demo: Shell, page: Page) -> None:
    page.say("verdicts", lines=[line(FIRST, "pick", "pick", service="https://elsewhere.example")])
    (kept,) = current_session().keeper.verdicts([FIRST])
    assert (kept.service, kept.reviewer) == ("demo", current_session().settings.reviewer_name)


def test_what_cannot_be_used_is_refused_and_the_rest_is_kept(page: Page) -> None:
    good, bad = line(FIRST, "rating", 3), line(FIRST, "rating", 9)
    page.say("verdicts", lines=[bad, good, "no line", {"uuid": 7}])
    assert page.of("kept")[0]["uuids"] == [good["uuid"]]
    assert [refused["uuid"] for refused in page.of("refused")[0]["lines"]] == [bad["uuid"]]
    assert "9" in page.of("refused")[0]["lines"][0]["why"]
    assert "cannot be used" in page.status


def test_a_ledger_that_cannot_be_written_just_now_does_not_keep_them(demo: Shell, page: Page) -> None:
    one = line(FIRST, "rating", 3)
    path = Path(current_session().keeper.where or "")
    path.chmod(0o400)
    with sqlite3.connect(path) as other:
        other.execute("DROP TABLE verdicts")
    page.say("verdicts", lines=[one])
    (told,) = page.of("not_kept")
    assert told["uuids"] == [one["uuid"]]
    assert "The ledger" in told["why"]
    assert page.of("kept") == []


def test_verdicts_given_elsewhere_in_the_kernel_show_up(demo: Shell, page: Page) -> None:
    demo.good("%aleph_review {ids[0]} --rating 5 --tag sky")
    assert [(each["field"], each["value"]) for each in page.lines] == [("rating", 5), ("tag", "sky")]
    assert not page.of("lines")[-1]["baseline"]
    demo.good("other = %aleph_dashboard $ids")
    other = Page(demo["other"])
    page.say("verdicts", lines=[line(FIRST, "pick", "reject")])
    assert other.lines[-1]["value"] == "reject"
    assert len(page.lines) == 2  # its own come back as `kept` alone


def test_after_the_demo_verdicts_still_go_to_its_own_ledger(demo: Shell, desk: Dashboard, page: Page) -> None:
    demo.good("%aleph_demo stop")
    page.say("verdicts", lines=[line(FIRST, "rating", 2)])
    assert page.of("kept")
    assert desk.reviews()["rating"].tolist() == [2]
    assert current_session().reviews().empty
    for kind, more in (("refresh", {}), ("watch", {"on": True}), ("add", {"text": "x1"})):
        said = len(page.of("status"))
        page.say(kind, **more)
        page.wait_for("status", said + 1)
        assert "%aleph_demo" in page.status
    page.say("media", urls=[page.rows[FIRST]["thumbnail"]])
    assert "stopped" in page.of("media")[-1]["error"]


# ── What else the browser says ───────────────────────────────────────────────────────────────────


def test_everything_is_told_anew_to_a_page_that_says_hello(page: Page) -> None:
    rows = page.rows
    page.say("hello")
    assert page.starts == 2
    assert page.rows == rows


def test_ids_are_added_and_asked_for(demo: Shell, desk: Dashboard) -> None:
    few = Page(demo.good("%aleph_dashboard {ids[0]}").value)
    few.say("add", text=f"'{demo['ids'][1]}', {demo['ids'][1]}\n{demo['ids'][0]}")
    added = few.wait_for("added")
    assert added["ids"] == [demo["ids"][1], demo["ids"][0]]
    assert "asked for once" in added["notes"][0]
    few.wait(lambda: few.rows.get(demo["ids"][1], {}).get("state") == "succeeded")
    assert [told["fresh"] for told in few.of("rows") if "fresh" in told] == [True]
    assert few.of("rows")[-1]["total"] == 2
    few.say("add", ids=[UNKNOWN, 7, ""], labels={UNKNOWN: {"shot": "1", "bad": 3}})
    few.wait(lambda: few.rows.get(UNKNOWN, {}).get("state") == "not_found")
    assert few.rows[UNKNOWN]["labels"] == {"shot": "1"}
    few.say("add", text="--- ,")
    assert "no task id" in few.of("added")[-1]["notes"][0]


def test_details_tell_all_about_a_task(demo: Shell, page: Page) -> None:
    page.say("details", task_id=FIRST)
    told = page.of("details")[0]
    assert told["params"]["seed"] == 409474
    assert dict(told["facts"])["Took"] == "5 min 45 s"
    flagged = demo["ids"][9]
    page.say("details", task_id=flagged)
    told = page.of("details")[1]
    assert told["error_about"] == "the request's parameters were refused"
    assert "moderation" in dict(told["facts"])["What happened"]
    page.say("details", task_id="nobody")
    assert len(page.of("details")) == 2


def test_the_demos_media_come_as_bytes_and_nothing_else_does(page: Page) -> None:
    assert page.of("start")[0]["media"] == "bytes"
    row = page.rows[FIRST]
    page.say("media", urls=[row["thumbnail"], row["result"], row["source"]])
    found = [
        (told["kind"], bytes(buffers[0])[:12]) for told, buffers in page.heard if told["type"] == "media"
    ]
    assert [kind for kind, _ in found] == ["image/jpeg", "video/mp4", "video/mp4"]
    assert found[0][1].startswith(b"\xff\xd8\xff")
    host = row["source"].partition("/media/")[0]
    page.say("media", urls=[f"{host}/media/source/../../service.py", "file:///etc/passwd", "http://[", 7])
    assert all("no task of this desk" in told["error"] for told in page.of("media")[3:])
    assert len(page.of("media")) == 6


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {"type": "nothing"},
        {"type": ["verdicts"]},
        {"type": "verdicts"},
        {"type": "verdicts", "lines": [{}] * 501},
        {"type": "add"},
        {"type": "add", "text": "x" * 3_000_000},
        {"type": "add", "ids": "abc"},
        {"type": "watch", "on": "yes"},
        {"type": "refresh", "ids": "abc"},
        {"type": "media", "urls": ["x"] * 65},
        {"type": "details", "task_id": 7},
    ],
)
def test_what_makes_no_sense_is_told_in_the_line_of_status(page: Page, content: Any) -> None:
    page.say_anything(content)
    assert page.of("status")[-1]["kind"] == "error"
    page.say("details", task_id=FIRST)
    assert page.of("details")


# ── The table ────────────────────────────────────────────────────────────────────────────────────


def table(desk: Dashboard) -> tuple[str, str]:
    line, html = desk.children[1].children
    return line.value, html.value


def test_the_table_is_made_when_it_is_shown_and_when_something_changes_then(
    demo: Shell, desk: Dashboard, page: Page
) -> None:
    assert table(desk) == ("", "")
    desk.selected_index = 1
    said, html = table(desk)
    assert said == "14 tasks. In code: dashboard.frame"
    assert html.count("<tr") == 15
    page.say("verdicts", lines=[line(FIRST, "tag", "<b>bold</b> & sky")])
    page.wait(lambda: "&lt;b&gt;bold&lt;/b&gt; &amp; sky" in table(desk)[1])
    desk.selected_index = 0
    page.say("verdicts", lines=[line(FIRST, "tag", "later")])
    assert "later" not in table(desk)[1]


def test_labels_of_a_table_are_text_whatever_they_are(demo: Shell) -> None:
    names = {"<b>": "<i>x</i>", "\x1b[31mshot": "1", "shot": "\u202e2", "task_id ": "3"}
    current_session().keeper.ask({FIRST: names})
    desk: Dashboard = demo.good("%aleph_dashboard").value
    desk.selected_index = 1
    said, html = table(desk)
    assert said.startswith("14 tasks")
    assert "&lt;i&gt;x" in html
    assert [mark for mark in ("<b>", "<i>", "\x1b", "\u202e") if mark in html] == []


def test_a_long_table_says_how_many_there_are(shell: Shell) -> None:
    shell.good("%config AlephMagics.rate = 0\nids = %aleph_demo --tasks 400\n%aleph_status -q $ids;")
    desk = shell.good("%aleph_dashboard").value
    desk.selected_index = 1
    said, html = table(desk)
    assert said == "The newest 300 of 400 tasks. All of them in code: dashboard.frame"
    assert html.count("<tr") == 301


# ── Its end ──────────────────────────────────────────────────────────────────────────────────────


def test_a_cell_that_runs_again_replaces_its_desk(demo: Shell) -> None:
    first = demo.good("%aleph_dashboard").value
    second = demo.good("%aleph_dashboard").value
    other = demo.good("d = %aleph_dashboard\nd").value
    assert "closed" in repr(first)
    assert first.desk.comm is None
    assert "14 tasks" in repr(second)
    both = demo.good("[get_ipython().run_line_magic('aleph_dashboard', '') for _ in range(2)]").value
    assert ["closed" in repr(each) for each in (other, second, *both)] == [False] * 4


def test_a_desk_that_is_closed_hears_and_says_nothing_more(demo: Shell, desk: Dashboard, page: Page) -> None:
    desk.close()
    desk.close()
    said = len(page.heard)
    demo.good("%aleph_review {ids[0]} --rating 5")
    assert len(page.heard) == said
    ran = demo.good("desk")
    assert "Dashboard of demo, closed" in ran.everything
    assert WIDGET not in ran.everything


def test_unload_closes_every_desk_and_leaves_no_thread(demo: Shell) -> None:
    one, two = demo.good("%aleph_dashboard").value, demo.good("%aleph_dashboard $ids").value
    Page(one).say("watch", on=True)
    Page(two).say("refresh")
    begun = time.monotonic()
    demo.good("%unload_ext aleph_nb")
    assert time.monotonic() - begun < 5
    assert threads() == []
    assert "closed" in repr(one)
    assert "closed" in repr(two)


def test_a_closed_desk_leaves_no_widget_behind(demo: Shell) -> None:
    before = living_widgets()
    desk: Dashboard = demo.good("%aleph_dashboard").value
    desk.selected_index = 1
    assert living_widgets() > before
    desk.close()
    assert living_widgets() == before


def living_widgets() -> int:
    known = getattr(widget, "_instances", None)  # ipywidgets 8
    return len(widget.Widget.widgets if known is None else known)


def test_the_front_end_may_close_it(desk: Dashboard) -> None:
    comm = desk.desk.comm
    comm.handle_close({"content": {"data": {}}})
    assert "closed" in repr(desk)


# ── In a real kernel ─────────────────────────────────────────────────────────────────────────────

OPEN = "%load_ext aleph_nb\n%config AlephMagics.rate = 0\nids = %aleph_demo\n%aleph_status -q $ids;"


def test_a_kernel_sends_columns_and_takes_verdicts_through_the_comm(tmp_path: Path) -> None:
    with running_kernel(tmp_path) as kernel:
        kernel.good(OPEN)
        said = kernel.good("desk = %aleph_dashboard\ndesk")
        views = [bundle[WIDGET] for bundle in said.shown if WIDGET in bundle]
        assert len(views) == 1
        opened = [message for message in said.messages if message["msg_type"] == "comm_open"]
        (begun,) = [each for each in opened if "beginning" in each["content"]["data"]["state"]]
        told = [each for each, _ in begun["content"]["data"]["state"]["beginning"]]
        assert [each["type"] for each in told] == ["start", "rows", "lines"]
        assert len(begun["buffers"]) == len(told[1]["names"]) + 1  # as bytes, not as base64
        comm_id = begun["content"]["comm_id"]
        kernel.tell(comm_id, {"type": "hello", "round": told[0]["round"]})
        assert kernel.good("print(desk.desk.beginning)").printed.strip() == "[]"
        kernel.tell(comm_id, {"type": "verdicts", "lines": [line(FIRST, "rating", 4)]})
        said = kernel.good("print(desk.reviews().rating.tolist(), desk)")
        assert "[4]" in said.printed
        assert "1 reviewed" in said.printed
        kernel.good("%unload_ext aleph_nb\nimport threading")
        left = kernel.good("print([t.name for t in threading.enumerate() if t.name.startswith('aleph')])")
        assert left.printed.strip() == "[]"
