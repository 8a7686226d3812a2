"""All that the desk is told: what it begins with, rows and lines as they come, and the line of status."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aleph_nb._version import __version__
from aleph_nb.dashboard.clips import Clips
from aleph_nb.dashboard.feed import AT_ONCE, Message, line_messages, milliseconds, row_messages, some
from aleph_nb.dashboard.shelf import Shelf
from aleph_nb.record import Record
from aleph_nb.review import Refusal, Verdict

__all__ = ["Outgoing", "Send"]

Columns = Mapping[str, Sequence[Any]]

Send = Callable[[Mapping[str, Any], list[bytes]], None]
"""Takes what a message says, and its buffers."""

_LONGEST_LINE = 2_000  # characters of a line of status


class Outgoing:
    """Tells the desk. Every thread may use it.

    Parameters
    ----------
    shelf : Shelf
        The tasks.
    send : callable
        Takes a message, in whatever thread.
    clips : Clips or None
        Where media travel as bytes; None where the browser fetches them.
    learn : callable
        Takes the columns of all rows that go out.
    """

    def __init__(
        self, shelf: Shelf, send: Send, clips: Clips | None, learn: Callable[[Columns], None]
    ) -> None:
        self._shelf = shelf
        self._send = send
        self._clips = clips
        self._learn = learn
        self._one_at_a_time = threading.RLock()
        self._round = 0  # how often it began

    def send(self, told: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Send a message."""
        with self._one_at_a_time:
            self._send(told, list(buffers))

    def say(self, text: str, kind: str = "info") -> None:
        """Set the line of status: kind is "info", "error" or "", which clears it."""
        self.send({"type": "status", "text": text[:_LONGEST_LINE], "kind": kind})

    # ── Tasks ────────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> bool:
        """Tell everything from the start but for the rows beyond the first; return whether there are more."""
        with self._one_at_a_time:
            self._round += 1
            self._shelf.forget_handed_out()
            total = self._start()
            columns = self._shelf.first(AT_ONCE)
            has_more = len(columns["task_id"]) < total
            self._rows(columns, total=total, done=not has_more)
            self._all(line_messages((line.as_dict() for line in self._shelf.baseline()), baseline=True))
            if self._shelf.trouble:
                self.say(self._shelf.trouble, "error")
            return has_more

    def _start(self) -> int:
        shelf = self._shelf
        ledger, total = shelf.ledger_id, shelf.total
        told = {
            "type": "start",
            "service": shelf.service,
            "ledger": ledger,
            "reviewer": shelf.reviewer,
            "total": total,
            "now": milliseconds(datetime.now(UTC)),
            "media": "url" if self._clips is None else "bytes",
            "version": __version__,
            "can_save": bool(ledger) and shelf.can_write,
        }
        self.send(told)
        return total

    def rest(self) -> None:
        """Tell of all rows that were not told of yet, unless all begins anew meanwhile."""
        with self._one_at_a_time:  # not in the middle of a beginning
            round_ = self._round
        columns = self._shelf.rest()
        count, total = len(columns["task_id"]), self._shelf.total
        self._learn(columns)
        for told, buffers in row_messages(columns, first=max(total - count, 0), total=total, done=True):
            with self._one_at_a_time:
                if self._round != round_:
                    return
                self.send(told, buffers)
                if told["done"]:
                    self._shelf.take(columns)

    def arrived(self, records: Sequence[Record]) -> None:
        """Tell of what was just answered."""
        columns = self._shelf.arrived(records)
        self._rows(columns, total=self._shelf.total, done=True)

    def changed(self) -> tuple[int, bool]:
        """Look into the ledger again, and tell what is not as it was.

        Returns
        -------
        tuple of int and bool
            How many tasks are new; and whether others are gone, so that all is to begin anew.
        """
        columns, new, gone = self._shelf.changed()
        total, ids = self._shelf.total, columns["task_id"]
        for is_new in (False, True):
            places = [at for at, task_id in enumerate(ids) if (task_id in new) is is_new]
            if places:
                self._rows(some(columns, places), total=total, done=True, fresh=is_new)
        return len(new), gone

    def _rows(self, columns: Columns, **more: Any) -> None:
        self._shelf.take(columns)
        self._learn(columns)
        self._all(row_messages(columns, **more))

    def _all(self, messages: Iterable[Message]) -> None:
        for told, buffers in messages:
            self.send(told, buffers)

    # ── Verdicts ─────────────────────────────────────────────────────────────────────────────────

    def lines(self, lines: Iterable[Verdict]) -> None:
        """Tell of lines that were given elsewhere."""
        self._all(line_messages((line.as_dict() for line in lines), baseline=False))

    def kept(self, uuids: Sequence[str]) -> None:
        """Tell which lines are in the ledger now."""
        self.send({"type": "kept", "uuids": list(uuids)})

    def refused(self, lines: Iterable[Refusal]) -> None:
        """Tell which lines will never be taken."""
        told = [{"uuid": line.uuid, "why": line.why} for line in lines]
        self.send({"type": "refused", "lines": told})

    def not_kept(self, uuids: Sequence[str], why: str) -> None:
        """Tell which lines cannot be written just now."""
        self.send({"type": "not_kept", "uuids": list(uuids), "why": why})
