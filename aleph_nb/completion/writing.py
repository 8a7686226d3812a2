"""File names, and values written such that a magic's line reads them back."""

import os
from collections.abc import Iterator
from pathlib import Path

from aleph_nb.line import split

__all__ = ["find_files", "write"]

_MOST_FILES = 200


def find_files(typed: str) -> list[str]:
    """Find the files and folders that begin with what is typed, `~` included; a folder ends with `/`.

    Hidden ones are found once their dot is typed.
    """
    folder, slash, start = typed.rpartition("/")
    return [f"{folder}{slash}{name}" for name in _names(Path(folder + slash).expanduser(), start)]


def _names(folder: Path, start: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        found = [entry for entry in entries if entry.name.startswith(start)]
    if not start.startswith("."):
        found = [entry for entry in found if not entry.name.startswith(".")]
    for entry in sorted(found, key=lambda entry: entry.name)[:_MOST_FILES]:
        yield f"{entry.name}/" if entry.is_dir() else entry.name


def write(text: str, quote: str, *, closed: bool) -> str | None:
    """Write a value for a magic's line: in the quote that is open, or in quotes where it needs them.

    Parameters
    ----------
    text : str
        The value.
    quote : str
        The quote that is open; "" if none is.
    closed : bool
        End with the quote.

    Returns
    -------
    str or None
        None where the line has no way to write it: with both quotes in it, or as an option looks.
    """
    if text.startswith("-") or "\n" in text:
        return None
    if not quote:
        if _is_plain(text):
            return text
        quote = "'" if '"' in text else '"'
    return None if quote in text else f"{quote}{text}{quote if closed else ''}"


def _is_plain(text: str) -> bool:
    return "{" not in text and text[:1] not in ("$", '"', "'") and split(text) == ([text], False)
