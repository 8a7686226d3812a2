"""What a person gives → task ids, and their own labels for them.

Words, a pasted column, a CSV, JSON, a Series, a DataFrame: whatever it is, each id comes out once,
in the order given, and what looks odd is told in a line.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from aleph_nb.asked import Asked
from aleph_nb.errors import ConfigurationError
from aleph_nb.record import Record
from aleph_nb.tables import (
    as_cell,
    is_plain_id,
    read_csv,
    read_frame,
    read_json,
    read_structured,
    strip_id,
    without_blank_lines,
)

__all__ = ["read_file", "read_ids", "read_text", "read_words"]

_LINE_END = re.compile(r"\r\n?")
_SEPARATORS = re.compile(r"[\s,;]+")
_COMMENT = re.compile(r"(?:(?<=^)|(?<=[\s,;]))#.*", re.MULTILINE)
_SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")
_SPREADSHEET_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_ids(*values: Any, asked: Asked | None = None) -> Asked:
    """Read the ids out of values of a notebook.

    Parameters
    ----------
    *values
        Each a text of one or many ids, a Record, a list or Series of those, a DataFrame with a
        `task_id` column, or JSON as Python holds it.
    asked : Asked, optional
        What the ids are added to.

    Raises
    ------
    ConfigurationError
        A value cannot hold ids.
    """
    asked = Asked() if asked is None else asked
    for value in values:
        _read(value, asked)
    return asked


def _read(value: Any, asked: Asked) -> None:
    match value:
        case str():
            read_text(value, asked)
        case Record():
            asked.add(value.task_id)
        case Mapping():
            if not read_json(value, asked):
                _refuse(value)
        case None | bool() | bytes() | bytearray():
            _refuse(value)
        case _ if hasattr(value, "columns") and hasattr(value, "itertuples"):
            read_frame(value, asked)
        case Iterable():
            for item in value.tolist() if hasattr(value, "tolist") else value:
                _read_item(item, asked)
        case _:
            asked.add(as_cell(value))


def _read_item(item: Any, asked: Asked) -> None:
    if isinstance(item, str | Record | Mapping | list | tuple | bytes | bool):
        _read(item, asked)
    else:
        asked.add(as_cell(item))


def _refuse(value: Any) -> NoReturn:
    raise ConfigurationError(
        f"No task ids can be read from a value of the type {type(value).__name__}. "
        "Give a text, a list, a Series, or a DataFrame with a task_id column."
    )


def read_text(text: str, asked: Asked) -> None:
    """Read ids out of a table with a header, JSON, or words."""
    if is_plain_id(text):
        asked.add(text)  # a list of ids is mostly that, and may be long
    elif not text.strip():
        asked.add(None)
    elif not read_structured(text, asked):
        read_words(text, asked)


def read_words(text: str, asked: Asked) -> None:
    """Read ids that white space, commas, semicolons or lines separate; a `#` begins a comment."""
    for token in _SEPARATORS.split(_COMMENT.sub("", _LINE_END.sub("\n", text))):
        task_id = strip_id(token)
        if any(mark.isalnum() for mark in task_id):
            asked.add(task_id)


def read_file(path: str | Path, asked: Asked | None = None) -> Asked:
    """Read the ids of a file: text, CSV or JSON.

    Parameters
    ----------
    path : str or Path
        The file. Its text is UTF-8, with or without BOM, or UTF-16 with one.
    asked : Asked, optional
        What the ids are added to.

    Raises
    ------
    ConfigurationError
        It cannot be read, is a spreadsheet, or holds no table, JSON or text with ids.
    """
    file, content, why = Path(path), b"", ""
    try:
        file = file.expanduser()
        content = file.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:  # of ~nobody, and of a zero byte in its name
        why = (getattr(error, "strerror", None) or str(error) or "it cannot be read").lower()
    if why:
        raise ConfigurationError(
            f"The file {path} cannot be read: {why}. The working folder is {Path.cwd()}."
        )
    suffix = file.suffix.lower()
    if suffix in _SPREADSHEETS or content.startswith(_SPREADSHEET_STARTS):
        raise ConfigurationError(
            f"The file {path} is a spreadsheet. Save it as CSV (UTF-8) and name that file."
        )
    asked = Asked() if asked is None else asked
    text = without_blank_lines(_decoded(content, path, asked))
    if read_structured(text, asked, path):
        return asked
    if suffix in (".json", ".jsonl"):
        raise ConfigurationError(f"The file {path} holds no JSON with a taskId in it.")
    if suffix in (".csv", ".tsv") and any(mark in text.partition("\n")[0] for mark in ",;\t|"):
        read_csv(text, asked)  # which tells that no column is task_id
    else:
        read_words(text, asked)
    return asked


def _decoded(content: bytes, path: str | Path, asked: Asked) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
        asked.tell(f"The file {path} is not UTF-8; it was read as Windows-1252, so check accented letters.")
    if "\0" in text:
        raise ConfigurationError(f"The file {path} is not a text file. Give text, CSV or JSON.")
    return text
