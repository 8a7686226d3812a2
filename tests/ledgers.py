"""Records for ledgers, and other processes that use one."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aleph_nb.record import Record, State

__all__ = ["NOW", "SERVICE", "ids", "make_record", "python"]

ROOT = Path(__file__).parent.parent
SERVICE = "https://api.kie.ai"
NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def ids(count: int, start: int = 0) -> list[str]:
    """Return ids, each another."""
    return [f"{number:032x}" for number in range(start, start + count)]


def make_record(task_id: str, state: State = State.succeeded, **fields: Any) -> Record:
    """Make a record as the service would tell it, two hours old."""
    created = NOW - timedelta(hours=2)
    told: dict[str, Any] = {
        "prompt": f"A lantern parade, {task_id}",
        "create_time": created,
        "fetched_at": NOW,
        "code": 200,
        "msg": "success",
        "params": {"prompt": f"A lantern parade, {task_id}", "seed": 7},
        "raw": {"code": 200, "data": {"taskId": task_id}},
    }
    if state is State.succeeded:
        told |= {"complete_time": created + timedelta(minutes=3), "success_flag": 1}
        told["result_video_url"] = f"https://media.example/{task_id}.mp4"
    if state is State.failed:
        told |= {"error_code": 501, "error_message": "the reference is blocked", "success_flag": 0}
        told["reason"] = "501: the reference is blocked"
    return Record(task_id=task_id, state=state, **(told | fields))


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Run code in another Python, which says what it says on its output."""
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True)  # noqa: S603, our own
