"""Clips through the kernel: fetched in a thread without the key, handed over in pieces, let go of."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from aleph_nb import Session, Settings
from aleph_nb.dashboard import pieces as room
from aleph_nb.dashboard.bringing import Bringer
from aleph_nb.dashboard.pieces import PIECE, Clip, NoClipError, Pieces, asked_piece
from tests.faults import FaultServer, Reply
from tests.keys import KEY, key_parts

VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 5_000  # 1.28 MB: three pieces
URL = "https://clips.example/a.mp4"


class Browser:
    """Hears what the kernel sends, and pulls as the page does."""

    def __init__(self) -> None:
        self.heard: list[tuple[Mapping[str, Any], list[bytes]]] = []

    def send(self, told: Mapping[str, Any], buffers: list[bytes]) -> None:
        """Hear a message."""
        self.heard.append((dict(told), list(buffers)))

    def of(self, state: str) -> list[Mapping[str, Any]]:
        """Return what was told of a state."""
        return [told for told, _ in list(self.heard) if told["state"] == state]

    def wait_for(self, state: str, count: int = 1) -> Mapping[str, Any]:
        """Wait for so many messages of a state; return the last."""
        wait(lambda: len(self.of(state)) >= count, f"{state}: {self.heard[-3:]!r:.500}")
        return self.of(state)[count - 1]

    def pull(self, pieces: Pieces, url: str) -> bytes:
        """Pull a whole clip."""
        content, count = b"", len(self.of("chunk"))
        while True:
            pieces.ask(url, len(content))
            count += 1
            told = self.wait_for("chunk", count)
            (buffer,) = [buffers for told, buffers in self.heard if told["state"] == "chunk"][-1]
            assert told["at"] == len(content)
            assert 0 < len(buffer) <= PIECE
            content += buffer
            if told["done"]:
                assert told["size"] == len(content)
                return content


def wait(met: Callable[[], Any], what: str = "") -> None:
    end = time.monotonic() + 10
    while not met():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("aleph")]


class Made:
    """The pieces of a session, and the browser that pulls them."""

    def __init__(self, base_url: str, **settings: Any) -> None:
        self.session = Session(Settings(base_url=base_url, ledger="off", **settings))
        self.browser = Browser()
        self.bringer = Bringer(self.session)
        self.pieces = Pieces(self.bringer, self.browser.send)

    def why(self, url: str) -> str:
        """Ask for what cannot be had; return why."""
        self.bringer.know(url)
        self.pieces.ask(url, 0)
        return str(self.browser.wait_for("failed")["why"])

    def close(self) -> None:
        """Close it all."""
        self.pieces.close()
        self.bringer.close()
        self.session.close()


@pytest.fixture
def made(server: FaultServer) -> Iterator[Made]:
    one = Made(server.base_url, timeout=5)
    yield one
    one.close()


# ── From the web ─────────────────────────────────────────────────────────────────────────────────


def test_a_clip_comes_whole_in_pieces_without_the_key(made: Made, server: FaultServer) -> None:
    url = server.media("/clip.mp4", VIDEO)
    made.bringer.know(url)
    assert made.browser.pull(made.pieces, url) == VIDEO
    assert made.browser.of("chunk")[0]["kind"] == "video/mp4"
    assert made.browser.of("fetching")[0]["got"] == 0
    assert len(server.requests) == 1
    assert KEY
    assert not any(part in repr(server.requests) for part in key_parts())
    assert {seen.headers.get("authorization") for seen in server.requests} == {None}


def test_how_far_the_fetching_is_is_told_a_few_times_a_second(made: Made, server: FaultServer) -> None:
    server.script("/slow.mp4", Reply(body=VIDEO[:400], drip=0.004, headers={"Content-Type": "video/mp4"}))
    url = f"{server.base_url}/slow.mp4"
    made.bringer.know(url)
    began = time.monotonic()
    made.pieces.ask(url, 0)
    made.browser.wait_for("chunk")
    took = time.monotonic() - began
    told = [told["got"] for told in made.browser.of("fetching")]
    assert told == sorted(told)
    assert any(0 < got < 400 for got in told)
    assert len(told) <= 5 * took + 3
    assert {told["size"] for told in made.browser.of("fetching") if told["got"]} == {400}


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(status=404), "The server answered 404: it is not there any more"),
        (Reply(status=403), "The server answered 403: the link has expired or needs a sign-in"),
        (Reply(status=410), "The server answered 410: the link has expired or needs a sign-in"),
        (Reply(status=503), "The server answered 503: it is in trouble"),
        (Reply(body=VIDEO, cut=1000), "The connection broke off"),
        (Reply(body=VIDEO, cut=1000, reset=True), "The connection was reset"),
        (Reply(body=b"<html>gone</html>"), "What came is no video"),
        (Reply(body=b"\x89PNG\r\n\x1a\n" + bytes(100)), "What came is no video"),
        (Reply(status=302, headers={"Location": "file:///etc/passwd"}), "no plain http or https URL"),
    ],
)
def test_why_it_cannot_be_had_is_told(made: Made, server: FaultServer, reply: Reply, why: str) -> None:
    server.script("/clip.mp4", reply)
    assert why in made.why(f"{server.base_url}/clip.mp4")


def test_one_that_failed_may_be_had_the_next_time(made: Made, server: FaultServer) -> None:
    server.script("/clip.mp4", Reply(status=500), Reply(body=VIDEO))
    url = f"{server.base_url}/clip.mp4"
    assert "500" in made.why(url)
    assert made.browser.pull(made.pieces, url) == VIDEO


def test_one_that_falls_silent_is_given_up(server: FaultServer) -> None:
    made = Made(server.base_url, timeout=0.5)
    server.script("/clip.mp4", Reply(body=VIDEO, cut=1000, hang=True))
    assert made.why(f"{server.base_url}/clip.mp4") == "Nothing came for 0.5 s"
    made.close()


@pytest.mark.parametrize("says", [True, False])
def test_one_that_is_too_large_is_not_fetched(server: FaultServer, says: bool) -> None:
    made = Made(server.base_url, max_media_bytes=1_000_000)
    server.script("/clip.mp4", Reply(body=VIDEO, chunked=not says))
    why = made.why(f"{server.base_url}/clip.mp4")
    told = "It is 1.3 MB" if says else "It is larger than that"
    assert why == f"{told}, and 1 MB may come through the kernel (%config AlephMagics.max_media_bytes)"
    made.close()


def test_a_public_service_sends_nobody_into_a_private_network(server: FaultServer) -> None:
    made = Made("https://api.kie.ai")
    server.media("/secret.mp4", VIDEO)
    url = f"{server.base_url}/secret.mp4"
    assert "leads into a private network or to this machine" in made.why(url)
    assert server.requests == []
    made.close()


def test_nothing_is_fetched_that_is_not_shown_here(made: Made, server: FaultServer) -> None:
    url = server.media("/clip.mp4", VIDEO)
    made.pieces.ask(url, 0)
    assert made.browser.wait_for("failed")["why"] == "It belongs to no task that is shown here"
    assert server.requests == []


# ── From here ────────────────────────────────────────────────────────────────────────────────────


def test_what_is_held_and_files_come_by_names_of_their_own(made: Made, tmp_path: Path) -> None:
    file = tmp_path / "a b.mp4"
    file.write_bytes(VIDEO[::1])
    for content in (VIDEO, file):
        url = made.bringer.hold(content)
        assert url.startswith("kernel:")
        assert made.browser.pull(made.pieces, url) == VIDEO
    file.unlink()
    made.pieces.done(url)
    made.pieces.ask(url, 0)
    assert made.browser.wait_for("failed")["why"] == "a b.mp4 cannot be read: no such file or directory"


def test_a_file_that_is_too_large_is_not_read(server: FaultServer, tmp_path: Path) -> None:
    made = Made(server.base_url, max_media_bytes=1_000)
    file = tmp_path / "a.mp4"
    file.write_bytes(VIDEO)
    contents: list[bytes | Path] = [file, VIDEO]
    for count, content in enumerate(contents, 1):
        made.pieces.ask(made.bringer.hold(content), 0)
        assert "It is 1.3 MB, and 1 KB may come" in made.browser.wait_for("failed", count)["why"]
    made.close()


# ── In turn ──────────────────────────────────────────────────────────────────────────────────────


class Slow:
    """Brings clips when it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.go = threading.Event()

    def __call__(self, clip: Clip, meanwhile: Callable[[], None]) -> tuple[str, bytes]:
        """Bring a clip, or say that it is bad."""
        self.begun.append(clip.url)
        try:
            while not self.go.wait(0.01):
                meanwhile()
        finally:
            self.ended.append(clip.url)
        if clip.url == "bad":
            raise NoClipError("It is bad")
        return "video/mp4", VIDEO


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def pieces(slow: Slow, browser: Browser) -> Iterator[Pieces]:
    made = Pieces(slow, browser.send)
    yield made
    made.close()


def test_two_are_held_and_the_latest_wish_is_the_next(pieces: Pieces, slow: Slow, browser: Browser) -> None:
    for url in "abcd":
        pieces.ask(url, 0)
    wait(lambda: len(slow.begun) == 2)
    assert {told["url"] for told in browser.of("fetching")} == set("abcd")
    pieces.done("a")
    wait(lambda: len(slow.begun) == 3 and slow.ended)
    assert (sorted(slow.begun[:2]), slow.begun[2], slow.ended) == (["a", "b"], "d", ["a"])
    slow.go.set()
    browser.wait_for("chunk", 2)
    assert {told["url"] for told in browser.of("chunk")} == {"b", "d"}


def test_one_that_fails_makes_room(pieces: Pieces, slow: Slow, browser: Browser) -> None:
    for url in ("bad", "b", "c"):
        pieces.ask(url, 0)
    slow.go.set()
    assert browser.wait_for("failed")["why"] == "It is bad"
    browser.wait_for("chunk", 2)
    assert {told["url"] for told in browser.of("chunk")} == {"b", "c"}


def test_what_waited_while_a_cell_ran_is_answered_once(pieces: Pieces, slow: Slow, browser: Browser) -> None:
    slow.go.set()
    for _ in range(5):
        pieces.ask("a", 0)
    browser.wait_for("chunk")
    for _ in range(5):
        pieces.ask("a", PIECE)
    assert [told["at"] for told in browser.of("chunk")] == [0, PIECE]
    time.sleep(room._TWICE)
    pieces.ask("a", PIECE)
    assert [told["at"] for told in browser.of("chunk")] == [0, PIECE, PIECE]


def test_a_place_behind_the_end_is_told_the_size(pieces: Pieces, slow: Slow, browser: Browser) -> None:
    slow.go.set()
    pieces.ask("a", 10**9)
    told = browser.wait_for("chunk")
    assert (told["size"], told["done"], browser.heard[-1][1]) == (len(VIDEO), True, [b""])


def test_one_that_is_not_wanted_any_more_is_not_told_of(pieces: Pieces, slow: Slow, browser: Browser) -> None:
    pieces.ask("a", 0)
    wait(lambda: slow.begun)
    pieces.done("a")
    wait(lambda: slow.ended)
    slow.go.set()
    time.sleep(0.05)
    assert browser.of("chunk") == []
    pieces.done("a")
    pieces.done(None)


def test_what_nobody_asks_for_is_let_go_of(
    pieces: Pieces, slow: Slow, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_UNASKED", 0.2)
    pieces._later._pause = pieces._later._delay = 0.1
    slow.go.set()
    pieces.ask("a", 0)
    browser.wait_for("chunk")
    wait(lambda: not pieces._clips)
    wait(lambda: not [name for name in threads() if name.startswith("aleph-desk")])
    pieces.ask("a", PIECE)
    assert browser.wait_for("chunk", 2)["at"] == PIECE
    assert slow.begun == ["a", "a"]


def test_one_that_waits_takes_the_place_of_one_that_nobody_asks_for(
    pieces: Pieces, slow: Slow, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_UNASKED_AND_AWAITED", 0.2)
    pieces._later._pause = pieces._later._delay = 0.1
    slow.go.set()
    for url in "ab":
        pieces.ask(url, 0)
    browser.wait_for("chunk", 2)
    pieces.ask("c", 0)
    assert browser.wait_for("chunk", 3)["url"] == "c"


def test_a_failure_of_ours_is_told(browser: Browser) -> None:
    def bring(clip: Clip, meanwhile: Callable[[], None]) -> tuple[str, bytes]:
        raise ZeroDivisionError("oh")

    pieces = Pieces(bring, browser.send)
    pieces.ask("a", 0)
    assert browser.wait_for("failed")["why"] == "The kernel failed: ZeroDivisionError: oh"
    pieces.close()


def test_closing_ends_all_threads(server: FaultServer) -> None:
    before = threads()
    made = Made(server.base_url)
    server.script("/hangs.mp4", Reply(body=VIDEO, cut=1000, hang=True))
    for n in range(4):
        url = f"{server.base_url}/hangs.mp4?{n}"
        made.bringer.know(url)
        made.pieces.ask(url, 0)
    wait(lambda: len(server.requests) == 2)
    began = time.monotonic()
    made.close()
    assert time.monotonic() - began < 3
    wait(lambda: threads() == before)
    made.pieces.ask(URL, 0)
    assert threads() == before
    assert made.browser.of("failed") == []


@pytest.mark.parametrize("at", [None, -1, True, 1.5, 2**60, "0"])
def test_a_place_that_is_none_is_no_question(at: Any) -> None:
    assert asked_piece({"url": URL, "at": at}) is None


@pytest.mark.parametrize("url", [None, 3, "a" * 30_000])
def test_a_clip_that_is_none_is_no_question(url: Any) -> None:
    assert asked_piece({"url": url, "at": 0}) is None


def test_what_is_a_question() -> None:
    assert asked_piece({"url": URL, "at": 7, "more": 1}) == (URL, 7)
