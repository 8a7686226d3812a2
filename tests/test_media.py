"""Thumbnails come into their cards later, videos by `--embed`; the DataFrame waits for neither."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.faces import Reading
from tests.faults import FaultServer, Reply, success
from tests.kernel import running_kernel
from tests.keys import KEY
from tests.shell import Shell

MEDIA = Path(__file__).parents[1] / "aleph_nb" / "demo" / "media"
PICTURE = (MEDIA / "harbour-noir.jpg").read_bytes()
VIDEO = (MEDIA / "harbour-noir.mp4").read_bytes()
SOURCE = (MEDIA / "harbour.mp4").read_bytes()


def serve(server: FaultServer) -> None:
    """Serve one result with its thumbnail and its source."""
    response = {
        "resultVideoUrl": server.media("/result.mp4", VIDEO),
        "resultImageUrl": server.media("/result.jpg", PICTURE, "image/jpeg"),
    }
    params = f'{{"prompt": "Film noir", "videoUrl": "{server.media("/source.mp4", SOURCE)}"}}'
    server.default = lambda task_id: Reply(body=success(task_id, response=response, paramJson=params))


@pytest.fixture
def served(shell: Shell, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """Point the shell at a server that has one result."""
    monkeypatch.setenv("KIE_API_KEY", KEY)
    shell.good(f"%config AlephMagics.base_url = {server.base_url!r}\n%config AlephMagics.rate = 0")
    serve(server)
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


def test_where_nobody_watches_the_cell_waits_for_its_thumbnails(tmp_path: Path, server: FaultServer) -> None:
    serve(server)
    cells = [
        f"import os\nos.environ |= {{'KIE_API_KEY': {KEY!r}, 'ALEPH_NB_BASE_URL': {server.base_url!r}}}",
        "%load_ext aleph_nb",
        "df = %aleph_status a",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    server.script("/result.jpg", Reply(body=PICTURE, headers={"Content-Type": "image/jpeg"}, delay=1))
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    (card, *_) = notebook.cells[2].outputs
    assert Reading(card["data"]["text/html"]).values("src", "img")[0].startswith("data:image/jpeg;base64,")


def test_an_interrupt_of_that_waiting_costs_no_data(tmp_path: Path, server: FaultServer) -> None:
    serve(server)
    server.script("/result.jpg", Reply(delay=30))
    with running_kernel(tmp_path) as kernel:
        kernel.good(
            f"import os\nos.environ |= {{'KIE_API_KEY': {KEY!r}, 'ALEPH_NB_BASE_URL': {server.base_url!r}}}\n"
            "%load_ext aleph_nb"
        )

        def interrupt() -> None:
            server.wait_until(lambda server: bool(server.seen("/result.jpg")))
            time.sleep(1)
            kernel.interrupt()

        thread = threading.Thread(target=interrupt)
        thread.start()
        began = time.monotonic()
        assert kernel.run("df = %aleph_status a -o kept", can_ask=False).error == ""
        thread.join()
        assert time.monotonic() - began < 4
        assert "1 1" in kernel.good("print(len(df), len(kept))").printed


def test_a_setting_that_is_changed_meanwhile_costs_no_thumbnail(shell: Shell, served: FaultServer) -> None:
    served.script("/result.jpg", Reply(body=PICTURE, headers={"Content-Type": "image/jpeg"}, delay=1))
    shell.good("df = %aleph_status a")
    publisher = shell.ip.display_pub
    shell.good("%config AlephMagics.max_media = 2\nids = %aleph_demo")
    publisher.outputs = []
    eventually(lambda: bool(publisher.outputs))
    assert last_html(shell).values("src", "img")[0].startswith("data:image/jpeg;base64,")


def test_a_thumbnail_goes_to_its_own_card_whatever_runs_meanwhile(shell: Shell, served: FaultServer) -> None:
    served.script("/result.jpg", Reply(body=PICTURE, headers={"Content-Type": "image/jpeg"}, delay=1))
    Path("shots.csv").write_text("task_id,shot\na,SH010\n", encoding="utf-8")
    shell.good("df = %aleph_status -f shots.csv")
    publisher = shell.ip.display_pub
    shell.good("%%capture out\nids = %aleph_demo\nimport time\ntime.sleep(2)")
    assert [output.data for output in shell["out"].outputs] == []
    (card,) = publisher.outputs
    assert "SH010" in card["data"]["text/html"]
    assert card["update"] is True


def test_what_a_cell_captures_is_not_fetched_for(shell: Shell, served: FaultServer) -> None:
    shell.ip.display_pub_class = type("Other", (type(shell.ip.display_pub),), {})
    shell.good("%%capture out\ndf = %aleph_status a")
    eventually(lambda: not picture_threads())
    assert served.seen("/result.jpg") == []


def test_one_that_cannot_be_had_is_tried_twice_and_no_more(shell: Shell, served: FaultServer) -> None:
    served.script("/result.jpg", Reply(status=404))
    for _ in range(4):
        shell.good("df = %aleph_status a")
        eventually(lambda: not picture_threads())
    assert len(served.seen("/result.jpg")) == 2


def test_many_rounds_with_thumbnails_leak_nothing(shell: Shell, served: FaultServer) -> None:
    def state() -> tuple[int, int]:
        return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    def round_() -> None:
        shell.good("%load_ext aleph_nb")
        shell.good(f"%config AlephMagics.base_url = {served.base_url!r}")
        shell.good("df = %aleph_status a")
        eventually(lambda: not picture_threads())
        shell.good("%unload_ext aleph_nb")

    shell.good("%unload_ext aleph_nb")
    round_()
    served.wait_until(lambda server: server.connections == 0)
    before = state()
    for _ in range(30):
        round_()
    served.wait_until(lambda server: server.connections == 0)
    assert state() == before


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
    (said,) = (text for text in shown.texts if text.startswith("The source video of a stays a link: it is "))
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
    assert "what came is no video" in str(shown.texts)


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
    assert (
        ran.printed.strip()
        == "KeyboardInterrupt: ended before all media had come. The cards without them hold links."
    )
    assert Reading(ran.html).values("src", "video")[1] == f"{served.base_url}/result.mp4"


def test_a_thumbnail_that_comes_later_leaves_what_is_embedded(shell: Shell, served: FaultServer) -> None:
    gone = Reply(status=503)
    served.script("/result.jpg", gone, Reply(body=PICTURE, headers={"Content-Type": "image/jpeg"}))
    shell.good("%aleph_show a --embed")
    time.sleep(1)
    cards = [output["data"]["text/html"] for output in shell.ip.display_pub.outputs]
    (card,) = (html for html in cards if "aleph-card" in html)
    assert card.count("data:video/mp4") == 2
    assert len(served.seen("/result.jpg")) == 1


def test_where_only_text_is_shown_nothing_is_embedded(shell: Shell, served: FaultServer) -> None:
    shell.ip.display_formatter.active_types = ["text/plain"]
    assert (
        "Nothing is embedded: text is all that is shown here." in shell.good("%aleph_show a --embed").printed
    )
    assert served.seen("/result.mp4") == []


def test_a_bar_about_nothing_is_not_shown(shell: Shell) -> None:
    shell.good("ids = %aleph_demo")
    assert "aleph-bar" not in shell.good("%aleph_show {ids[0]} --embed").html
