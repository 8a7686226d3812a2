"""The key itself, and how it is kept out of everything that is shown."""

import re
from typing import NoReturn

from aleph_nb.errors import ConfigurationError
from aleph_nb.values import any_spelling

__all__ = ["ApiKey"]

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
