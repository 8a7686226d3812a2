"""The API's JSON → `Record`. The API's own spelling lives here and nowhere else.

The contract is the page of `GET /api/v1/aleph/record-info`; what real answers show beyond it is
tolerated. What is unreadable in one field costs that field alone, never the record.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from html import unescape
from typing import Any
from urllib.parse import unquote

from aleph_nb.errors import AlephError, ProtocolError, api_error
from aleph_nb.record import Record, State, decide_state
from aleph_nb.values import any_spelling, as_integer, as_text, as_time, as_url, fold, load_json, map_texts

__all__ = ["PATH", "Redact", "parse", "query"]

PATH = "/api/v1/aleph/record-info"

Redact = Callable[[str, int], str]
"""Takes the key out of a text, and parts of it of at least so many characters."""

_OK = 200
_NOT_FOUND = 404
_INVALID = 422
# A sibling endpoint's way of saying "no such task", seen in recorded traffic.
_NO_SUCH_TASK = frozenset({"recordinfo is null", "the record does not exist"})

_CALLBACK = re.compile(r"call[^a-z0-9]{0,2}back|\\u00[4-7]", re.IGNORECASE)  # its letters may be escaped
_MARK = re.compile(any_spelling("?"))  # where the query of a URL begins
_RUN = r"(?:\\+(?:u[0-9a-fA-F]{4}|/)|[^\s\"<>\\])*"  # of a URL, to its end
_CALLBACK_VALUE = re.compile(
    rf"call[\W_]{{0,2}}back(?:[\W_]{{0,2}}ur[li][\"'\\\s:=]+|[^\"',{{}}]{{0,40}}?(?=https?(?::|%)))({_RUN})",
    re.IGNORECASE | re.DOTALL,
)
_SHORTEST_SECRET = 8  # characters of a callback's query that are looked for outside its URL
_LONGEST_CALLBACK = 4096  # characters of a callback URL that is looked for in other spellings
_PART = 12  # of the key, in a record: shorter parts of it could stand in an id by chance
_PART_IN_MESSAGE = 5  # of the key, in an error's message


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
    code, msg = as_integer(envelope["code"]), redact(as_text(envelope.get("msg")) or "", _PART) or None
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
        raise api_error(code or 0, redact(msg or "", _PART_IN_MESSAGE), task_id)
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

    def text(value: Any) -> str | None:
        return redact(as_text(value) or "", _PART) or None  # once more: it may have held control characters

    response = data.get("response")
    response = response if isinstance(response, dict) else {}
    params = _params(data.get("paramJson"), text)
    fields: dict[str, Any] = {
        "prompt": text(_lookup(params, "prompt")),
        "source_video_url": as_url(_lookup(params, "videoUrl")),
        "result_video_url": as_url(response.get("resultVideoUrl")),
        "result_image_url": as_url(response.get("resultImageUrl")),
        "create_time": as_time(data.get("createTime")),
        "complete_time": as_time(data.get("completeTime")),
        "success_flag": as_integer(data.get("successFlag")),
        "error_code": as_integer(data.get("errorCode")),
        "error_message": text(_message(data.get("errorMessage"))),
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


def _params(value: Any, text: Callable[[str], str | None]) -> dict[str, Any]:
    """Return the request's parameters, cleaned; `{}` where there are none that can be read."""
    tree = load_json(value) if isinstance(value, str) else value
    return map_texts(tree, lambda found: text(found) or "") if isinstance(tree, dict) else {}


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
    mentions: list[str] = []

    def clean(text: str) -> str:
        if _CALLBACK.search(text):
            mentions.append(text)
        return redact(text, _PART)

    tree = load_json(body, clean)
    if not isinstance(tree, dict) or as_integer(tree.get("code")) is None:
        return None
    return _without_callback_queries(tree) if mentions else tree


# ── The callback's query, which may carry a secret ───────────────────────────────────────────────


def _without_callback_queries(tree: dict[str, Any]) -> dict[str, Any]:
    """Cut every callback URL at its `?`, wherever in the answer it is quoted."""
    urls = sorted(_callbacks(tree), key=len, reverse=True)

    def cut(text: str) -> str:
        inner = _inner(text)
        if inner is not None:
            return json.dumps(map_texts(inner, cut), ensure_ascii=False)  # whatever its escapes were
        for url in urls:
            text = _cut(text, url)
        return text

    cleaned: dict[str, Any] = map_texts(tree, cut)
    return cleaned


def _inner(text: str) -> Any:
    """Return the JSON that a text holds, if it may speak of a callback; else None."""
    return load_json(text) if "{" in text and _CALLBACK.search(text) else None


def _callbacks(tree: Any, *, named: bool = False) -> set[str]:
    """Return the callback URLs with a query that stand in the tree, and in the JSON of its texts."""
    found: set[str] = set()
    if isinstance(tree, dict):
        for key, value in tree.items():
            found |= _callbacks(key) | _callbacks(value, named=named or fold(key) == "callbackurl")
    elif isinstance(tree, list):
        for value in tree:
            found |= _callbacks(value, named=named)
    elif isinstance(tree, str) and named:
        found = {tree.strip(), _unescaped(tree)}
    elif isinstance(tree, str) and _CALLBACK.search(tree):
        inner = _inner(tree)
        quoted = [url.rstrip(".,;:)]}'") for url in _CALLBACK_VALUE.findall(tree) if inner is None]
        found = _callbacks(inner).union(quoted, map(_unescaped, quoted))
    return {url for url in found if _MARK.search(url)}


def _unescaped(quoted: str) -> str:
    """Return a URL as it was before it was escaped for JSON, HTML or another URL."""
    plain = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), quoted.strip())
    plain = unescape(re.sub(r"\\+/", "/", plain))
    while re.match("https?%", plain, re.IGNORECASE) and unquote(plain) != plain:
        plain = unquote(plain)
    return plain


def _cut(text: str, url: str) -> str:
    """Cut a callback URL at its `?`, and its query where that stands alone."""
    kept, secret = _MARK.split(url, 1)
    if text.strip() == url:
        return kept
    # Looking for every spelling is dear, and there is none without the query's longest word in it, or
    # the URL's where the query was broken off.
    is_suspect = _longest_word(secret) in text or (_longest_word(kept) in text and _MARK.search(text))
    if not (secret and is_suspect):
        return text
    if len(url) > _LONGEST_CALLBACK:
        return text.replace(url, kept).replace(secret, "")
    whole, begun, alone = _patterns(kept, secret)
    text = whole.sub(r"\1", text)
    if "://" in kept and as_url(text) is None:  # the URL of something else may differ in its query alone
        text = begun.sub(r"\1", text)
    return alone.sub("", text) if len(secret) >= _SHORTEST_SECRET else text


def _longest_word(text: str) -> str:
    return max(re.findall("[0-9A-Za-z]+", text), key=len, default="")


@lru_cache(maxsize=64)
def _patterns(kept: str, secret: str) -> tuple[re.Pattern[str], ...]:
    """Return what finds a callback URL, the beginning of one, and its query alone, however escaped."""
    before, query = any_spelling(kept), any_spelling(secret)
    return tuple(
        re.compile(pattern)
        for pattern in (
            f"({before}){_MARK.pattern}{query}(?![0-9A-Za-z]){_RUN}",
            f"({before}){_MARK.pattern}{_RUN}",
            query,
        )
    )
