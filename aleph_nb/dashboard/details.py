"""Everything about one task, in words, for whoever looks closer."""

from datetime import datetime
from typing import Any

from aleph_nb import words
from aleph_nb.cards.telling import tell
from aleph_nb.errors import code_meaning
from aleph_nb.record import Record

__all__ = ["details_of"]


def details_of(task_id: str, record: Record | None, now: datetime) -> dict[str, Any]:
    """Make the message that tells the details of a task.

    Parameters
    ----------
    task_id : str
        The task.
    record : Record or None
        What the ledger has of it.
    now : datetime
        The moment that ages are counted from.
    """
    if record is None:
        nothing: dict[str, Any] = {"params": {}, "code": None, "msg": None, "error_about": ""}
        facts = [("What is known", "asked for, no answer yet")]
        return {"type": "details", "task_id": task_id, **nothing, "facts": facts}
    told = tell(record, now)
    facts = [
        ("State", told.word),
        ("Created", _exact(record.create_time)),
        ("Completed", _exact(record.complete_time)),
        ("Took", words.duration(record.elapsed) if record.elapsed is not None else ""),
        ("Deleted by the service", _exact(record.expires_at)),
        ("Last asked for", _exact(record.fetched_at)),
        ("What happened", told.reason),
        ("What to do", told.advice),
        ("Success flag", "" if record.success_flag is None else str(record.success_flag)),
    ]
    return {
        "type": "details",
        "task_id": task_id,
        "params": dict(record.params),
        "code": record.code,
        "msg": record.msg,
        "error_about": code_meaning(record.error_code) if record.error_code else "",
        "facts": [(name, text) for name, text in facts if text],
    }


def _exact(when: datetime | None) -> str:
    return words.exact(when) if when is not None else ""
