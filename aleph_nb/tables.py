"""Tables and JSON with task ids in them: CSV, a DataFrame, the API's own answers.

Every reader takes the `Asked` that it adds to. The columns beside the ids are the reviewer's labels.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aleph_nb.asked import Asked, listed
from aleph_nb.errors import ConfigurationError
from aleph_nb.values import as_text, fold, load_json

__all__ = [
    "as_cell",
    "is_plain_id",
    "read_csv",
    "read_frame",
    "read_json",
    "read_structured",
    "strip_id",
    "without_blank_lines",
]

_COLUMN = "taskid"  # `task_id`, `taskId`, `Task ID`: case, space, `_` and `-` aside
_DELIMITERS = ",;\t|"
_QUOTES = (  # what ids are pasted with: quotes of every kind, and marks of no width
    "\"'`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u200b\u200c\u200d\u2060\ufeff"
)
_ID = re.compile(r"(?=.*[0-9])[0-9A-Fa-f-]{16,}")  # as the service makes them
_BLANK_LINES = re.compile(r"[\s\ufeff]*[\r\n\ufeff]")
_PREAMBLE = re.compile(r"(?:[ \t]*(?:#[^\n]*|\"?sep=.\"?[ \t]*)?\n)+")  # comments, and what Excel writes


def is_plain_id(text: str) -> bool:
    """Whether a text is one id as the service makes them, and nothing else."""
    return _ID.fullmatch(text) is not None


def strip_id(text: str) -> str:
    """Return an id without the quotes and brackets around it, and without control characters."""
    bare, before = as_text(text) or "", ""
    while bare != before:
        before = bare
        bare = bare.strip().strip(_QUOTES).lstrip("[(")
        for opening, closing in ("[]", "()"):
            if bare.endswith(closing) and bare.count(opening) < bare.count(closing):
                bare = bare[:-1]
    return bare


def as_cell(value: Any) -> str | None:
    """Return a cell's value as text; None where it is missing (None, NaN, NA, NaT)."""
    try:
        is_missing = value is None or bool(value != value)  # noqa: PLR0124, NaN alone is not itself
    except (TypeError, ValueError):
        is_missing = True  # pandas' NA has no truth
    if is_missing:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)  # a column of whole numbers with a gap in it
    return as_text(str(value))


def read_frame(frame: Any, asked: Asked) -> None:
    """Read a DataFrame with a column of ids, or with the ids as its index.

    Raises
    ------
    ConfigurationError
        It has no column called task_id.
    """
    if fold(str(frame.index.name)) == _COLUMN:
        frame = frame.reset_index()
    names = [as_text(str(name)) or "" for name in frame.columns]
    place = _id_column(names)
    if place is None:
        raise ConfigurationError(
            f"The DataFrame has no task_id column. Its columns are: {listed(names)}. "
            "Rename the one that holds the ids to task_id."
        )
    for row in frame.itertuples(index=False, name=None):
        _add_row(names, place, [as_cell(value) for value in row], asked)


def read_csv(text: str, asked: Asked) -> None:
    """Read a table with a header.

    Raises
    ------
    ConfigurationError
        It has no column called task_id, or is no CSV.
    """
    import csv  # noqa: PLC0415, %load_ext stays cheap
    import io  # noqa: PLC0415, likewise

    text, why = without_blank_lines(text), ""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        why = str(error)
    if why:
        raise ConfigurationError(f"The table of ids cannot be read: {why}. Save it as CSV (UTF-8) once more.")
    names, *body = [row for row in rows if row]
    header = [as_text(name) or "" for name in names]
    place = _id_column(header)
    if place is None:
        if any(is_plain_id(cell.strip()) for cell in header):
            raise ConfigurationError("The table has no header. Set one above it, with task_id over the ids.")
        raise ConfigurationError(
            f"No column of the table is called task_id. Its columns are: {listed(header)}. "
            "Rename the one that holds the ids to task_id."
        )
    for row in body:
        _add_row(header, place, [as_text(cell) for cell in row], asked)


def _delimiter(text: str) -> str:
    """Return the delimiter that makes the first line a header with ids, else the most frequent one."""
    header = text.partition("\n")[0]
    fitting = (
        d for d in _DELIMITERS if _id_column([name.strip('" \r') for name in header.split(d)]) is not None
    )
    return next(fitting, max(_DELIMITERS, key=header.count))


def _id_column(names: list[str]) -> int | None:
    return next((place for place, name in enumerate(names) if fold(name) == _COLUMN), None)


def _add_row(names: list[str], place: int, cells: list[str | None], asked: Asked) -> None:
    cells += [None] * (len(names) - len(cells))
    task_id = cells[place] or ""
    if task_id.startswith("#") or (not task_id and (cells[0] or "").startswith("#")):
        return  # a comment
    labels = {
        name.strip(): value
        for at, (name, value) in enumerate(zip(names, cells, strict=False))
        if at != place and name.strip() and value
    }
    asked.add(strip_id(task_id), labels)


def without_blank_lines(text: str) -> str:
    """Return a text without what is blank around it; a tab before a header's first name stays."""
    return text[match.end() if (match := _BLANK_LINES.match(text)) else 0 :].lstrip(" ").rstrip()


def read_structured(text: str, asked: Asked, file: str | Path = "") -> bool:
    """Read a CSV with a column of ids, JSON, or a JSON value a line.

    Parameters
    ----------
    text : str
        Any text.
    asked : Asked
        What the ids are added to.
    file : str or Path
        The file that the text is from, if it is.

    Returns
    -------
    bool
        Whether the text was one of these.

    Raises
    ------
    ConfigurationError
        It looks like JSON and holds no id, or is a table that cannot be read.
    """
    text = without_blank_lines(text.replace("\r\n", "\n").replace("\r", "\n"))
    if text.lstrip().startswith(("{", "[")):
        found = read_json(_literal(text.lstrip()), asked)
        if not found and "{" in text:
            where = f" in the file {file}" if file else ""
            raise ConfigurationError(
                f"What looks like JSON{where} holds no taskId that can be read. Check it."
            )
        return found
    if preamble := _PREAMBLE.match(text):
        text = text[preamble.end() :]
    header = text.partition("\n")[0]
    if _id_column([name.strip('" \r') for name in header.split(_delimiter(text))]) is None:
        return False
    read_csv(text, asked)
    return True


def _literal(text: str) -> Any:
    """Return what JSON, a JSON value a line, or a value printed by Python says; None if it is neither."""
    tree = load_json(text)
    if tree is None:
        lines = [load_json(line) for line in text.split("\n") if line.strip()]
        tree = None if any(line is None for line in lines) else lines
    if tree is None:
        try:
            tree = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return None
    return list(tree) if isinstance(tree, set | tuple) else tree


def read_json(tree: Any, asked: Asked) -> bool:
    """Read every `taskId` of a JSON value; where it is a list, its texts as well.

    Returns
    -------
    bool
        Whether there was any.
    """
    values = tree if isinstance(tree, list) else [tree]
    found = [
        task_id for value in values for task_id in ([value] if isinstance(value, str) else _task_ids(value))
    ]
    for value in found:
        asked.add(strip_id(value))
    return bool(found)


def _is_id(name: Any, value: Any) -> bool:
    return fold(str(name)) == _COLUMN and isinstance(value, str | int | float)


def _task_ids(tree: Any) -> Iterator[str]:
    if isinstance(tree, Mapping):
        own = (as_cell(value) or "" for name, value in tree.items() if _is_id(name, value))
        if (task_id := next(own, None)) is not None:
            yield task_id  # what lies deeper in a record is the same task
        else:
            for value in tree.values():
                yield from _task_ids(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _task_ids(value)
