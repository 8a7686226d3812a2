"""Where the cursor stands: on which magic's line, behind which tokens, in which unfinished one."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aleph_nb.errors import ConfigurationError
from aleph_nb.line import split

__all__ = ["Place", "Unfinished", "find_place", "read_unfinished"]

_MAGIC = re.compile(
    r"\s*(?:(?P<target>[^=#]*[^=#!<>+\-*/%&|^@:\s])\s*=\s*)?"  # an assignment, and neither == nor +=
    r"%(?P<name>\w+)(?=\s)"
)
_AUTOMAGIC = re.compile(r"\s*(?P<name>\w+)(?=\s)(?!\s*=)")
_CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w+)")
_STRING_OR_COMMENT = re.compile(
    r"#[^\n]*"
    r"|(?P<triple>\"\"\"|''')(?:\\[\s\S]|(?!(?P=triple))[^\\])*(?:(?P=triple)|\Z)"
    r"|(?P<mark>[\"'])(?:\\.|(?!(?P=mark))[^\\\n])*(?P=mark)?"
)
_CURSOR = "\0"  # is no separator, no quote, and not typed by anybody


@dataclass(frozen=True, slots=True)
class Place:
    """The cursor on a magic's line, or in the body of its cell.

    Attributes
    ----------
    magic : object
        The magic, with its `parser`.
    before, after : str
        The line on both sides of the cursor, without the magic's name.
    elsewhere : str
        The other lines that the same magic reads.
    in_body : bool
        It is the body of a cell magic, which has ids and no options.
    """

    magic: Any
    before: str
    after: str
    elsewhere: str = ""
    in_body: bool = False


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The token that the cursor ends, "" behind a separator.

    Attributes
    ----------
    tokens : list of str
        Those before it.
    option : str
        The `--option` of `--option=value`; "" elsewhere.
    quote : str
        The quote that it opens.
    text : str
        What is typed so far, without option and quote.
    """

    tokens: list[str]
    option: str
    quote: str
    text: str


def find_place(
    text: str, row: int, column: int, magics: Mapping[str, Mapping[str, Any]], automagic: frozenset[str]
) -> Place | None:
    """Find the magic that the cursor is behind; None elsewhere, in a string and in a comment too.

    Parameters
    ----------
    text : str
        The cell.
    row, column : int
        The cursor's, from 0.
    magics : mapping
        "line" and "cell" magics by their names.
    automagic : frozenset of str
        The names of those that do without the `%`.
    """
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    cell = _CELL_MAGIC.match(lines[first])
    if cell and cell["name"] in magics["cell"] and row >= first:
        magic, others = magics["cell"][cell["name"]], "\n".join([*lines[first:row], *lines[row + 1 :]])
        before, after = lines[row][:column], lines[row][column:]
        if row > first:
            return Place(magic, before, after, others, in_body=True)
        before = before[cell.end() :]
        return Place(magic, before, after, others) if before[:1].isspace() else None
    return _find_on_line(lines, row, column, magics["line"], automagic)


def _find_on_line(
    lines: list[str], row: int, column: int, magics: Mapping[str, Any], automagic: frozenset[str]
) -> Place | None:
    start = row
    while start > 0 and lines[start - 1].endswith("\\"):
        start -= 1
    head = "".join(f"{line[:-1]} " for line in lines[start:row]) + lines[row][:column]
    found = _MAGIC.match(head)
    if found is None and len("\n".join(lines).strip().split("\n")) == 1:  # IPython's rule for automagic
        found = _AUTOMAGIC.match(head)
        found = found if found and found["name"] in automagic else None
    if found is None or found["name"] not in magics:
        return None
    target = found.groupdict().get("target") or ""
    above = "\n".join([*lines[:start], ""])
    if any(target.count(a) != target.count(b) for a, b in ("()", "[]", "{}")):
        return None
    if _in_string_or_comment(above + head, len(above) + found.start("name")):
        return None
    return Place(magics[found["name"]], head[found.end() :], lines[row][column:])


def _in_string_or_comment(text: str, place: int) -> bool:
    for found in _STRING_OR_COMMENT.finditer(text):
        if found.start() >= place:
            return False
        if found.end() > place:
            return True
    return False


def read_unfinished(before: str) -> Unfinished | None:
    """Read a line up to the cursor; None in a comment or an expression, and where a quote was just closed."""
    for quote in ('"', "'", ""):  # would this one close the last token?
        tokens: list[str] = []
        if quote in before:
            with suppress(ConfigurationError):  # a bracket is open
                tokens, _ = split(before + _CURSOR + quote)
        if not tokens or not tokens[-1].endswith(_CURSOR + quote):
            continue
        typed = tokens.pop().removesuffix(_CURSOR + quote)
        option, equals, value = typed.partition("=")
        if not (equals and option.startswith("--")):
            option, value = "", typed
        if not value.startswith(quote) or ("{" in value and not quote):
            continue
        if before.removesuffix(typed)[-1:] in ("'", '"'):
            return None
        return Unfinished(tokens, option, quote, value.removeprefix(quote))
    return None
