"""The API's JSON → `Record`. The API's own spelling lives here and nowhere else.

The contract is the page of `GET /api/v1/aleph/record-info`; what real answers show beyond it is
tolerated. What is unreadable in one field costs that field alone, never the record.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from aleph_nb.errors import AlephError, ProtocolError, api_error
from aleph_nb.record import Record, State, decide_state
from aleph_nb.values import as_integer, as_text, as_time, as_url, fold, load_json, map_texts

__all__ = ["PATH", "Redact", "parse", "query"]

PATH = "/api/v1/aleph/record-info"

Redact = Callable[[str, int], str]
"""Takes the key out of a text, and parts of it of at least so many characters."""

_OK = 200
_NOT_FOUND = 404
_INVALID = 422
# A sibling endpoint's way of saying "no such task", seen in recorded traffic.
_NO_SUCH_TASK = frozenset({"recordinfo is null", "the record does not exist"})

_CALLBACK = re.compile(r"call[^a-z0-9]{0,2}back", re.IGNORECASE)
_CALLBACK_VALUE = re.compile(r"call\W{0,2}back\W{0,2}url[\"'\\\s:=]+([^\"'\\\s,}]+)", re.IGNORECASE)
_SHORTEST_SECRET = 4  # characters of a callback's query that are looked for outside its URL
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
    code, msg = as_integer(envelope["code"]), as_text(envelope.get("msg"))
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
    return Record(**told, **_fields(data))


def _fields(data: dict[str, Any]) -> dict[str, Any]:
    """Read a record's own fields, each by itself."""
    response = data.get("response")
    response = response if isinstance(response, dict) else {}
    params = _params(data.get("paramJson"))
    fields: dict[str, Any] = {
        "prompt": as_text(_lookup(params, "prompt")),
        "source_video_url": as_url(_lookup(params, "videoUrl")),
        "result_video_url": as_url(response.get("resultVideoUrl")),
        "result_image_url": as_url(response.get("resultImageUrl")),
        "create_time": as_time(data.get("createTime")),
        "complete_time": as_time(data.get("completeTime")),
        "success_flag": as_integer(data.get("successFlag")),
        "error_code": as_integer(data.get("errorCode")),
        "error_message": _message(data.get("errorMessage")),
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


def _params(value: Any) -> dict[str, Any]:
    """Return the request's parameters, cleaned; `{}` where there are none that can be read."""
    tree = load_json(value) if isinstance(value, str) else value
    return map_texts(tree, lambda text: as_text(text) or "") if isinstance(tree, dict) else {}


def _lookup(params: dict[str, Any], name: str) -> Any:
    """Find a parameter by its name, else by one that differs in case or punctuation only."""
    if name in params:
        return params[name]
    return next((value for key, value in params.items() if fold(key) == name.casefold()), None)


def _message(value: Any) -> str | None:
    """Return an error's message; one that is not a text still says that there is an error."""
    if isinstance(value, dict | list | int | float) and not isinstance(value, bool) and value:
        return as_text(json.dumps(value, ensure_ascii=False))
    return as_text(value)


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
    urls: set[str] = set()

    def gather(text: str) -> str:
        urls.update(_callbacks(load_json(text) if "{" in text else None))
        urls.update(found for found in _CALLBACK_VALUE.findall(text) if "?" in found)
        return text

    map_texts(tree, gather)
    urls.update(_callbacks(tree))
    cuts: dict[str, str] = {}
    for url in urls:
        kept, _, secret = url.partition("?")
        for spell in _SPELLINGS:
            cuts[spell(url)] = spell(kept)
            if len(secret) >= _SHORTEST_SECRET:
                cuts[spell(secret)] = ""
    longest_first = sorted(cuts, key=len, reverse=True)

    def cut(text: str) -> str:
        inner = load_json(text) if "{" in text else None
        if _callbacks(inner):
            return json.dumps(map_texts(inner, cut), ensure_ascii=False)  # whatever its escapes were
        for spelling in longest_first:
            text = text.replace(spelling, cuts[spelling])
        return text

    cleaned: dict[str, Any] = map_texts(tree, cut)
    return cleaned


def _callbacks(tree: Any) -> set[str]:
    """Return the callback URLs with a query that stand in the tree."""
    found: set[str] = set()
    if isinstance(tree, dict):
        for key, value in tree.items():
            if fold(key) == "callbackurl" and isinstance(value, str) and "?" in value:
                found.add(value)
            found |= _callbacks(value)
    elif isinstance(tree, list):
        for value in tree:
            found |= _callbacks(value)
    return found


def _json_escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


_SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    _json_escaped,
    lambda text: _json_escaped(text).replace("/", "\\/"),
    lambda text: _json_escaped(text).replace("&", "\\u0026"),
    lambda text: _json_escaped(text).replace("&", "\\u0026").replace("=", "\\u003d"),
    lambda text: text.replace("&", "&amp;"),
    lambda text: quote(text, safe=""),
    lambda text: quote(text, safe=":/?&=%"),
)
