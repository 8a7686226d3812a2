"""Values from outside, read with care: strict JSON, texts, numbers, times and URLs.

Nothing here raises on any input; what cannot be read is None.
"""

import ipaddress
import json
import math
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

__all__ = [
    "any_spelling",
    "as_integer",
    "as_text",
    "as_time",
    "as_url",
    "fold",
    "is_loopback",
    "load_json",
    "map_texts",
    "unescaped",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)  # before the service existed
_LATEST = datetime(2101, 1, 1, tzinfo=UTC)
_INT64 = 2**63
_INTEGER = re.compile(r"[+-]?[0-9]+")
_MOST_DIGITS = 400  # int() of more is slow, and from 4,300 on an error
_DEEPEST = 100  # levels of nesting that are kept; deeper ones cannot be printed or pickled
_SURROGATES = re.compile("[\ud800-\udfff]")
# C0 but for tab and newline, DEL, C1, and what turns or isolates the direction of the text behind it.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_NAMED = {"<": "lt", ">": "gt", '"': "quot", "'": "apos", "?": "quest", "=": "equals"}  # in HTML
_MARKS = {name: mark for mark, name in _NAMED.items()}
# In `(…)++` the inner group is atomic, `(?>…)`: before 3.11.5 Python matches it wrongly where it can go back.
_SLASHES = r"(?>\\|%(?:25)*5c|&(?:amp;)*\#(?:0*92|x0*5c);)++"  # however often they are escaped
_ESCAPED = re.compile(
    rf"""
    {_SLASHES} (?: u (?P<high>d[89ab][0-9a-f]{{2}}) {_SLASHES} u (?P<low>d[c-f][0-9a-f]{{2}})
                 | u (?P<unit>[0-9a-f]{{4}}) )?
    | (?P<bytes> (?> % (?:25)* [89a-f][0-9a-f] )++ )
    | % (?:25)* (?P<byte>[0-7][0-9a-f])
    | (?P<and> & (?:amp;)* ) (?: \#0*(?P<number>[0-9]{{1,7}}); | \#x0*(?P<hex>[0-9a-f]{{1,6}});
                    | (?P<name>{"|".join(_MARKS)}); )?
    """,
    re.IGNORECASE | re.VERBOSE,
)


def load_json(text: str | bytes, change: Callable[[str], str] = str, deepest: int = _DEEPEST) -> Any:
    """Read strict JSON.

    Parameters
    ----------
    text : str or bytes
        What may be JSON. NaN and Infinity are not.
    change : callable
        Applied to every text in it, keys included.
    deepest : int
        Levels of nesting that are kept.

    Returns
    -------
    object
        The value, without half surrogate pairs and cut at its deepest level; a number too long to
        hold stays a text. None where it is not JSON.
    """
    try:
        if not isinstance(text, str):
            text = text.decode(json.detect_encoding(text), "surrogatepass")
        tree = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    if _may_hold_surrogates(text):
        return map_texts(tree, lambda found: change(_SURROGATES.sub("\ufffd", found)), deepest)
    return map_texts(tree, change, deepest)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MOST_DIGITS else digits


def _real(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_int=_integer, parse_float=_real)


def _may_hold_surrogates(text: str) -> bool:
    """Whether a JSON text holds half of a pair, as it is or escaped; to encode it is the quickest look."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return "\\ud" in text or "\\uD" in text


def map_texts(tree: Any, change: Callable[[str], str], deepest: int = _DEEPEST) -> Any:
    """Return a JSON value with every text in it changed, keys included, in the order they stand in."""
    if isinstance(tree, str):
        return change(tree)
    if not isinstance(tree, dict | list):
        return tree
    if deepest <= 0:
        return "(nested too deeply)"
    if isinstance(tree, dict):
        return {change(key): map_texts(value, change, deepest - 1) for key, value in tree.items()}
    return [map_texts(value, change, deepest - 1) for value in tree]


def fold(name: str) -> str:
    """Return a name without its case, spaces and punctuation, for comparing."""
    return re.sub(r"[\W_]", "", name).casefold()


def any_spelling(text: str) -> str:
    """Return a pattern that finds a text also where it is escaped for JSON, HTML or a URL, once or twice.

    Letters and digits are escaped by none of them. Searching takes time in proportion to what is
    searched, whatever that is: a run of backslashes is entered at its beginning only, and never left
    to be tried again.
    """
    marks = re.findall(r"\\+|[^\\]", text, re.DOTALL)
    spellings = [
        mark if mark.isascii() and mark.isalnum() else _spellings(mark, before)
        for before, mark in zip(["", *marks], marks, strict=False)
    ]
    return ("" if not marks or marks[0].isalnum() else r"(?<!\\)") + "".join(spellings)


def _spellings(mark: str, before: str) -> str:
    if mark.startswith("\\"):  # any number of them, for escaping doubles it
        return r"(?i:(?>\\++(?:u005c)?+|%(?:25)*5c|&(?:amp;)*#(?:0*92|x0*5c);)++)"
    entity = "&(?:amp;)*"
    units = mark.encode("utf-16-be", "surrogatepass").hex()
    spellings = [
        entity if mark == "&" else re.escape(mark),
        "".join(f"%(?:25)*{byte:02x}" for byte in mark.encode("utf-8", "surrogatepass")),
        f"{entity}#(?:0*{ord(mark)}|x0*{ord(mark):x});",
    ]
    if mark in _NAMED:
        spellings.append(f"{entity}{_NAMED[mark]};")
    if mark == " ":
        spellings.append(r"\+")
    escaped = r"\\++".join(["", *(f"u{units[at : at + 4]}" for at in range(0, len(units), 4))])
    if before.startswith("\\"):  # and took the backslashes of this one with it
        escaped = escaped.replace("++", "*+", 1)
    return rf"(?i:\\*+(?:{'|'.join(spellings)})|{escaped})"


def unescaped(text: str) -> tuple[str, list[int]]:
    """Undo what escapes a text for JSON, HTML or a URL, once or twice.

    Two spellings of a text come out the same: without backslashes, and with spaces for plus signs.

    Returns
    -------
    tuple of str and list of int
        The plain text, and where each character of it, and the end, stands in what was given.
    """
    pieces: list[str] = []
    places: list[int] = []
    end = 0
    for match in _ESCAPED.finditer(text):
        plain = _plain(match)
        pieces += (text[end : match.start()], plain)
        places += range(end, match.start())
        places += [match.start()] * len(plain)
        end = match.end()
    pieces.append(text[end:])
    places += range(end, len(text) + 1)
    return "".join(pieces).replace("+", " "), places


def _plain(match: re.Match[str]) -> str:
    """Return what an escape stands for."""
    kind, found = match.lastgroup, match[match.lastgroup or 0]
    match kind:
        case None:
            return ""
        case "and":
            return "&"
        case "low":
            return bytes.fromhex(match["high"] + found).decode("utf-16-be")
        case "bytes":
            return bytes.fromhex(re.sub("%(?:25)*", "", found)).decode("utf-8", "replace")
        case "name":
            return _MARKS[found.lower()]
        case _:
            number = int(found, 10 if kind == "number" else 16)
            return chr(number) if number <= sys.maxunicode else "\ufffd"


def as_text(value: Any) -> str | None:
    """Return a text without control characters but line breaks and tabs; None for "" and no text."""
    if not isinstance(value, str):
        return None
    text = _SURROGATES.sub("\ufffd", value).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text).strip() or None


def as_integer(value: Any) -> int | None:
    """Return a 64-bit integer, also out of digits in a text."""
    if isinstance(value, str):
        value = value.strip()
        value = int(value) if len(value) <= _MOST_DIGITS and _INTEGER.fullmatch(value) else None
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -_INT64 <= value < _INT64 else None


def as_time(value: Any) -> datetime | None:
    """Return an aware time in UTC between 2020 and 2100.

    Read are ISO 8601, epoch milliseconds, and a time without a zone, which is UTC.
    """
    if isinstance(value, float) and math.isfinite(value):
        value = math.floor(value)
    milliseconds = as_integer(value)
    try:
        if milliseconds is not None:
            when = _EPOCH + timedelta(milliseconds=milliseconds)
        elif isinstance(value, str):
            when = datetime.fromisoformat(value.strip())
            when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return when if _EARLIEST <= when < _LATEST else None


def as_url(value: Any) -> str | None:
    """Return an http(s) URL with a host."""
    if not isinstance(value, str) or _BLANKS.search(value := value.strip()):
        return None
    try:
        parts = urlsplit(value)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return value if is_web else None


def is_loopback(host: str | None) -> bool:
    """Whether a host, as it is written, is this machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
