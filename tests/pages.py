"""The browser's side of a desk, as far as messages go: it hears what is sent, and says what a page says."""

import json
import math
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from aleph_nb.dashboard import Dashboard

__all__ = ["Page", "decode", "line"]

_STATES = ("in_progress", "succeeded", "failed", "not_found", "unknown", "no_answer")
_NUMBERS = {"state": "B", "error_code": "i"} | dict.fromkeys(
    ("created", "completed", "expires", "fetched", "asked"), "d"
)
_SECONDS = 20.0


def line(task_id: str, field: str, value: Any, at: int = 1_795_000_000_000, **more: Any) -> dict[str, Any]:
    """Make a line of the verdict log as the desk hands it over."""
    return {"uuid": str(uuid4()), "task_id": task_id, "at": at, "field": field, "value": value, **more}


def decode(told: Mapping[str, Any], buffers: list[bytes]) -> list[dict[str, Any]]:
    """Read a message of rows as the page does; what is missing is None."""
    columns: dict[str, list[Any]] = {}
    assert len(told["names"]) == len(buffers)
    for name, buffer in zip(told["names"], buffers, strict=True):
        kind = _NUMBERS.get(name)
        content = bytes(buffer)
        values = list(struct.unpack(f"<{told['count']}{kind}", content)) if kind else json.loads(content)
        assert len(values) == told["count"], name
        if kind == "d":
            values = [None if math.isnan(value) else value for value in values]
        columns[name] = [_STATES[code] for code in values] if name == "state" else values
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


class Page:
    """Looks at a dashboard. What was sent before it came is sent to it again, as to any second page.

    Parameters
    ----------
    dashboard : Dashboard
        It.
    round : int, optional
        Of the beginning that it shows already.

    Attributes
    ----------
    heard : list of tuple
        Each message with its buffers, since everything was told from the start the last time.
    starts : int
        How often that was.
    """

    def __init__(self, dashboard: Dashboard, *, round: int | None = None) -> None:  # noqa: A002
        self.heard: list[tuple[dict[str, Any], list[bytes]]] = []
        self.starts = 0
        self._desk = desk = dashboard.desk
        send = desk.send

        def hear(told: dict[str, Any], buffers: list[bytes] | None = None) -> None:
            json.dumps(told, allow_nan=False)  # what travels is JSON
            if told["type"] == "start":
                self.heard.clear()
                self.starts += 1
            self.heard.append((told, list(buffers or [])))
            send(told, buffers)

        desk.send = hear
        self.say("hello", round=round)

    def say(self, kind: str, **more: Any) -> None:
        """Say something to the kernel."""
        self._desk._handle_custom_msg({"type": kind, **more}, [])

    def say_anything(self, content: Any) -> None:
        """Say what may be no message."""
        self._desk._handle_custom_msg(content, [])

    def receive(self, **state: Any) -> None:
        """Set traits, as the page does."""
        self._desk.set_state(state)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of a type."""
        return [told for told, _ in list(self.heard) if told["type"] == kind]

    def wait(self, met: Callable[[], Any], what: str = "") -> Any:
        """Wait until something is so; return what was found."""
        end = time.monotonic() + _SECONDS
        while not (found := met()):
            assert time.monotonic() < end, f"{what} {[told for told, _ in self.heard][-5:]}"
            time.sleep(0.01)
        return found

    def wait_for(self, kind: str, count: int = 1) -> dict[str, Any]:
        """Wait for so many messages of a type; return the last of these."""
        self.wait(lambda: len(self.of(kind)) >= count, f"no {kind}")
        return self.of(kind)[count - 1]

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The rows, by task."""
        rows: dict[str, dict[str, Any]] = {}
        for told, buffers in list(self.heard):
            if told["type"] == "rows":
                rows |= {row["task_id"]: row for row in decode(told, buffers)}
        return rows

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The verdict lines."""
        lines: list[dict[str, Any]] = []
        for told, buffers in list(self.heard):
            if told["type"] == "lines":
                part = json.loads(bytes(buffers[0]))
                assert len(part) == told["count"]
                lines += part
        return lines

    @property
    def status(self) -> str:
        """What the line of status says."""
        return str((self.of("status") or [{"text": ""}])[-1]["text"])
