"""Answers of the API to change and to read, and all that a record of them can show."""

import copy
import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from aleph_nb import errors, wire
from aleph_nb.credentials import ApiKey
from aleph_nb.frame import to_frame
from aleph_nb.record import Record

ID = "ee603959-debb-48d1-98c4-a6d1c717eba6"
NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)

# The page's own example, to the letter.
PAGE: dict[str, Any] = {
    "code": 200,
    "msg": "success",
    "data": {
        "taskId": ID,
        "paramJson": (
            '{"prompt":"A majestic eagle soaring through mountain clouds at sunset",'
            '"videoUrl":"https://example.com/input-video.mp4"}'
        ),
        "response": {
            "taskId": ID,
            "resultVideoUrl": "https://file.com/k/xxxxxxx.mp4",
            "resultImageUrl": "https://file.com/m/xxxxxxxx.png",
        },
        "completeTime": "2023-08-15T14:30:45Z",
        "createTime": "2023-08-15T14:25:00Z",
        "successFlag": 1,
        "errorCode": 0,
        "errorMessage": "",
    },
}
NONE: Any = object()  # for `answer`: leave the field out


def answer(**fields: Any) -> dict[str, Any]:
    """Make the page's example with some of its record's fields changed, or left out with NONE."""
    told = copy.deepcopy(PAGE)
    told["data"] = {name: value for name, value in (told["data"] | fields).items() if value is not NONE}
    return told


def read(told: Any, *, status: int = 200, task_id: str = ID, **options: Any) -> Record:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return wire.parse(body, status=status, task_id=task_id, fetched_at=NOW, **options)


def refusal(told: Any, **options: Any) -> errors.AlephError:
    with pytest.raises(errors.AlephError) as caught:
        read(told, **options)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert ID in str(caught.value)
    return caught.value


def everything(record: Record) -> str:
    """Return all that a record can show, in one text."""
    frame = to_frame([record])
    shown = [repr(record), json.dumps(record.raw), json.dumps(record.raw, ensure_ascii=False)]
    shown += [str(getattr(record, name)) for name in Record.__dataclass_fields__]
    shown += [str(dict(record.params)), frame.to_csv(), repr(pickle.dumps(record))]
    return "\n".join(shown)


SECRET = "S3cr3tS3cr3tS3cr3t"
CALLBACK = f"https://hooks.example/aleph/done?token={SECRET}&team='red'"
KEPT = "https://hooks.example/aleph/done"
PARAMS = json.dumps({"prompt": "p", "callBackUrl": CALLBACK})
KEY = ApiKey("7f3c9a1e5b8d2f4460a7c3e9d1b5f802", "the test")
ODD_KEY = ApiKey("ab/cd+ef==/gh&ij'kl", "the test")


def gson(text: str) -> str:
    """Escape a JSON text as Gson does by default."""
    for mark in "<>&='":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text
