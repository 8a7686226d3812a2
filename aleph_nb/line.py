"""A magic's line → tokens for argparse, with the user's `$name` and `{expression}` in place."""

import re
from collections.abc import Mapping
from typing import Any

from aleph_nb.errors import ConfigurationError

__all__ = ["Value", "resolve", "split"]

_NAME = re.compile(r"\$([^\W\d]\w*(?:\.[^\W\d]\w*)*)")
_BEHIND = re.compile(r"(?:\.[^\W\d]\w*)*[\[(]")  # an index or a call, if need be of an attribute
_OPTION = re.compile(r"--[a-z-]+")
_SEPARATES = " \t\r\n\f\v\xa0,;"
_CLOSING = {"{": "}", "[": "]", "(": ")"}


class Value(str):
    """A token that stands for a value of the user's: argparse sees a text, `value` is what was meant."""

    __slots__ = ("value",)
    value: Any

    @classmethod
    def of(cls, value: Any) -> "Value":
        """Wrap a value; its text is what `str` makes of it."""
        token = cls(value if isinstance(value, str) else type(value).__name__ if _is_bulky(value) else value)
        token.value = value
        return token


def _is_bulky(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, bytes)


def split(text: str) -> tuple[list[str], bool]:
    """Split a line into tokens.

    Separators are white space, commas and semicolons; quotes and braces hold together what stands
    in them; a `#` at the start of a token begins a comment.

    Parameters
    ----------
    text : str
        The line as it was typed, or a cell's body.

    Returns
    -------
    tuple of list and bool
        The tokens, `{…}` and quotes as they stand; and whether a `;` ends the text.
    """
    tokens: list[str] = []
    place, last = 0, ""
    while place < len(text):
        mark = text[place]
        if mark in _SEPARATES:
            last = mark if mark in ",;" else last
            place += 1
        elif mark == "#":
            end = text.find("\n", place)
            place = len(text) if end < 0 else end
        else:
            end = _token_end(text, place)
            tokens.append(text[place:end])
            place, last = end, ""
    return tokens, last == ";"


def _token_end(text: str, place: int) -> int:
    start = place
    if text[place] in "\"'" and (end := text.find(text[place], place + 1)) > 0:
        return end + 1
    while place < len(text) and text[place] not in _SEPARATES:
        if text[place] == "{" or (text[start] == "$" and text[place] in "[("):
            place = _closing(text, place)
        elif text[place] in "\"'" and text[place - 1] == "=":  # --file="my shots.csv"
            place = max(place, text.find(text[place], place + 1))
        place += 1
    return place


def _closing(text: str, start: int) -> int:
    """Return where the bracket that opens at `start` is closed; quotes inside may hold brackets."""
    opened: list[str] = []
    place = start
    while place < len(text):
        mark = text[place]
        if mark in "\"'":
            place = _string_end(text, place)
        elif mark in _CLOSING:
            opened.append(_CLOSING[mark])
        elif opened and mark == opened[-1]:
            opened.pop()
            if not opened:
                return place
        place += 1
    raise ConfigurationError(f"The bracket in {text[start : start + 40]} is not closed.")


def _string_end(text: str, start: int) -> int:
    """Return where the string that begins at `start` ends; the end of the text if it does not."""
    mark, place = text[start], start + 1
    while place < len(text) and text[place] != mark:
        place += 2 if text[place] == "\\" else 1
    return place


def resolve(tokens: list[str], local: Mapping[str, Any], names: Mapping[str, Any]) -> list[str]:
    """Put the user's values in the place of `$name` and `{expression}`.

    Parameters
    ----------
    tokens : list of str
        From `split`.
    local, names : mapping
        The calling function's names, and the notebook's.

    Returns
    -------
    list of str
        Quotes are stripped; a token that is one expression as a whole is a `Value`.

    Raises
    ------
    ConfigurationError
        A name is not defined, or an expression fails.
    """
    return [_resolved(token, local, names) for token in tokens]


def _resolved(token: str, local: Mapping[str, Any], names: Mapping[str, Any]) -> str:
    if len(token) > 1 and token[0] in "\"'" and token[-1] == token[0]:
        return token[1:-1]
    option, equals, value = token.partition("=")
    if equals and _OPTION.fullmatch(option):
        return f"{option}={_resolved(value, local, names)}"
    if token.startswith("$") and token[1:2].isidentifier():
        match = _NAME.fullmatch(token)
        if match is None:
            raise ConfigurationError(
                f"{token} cannot be used: $ takes a name. Write {_braced(token)} instead."
            )
        return Value.of(_evaluated(match[1], token, local, names))
    if token.startswith("{") and _closing(token, 0) == len(token) - 1:
        return Value.of(_evaluated(token[1:-1], token, local, names))
    parts, place = [], 0
    while (start := token.find("{", place)) >= 0:
        end = _closing(token, start)
        parts += [token[place:start], str(_evaluated(token[start + 1 : end], token, local, names))]
        place = end + 1
    return "".join([*parts, token[place:]])


def _braced(token: str) -> str:
    """Write `$name`, and the indices and calls behind it, in braces: `$folder/a.csv` → `{folder}/a.csv`."""
    match = _NAME.match(token)
    end = match.end() if match else len(token)
    while behind := _BEHIND.match(token, end):
        end = _closing(token, behind.end() - 1) + 1
    return f"{{{token[1:end]}}}{token[end:]}"


def _evaluated(expression: str, token: str, local: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    why = ""
    try:
        return eval(expression.strip(), {**names, **local})  # noqa: S307, it is the user's own code
    except NameError as error:
        name = getattr(error, "name", None) or expression
        why = f"{name} is not defined. Run the cell that defines it, or write the ids themselves"
    except Exception as error:  # noqa: BLE001, whatever the user's expression raises is told
        why = f"{type(error).__name__}: {error}"
    raise ConfigurationError(f"{token} cannot be used: {why}.")
