"""The player in a real shell: what it plays, what it tells the browser, and what it leaves behind."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aleph_nb import Player, Record, State, current_session
from aleph_nb.dashboard.pieces import PIECE
from aleph_nb.errors import ConfigurationError
from tests.faces import check
from tests.faults import FaultServer
from tests.shell import Shell

WIDGET = "application/vnd.jupyter.widget-view+json"
FIRST = "ee603959-debb-48d1-98c4-a6d1c717eba6"
VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 3_000
HOST = "https://clips.example"
RECORD = Record(
    task_id=FIRST,
    state=State.succeeded,
    prompt="A harbour in the rain",
    source_video_url=f"{HOST}/source.mp4",
    result_video_url=f"{HOST}/result.mp4",
    complete_time=datetime.now(UTC),
)
OTHER = replace(RECORD, task_id="ffffffff-debb-48d1-98c4-a6d1c717ffff", result_video_url=f"{HOST}/other.mp4")


class Watcher:
    """Looks at a player, as far as messages go."""

    def __init__(self, player: Player) -> None:
        self.heard: list[tuple[dict[str, Any], list[bytes]]] = []
        self._player = player

        def hear(told: Mapping[str, Any], buffers: list[bytes] | None = None) -> None:
            json.dumps(told, allow_nan=False)  # what travels is JSON
            self.heard.append((dict(told), list(buffers or [])))

        player.send = player._pieces._send = hear
        self.say({"type": "hello"})

    def say(self, content: Any) -> None:
        """Say something to the kernel."""
        self._player._handle_custom_msg(content, [])

    @property
    def pair(self) -> dict[str, Any]:
        """What is played."""
        return [told for told, _ in self.heard if told["type"] == "pair"][-1]

    @property
    def sides(self) -> list[Any]:
        """The source's side, and the result's."""
        return list(self.pair["sides"])

    def wait_for(self, state: str) -> tuple[dict[str, Any], list[bytes]]:
        """Wait for the next message about a clip."""
        wait(lambda: any(told.get("state") == state for told, _ in self.heard))
        return next(each for each in self.heard if each[0].get("state") == state)

    def pull(self, url: str) -> bytes:
        """Pull a clip."""
        content = b""
        while True:
            self.heard.clear()
            self.say({"type": "clip", "url": url, "at": len(content)})
            told, buffers = self.wait_for("chunk")
            content += buffers[0]
            if told["done"]:
                return content


def wait(met: Callable[[], Any]) -> Any:
    end = time.monotonic() + 10
    while not (found := met()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("aleph-desk")]


@pytest.fixture
def play(shell: Shell) -> Iterator[Callable[..., Watcher]]:
    """Return what makes a player and looks at it."""
    made: list[Player] = []

    def make(*clips: Any, **more: Any) -> Watcher:
        made.append(Player(*clips, **more))
        return Watcher(made[-1])

    yield make
    for player in made:
        player.close()


@pytest.fixture
def demo(shell: Shell) -> Shell:
    """Return a shell with the demo, whose tasks were asked for: `ids`."""
    shell.good("%config AlephMagics.rate = 0\nids = %aleph_demo\n%aleph_status -q $ids;")
    return shell


# ── What is played ───────────────────────────────────────────────────────────────────────────────


def test_two_urls(play: Callable[..., Watcher]) -> None:
    page = play(f"{HOST}/a%20b.mp4?sign=1", f"{HOST}/s.mp4", fps=29.97)
    assert page.pair["title"] == "s.mp4 · a b.mp4"
    assert page.pair["offset"] == 0
    source, result = page.sides
    about = {"about": "a b.mp4", "gone": False, "why": "", "fps": 29.97}
    url = f"{HOST}/a%20b.mp4?sign=1"
    assert result == {"name": "Result", "url": url, "link": url, **about}
    assert (source["name"], source["url"]) == ("Source", f"{HOST}/s.mp4")


def test_one_alone_and_each_sides_own_rate(play: Callable[..., Watcher]) -> None:
    assert play(f"{HOST}/a.mp4").sides[0] is None
    assert play(source=f"{HOST}/a.mp4").sides[1] is None
    sides = play(f"{HOST}/a.mp4", f"{HOST}/s.mp4", fps=(25, None)).sides
    assert [side["fps"] for side in sides] == [25, None]


@pytest.mark.parametrize("fps", [0, -1, "25", (25,), (25, 30, 60), True, float("nan"), 10**6, [25, "x"]])
def test_a_rate_that_is_none_is_refused(play: Callable[..., Watcher], fps: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"frames a second"):
        play(f"{HOST}/a.mp4", fps=fps)


def test_files_and_bytes_come_through_the_kernel(play: Callable[..., Watcher], tmp_path: Path) -> None:
    file = tmp_path / "a b.mp4"
    file.write_bytes(VIDEO)
    for result, source in ((file, VIDEO), (str(file), memoryview(VIDEO))):
        page = play(result, source)
        assert [side["url"] for side in page.sides] == ["kernel:0", "kernel:1"]
        assert [side["link"] for side in page.sides] == [None, None]
        assert [side["about"] for side in page.sides] == ["768 KB of memory", "a b.mp4"]
        for side in page.sides:
            assert page.pull(side["url"]) == VIDEO
            page.say({"type": "clip_done", "url": side["url"]})
        assert len(VIDEO) > PIECE


def test_a_url_that_the_browser_cannot_load_comes_through_the_kernel(
    play: Callable[..., Watcher], server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        current_session(), "settings", replace(current_session().settings, base_url=server.base_url)
    )
    url = server.media("/a.mp4", VIDEO)
    other = server.media("/other.mp4", VIDEO)
    page = play(url)
    assert page.pull(url) == VIDEO
    page.say({"type": "clip", "url": other, "at": 0})
    assert "belongs to no task" in page.wait_for("failed")[0]["why"]


def test_a_task_is_played_beside_its_source_and_two_with_each_other(play: Callable[..., Watcher]) -> None:
    page = play(RECORD)
    assert page.pair["title"] == "A harbour in the rain"
    assert [side["url"] for side in page.sides] == [f"{HOST}/source.mp4", f"{HOST}/result.mp4"]
    assert [side["name"] for side in page.sides] == ["Source", "Result"]
    assert play(RECORD, f"{HOST}/else.mp4").sides[0]["url"] == f"{HOST}/else.mp4"
    takes = play(OTHER, RECORD)
    assert [side["url"] for side in takes.sides] == [f"{HOST}/result.mp4", f"{HOST}/other.mp4"]
    assert [side["name"] for side in takes.sides] == ["Take 1 · ee603959…eba6", "Take 2 · ffffffff…ffff"]


def test_the_browser_has_it_with_the_widget_as_bytes(play: Callable[..., Watcher]) -> None:
    page = play(replace(RECORD, prompt="<!--<script>\x1b[31m\u202e"))
    held = page._player.get_state()["pair"]
    assert isinstance(held, bytes)
    assert {"type": "pair", **json.loads(held)} == page.pair
    assert page.pair["title"] == "<!--<script>"


def test_why_there_is_no_clip_is_told(play: Callable[..., Watcher]) -> None:
    gone = replace(RECORD, complete_time=datetime.now(UTC) - timedelta(days=20), source_video_url=None)
    (result,) = (side for side in play(gone).sides if side)
    assert (result["gone"], result["url"], result["link"]) == (True, None, None)
    assert result["why"].startswith("The service deleted this result on")
    failed = Record(task_id="a", state=State.failed, error_code=501, source_video_url=f"{HOST}/s.mp4")
    source, result = play(failed).sides
    assert source["url"] == f"{HOST}/s.mp4"
    assert (result["url"], result["gone"]) == (None, False)
    assert "501" in result["why"]
    running = Record(task_id="b", state=State.in_progress)
    assert play(running).sides[1]["why"] == "Running. %aleph_watch waits until it is done."
    odd = replace(RECORD, result_video_url="javascript:alert(1)")
    assert [side["url"] for side in play(odd).sides] == [f"{HOST}/source.mp4", None]


@pytest.mark.parametrize(
    "given",
    [
        "there/is/none.mp4",
        "none.mp4",
        Path("none"),
        "~nobody-none/x.mp4",
        f"none/{'x' * 5000}.mp4",
        "none\0.mp4",
    ],
)
def test_a_file_that_is_not_there_is_told(play: Callable[..., Watcher], given: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no file .*none"):
        play(given)


def test_nothing_to_play_is_told(play: Callable[..., Watcher]) -> None:
    with pytest.raises(ConfigurationError, match="nothing to play"):
        play()


def test_what_the_browser_sends_is_read_with_care(play: Callable[..., Watcher]) -> None:
    page = play(f"{HOST}/a.mp4")
    before = len(page.heard)
    for junk in (None, 3, {}, {"type": 3}, {"type": "clip"}, {"type": "clip", "url": "a", "at": "b"}):
        page.say(junk)
    page.say({"type": "clip_done"})
    page.say({"type": "verdicts", "lines": []})
    page._player.set_state({"view": "desk", "_esm": "alert(1)", "selected": "x"})
    assert (len(page.heard), page._player.view) == (before, "player")
    assert "alert(1)" not in page._player._esm


# ── In a cell ────────────────────────────────────────────────────────────────────────────────────


def test_a_demo_task_comes_through_the_kernel(demo: Shell) -> None:
    ran = demo.good(f"player = %aleph_show --compare {FIRST}")
    assert ran.shown == []
    page = Watcher(demo["player"])
    urls = [side["url"] for side in page.sides]
    assert all(url.startswith("kernel:") for url in urls)
    assert page.pull(urls[1])[4:8] == b"ftyp"
    page.say({"type": "clip_done", "url": urls[1]})
    demo.good("%aleph_demo stop")
    page.heard.clear()
    page.say({"type": "clip", "url": urls[1], "at": 0})
    assert "has stopped" in page.wait_for("failed")[0]["why"]


def test_it_is_a_widget_with_the_tasks_card_in_a_fold_below_it(demo: Shell) -> None:
    ran = demo.good(f"%aleph_show {FIRST} --compare")
    assert isinstance(ran.value, Player)
    widget, face = ran.shown[:2]
    assert set(widget) == {"text/plain", WIDGET}
    assert widget["text/plain"].startswith("Player: Result (")
    assert set(face) == {"text/plain", "text/html"}
    assert face["text/html"].startswith("<details class=")
    assert 'class="aleph-card"' in face["text/html"]
    assert FIRST in face["text/plain"]
    assert face["text/html"].count("<video") == face["text/html"].count('preload="none"') == 2
    check(face["text/html"])


def test_the_face_of_clips_without_a_task(shell: Shell) -> None:
    hostile = f"{HOST}/<script>alert(1)</script>%1b%5B31m.mp4"
    shell["clips"] = (VIDEO, f"{HOST}/s.mp4", hostile)
    ran = shell.good("from aleph_nb import Player\nPlayer(clips[0], clips[1])")
    html = ran.shown[1]["text/html"]
    assert "Run the cell again to open the player." in html
    assert html.count("<video") == html.count('preload="none"') == 1
    assert "768 KB of memory, which the kernel alone has" in html
    assert "ftyp" not in html
    ran = shell.good("Player(clips[2])")
    assert "<script" not in ran.html
    assert "\x1b" not in "".join(ran.texts)
    check(ran.shown[1]["text/html"])


def test_two_tasks_are_takes_named_by_their_labels(demo: Shell, tmp_path: Path) -> None:
    first, second = demo["ids"][:2]
    file = tmp_path / "shots.csv"
    file.write_text(f"shot,version,task_id\n12a,v1,{first}\n12a,v2,{second}\n", encoding="utf-8")
    ran = demo.good(f"%aleph_show --compare -f {file}")
    page = Watcher(ran.value)
    assert [side["name"] for side in page.sides] == ["v1", "v2"]
    assert ran.html.count('class="aleph-card"') == 2


@pytest.mark.parametrize(
    "line", ["--compare {ids[:3]}", "--compare {ids[0]} --embed", "--compare {ids[0]} --width 9"]
)
def test_what_compare_does_not_take_is_told(demo: Shell, line: str) -> None:
    ran = demo.bad(f"%aleph_show {line}")
    assert isinstance(ran.error, ConfigurationError)
    assert "--compare" in str(ran.error)


def test_where_there_is_no_clip_the_card_tells_why(demo: Shell) -> None:
    ran = demo.good("%aleph_show --compare 00000000-0000-4000-8000-000000000000")
    assert ran.value is None
    assert "The service knows no such task" in ran.html


def test_a_cell_that_runs_again_closes_its_player_and_unloading_closes_all(demo: Shell) -> None:
    for _ in range(2):
        demo.good("p = %aleph_show --compare {ids[0]}")
        first = demo["p"]
        Watcher(first).pull("kernel:0")
    demo.good("p = %aleph_show --compare {ids[0]}\nq = %aleph_show --compare {ids[1]}")
    last = demo["q"]
    assert "closed" not in repr(last)
    demo.good("%unload_ext aleph_nb")
    assert "closed" in repr(last)
    assert "closed" in repr(demo["p"])
    assert wait(lambda: threads() == []) is True
    last.close()
    ran = demo.good("q")
    assert "closed" in (ran.texts or [ran.printed])[0]
    assert "Traceback" not in ran.printed


def test_a_task_id_that_is_given_in_code_is_asked_for(demo: Shell) -> None:
    player = Player(f" {FIRST} ", source=demo["ids"][1])
    assert [side.record.task_id for side in player.sides if side and side.record] == [demo["ids"][1], FIRST]
    player.close()
