"""Thumbnails come into their cards later, videos by `--embed`; the DataFrame waits for neither."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aleph_nb.views import _somebody_watches
from tests.faces import Reading
from tests.faults import FaultServer, Reply, success
from tests.keys import KEY
from tests.shell import Shell

MEDIA = Path(__file__).parents[1] / "aleph_nb" / "demo" / "media"
PICTURE = (MEDIA / "harbour-noir.jpg").read_bytes()
VIDEO = (MEDIA / "harbour-noir.mp4").read_bytes()
SOURCE = (MEDIA / "harbour.mp4").read_bytes()


@pytest.fixture
def served(shell: Shell, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """Serve one result with its thumbnail and its source, and point the shell at it."""
    monkeypatch.setenv("KIE_API_KEY", KEY)
    shell.good(f"%config AlephMagics.base_url = {server.base_url!r}\n%config AlephMagics.rate = 0")
    response = {
        "resultVideoUrl": server.media("/result.mp4", VIDEO),
        "resultImageUrl": server.media("/result.jpg", PICTURE, "image/jpeg"),
    }
    params = f'{{"prompt": "Film noir", "videoUrl": "{server.media("/source.mp4", SOURCE)}"}}'
    server.default = lambda task_id: Reply(body=success(task_id, response=response, paramJson=params))
    return server


def eventually(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not met():
        assert time.monotonic() < end
        time.sleep(0.01)


def last_html(shell: Shell) -> Reading:
    return Reading(shell.ip.display_pub.outputs[-1]["data"]["text/html"])


def picture_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "aleph-pictures"]


def test_a_thumbnail_comes_into_its_card_and_stays(shell: Shell, served: FaultServer) -> None:
    shell.good("df = %aleph_status a")
    eventually(lambda: last_html(shell).values("src", "img")[0].startswith("data:image/jpeg;base64,"))
    assert last_html(shell).values("src", "video")[1] == f"{served.base_url}/result.mp4"
    (picture,) = served.seen("/result.jpg")
    assert "authorization" not in picture.headers
    again = shell.good("df = %aleph_status a")
    assert Reading(again.html).values("src", "img")[0].startswith("data:image/jpeg;base64,")
    assert len(served.seen("/result.jpg")) == 1


def test_the_dataframe_does_not_wait_for_a_thumbnail(shell: Shell, served: FaultServer) -> None:
    shell.good("%aleph_status a;")
    served.script("/result.jpg", Reply(delay=3))
    began = time.monotonic()
    shell.good("df = %aleph_status a b c")
    assert time.monotonic() - began < 1.5
    assert len(shell["df"]) == 3
    eventually(lambda: not picture_threads())


@pytest.mark.parametrize("how", ["-q a", "a;", "a --media 0 b"])
def test_where_no_card_is_shown_nothing_is_fetched(shell: Shell, served: FaultServer, how: str) -> None:
    shell.good(f"df = %aleph_status {how}")
    eventually(lambda: not picture_threads())
    assert served.seen("/result.jpg") == []


def test_as_text_nothing_is_fetched(shell: Shell, served: FaultServer) -> None:
    shell.ip.display_formatter.active_types = ["text/plain"]
    assert "Succeeded" in shell.good("df = %aleph_status a").texts[0]
    eventually(lambda: not picture_threads())
    assert served.seen("/result.jpg") == []


def test_one_that_cannot_be_had_leaves_the_card_as_it_is(shell: Shell, served: FaultServer) -> None:
    served.script("/result.jpg", Reply(status=404))
    ran = shell.good("df = %aleph_status a")
    eventually(lambda: not picture_threads())
    assert last_html(shell).values("src", "img") == [f"{served.base_url}/result.jpg"]
    assert "404" not in ran.printed


def test_unloading_ends_a_fetch_under_way(shell: Shell, served: FaultServer) -> None:
    served.script("/result.jpg", Reply(delay=30))
    shell.good("df = %aleph_status a")
    served.wait_until(lambda server: bool(server.seen("/result.jpg")))
    began = time.monotonic()
    shell.good("%unload_ext aleph_nb")
    assert picture_threads() == []
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(("message", "watched"), [({}, True), ({"content": {"allow_stdin": False}}, False)])
def test_a_front_end_that_cannot_ask_has_nobody(message: object, watched: bool) -> None:
    class Kernels:
        def get_parent(self) -> object:
            return message

    assert _somebody_watches(Kernels()) is watched


def test_embedding_puts_the_videos_into_the_card(shell: Shell, served: FaultServer) -> None:
    read = Reading(shell.good("%aleph_show a --embed").html)
    assert [src[:22] for src in read.values("src", "video")] == ["data:video/mp4;base64,"] * 2
    assert read.values("src", "img")[0].startswith("data:image/jpeg;base64,")
    assert read.values("href") == [f"{served.base_url}/result.mp4"]
    media = [seen for seen in served.requests if not seen.task_id]
    assert len(media) == 3
    assert not [seen for seen in media if "authorization" in seen.headers]


def test_takes_of_one_source_fetch_it_once(shell: Shell, served: FaultServer) -> None:
    read = Reading(shell.good("%aleph_show a b c --embed").html)
    assert sum(src.startswith("data:") for src in read.values("src", "video")) == 6
    assert len(served.seen("/source.mp4")) == 1


def test_what_is_too_large_stays_a_link_and_says_so(shell: Shell, served: FaultServer) -> None:
    most = len(VIDEO) + len(SOURCE) - 1
    shell.good(f"%config AlephMagics.max_embed_bytes = {most}")
    shown = shell.good("%aleph_show a --embed")
    assert [src[:5] for src in Reading(shown.html).values("src", "video")] == ["http:", "data:"]
    said = shown.texts[-1]
    assert said.startswith("The source video of a stays a link: it is ")
    assert "KB, and a card takes" in said
    assert "max_embed_bytes" in said
    shell.good("%config AlephMagics.max_embed_bytes = 0")
    shown = shell.good("%aleph_show a --embed")
    assert [src[:5] for src in Reading(shown.html).values("src", "video")] == ["http:", "http:"]
    assert "The result video of a stays a link" in str(shown.texts)


def test_what_is_gone_or_no_video_stays_a_link_and_says_so(shell: Shell, served: FaultServer) -> None:
    served.script("/result.mp4", Reply(status=404))
    served.media("/source.mp4", b"<html>please sign in</html>", "video/mp4")
    shown = shell.good("%aleph_show a --embed")
    assert [src[:5] for src in Reading(shown.html).values("src", "video")] == ["http:", "http:"]
    assert "The result video of a stays a link: " in str(shown.texts)
    assert "404" in str(shown.texts)
    assert "what came is neither a video nor a picture" in str(shown.texts)


def test_an_interrupt_while_embedding_shows_the_cards_with_links(shell: Shell, served: FaultServer) -> None:
    served.script("/result.mp4", Reply(delay=30))

    def interrupt() -> None:
        served.wait_until(lambda server: bool(server.seen("/result.mp4")))
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=interrupt).start()
    began = time.monotonic()
    ran = shell.bad("%aleph_show a --embed")
    assert time.monotonic() - began < 3
    assert isinstance(ran.error, KeyboardInterrupt)
    assert ran.printed.strip() == "KeyboardInterrupt: ended before all media had come. The cards hold links."
    assert Reading(ran.html).values("src", "video")[1] == f"{served.base_url}/result.mp4"
