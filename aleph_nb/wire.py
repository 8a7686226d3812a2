"""The API's JSON → `Record`. The API's own spelling lives here and nowhere else.

The contract is the page of `GET /api/v1/aleph/record-info`; what real answers show beyond it is
tolerated. What is unreadable in one field costs that field alone, never the record.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from aleph_nb.errors import AlephError, ProtocolError, api_error
from aleph_nb.record import Record, State, decide_state
from aleph_nb.values import (
    any_spelling,
    as_integer,
    as_text,
    as_time,
    as_url,
    fold,
    load_json,
    map_texts,
    unescaped,
)

__all__ = ["PATH", "Redact", "parse", "query"]

PATH = "/api/v1/aleph/record-info"

Redact = Callable[[str, int], str]
"""Takes the key out of a text, and parts of it of at least so many characters.

It is given many texts at once, with half surrogates between them, which have to stay.
"""

_OK = 200
_NOT_FOUND = 404
_INVALID = 422
# A sibling endpoint's way of saying "no such task", seen in recorded traffic.
_NO_SUCH_TASK = frozenset({"recordinfo is null", "the record does not exist"})

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
_PART = 12  # of the key, in a record: shorter parts of it could stand in an id by chance
_PART_IN_MESSAGE = 5  # of the key, in a message
_MESSAGES = frozenset({"msg", "errorMessage"})
_BETWEEN = "\ud800"  # texts that are read at once: no text of `load_json` holds one


def query(task_id: str) -> dict[str, str]:
    """Return the parameters that ask for one task."""
    return {"taskId": task_id}


def parse(
    body: bytes, *, status: int, task_id: str, fetched_at: datetime, redact: Redact = lambda text, _: text
) -> Record:
    """Read one answer of the API.

    Parameters
    ----------
    body : bytes
        The answer's body, decompressed.
    status : int
        Its HTTP status. It decides only where the body is no envelope.
    task_id : str
        The task that was asked for.
    fetched_at : datetime
        When the answer arrived; aware.
    redact : callable
        Takes the key out of a text. Every text of the answer goes through it.

    Returns
    -------
    Record
        Of any state but `no_answer`.

    Raises
    ------
    APIError
        The envelope, or the HTTP status where there is none, says something else than 200 or 404.
    ProtocolError
        The body is no answer for this task.
    """
    envelope = _envelope(body, redact)
    if envelope is None:
        raise _without_envelope(status, task_id)
    code, msg = as_integer(envelope["code"]), _told(envelope.get("msg"), redact)
    told: dict[str, Any] = {
        "task_id": task_id,
        "code": code,
        "msg": msg,
        "fetched_at": fetched_at,
        "raw": envelope,
    }
    if code == _NOT_FOUND or (code == _INVALID and _plain(msg) in _NO_SUCH_TASK):
        return Record(state=State.not_found, reason=" ".join((msg or "no such task").split()), **told)
    if code != _OK:
        raise api_error(code or 0, msg or "", task_id)
    if "data" not in envelope:
        raise _no_answer(task_id, "the answer has no data")
    data = envelope["data"]
    if data is None:
        return Record(state=State.not_found, reason="the service knows no such task", **told)
    if not isinstance(data, dict):
        raise _no_answer(task_id, "the answer's data are no record")
    if data.get("taskId") is not None and fold(str(data["taskId"])) != fold(task_id):
        raise _no_answer(task_id, "the answer is about another task")
    return Record(**told, **_fields(data, redact))


def _fields(data: dict[str, Any], redact: Redact) -> dict[str, Any]:
    """Read a record's own fields, each by itself."""

    response = data.get("response")
    response = response if isinstance(response, dict) else {}
    params = _params(data.get("paramJson"), redact)
    fields: dict[str, Any] = {
        "prompt": as_text(_lookup(params, "prompt")),
        "source_video_url": as_url(_lookup(params, "videoUrl")),
        "result_video_url": as_url(response.get("resultVideoUrl")),
        "result_image_url": as_url(response.get("resultImageUrl")),
        "create_time": as_time(data.get("createTime")),
        "complete_time": as_time(data.get("completeTime")),
        "success_flag": as_integer(data.get("successFlag")),
        "error_code": as_integer(data.get("errorCode")),
        "error_message": _told(_message(data.get("errorMessage")), redact),
        "params": params,
    }
    state, reason = decide_state(
        fields["success_flag"],
        error_code=fields["error_code"],
        error_message=fields["error_message"],
        has_result=fields["result_video_url"] is not None,
        is_completed=fields["complete_time"] is not None,
    )
    return {"state": state, "reason": reason, **fields}


def _told(message: Any, redact: Redact) -> str | None:
    """Return a message, cleaned; and once more of the key, which may have held control characters."""
    text = as_text(message)
    return redact(text, _PART_IN_MESSAGE) if text else None


def _params(value: Any, redact: Redact) -> dict[str, Any]:
    """Return the request's parameters, cleaned; `{}` where there are none that can be read."""
    tree = load_json(value) if isinstance(value, str) else value
    if not isinstance(tree, dict):
        return {}
    params: dict[str, Any] = _redacted(map_texts(tree, lambda text: as_text(text) or ""), redact, _PART)
    return params


def _lookup(params: dict[str, Any], name: str) -> Any:
    """Find a parameter by its name, else by one that differs in case or punctuation only."""
    if name in params:
        return params[name]
    return next((value for key, value in params.items() if fold(key) == name.casefold()), None)


def _message(value: Any) -> str | None:
    """Return an error's message; one that is not a text still says that there is an error."""
    if isinstance(value, dict | list | int | float) and not isinstance(value, bool) and value:
        return json.dumps(value, ensure_ascii=False)
    return value if isinstance(value, str) else None


def _plain(msg: str | None) -> str:
    return " ".join((msg or "").split()).rstrip(".").casefold()


# ── What is no answer ────────────────────────────────────────────────────────────────────────────


def _no_answer(
    task_id: str, what: str, remedy: str = "Ask again; if it stays so, check base_url."
) -> AlephError:
    return ProtocolError(f"No answer for task {task_id}: {what}. {remedy}", what)


def _without_envelope(status: int, task_id: str) -> AlephError:
    """Tell by the HTTP status what came in place of an envelope; never by its text."""
    remedy = "Check where the requests go: %config AlephMagics.base_url"
    if status == _NOT_FOUND:
        return _no_answer(task_id, "HTTP 404, so this is not the Aleph API", remedy)
    match status // 100:
        case 3:
            what = f"HTTP {status}, a redirect, which is not followed so that the key stays where it belongs"
            return _no_answer(task_id, what, remedy)
        case 4 | 5:
            return api_error(status, "", task_id)
        case _:
            return _no_answer(task_id, f"HTTP {status} with a body that no Aleph API sends", remedy)


def _envelope(body: bytes, redact: Redact) -> dict[str, Any] | None:
    """Return the cleaned envelope, or None where the body is none."""
    tree = load_json(body)
    if not isinstance(tree, dict) or as_integer(tree.get("code")) is None:
        return None
    text = _joined(tree)
    lowered = text.lower()  # to look for a word in it is quicker than the pattern
    if ("back" in lowered or "\\u00" in lowered) and _CALLBACK.search(text):
        tree = _without_callback_queries(tree, len(text))
    tree = _redacted(tree, redact, _PART)
    _redact_messages(tree, redact)
    return tree


# ── The key ──────────────────────────────────────────────────────────────────────────────────────


def _joined(tree: Any) -> str:
    """Return all texts of a tree in one: a look at one text costs less than one at each of many."""
    texts: list[str] = []

    def keep(text: str) -> str:
        texts.append(text)
        return text

    map_texts(tree, keep)
    return _BETWEEN.join(texts)


def _redacted(tree: Any, redact: Redact, least: int) -> Any:
    """Return a tree without the key in any of its texts."""
    text = _joined(tree)
    cleaned = redact(text, least)
    if cleaned == text:
        return tree
    texts = iter(cleaned.split(_BETWEEN))
    return map_texts(tree, lambda _: next(texts))


def _redact_messages(tree: Any, redact: Redact) -> None:
    """Take out of the messages in a tree the short parts of the key too, as their fields will lack them."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for name, value in list(items):
        if value and name in _MESSAGES:
            tree[name] = _redacted(value, redact, _PART_IN_MESSAGE)
        elif isinstance(value, dict | list):
            _redact_messages(value, redact)


# ── The callback's query, which may carry a secret ───────────────────────────────────────────────


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


def _without_callback_queries(tree: dict[str, Any], size: int) -> dict[str, Any]:
    """Cut every callback URL at its `?`, wherever in the answer it is quoted."""
    urls: set[str] = set()
    _collect_callbacks(tree, urls)
    cleaned: dict[str, Any] = tree
    if len(urls) > _MOST_CALLBACKS or size > _MOST_TEXT:
        cleaned = _without_suspects(tree, urls)
    elif urls:
        callbacks = [_Callback.of(url) for url in urls]
        cleaned = map_texts(tree, lambda text: _cut_json(text, callbacks))
    return cleaned


def _collect_callbacks(tree: Any, urls: set[str], *, named: bool = False, level: int = 0) -> None:
    """Add the callback URLs with a query that stand in the tree, and in the JSON of its texts."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            _collect_callbacks(key, urls, level=level)
            _collect_callbacks(value, urls, named=named or fold(key) == "callbackurl", level=level)
    elif isinstance(tree, list):
        for value in tree:
            _collect_callbacks(value, urls, named=named, level=level)
    elif isinstance(tree, str) and named:
        if _MARK.search(tree):
            urls.add(tree.strip())
    elif isinstance(tree, str) and _CALLBACK.search(tree):
        if (inner := _inner(tree, level)) is not None:
            _collect_callbacks(inner, urls, level=level + 1)
        else:
            quoted = (url.rstrip(".,;:)]}'") for url in _CALLBACK_VALUE.findall(tree))
            urls.update(url for url in quoted if _MARK.search(url))


def _inner(text: str, level: int) -> Any:
    """Return the JSON that a text holds, if it may speak of a callback; else None."""
    if level < _DEEPEST_JSON and "{" in text and _CALLBACK.search(text):
        return load_json(text, deepest=_DEEPEST_TREE)
    return None


def _cut_json(text: str, callbacks: list[_Callback], level: int = 0) -> str:
    inner = _inner(text, level)
    if inner is None:
        return _cut(text, callbacks)
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
