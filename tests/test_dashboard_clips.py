"""A desk's clips through the kernel: those of its rows and no others, without the key, and let go of."""

import threading
import time
from pathlib import Path

import pytest

from aleph_nb.dashboard import Dashboard
from tests.faults import FaultServer, Reply, success
from tests.keys import KEY, key_parts
from tests.pages import Page
from tests.shell import Shell

MEDIA = Path(__file__).parents[1] / "aleph_nb" / "demo" / "media"
VIDEO = (MEDIA / "harbour-noir.mp4").read_bytes()


@pytest.fixture
def page(shell: Shell, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Return the page of a desk with one task, whose clips are on the service's own host."""
    monkeypatch.setenv("KIE_API_KEY", KEY)
    monkeypatch.setenv("ALEPH_NB_BASE_URL", server.base_url)
    server.media("/result.mp4", VIDEO)
    server.media("/source.mp4", VIDEO)
    answer = success("a")
    answer["data"]["response"]["resultVideoUrl"] = f"{server.base_url}/result.mp4"
    server.script("a", Reply(body=answer))
    shell.good("%config AlephMagics.rate = 0\ndesk = %aleph_dashboard a")
    desk: Dashboard = shell["desk"]
    page = Page(desk)
    page.wait(lambda: page.rows.get("a", {}).get("state") == "succeeded")
    return page


def told(page: Page, state: str) -> dict[str, object]:
    page.wait(lambda: any(each["state"] == state for each in page.of("clip")), state)
    return next(each for each in reversed(page.of("clip")) if each["state"] == state)


def test_a_clip_of_a_row_comes_without_the_key(page: Page, server: FaultServer) -> None:
    url = page.rows["a"]["result"]
    content, count = b"", 0
    while len(content) < len(VIDEO):
        page.say("clip", url=url, at=len(content))
        count += 1
        page.wait(lambda: sum(each["state"] == "chunk" for each in page.of("clip")) == count)  # noqa: B023
        content += [each[1][0] for each in page.heard if each[0].get("state") == "chunk"][-1]
    assert content == VIDEO
    page.say("clip_done", url=url)
    (seen,) = server.seen("/result.mp4")
    assert not any(part in repr(seen) for part in key_parts())
    assert any(KEY in repr(each) for each in server.requests)  # the API itself did get it


def test_what_is_no_rows_clip_is_not_fetched(page: Page, server: FaultServer) -> None:
    page.say("clip", url=f"{server.base_url}/source.mp4", at=0)
    assert told(page, "failed")["why"] == "It belongs to no task that is shown here"
    assert server.seen("/source.mp4") == []


@pytest.mark.parametrize("content", [{}, {"url": "x"}, {"url": "x", "at": "0"}, {"url": ["x"], "at": 0}])
def test_a_question_that_cannot_be_read_is_told(page: Page, content: dict[str, object]) -> None:
    page.say("clip", **content)
    assert "a request for a clip that cannot be read" in page.status
    page.say("clip_done", **content)


def test_no_thread_is_left_of_a_desk_that_closes_while_a_clip_comes(
    page: Page, shell: Shell, server: FaultServer
) -> None:
    server.script("/result.mp4", Reply(body=VIDEO, cut=1000, hang=True))
    page.say("clip", url=page.rows["a"]["result"], at=0)
    server.wait_until(lambda server: bool(server.seen("/result.mp4")))
    began = time.monotonic()
    shell.good("%unload_ext aleph_nb")
    assert time.monotonic() - began < 5
    page.wait(lambda: not [each for each in threading.enumerate() if each.name.startswith("aleph")])


def test_a_demo_clip_may_come_in_pieces_too(shell: Shell) -> None:
    shell.good(
        "%config AlephMagics.rate = 0\nids = %aleph_demo\n%aleph_status -q $ids;\ndesk = %aleph_dashboard"
    )
    page = Page(shell["desk"])
    url = next(row["result"] for row in page.rows.values() if row["result"])
    page.say("clip", url=url, at=0)
    assert told(page, "chunk")["kind"] == "video/mp4"
