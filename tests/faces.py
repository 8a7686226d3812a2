"""Records of every kind, their faces, and a reader of markup that checks what it reads."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

from aleph_nb.cards import Bar, Card, Face, Facts, Judged, Live, Note, Panel, Summary
from aleph_nb.cards.telling import tell
from aleph_nb.record import Record, State

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ID = "ee603959-debb-48d1-98c4-a6d1c717eba6"
HOST = "https://media.example"

# What JupyterLab 4's sanitizer keeps, of what one could want here.
TAGS = {"div", "span", "video", "img", "a", "details", "summary"}
ATTRIBUTES = {
    "*": {"class", "title", "style", "dir"},
    "video": {"controls", "loop", "muted", "poster", "preload", "src", "width"},
    "img": {"alt", "src", "width"},
    "a": {"href", "rel", "target"},
}


class Reading(HTMLParser):
    """Every tag with its attributes, and the text, of a piece of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.oddities: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element; no attribute stands twice."""
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        """Note what should not be there."""
        self.oddities.append(data)

    def handle_decl(self, decl: str) -> None:
        """Note what should not be there."""
        self.oddities.append(decl)

    def handle_pi(self, data: str) -> None:
        """Note what should not be there."""
        self.oddities.append(data)

    def unknown_decl(self, data: str) -> None:
        """Note what should not be there."""
        self.oddities.append(data)

    @property
    def text(self) -> str:
        """All text."""
        return "".join(self.words)

    @property
    def structure(self) -> list[tuple[str, tuple[str, ...]]]:
        """The elements and the names of their attributes."""
        return [(tag, tuple(attributes)) for tag, attributes in self.elements]

    def values(self, name: str, tag: str | None = None) -> list[str]:
        """All values of an attribute."""
        return [a[name] or "" for t, a in self.elements if name in a and tag in (None, t)]


def record(state: State = State.succeeded, **fields: Any) -> Record:
    """Make a record as the service would tell it, of a task that was completed three days ago."""
    told: dict[str, Any] = {
        "task_id": ID,
        "state": state,
        "prompt": "A golden hour sunset",
        "source_video_url": f"{HOST}/source.mp4",
        "create_time": NOW - 3 * DAY - timedelta(minutes=5, seconds=45),
    }
    if state is State.succeeded:
        told |= {"result_video_url": f"{HOST}/result.mp4", "result_image_url": f"{HOST}/result.jpg"}
        told |= {"complete_time": NOW - 3 * DAY}
    return Record(**(told | fields))


def completed(age: timedelta, **fields: Any) -> Record:
    """Make a success of a certain age."""
    return record(create_time=NOW - age - timedelta(minutes=3), complete_time=NOW - age, **fields)


FACES: dict[str, Callable[[], Record]] = {
    "succeeded": record,
    "dies soon": lambda: completed(timedelta(days=12, hours=4)),
    "expired": lambda: completed(17 * DAY),
    "in_progress": lambda: record(State.in_progress, create_time=NOW - timedelta(seconds=130)),
    "failed": lambda: record(
        State.failed,
        error_code=422,
        error_message="flagged by moderation",
        complete_time=NOW - 3 * DAY,
        reason="422: flagged by moderation",
    ),
    "unknown": lambda: record(State.unknown, reason="success without a video"),
    "not_found": lambda: Record(task_id=ID, state=State.not_found, reason="the service knows no such task"),
    "no_answer": lambda: Record(task_id=ID, state=State.no_answer, reason="the connection was refused"),
}


def card(name: str, **options: Any) -> Card:
    """Make the card of one of the faces."""
    return Card(FACES[name](), now=NOW, **options)


def live(total: int, settled: int | None = None, **options: Any) -> Live:
    """Show a watch of so many tasks, of every state; half of them are done, if not told otherwise."""
    makers = list(FACES.values())
    records = [replace(makers[n % len(makers)](), task_id=f"task-{n}") for n in range(total)]
    done = records[: total // 2 if settled is None else settled]
    told: dict[str, Any] = {"elapsed": 75.0, "next_look": 4.2, "now": NOW, **options}
    return Live(total=total, records=records, settled=done, **told)


def faces() -> Iterator[Face]:
    """One of everything."""
    yield from (card(name, labels={"shot": "SH0140"}) for name in FACES)
    yield Card(record(prompt="word " * 100), now=NOW)
    yield Card(record(source_video_url=None), now=NOW)
    yield Card(record(State.unknown, result_image_url=f"{HOST}/still.jpg"), now=NOW)
    yield Panel([make() for make in FACES.values()], cards=1, now=NOW)
    yield Facts("aleph_nb", [("Service", "demo", ""), ("Key", "set", "from KIE_API_KEY")])
    yield Bar(done=12, total=300, failed=1, elapsed=3.2)
    yield from (live(200, ended=ended) for ended in ("", "in"))
    yield Note("2 duplicates left out")
    yield Summary(counts="8 tasks", verdicts="8 reviewed", rows=list(_judged()), total=9, now=NOW)


def _judged() -> Iterator[Judged]:
    """One row of every kind, with all that can be said of it."""
    for name, make in FACES.items():
        made = make()
        yield Judged(
            task_id=made.task_id,
            told=tell(made, NOW),
            prompt=made.prompt,
            labels={"shot": name},
            rating=3,
            pick="pick" if name == "succeeded" else "reject",
            tags=["sky"],
            notes=[(1.5, "too dark"), (None, "again")],
            thumbnail="data:image/jpeg;base64,AAAA",
        )


def declarations(markup: str) -> Iterator[list[tuple[str, str]]]:
    """Every style attribute as its declarations, split outside of brackets."""
    for style in Reading(markup).values("style"):
        parts = re.split(r";(?![^()]*\))", style)
        yield [(name, value) for name, _, value in (part.partition(":") for part in parts)]


def check(markup: str) -> Reading:
    """Check that a piece of markup holds nothing but what it should; return it read."""
    read = Reading(markup)
    assert not read.open
    assert not read.oddities
    for tag, attributes in read.elements:
        assert tag in TAGS, tag
        assert set(attributes) <= ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set())
    for name in ("src", "href", "poster"):
        for url in read.values(name):
            assert re.match(r"https?://\w|data:(video|image)/", url)
    for url in read.values("href"):
        assert url.startswith("http")
    for a in (a for t, a in read.elements if t == "a"):
        assert (a["target"], a["rel"]) == ("_blank", "noopener")
    return read
