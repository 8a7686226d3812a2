"""The API's JSON → `Record`. The API's own spelling lives here and nowhere else.

The contract is the page of `GET /api/v1/aleph/record-info`; what real answers show beyond it is
tolerated. What is unreadable in one field costs that field alone, never the record.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from aleph_nb.errors import AlephError, ProtocolError, api_error
from aleph_nb.record import Record, State, decide_state
from aleph_nb.values import as_integer, as_text, as_time, as_url, fold, load_json, map_texts
from aleph_nb.wire.callbacks import without_callback_queries

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
        raise _without_envelope(status, body, task_id)
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
        raise _no_record(task_id, "the answer has no data", msg)
    data = envelope["data"]
    if data is None:
        return Record(state=State.not_found, reason="the service knows no such task", **told)
    if not isinstance(data, dict):
        raise _no_record(task_id, "the answer's data are no record", msg)
    if data.get("taskId") is not None and fold(str(data["taskId"])) != fold(task_id):
        raise _no_record(task_id, "the answer is about another task", msg)
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
    """Return a message, cleaned."""
    text = as_text(message)
    if text and text != message:  # control characters may have parted the key
        text = redact(text, _PART_IN_MESSAGE)
    return text


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


def _no_record(task_id: str, what: str, msg: str | None) -> AlephError:
    remedy = "Ask again; if it stays so, check base_url."
    return ProtocolError(f"No answer for task {task_id}: {what}. {remedy}", what, code=_OK, msg=msg or "")


def _without_envelope(status: int, body: bytes, task_id: str) -> AlephError:
    """Tell by the HTTP status what came in place of an envelope; never by its text."""
    where = "where the requests go (%config AlephMagics.base_url)"
    remedy = f"Check {where}."
    if status == _NOT_FOUND:
        what = "HTTP 404, so this is not the Aleph API"
    elif status // 100 in (4, 5):
        return api_error(status, "", task_id)
    elif status // 100 == 3:  # noqa: PLR2004, these are the redirects
        what = f"HTTP {status}, a redirect, which is not followed so that the key stays where it belongs"
    elif body.lstrip()[:1] == b"<":
        what = f"HTTP {status} with a web page, where the Aleph API sends JSON"
        remedy = f"Check whether the network asks you to sign in, and {where}."
    else:
        what = f"HTTP {status} with a body that no Aleph API sends"
    return ProtocolError(f"No answer for task {task_id}: {what}. {remedy}", what, code=status)


def _envelope(body: bytes, redact: Redact) -> dict[str, Any] | None:
    """Return the cleaned envelope, or None where the body is none."""
    tree = load_json(body)
    if not isinstance(tree, dict):
        return None
    cleaned: dict[str, Any] = _redacted(without_callback_queries(tree, _joined(tree)), redact, _PART)
    _redact_messages(cleaned, redact)
    return None if as_integer(cleaned.get("code")) is None else cleaned


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
