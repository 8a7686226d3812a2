"""Where a ledger is: what a person says → a path, or memory."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from aleph_nb.errors import ConfigurationError

__all__ = ["Place", "find_place"]

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<rest>.*)", re.DOTALL)  # C:// is a drive
_SCHEMES = ("sqlite", "sqlite+pysqlite")
_MEMORY = ("", ":memory:")
_MODES = ("ro", "rw", "rwc", "memory")
_INSTEAD = "Set ledger to a path, or to off."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ledger is.

    Attributes
    ----------
    path : Path or None
        Its file, without symbolic links; None where it is kept in memory.
    may_write : bool
        Whether it was asked for with `mode=ro`.
    """

    path: Path | None = None
    may_write: bool = True

    def __str__(self) -> str:
        """Return it as it is shown."""
        if self.path is None:
            return "in memory"
        try:
            return f"~/{self.path.relative_to(Path.home().resolve()).as_posix()}"
        except (ValueError, RuntimeError, OSError):
            return str(self.path)


def find_place(where: str | Path | None) -> Place:
    """Find out where a ledger is.

    Parameters
    ----------
    where : str, Path or None
        A path; a URL such as `sqlite:///ledger.sqlite3` or, with four slashes, `sqlite:////srv/ledger.sqlite3`,
        where `?mode=ro` only reads; None for memory.

    Raises
    ------
    ConfigurationError
        It is a URL of something else, or no path. A URL is never shown: it may hold a password.
    """
    if where is None:
        return Place()
    url = _URL.fullmatch(where) if isinstance(where, str) else None
    if url is None:
        return Place(_resolved(where))
    scheme = url["scheme"].lower()
    if scheme.startswith("postgres"):
        raise ConfigurationError(f"A ledger on PostgreSQL is not possible yet. {_INSTEAD}")
    if scheme not in _SCHEMES:
        raise ConfigurationError(f"A ledger at a {scheme} URL is not possible. {_INSTEAD}")
    return _of_sqlite(url["rest"])


def _of_sqlite(rest: str) -> Place:
    """Read what stands behind `sqlite://`, as SQLAlchemy reads it."""
    path, _, query = rest.partition("?")
    if path and not path.startswith("/"):
        raise ConfigurationError(f"An SQLite URL begins with three slashes, as in sqlite:///name. {_INSTEAD}")
    path = path[1:]
    if path.startswith("file:"):
        path = unquote(path.removeprefix("file:"))
    options = dict(parse_qsl(query, keep_blank_values=True))
    mode = options.pop("mode", "rwc")
    options.pop("uri", None)
    if options or mode not in _MODES:
        raise ConfigurationError(f"An SQLite URL takes mode=ro and nothing else. {_INSTEAD}")
    if path in _MEMORY or mode == "memory":
        return Place()
    return Place(_resolved(path), may_write=mode != "ro")


def _resolved(path: str | Path) -> Path:
    if not str(path).strip() or "\0" in str(path):
        raise ConfigurationError(f"The ledger's path is empty, or none. {_INSTEAD}")
    try:
        return Path(path).expanduser().resolve()
    except (OSError, RuntimeError):  # a circle of links; a home that nobody knows
        return Path(path).absolute()
