"""What a person gives to be played → one side of the player."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from aleph_nb import words
from aleph_nb.cards.markup import clean, shorten
from aleph_nb.cards.telling import tell
from aleph_nb.dashboard.bringing import Bringer
from aleph_nb.errors import ConfigurationError
from aleph_nb.record import Record
from aleph_nb.values import as_url

__all__ = ["Given", "Side", "about", "is_task", "read_fps", "short_id", "side_of"]

Given = str | Path | bytes | bytearray | memoryview | Record
"""What a side is made of: a URL, a file, a clip's bytes, a task's id or its record."""

_FILES = {".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi"}
_LONGEST_ID = 16  # characters that stand in a line
_LONGEST_ABOUT = 300
_SIDES = 2
_MOST_FPS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of the player.

    Attributes
    ----------
    name : str
        "Source", "Result", or what tells a take from another.
    url : str or None
        Where its clip is; None where there is none.
    about : str
        What it is in a few words: a file's name, a task's prompt.
    gone : bool
        Whether the service has deleted it.
    why : str
        Why there is no clip; "" where there is one.
    link : str or None
        Where it can be opened by hand.
    fps : float or None
        Its frames a second, where they are known.
    record : Record or None
        The task that it is of.
    """

    name: str
    url: str | None
    about: str = ""
    gone: bool = False
    why: str = ""
    link: str | None = None
    fps: float | None = None
    record: Record | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as the browser is told of it."""
        return {name: getattr(self, name) for name in ("name", "url", "about", "fps", "gone", "why", "link")}


def side_of(given: Given, name: str, bringer: Bringer, *, of: str = "result") -> Side:
    """Make a side of what was given; a task's id has become its record by now.

    Parameters
    ----------
    given
        The clip.
    name : str
        What the side is called.
    bringer : Bringer
        Takes note of the clip, so that it can come through the kernel.
    of : str
        Which clip of a record: its "result" or its "source".

    Raises
    ------
    ConfigurationError
        It is no clip, or a file that is not there.
    """
    if isinstance(given, Record):
        return _of_record(given, name, bringer, of)
    if isinstance(given, bytes | bytearray | memoryview):
        content = bytes(given)
        return Side(name=name, url=bringer.hold(content), about=f"{words.size(len(content))} of memory")
    if isinstance(given, str) and (url := as_url(given)):
        bringer.know(url)
        return Side(name=name, url=url, about=_name_of(url), link=url)
    path = _file(given)
    if path is None:
        told = shorten(clean(str(given)), _LONGEST_ABOUT)
        raise ConfigurationError(f"There is no file {told} to play. It is a URL, a file or a task id.")
    return Side(name=name, url=bringer.hold(path), about=shorten(clean(path.name), _LONGEST_ABOUT))


def _file(given: str | Path) -> Path | None:
    try:
        path = Path(given).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # nobody's home, too long a name, a NUL
        return None


def is_task(given: object) -> bool:
    """Whether what was given is a task's id: a text that is no URL and no file."""
    if not isinstance(given, str) or as_url(given) or not given.strip():
        return False
    path = Path(given)
    looks_like_one = path.suffix.lower() in _FILES or "/" in given or "\\" in given
    try:
        return not looks_like_one and not path.expanduser().is_file()
    except (OSError, RuntimeError, ValueError):
        return not looks_like_one


def read_fps(fps: Any) -> tuple[float | None, float | None]:
    """Read frames a second: one number for both sides, or one for the source and one for the result.

    Raises
    ------
    ConfigurationError
        It is neither.
    """
    given = tuple(fps) if isinstance(fps, list | tuple) else (fps, fps)
    if len(given) == _SIDES and all(each is None or _is_rate(each) for each in given):
        source, result = (None if each is None else float(each) for each in given)
        return source, result
    raise ConfigurationError(
        f"fps = {fps!r} cannot be used: it is a number of frames a second, or one for the source and one "
        "for the result."
    )


def _is_rate(value: Any) -> bool:
    try:
        return not isinstance(value, bool | str) and math.isfinite(value) and 0 < value <= _MOST_FPS
    except (TypeError, ValueError, OverflowError):
        return False


def about(record: Record) -> str:
    """Say in a line what a task is: its prompt, else its id."""
    return shorten(clean(record.prompt) or clean(record.task_id), _LONGEST_ABOUT)


def short_id(task_id: str) -> str:
    """Return an id as it stands in a line."""
    told = clean(task_id)
    return told if len(told) <= _LONGEST_ID else f"{told[:8]}…{told[-4:]}"


def _of_record(record: Record, name: str, bringer: Bringer, of: str) -> Side:
    now = datetime.now(UTC)
    url = as_url(record.source_video_url if of == "source" else record.result_video_url)
    gone = of == "result" and record.has_expired(now)
    told: Mapping[str, Any] = {"name": name, "record": record, "about": about(record)}
    if url is None or gone:
        return Side(**told, url=None, gone=gone, why=_why(record, of, now), link=None if gone else url)
    return Side(**told, url=bringer.stand_in(url), link=url)


def _why(record: Record, of: str, now: datetime) -> str:
    if of == "source":
        return "No source is known."
    telling = tell(record, now)
    return telling.reason or (f"{telling.word}. {telling.advice}".strip() if telling.advice else telling.word)


def _name_of(url: str) -> str:
    parts = urlsplit(url)
    return shorten(clean(unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.netloc), _LONGEST_ABOUT)
