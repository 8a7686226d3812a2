"""The query of a callback URL, which may carry a secret, taken out of an answer.

No answer takes long, whatever is in it: what is searched is searched once for all, and beyond some
size the texts that may quote a query are hidden as a whole.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, NamedTuple

from aleph_nb.values import any_spelling, as_url, fold, load_json, map_texts, unescaped

__all__ = ["without_callback_queries"]

_CALLBACK = re.compile(r"call[^a-z0-9]{0,2}back|\\u00[4-7]", re.IGNORECASE)  # its letters may be escaped
_MARK = re.compile(any_spelling("?"))  # where the query of a URL begins
_RUN = r"(?:\\++(?:u[0-9a-fA-F]{4}|/)|[^\s\"<>\\]++)*+"  # of a URL, to its end
_REST = re.compile(_RUN)
_CALLBACK_VALUE = re.compile(
    rf"call[\W_]{{0,2}}back(?:[\W_]{{0,2}}ur[li][\"'\\\s:=]++|[^\"',{{}}]{{0,40}}?(?=https?(?::|%)))({_RUN})",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = re.compile(r"%(?:25)*[0-9a-fA-F]{2}|\\++(?:u[0-9a-fA-F]{4}|[bfnrt])?+|([0-9A-Za-z]+)")
_SHORTEST_SECRET = 8  # characters of a callback's query that are looked for outside its URL
_MOST_CALLBACKS = 32  # that are looked for in all spellings, and in an answer of
_MOST_TEXT = 100_000  # characters; beyond either, whole texts are hidden, so that no answer takes long
_DEEPEST_JSON = 3  # texts of JSON inside each other
_DEEPEST_TREE = 30  # levels of nesting of such a text
_HIDDEN = "***"


class _Callback(NamedTuple):
    """A callback URL, parted at its `?`: in plain, and what it is looked for by."""

    kept: str
    secret: str
    found_secret: str  # as it was found
    secret_words: tuple[str, str]
    kept_word: str

    @classmethod
    def of(cls, url: str) -> "_Callback":
        before, after = _MARK.split(url, 1)
        kept, secret = unescaped(before)[0], unescaped(after)[0]
        return cls(kept, secret, after, (_longest_word(after), _longest_word(secret)), _longest_word(kept))

    def may_be_in(self, text: str) -> bool:
        """Whether a text may quote the query, or the URL as far as where the query was broken off.

        Looking for every spelling is dear, and there is none without the longest word in it.
        """
        return any(word in text for word in self.secret_words) or (
            self.kept_word in text and _MARK.search(text) is not None
        )


def _longest_word(text: str) -> str:
    return max(_WORDS.findall(text), key=len, default="")


def without_callback_queries(tree: dict[str, Any], text: str) -> dict[str, Any]:
    """Cut every callback URL at its `?`, wherever in an answer it is quoted.

    Parameters
    ----------
    tree : dict
        The answer.
    text : str
        All its texts in one.

    Returns
    -------
    dict
        The answer without the queries; the one given, where it speaks of no callback.
    """
    lowered = text.lower()  # to look for a word in it is quicker than the pattern
    if not (("back" in lowered or r"\u00" in lowered) and _CALLBACK.search(text)):
        return tree
    urls: set[str] = set()
    _collect(tree, urls)
    if len(urls) > _MOST_CALLBACKS or len(text) > _MOST_TEXT:
        return _without_suspects(tree, urls)
    callbacks = [_Callback.of(url) for url in urls]
    cut: dict[str, Any] = map_texts(tree, lambda found: _cut_json(found, callbacks))
    return cut


def _collect(tree: Any, urls: set[str], *, named: bool = False, level: int = 0) -> None:
    """Add the callback URLs with a query that stand in the tree, and in the JSON of its texts."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            _collect(key, urls, level=level)
            _collect(value, urls, named=named or fold(key) == "callbackurl", level=level)
    elif isinstance(tree, list):
        for value in tree:
            _collect(value, urls, named=named, level=level)
    elif isinstance(tree, str) and named:
        if _MARK.search(tree):
            urls.add(tree.strip())
    elif isinstance(tree, str) and _CALLBACK.search(tree):
        if (inner := _inner(tree, level)) is not None:
            _collect(inner, urls, level=level + 1)
        else:
            quoted = (url.rstrip(".,;:)]}'") for url in _CALLBACK_VALUE.findall(tree))
            urls.update(url for url in quoted if _MARK.search(url))


def _inner(text: str, level: int) -> Any:
    """Return the JSON that a text holds, if it may speak of a callback; else None."""
    if level <= _DEEPEST_JSON and "{" in text and _CALLBACK.search(text):
        return load_json(text, deepest=_DEEPEST_TREE)
    return None


def _cut_json(text: str, callbacks: list[_Callback], level: int = 0) -> str:
    inner = _inner(text, level)
    if inner is None:
        return _cut(text, callbacks)
    if level == _DEEPEST_JSON:
        return _HIDDEN
    cut = map_texts(inner, lambda found: _cut_json(found, callbacks, level + 1))
    return json.dumps(cut, ensure_ascii=False)  # whatever its escapes were


def _cut(text: str, callbacks: list[_Callback]) -> str:
    """Cut callback URLs at their `?`, and their queries where they stand alone."""
    suspects = [callback for callback in callbacks if callback.may_be_in(text)]
    if not suspects:
        return text
    plain, places = unescaped(text)
    is_url = as_url(text) is not None
    kept, end = [], 0
    for start, stop in sorted(
        span
        for callback in suspects
        for span in (*_urls_in(text, plain, places, callback, is_url), *_secrets_in(plain, places, callback))
    ):
        kept.append(text[end:start])
        end = max(end, stop)
    text = "".join([*kept, text[end:]])
    for callback in suspects:
        if len(callback.found_secret) >= _SHORTEST_SECRET:
            text = text.replace(callback.found_secret, "")
    return text


def _urls_in(
    text: str, plain: str, places: list[int], callback: _Callback, is_url: bool
) -> Iterator[tuple[int, int]]:
    """Give where in a text a callback URL goes on from its `?`: all of it, or the beginning of one."""
    begins = callback.kept + "?"
    is_enough = "://" in callback.kept and not is_url  # another URL may differ in its query alone
    at = plain.find(begins)
    while at >= 0:
        mark = at + len(callback.kept)
        end = mark + 1 + len(callback.secret)
        is_whole = plain.startswith(callback.secret, mark + 1) and not re.match(
            "[0-9A-Za-z]", plain[end : end + 1]
        )
        if is_enough or (is_whole and (callback.secret or plain.strip() == begins)):
            rest = _REST.match(text, places[end if is_whole else mark + 1])
            stop = rest.end() if rest else len(text)
            yield places[mark], stop
            at = plain.find(begins, max(mark + 1, bisect_left(places, stop)))
        else:
            at = plain.find(begins, at + 1)


def _secrets_in(plain: str, places: list[int], callback: _Callback) -> Iterator[tuple[int, int]]:
    """Give where in a text a callback's query stands, if it is long enough to be known by itself."""
    size = len(callback.secret)
    at = plain.find(callback.secret) if size >= _SHORTEST_SECRET else -1
    while at >= 0:
        yield places[at], places[at + size]
        at = plain.find(callback.secret, at + size)


def _without_suspects(tree: dict[str, Any], urls: set[str]) -> dict[str, Any]:
    """Hide every text that may quote a callback URL or its query."""
    parted = [_MARK.split(url, 1) for url in urls]
    kept = {_longest_word(before) for before, _ in parted} - {""}
    secret = {_longest_word(after) for _, after in parted} - {""}

    def hide(text: str) -> str:
        words = _WORDS.findall(text)
        is_suspect = not secret.isdisjoint(words) or (
            _MARK.search(text)
            and (text.strip() in urls or not kept.isdisjoint(words) or _CALLBACK.search(text))
        )
        return _HIDDEN if is_suspect else text

    hidden: dict[str, Any] = map_texts(tree, hide)
    return hidden
