"""Values from outside, read with care: strict JSON, texts, numbers, times and URLs.

Nothing here raises on any input; what cannot be read is None.
"""

import ipaddress
import json
import math
import re
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
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)  # before the service existed
_LATEST = datetime(2101, 1, 1, tzinfo=UTC)
_INT64 = 2**63
_INTEGER = re.compile(r"[+-]?[0-9]+")
_MOST_DIGITS = 400  # int() of more is slow, and from 4,300 on an error
_DEEPEST = 100  # levels of nesting that are kept; deeper ones cannot be printed or pickled
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_NAMED = {"<": "lt", ">": "gt", '"': "quot", "'": "apos", "?": "quest", "=": "equals"}  # in HTML


def load_json(text: str | bytes, change: Callable[[str], str] = str) -> Any:
    """Read strict JSON.

    Parameters
    ----------
    text : str or bytes
        What may be JSON. NaN and Infinity are not.
    change : callable
        Applied to every text in it, keys included.

    Returns
    -------
    object
        The value, without half surrogate pairs and cut at 100 levels of nesting; a number too
        long to hold stays a text. None where it is not JSON.
    """

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    def integer(digits: str) -> int | str:
        return int(digits) if len(digits) <= _MOST_DIGITS else digits

    def real(digits: str) -> float | str:
        number = float(digits)
        return number if math.isfinite(number) else digits

    try:
        tree = json.loads(text, parse_constant=refuse, parse_int=integer, parse_float=real)
    except (ValueError, RecursionError):
        return None
    return map_texts(tree, lambda found: change(_SURROGATES.sub("\ufffd", found)))


def map_texts(tree: Any, change: Callable[[str], str], depth: int = 0) -> Any:
    """Return a JSON value with every text in it changed, keys included."""
    if isinstance(tree, str):
        return change(tree)
    if not isinstance(tree, dict | list):
        return tree
    if depth >= _DEEPEST:
        return "(nested too deeply)"
    if isinstance(tree, dict):
        return {change(key): map_texts(value, change, depth + 1) for key, value in tree.items()}
    return [map_texts(value, change, depth + 1) for value in tree]


def fold(name: str) -> str:
    """Return a name without its case, spaces and punctuation, for comparing."""
    return re.sub(r"[\W_]", "", name).casefold()


def any_spelling(text: str) -> str:
    """Return a pattern that finds a text also where it is escaped for JSON, HTML or a URL, once or twice.

    Letters and digits are escaped by none of them.
    """
    return "".join(mark if mark.isascii() and mark.isalnum() else _spellings(mark) for mark in text)


def _spellings(mark: str) -> str:
    entity = "&(?:amp;)*"
    units = mark.encode("utf-16-be", "surrogatepass").hex()
    spellings = [
        entity if mark == "&" else rf"\\*{re.escape(mark)}",
        "".join(rf"\\+u{units[at : at + 4]}" for at in range(0, len(units), 4)),
        "".join(f"%(?:25)*{byte:02x}" for byte in mark.encode("utf-8", "surrogatepass")),
        f"{entity}#0*{ord(mark)};",
        f"{entity}#x0*{ord(mark):x};",
    ]
    if mark in _NAMED:
        spellings.append(f"{entity}{_NAMED[mark]};")
    if mark == " ":
        spellings.append(r"\+")
    return f"(?i:{'|'.join(spellings)})"


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
