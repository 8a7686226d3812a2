"""A task → the envelope that the API answers with, in the task's spelling."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from .tasks import CALLBACK_SECRET, Spelling, Task

__all__ = ["refusal", "task_answer"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WIDE = "16:9"
_SHAPES = {"canyon": "9:16", "city": "1:1"}  # the others are wide


def refusal(code: int, msg: str) -> dict[str, Any]:
    """Return an envelope that carries a code and no data at all, as a 401 was seen to do."""
    return {"code": code, "msg": msg}


def task_answer(task: Task | None, *, begun: datetime, now: datetime, base_url: str) -> dict[str, Any]:
    """Return the envelope for one task.

    Parameters
    ----------
    task : Task or None
        None for an id that nobody knows.
    begun, now : datetime
        When the demo's clock began, and what it says.
    base_url : str
        Where the media are.
    """
    if task is None:
        return {"code": 200, "msg": "success", "data": None}
    write = _as_wire if task.spelling is Spelling.wire else _as_page
    return {"code": 200, "msg": "success", "data": write(task, begun, now, base_url)}


def _as_page(task: Task, begun: datetime, now: datetime, base_url: str) -> dict[str, Any]:
    """Write the record as the page has it: what a task does not have (yet) is absent."""
    params: dict[str, Any] = {"prompt": task.prompt, "videoUrl": _source(task, base_url)}
    if _shape(task) != _WIDE:  # as somebody asks who does not want the default
        params["aspectRatio"] = _shape(task)
    if task.seed is not None:
        params["seed"] = task.seed
    completed = task.is_completed(begun, now)
    data: dict[str, Any] = {
        "taskId": task.task_id,
        "paramJson": json.dumps(params, ensure_ascii=False, separators=(",", ":")),
    }
    if completed and task.result is not None:
        data["response"] = _response(task, base_url)
    if completed:
        data["completeTime"] = _iso(task.completed_at(begun))
    data["createTime"] = _iso(task.created_at(begun))
    data["successFlag"] = task.flag if completed else 0
    data["errorCode"] = task.error_code if completed else 0
    data["errorMessage"] = task.error_message if completed else ""
    return data


def _as_wire(task: Task, begun: datetime, now: datetime, base_url: str) -> dict[str, Any]:
    """Write the record as recorded traffic has it: everything is there, or null."""
    params = {
        "uploadCn": False,
        "waterMark": "",
        "prompt": task.prompt,
        "videoUrl": _source(task, base_url),
        "aspectRatio": _shape(task),
        "seed": task.seed,
        "callBackUrl": f"https://hooks.example.com/aleph?token={CALLBACK_SECRET}",
    }
    completed = task.is_completed(begun, now)
    return {
        "taskId": task.task_id,
        "paramJson": json.dumps(params),
        "response": _response(task, base_url) if completed and task.result is not None else None,
        "completeTime": _milliseconds(task.completed_at(begun)) if completed else None,
        "createTime": _milliseconds(task.created_at(begun)),
        "successFlag": task.flag if completed else 0,
        "errorCode": (task.error_code or None) if completed else None,
        "errorMessage": (task.error_message or None) if completed else None,
    }


def _response(task: Task, base_url: str) -> dict[str, str]:
    at = f"{base_url}/media/{task.task_id}"
    return {
        "taskId": task.task_id,
        "resultVideoUrl": f"{at}/result.mp4",
        "resultImageUrl": f"{at}/result.jpg",
    }


def _shape(task: Task) -> str:
    scene = task.source.partition(".")[0].partition("-")[0]
    return _SHAPES.get(scene, _WIDE)


def _source(task: Task, base_url: str) -> str:
    return f"{base_url}/media/source/{task.source}"


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _milliseconds(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(milliseconds=1)
