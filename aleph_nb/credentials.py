"""The key: where it is found, and how it is kept out of everything that is shown."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from aleph_nb.errors import ConfigurationError
from aleph_nb.values import any_spelling

__all__ = ["KEY_NAMES", "ApiKey", "env_file", "find_key"]

KEY_NAMES = ("KIE_API_KEY", "KIE_AI_API_KEY")
"""The key's names in the environment and in `.env`, the first that is set wins."""

_USABLE = re.compile(r"[!-~]+")  # printable ASCII without spaces: what a header can carry
_NEVER_ESCAPED = re.compile(r"[0-9A-Za-z._~-]+")  # by JSON, HTML or a URL
_BEARER = re.compile(r"^bearer\s+", re.IGNORECASE)
_SHORTEST = 4  # a shorter key is not looked for in texts: it would be found in every word
_STARS = "***"


class ApiKey:
    """A key that shows itself to nobody but a request's header.

    Parameters
    ----------
    secret : str
        The key. White space around it, quotes and a leading `Bearer` are dropped.
    source : str
        Where it was found, in words.

    Raises
    ------
    ConfigurationError
        It holds a character that no key has.
    """

    __slots__ = ("_escaped", "_secret", "source")

    def __init__(self, secret: str, source: str) -> None:
        secret = _BEARER.sub("", secret.strip().strip("\"'").strip()).strip("\"'").strip()
        if not _USABLE.fullmatch(secret):
            del secret  # a traceback may show what a frame holds
            raise ConfigurationError(
                f"The key from {source} cannot be used: it is empty, or holds a space, a line break or a "
                "letter outside ASCII. Copy it again from https://kie.ai/api-key."
            )
        self._secret = secret
        self._escaped = None if _NEVER_ESCAPED.fullmatch(secret) else re.compile(any_spelling(secret))
        self.source = source

    def __repr__(self) -> str:
        return f"ApiKey(from {self.source})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is not pickled: where it is needed, find it again with find_key().")

    def reveal(self) -> str:
        """Return the key itself, for the request's header alone."""
        return self._secret

    def redact(self, text: str, least: int) -> str:
        """Return a text without the key, and without parts of it.

        Parameters
        ----------
        text : str
            Any text of a service that may echo the key.
        least : int
            Parts of the key of at least so many characters are taken out too.
        """
        if len(self._secret) >= _SHORTEST:
            text = text.replace(self._secret, _STARS)
            text = self._escaped.sub(_STARS, text) if self._escaped else text
        # Any part of 2n - 1 characters holds a whole one of the key's pieces of n, so these few
        # look-ups tell nearly always that there is nothing to do.
        size = max(1, (least + 1) // 2)
        pieces = range(0, len(self._secret) - size + 1, size)
        if any(self._secret[start : start + size] in text for start in pieces):
            text = self._without_parts(text, least)
        return text

    def _without_parts(self, text: str, least: int) -> str:
        kept, start = [], 0
        while start < len(text):
            length = least
            while start + length <= len(text) and text[start : start + length] in self._secret:
                length += 1
            if length > least:
                kept.append(_STARS)
                start += length - 1
            else:
                kept.append(text[start])
                start += 1
        return "".join(kept)


def find_key(environ: Mapping[str, str] = os.environ, folder: Path | None = None) -> ApiKey | None:
    """Find the key: in the environment, then in `.env` of the working folder.

    Parameters
    ----------
    environ : mapping
        The environment.
    folder : Path, optional
        Where `.env` may lie; the working folder if not given.

    Returns
    -------
    ApiKey or None
        None where there is no key.

    Raises
    ------
    ConfigurationError
        The key cannot be used, or `.env` cannot be read.
    """
    found = _search(environ, folder or Path())
    del environ  # a traceback may show what a frame holds
    if isinstance(found, str):
        raise ConfigurationError(found)
    return found


def _search(environ: Mapping[str, str], folder: Path) -> ApiKey | str | None:
    """Return the key, or why there is none that can be used. What this looks at stays in its frame."""
    try:
        for name in KEY_NAMES:
            if environ.get(name, "").strip():
                return ApiKey(environ[name], f"{name} in the environment")
        values = _read_env_file(folder / ".env")
        for name in KEY_NAMES:
            if (values.get(name) or "").strip():
                return ApiKey(values[name] or "", f"{name} in .env")
    except ConfigurationError as error:
        return str(error)
    return None


def env_file() -> str:
    """Name the `.env` file that is looked at, as a person would."""
    try:
        file = Path.cwd() / ".env"
        home = Path.home()
    except (OSError, RuntimeError):  # the folder is gone, or nobody is at home
        return "a .env file in the working folder"
    return f"~/{file.relative_to(home).as_posix()}" if file.is_relative_to(home) else str(file)


def _read_env_file(file: Path) -> Mapping[str, str | None]:
    why = ""
    try:
        if not file.is_file():
            return {}
        from dotenv import dotenv_values  # noqa: PLC0415, only where there is such a file

        return dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
    raise ConfigurationError(f"The file .env in the working folder cannot be read: {why}. Mend or remove it.")
