"""The desk's static face: what it says, that it is small and safe, and when it is written anew."""

import re
import threading
import time
from datetime import timedelta
from typing import Any

import pytest

from aleph_nb.cards import Judged, Summary
from aleph_nb.cards.telling import tell
from aleph_nb.dashboard import Dashboard
from aleph_nb.record import Record, State
from tests.faces import NOW, check, record
from tests.pages import Page, line
from tests.shell import Shell

FIRST = "ee603959-debb-48d1-98c4-a6d1c717eba6"
HOSTILE = (
    '"></div></details><script>alert(1)</script>'
    "<img src=x onerror=alert(1)>\x1b[31m\u202e$\\href{javascript:x}$"
)
STAMP = "data:image/jpeg;base64," + "A" * 5000


def judged(number: int = 0, made: Record | None = None, **more: Any) -> Judged:
    made = made or record(task_id=f"{number:032x}", prompt="A golden hour sunset " * 20)
    return Judged(task_id=made.task_id, told=tell(made, NOW), prompt=made.prompt, **more)


def summary(*rows: Judged, total: int | None = None) -> Summary:
    total = len(rows) if total is None else total
    return Summary(counts=f"{total} tasks", verdicts="1 reviewed", rows=rows, total=total, now=NOW)


def full(number: int, **more: Any) -> Judged:
    """Make a row with as much in it as there can be."""
    notes = [(1.25, "word " * 100)] * 9
    return judged(
        number, rating=3, pick="pick", tags=["t" * 90] * 30, notes=notes, labels={"shot": "x" * 900}, **more
    )


def test_it_is_one_closed_fold_with_counts_and_verdicts() -> None:
    read = check(summary(judged(rating=4, pick="reject", tags=["sky"], notes=[(63.26, "too dark")])).html)
    assert read.elements[0][0] == "details"
    assert "open" not in read.elements[0][1]
    for said in ("1 tasks", "1 reviewed", "★★★★☆", "Reject", "sky", "1:03.2", "too dark", "Succeeded"):
        assert said in read.text, said


def test_without_its_kernel_it_says_first_how_the_desk_is_opened() -> None:
    text = check(summary(*(judged(number) for number in range(50))).html).text
    assert text.index("Run the cell again to open the desk.") < text.index("Succeeded")


def test_as_text_it_is_the_counts_and_a_line_for_each_verdict() -> None:
    text = summary(judged(1, rating=2, tags=["sky"]), judged(2)).text
    assert text.splitlines()[0] == "Review desk: 2 tasks; 1 reviewed"
    assert text.splitlines()[1:] == [f"{1:032x}  Succeeded  ★★☆☆☆ · sky"]


def test_hostile_text_is_text() -> None:
    made = record(State.failed, prompt=HOSTILE, error_message=HOSTILE)
    row = judged(
        made=made,
        pick=HOSTILE,
        tags=[HOSTILE],
        notes=[(None, HOSTILE)],
        labels={HOSTILE: HOSTILE},
        thumbnail=f"data:text/html,{HOSTILE}",
    )
    read = check(summary(row).html)
    assert {tag for tag, _ in read.elements} == {"details", "summary", "div", "span"}
    assert "\x1b" not in read.text
    assert "\u202e" not in read.text


@pytest.mark.parametrize("thumbnail", [None, STAMP])
def test_it_has_at_most_two_hundred_rows_and_half_a_megabyte(thumbnail: str | None) -> None:
    face = summary(*(full(number, thumbnail=thumbnail) for number in range(300)), total=10_000)
    assert len(face.html.encode()) < 500_000
    shown = len(set(re.findall(r"0{20}[0-9a-f]{12}", face.html)))
    assert f"{10_000 - shown:,} more tasks not shown here." in face.html
    assert shown <= 200
    usual = summary(*(judged(number, rating=3, thumbnail=STAMP[:3000]) for number in range(300)), total=300)
    assert usual.html.count("★★★") == 200
    assert usual.html.count("<img") > 40


def test_an_expired_result_is_told(shell: Shell) -> None:
    made = record(complete_time=NOW - timedelta(days=20), create_time=NOW - timedelta(days=20, minutes=4))
    assert "Expired" in check(summary(judged(made=made)).html).text


# ── Beside the desk ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def demo(shell: Shell) -> Shell:
    shell.good("%config AlephMagics.rate = 0\nids = %aleph_demo\n%aleph_status -q $ids;")
    return shell


def faces(shell: Shell) -> list[str]:
    """Return every face that was shown or written anew since the last cell began."""
    return [
        output["data"]["text/html"]
        for output in shell.ip.display_pub.outputs
        if "text/html" in output["data"]
    ]


def test_it_carries_the_demos_thumbnails_made_small(demo: Shell) -> None:
    html = demo.good("%aleph_dashboard").shown[1]["text/html"]
    read = check(html)
    stamps = read.values("src", "img")
    assert len(stamps) == 8  # of nine that succeeded one has expired
    assert max(map(len, stamps)) <= 6_000
    assert len(html) < 100_000


def test_verdicts_are_written_into_it_in_place(demo: Shell) -> None:
    desk: Dashboard = demo.good("%aleph_dashboard").value
    page = Page(desk)
    begun = time.monotonic()
    first = demo.ip.display_pub.outputs[-1]
    assert "nothing reviewed yet" in first["data"]["text/html"]
    for number in range(20):
        page.say("verdicts", lines=[line(FIRST, "rating", number % 5 + 1, at=1_795_000_000_000 + number)])
    page.wait(lambda: len(faces(demo)) > 1)
    assert time.monotonic() - begun > 4.5
    again = demo.ip.display_pub.outputs[-1]
    assert again["update"]
    assert again["transient"] == first["transient"]
    assert len(faces(demo)) == 2
    assert "1 reviewed" in faces(demo)[1]
    assert "★★★★★" in faces(demo)[1]


def test_a_desk_that_closes_writes_it_a_last_time(demo: Shell) -> None:
    desk: Dashboard = demo.good("%aleph_dashboard").value
    Page(desk).say("verdicts", lines=[line(FIRST, "pick", "pick")])
    desk.close()
    assert "1 reviewed, 1 pick" in faces(demo)[-1]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("aleph-desk")]


def test_in_a_terminal_nothing_is_written_anew(demo: Shell) -> None:
    demo.ip.display_formatter.active_types = ["text/plain"]
    desk: Dashboard = demo.good("%aleph_dashboard").value
    Page(desk).say("verdicts", lines=[line(FIRST, "pick", "pick")])
    shown = len(demo.ip.display_pub.outputs)
    desk.close()
    assert len(demo.ip.display_pub.outputs) == shown
