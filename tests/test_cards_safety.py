"""Nothing that a record, a label or a URL holds breaks out of a face."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb.cards import Card, Face, Facts, Note, Panel
from aleph_nb.record import State
from tests.faces import HOST, NOW, check, record

HOSTILE = [
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '" onerror="alert(1)" x="',
    "</div></details></video><img src=x onerror=alert(1)>",
    "<!-- ",
    "]]><![CDATA[",
    "&quot;&gt;<b>",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b1m \x00\x08\x7f",
    "\u202eright to left\u2066",
    "\ud800 lone",
    "{{7*7}} ${x} %s {0}",
    "a\u2028b\x85c\r\nd",
]
HOSTILE_URLS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//media.example/x.mp4",
    "https:///x.mp4",
    "https://[x/x.mp4",
    "https://media.example/x .mp4",
    "https://media.example/\x1b[31m.mp4",
    "https://media.example/\x85.mp4",
    "ftp://media.example/x.mp4",
    "",
]


def unseen(text: str) -> list[str]:
    """Find the characters that have no business in a face as text."""
    return [
        c
        for c in text
        if (c != "\n" and unicodedata.category(c) in ("Cc", "Cs")) or c in "\u202e\u2066\u2028"
    ]


def hostile_card(state: State, text: str, **fields: Any) -> Card:
    told: dict[str, Any] = {
        "prompt": text,
        "reason": text,
        "error_message": text,
        "msg": text,
        "task_id": text,
        "error_code": 500,
        "params": {"aspectRatio": text, text: text},
    }
    return Card(record(state, **(told | fields)), labels={text: text}, now=NOW)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("state", State)
def test_hostile_text_is_inert_in_every_field(state: State, text: str) -> None:
    shown = hostile_card(state, text)
    assert check(shown.html).structure == check(hostile_card(state, "harmless").html).structure
    assert unseen(shown.text) == []
    shown.html.encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_in_the_other_faces(text: str) -> None:
    def made(value: str) -> list[Face]:
        told = [record(state, prompt=value, reason=value, task_id=value) for state in State]
        told += [record(State.failed, error_message=value, task_id=value)]
        return [Panel(told, now=NOW), Facts(value, [(value, value, value)] * 2), Note(value)]

    for hostile, harmless in zip(made(text), made("a harmless text of some length"), strict=True):
        shape = [tag for tag, _ in check(hostile.html).elements]
        assert shape == [tag for tag, _ in check(harmless.html).elements]
        assert unseen(hostile.text) == []


@pytest.mark.parametrize("url", HOSTILE_URLS)
@pytest.mark.parametrize("state", State)
def test_a_url_that_is_not_of_the_web_is_none(state: State, url: str) -> None:
    fields = ("source_video_url", "result_video_url", "result_image_url")
    shown = Card(
        record(state, **dict.fromkeys(fields, url)), now=NOW, media=lambda _: "data:video/mp4;base64,AA"
    )
    nothing = Card(record(state, **dict.fromkeys(fields)), now=NOW)
    assert check(shown.html) is not None
    assert shown.html == nothing.html
    assert shown.text == nothing.text


def test_a_quote_in_a_url_stays_in_its_attribute() -> None:
    url = f"""{HOST}/a"onerror="alert(1)'&amp;<b>.mp4"""
    read = check(Card(record(result_video_url=url), now=NOW).html)
    assert read.values("src", "video")[1] == url
    assert read.values("href") == [url]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), min_size=1, max_size=60), st.sampled_from(State))
def test_any_text_at_all_is_inert(text: str, state: State) -> None:
    shown = hostile_card(state, text, task_id=f"x{text}")
    check(shown.html)
    assert unseen(shown.text) == []
    shown.html.encode()
    shown.text.encode()


def test_what_is_endless_is_cut() -> None:
    endless = "word " * 50_000
    shown = [Card(record(state, prompt=endless, error_message=endless), now=NOW) for state in State]
    assert max(len(one.html) for one in shown) < 12_000
    assert max(len(one.text) for one in shown) < 1_500
