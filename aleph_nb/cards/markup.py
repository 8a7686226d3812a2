"""What is between a value and the page: cleaning, escaping, and which URLs may stand in a tag.

`tag` is the one place that makes HTML. Whatever is not already `Html` is escaped there.
"""

import html
import re
from urllib.parse import urlsplit

__all__ = ["VERBATIM", "Html", "clean", "cut_at", "data_uri", "shorten", "tag", "web_url"]

VERBATIM = "mathjax_ignore tex2jax_ignore"
"""The classes of what MathJax leaves alone: between the dollars of "from $5 to $9" there is no formula."""

_VOID = {"img"}

# CSI and OSC sequences go whole; what is left of a broken one loses its control character below.
_ANSI = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)")
# C0 but for tab and newline, DEL, C1, and the marks that turn the direction of the text around them.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_NOT_IN_URL = re.compile(r"[\s\x00-\x20\x7f-\x9f]")
_DATA_URI = {
    "video": re.compile(r"data:video/(?:mp4|webm|quicktime);base64,[A-Za-z0-9+/]+={0,2}"),
    "image": re.compile(r"data:image/(?:jpeg|png|webp|gif);base64,[A-Za-z0-9+/]+={0,2}"),
}


class Html(str):
    """Text that is HTML already: `tag` made it."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str | bool | None) -> Html:
    """Make an element; every child that is not `Html`, and every attribute, is escaped.

    Parameters
    ----------
    name : str
        The element's name.
    *children : str
        What it holds.
    **attributes : str or bool or None
        Its attributes; a trailing `_` is dropped, True writes the bare name, None and False nothing.
    """
    written = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        bare = key.rstrip("_").replace("_", "-")
        written.append(bare if value is True else f'{bare}="{html.escape(value, quote=True)}"')
    opening = f"<{' '.join(written)}>"
    if name in _VOID:
        return Html(opening)
    inside = "".join(
        child if isinstance(child, Html) else html.escape(child, quote=True) for child in children
    )
    return Html(f"{opening}{inside}</{name}>")


def clean(value: object, *, lines: bool = False) -> str:
    """Make any value into text that is safe to print: no control characters, no lone surrogates.

    Parameters
    ----------
    value : object
        Anything; None is "".
    lines : bool
        Keep line breaks. Otherwise all white space is collapsed into single spaces.
    """
    text = "" if value is None else str(value)
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = _UNSEEN.sub("", _BREAKS.sub("\n", _ANSI.sub("", text)))
    return text.strip() if lines else " ".join(text.split())


def shorten(text: str, limit: int) -> str:
    """Cut a text to at most `limit` characters, at a word where one ends near, and say so by "…"."""
    if len(text) <= limit:
        return text
    return text[: cut_at(text, limit - 1)].rstrip() + "…"


def cut_at(text: str, limit: int) -> int:
    """Find where to cut: the last white space before `limit`, unless that loses more than a fifth."""
    space = max(text.rfind(mark, 0, limit + 1) for mark in " \n")
    return space if space > limit * 0.8 else limit


def web_url(url: str | None) -> str | None:
    """Let a URL through if it is http(s), names a host and holds no white space or control character."""
    if not url or _NOT_IN_URL.search(url):
        return None
    try:
        parts = urlsplit(url)
        return url if parts.scheme.lower() in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def data_uri(uri: str | None, kind: str) -> str | None:
    """Let a data URI through if it is base64 and of a `kind` ("video", "image") that a browser shows."""
    return uri if uri and _DATA_URI[kind].fullmatch(uri) else None
