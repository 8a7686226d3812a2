"""Values from outside: strict JSON, texts, numbers, times, URLs, and a text in all its spellings."""

import html
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb.values import (
    any_spelling,
    as_integer,
    as_text,
    as_time,
    as_url,
    fold,
    is_loopback,
    load_json,
    map_texts,
    unescaped,
)

QUICK = settings(deadline=None, max_examples=150)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "NaN",
        '{"a": NaN}',
        "[Infinity]",
        "[-Infinity]",
        "{'a': 1}",
        '{"a": 1,}',
        "01",
        b"\xff\xfe\xfa",
    ],
)
def test_what_is_not_strict_json_is_none(text: str | bytes) -> None:
    assert load_json(text) is None


def test_json_is_read_from_bytes_with_or_without_a_byte_order_mark() -> None:
    told = {"prompt": "café ☔"}
    plain = json.dumps(told, ensure_ascii=False)
    assert load_json(plain.encode()) == told
    assert load_json(plain.encode("utf-8-sig")) == told
    assert load_json(plain.encode("utf-16")) == told


def test_numbers_too_long_to_hold_stay_texts() -> None:
    told = load_json('{"a": ' + "9" * 30 + ', "b": ' + "9" * 5000 + ', "c": 1e999, "d": 1.5}')
    assert told == {"a": int("9" * 30), "b": "9" * 5000, "c": "1e999", "d": 1.5}


def test_half_a_surrogate_pair_is_replaced_in_values_and_keys() -> None:
    told = load_json('{"a\\ud83d": "b\\ude00", "whole": "\\ud83d\\ude00"}')
    assert told == {"a\ufffd": "b\ufffd", "whole": "😀"}
    json.dumps(told, ensure_ascii=False).encode()


def test_nesting_of_any_depth_is_survived() -> None:
    assert load_json("[" * 100_000 + "]" * 100_000) is None
    kept = load_json("[" * 99 + "7" + "]" * 99)
    assert repr(kept) == "[" * 99 + "7" + "]" * 99
    assert "(nested too deeply)" in repr(load_json("[" * 150 + "]" * 150))


def test_every_text_is_changed_keys_included() -> None:
    assert load_json('{"a": ["b", 1, {"c": "d"}]}', str.upper) == {"A": ["B", 1, {"C": "D"}]}
    tree = {"a": ("b",), "c": None}
    assert map_texts(tree, str.upper) == {"A": ("b",), "C": None}


# ── Texts ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", None),
        (" \n\t", None),
        ("\x00\x07", None),
        (None, None),
        (5, None),
        (True, None),
        (["a"], None),
        ("  a b ", "a b"),
        ("a\x00b\x1b[31mc\x7f\x85d", "ab[31mcd"),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("a\ud800b", "a\ufffdb"),
        ("雨 ☔ é", "雨 ☔ é"),
    ],
)
def test_a_text_is_cleaned(value: Any, text: str | None) -> None:
    assert as_text(value) == text


@QUICK
@given(st.text(st.characters()))
def test_a_cleaned_text_stays_as_it_is(value: str) -> None:
    text = as_text(value)
    assert as_text(text) == text
    assert text is None or (text and text.encode().decode() == text)


@pytest.mark.parametrize("name", ["task_id", "taskId", "Task ID", "TASK-ID", " task id "])
def test_a_folded_name_is_without_case_and_punctuation(name: str) -> None:
    assert fold(name) == "taskid"


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0, 0),
        (-1, -1),
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
        (2**63, None),
        (-(2**63) - 1, None),
        (10**30, None),
        ("1", 1),
        (" 42 ", 42),
        ("-7", -7),
        ("9" * 30, None),
        ("9" * 5000, None),
        ("", None),
        ("1.5", None),
        ("0x10", None),
        ("1_000", None),
        ("\u0661", None),
        ("one", None),
        (3.0, 3),
        (3.5, None),
        (1e300, None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        (False, None),
        (None, None),
        ([1], None),
        ({}, None),
    ],
)
def test_an_integer_has_64_bits_or_is_missing(value: Any, number: int | None) -> None:
    found = as_integer(value)
    assert found == number
    assert found is None or type(found) is int


# ── Times ────────────────────────────────────────────────────────────────────────────────────────

PAGE = datetime(2023, 8, 15, 14, 30, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "time"),
    [
        ("2023-08-15T14:30:45Z", PAGE),
        ("2023-08-15T14:30:45+00:00", PAGE),
        ("2023-08-15T16:30:45+02:00", PAGE),
        ("2023-08-15 14:30:45", PAGE),
        (" 2023-08-15T14:30:45 ", PAGE),
        ("2023-08-15T14:30:45.678Z", PAGE.replace(microsecond=678_000)),
        (1692109845000, PAGE),
        (1692109845678, PAGE.replace(microsecond=678_000)),
        (1692109845000.0, PAGE),
        (1692109845000.7, PAGE),
        ("1692109845000", PAGE),
        ("2020-01-01T00:00:00Z", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2019-12-31T23:59:59Z", None),
        ("2100-12-31T23:59:59Z", datetime(2100, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2101-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        (0, None),
        (-1, None),
        (1692109845, None),  # seconds, so 1970
        (10**30, None),
        ("9" * 5000, None),
        (float("nan"), None),
        (float("inf"), None),
        ("", None),
        ("soon", None),
        ("2023-13-45", None),
        (True, None),
        (None, None),
        ([PAGE], None),
    ],
)
def test_a_time_is_in_utc_between_2020_and_2100_or_missing(value: Any, time: datetime | None) -> None:
    found = as_time(value)
    assert found == time
    assert found is None or found.tzinfo is UTC


@QUICK
@given(
    st.datetimes(datetime(2020, 1, 2), datetime(2100, 12, 30)),  # noqa: DTZ001, hypothesis wants them naive
    st.integers(-14 * 60, 14 * 60),
)
def test_iso_times_and_epoch_milliseconds_say_the_same(moment: datetime, minutes: int) -> None:
    there = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    milliseconds = (there - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    elsewhere = there.astimezone(timezone(timedelta(minutes=minutes)))
    assert as_time(milliseconds) == as_time(elsewhere.isoformat()) == as_time(str(milliseconds)) == there


# ── URLs ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url",
    ["https://file.com/k/x.mp4", "http://127.0.0.1:8000/a", "HTTPS://file.com", "https://[::1]/a?b=c#d"],
)
def test_a_web_url_is_kept(url: str) -> None:
    assert as_url(url) == url
    assert as_url(f" {url}\n") == url


@pytest.mark.parametrize(
    "value",
    [
        "",
        "file.com/x.mp4",
        "//file.com/x.mp4",
        "javascript:alert(1)",
        "data:video/mp4;base64,AA",
        "file:///etc/passwd",
        "ftp://file.com/x",
        "https://",
        "https:///x",
        "http://[::1",
        "https://file.com/a b",
        "https://file.com/a\nb",
        "java\nscript:x",
        "https://file.com/\x00",
        None,
        5,
        ["https://file.com"],
    ],
)
def test_every_other_value_counts_as_no_url(value: Any) -> None:
    assert as_url(value) is None


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),  # noqa: S104, nothing is bound
        ("api.kie.ai", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
        (None, False),
    ],
)
def test_only_this_machine_is_loopback(host: str | None, here: bool) -> None:
    assert is_loopback(host) is here


@QUICK
@given(ANYTHING)
def test_nothing_from_outside_raises(value: Any) -> None:
    for read in (as_text, as_integer, as_time, as_url):
        read(value)
    if isinstance(value, str | bytes):
        load_json(value)


# ── A text in all its spellings ──────────────────────────────────────────────────────────────────


def _gson(text: str) -> str:
    escaped = json.dumps(text)[1:-1]
    for mark in "<>&='":
        escaped = escaped.replace(mark, f"\\u{ord(mark):04x}")
    return escaped


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "json": lambda text: json.dumps(text)[1:-1],
    "json in json": lambda text: json.dumps(json.dumps(text))[3:-3],
    "json with escaped slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "gson": _gson,
    "gson in json": lambda text: json.dumps(_gson(text))[1:-1],
    "html": html.escape,
    "html twice": lambda text: html.escape(html.escape(text)),
    "html in numbers": lambda text: "".join(m if m.isalnum() else f"&#{ord(m)};" for m in text),
    "percent": lambda text: quote(text, safe=""),
    "percent, a path": quote,
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent in small letters": lambda text: re.sub("%..", lambda m: m[0].lower(), quote(text, safe="")),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("text", ["https://x.example/cb?a=1&b='2'&c=<\"é\">", "a+b/c==", "😀 \\ %", "plain"])
def test_a_text_is_found_in_every_spelling(text: str, spelling: str) -> None:
    spelled = SPELLINGS[spelling](text)
    assert re.fullmatch(any_spelling(text), spelled), spelled


@QUICK
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1), st.sampled_from(sorted(SPELLINGS))
)
def test_any_text_is_found_in_every_spelling(text: str, spelling: str) -> None:
    assert re.search(any_spelling(text), SPELLINGS[spelling](text))


def test_another_text_is_not_found() -> None:
    pattern = any_spelling("https://x.example/cb?a=1")
    for other in ("https://x.example/cb?a=2", "https://y.example/cb?a=1", "https://x.example/cb%26a=1"):
        assert not re.search(pattern, other)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("text", ["https://x.example/cb?a=1&b='2'&c=<\"é\">", "a+b/c==", "😀 \\ %", "plain"])
def test_every_spelling_of_a_text_is_the_same_when_unescaped(text: str, spelling: str) -> None:
    assert unescaped(SPELLINGS[spelling](text))[0] == unescaped(text)[0]


@QUICK
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="&\\%;"), min_size=1),
    st.sampled_from(sorted(SPELLINGS)),
)
def test_any_text_is_the_same_when_unescaped(text: str, spelling: str) -> None:
    assert unescaped(SPELLINGS[spelling](text))[0] == text.replace("+", " ")


@QUICK
@given(st.text(st.characters()) | st.text("\\u00dD83f%25&#x;amp quest"))
def test_every_character_that_is_unescaped_has_its_place(text: str) -> None:
    plain, places = unescaped(text)
    assert len(places) == len(plain) + 1
    assert places == sorted(places)
    assert places[-1] == len(text)


def test_where_an_unescaped_character_stood() -> None:
    text = r"a\u003f%253Db&amp;#x27;c"
    plain, places = unescaped(text)
    assert plain == "a?=b'c"
    assert [text[place] for place in places[:-1]] == ["a", "\\", "%", "b", "&", "c"]


@pytest.mark.parametrize("text", ["\\", "%25", "&amp;", "&#0", "a", "+/=", "%c3"])
@pytest.mark.parametrize("sought", ["/ab+c", "a\\\\\\b", "\\\\", "?", "&&&x", "%%x"])
def test_no_text_takes_long_to_be_searched_or_unescaped(sought: str, text: str) -> None:
    long, started = text * 200_000, time.process_time()
    re.search(any_spelling(sought + "\N{SNOWMAN}"), long)
    unescaped(long)
    assert time.process_time() - started < 3


@pytest.mark.parametrize("text", [r"a\\?b", r"\\a", r"a\/?/b", r"\?x", r"a\\\&b"])
def test_backslashes_of_a_text_are_found_in_every_spelling(text: str) -> None:
    for spelling, spell in SPELLINGS.items():
        if spelling != "html in numbers":  # which no one writes backslashes in
            assert re.search(any_spelling(text), f"x{spell(text)}x"), spelling
