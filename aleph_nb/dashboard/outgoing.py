"""All that the desk is told: what it begins with, rows and lines as they come, and the line of status."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
        self._turn = 0  # how often it began or went on: rows of an earlier turn are told no further
        self._marks: Mapping[str, object] = {}  # of the rows that it began with

    def send(self, told: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Send a message."""
        with self._one_at_a_time:
            self._send(told, list(buffers))

    def say(self, text: str, kind: str = "info") -> None:
        """Set the line of status: kind is "info", "error" or "", which clears it."""
        self.send(_status(text, kind))

    # ── Tasks ────────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> bool:
        """Tell everything from the start but for the rows beyond the first; return whether there are more."""
        with self._one_at_a_time:
            messages, has_more = self.beginning()
            messages[0][0]["now"] = milliseconds(datetime.now(UTC))
            self._all(messages)
            return has_more

    def beginning(self) -> tuple[list[Message], bool]:
        """Return what `begin` tells, without the time, since it may be read later; and if there is more."""
        with self._one_at_a_time:
            self._round += 1
            self._turn += 1
            self._shelf.forget_handed_out()
            start = self._start()
            columns = self._shelf.first(AT_ONCE)
            has_more = len(columns["task_id"]) < start["total"]
            messages: list[Message] = [(start, [])]
            messages += self._rows(columns, total=start["total"], done=not has_more)
            messages += self._baseline()
            if self._shelf.trouble:
                messages.append((_status(self._shelf.trouble, "error"), []))
            self._marks = self._shelf.handed_out()
            return messages, has_more

    def go_on(self, round_: object) -> bool:
        """Go on for a page that shows a beginning; return whether it is the last, else all begins anew.

        It is told what was judged since. What is not as the page has it is left to `rest`.
        """
        with self._one_at_a_time:
            if round_ != self._round:
                return False
            self._turn += 1
            self._shelf.forget_handed_out(but=self._marks)
            self.send({"type": "goes_on", "now": milliseconds(datetime.now(UTC))})
            self._all(self._baseline())
            return True

    def _baseline(self) -> Iterable[Message]:
        return line_messages((line.as_dict() for line in self._shelf.baseline()), baseline=True)

    def _start(self) -> dict[str, Any]:
        shelf = self._shelf
        ledger, total = shelf.ledger_id, shelf.total
        return {
            "type": "start",
            "service": shelf.service,
            "ledger": ledger,
            "reviewer": shelf.reviewer,
            "total": total,
            "media": "url" if self._clips is None else "bytes",
            "version": __version__,
            "can_save": bool(ledger) and shelf.can_write,
            "round": self._round,
        }

    def rest(self) -> bool:
        """Tell of all rows that are not as they were told, unless it begins anew or goes on meanwhile.

        Returns
        -------
        bool
            Whether some that were told of are gone, so that all is to begin anew; then nothing is told.
        """
        with self._one_at_a_time:  # not in the middle of a beginning
            turn = self._turn
        columns, _, gone = self._shelf.changed()
        if gone:
            return True
        count, total = len(columns["task_id"]), self._shelf.total
        self._learn(columns)
        for told, buffers in row_messages(columns, first=max(total - count, 0), total=total, done=True):
            with self._one_at_a_time:
                if self._turn != turn:
                    return False
                self.send(told, buffers)
                if told["done"]:
                    self._shelf.take(columns)
        return False

    def arrived(self, records: Sequence[Record]) -> None:
        """Tell of what was just answered."""
        columns = self._shelf.arrived(records)
        self._all(self._rows(columns, total=self._shelf.total, done=True))

    def changed(self) -> tuple[int, bool]:
        """Look into the ledger again, and tell what is not as it was.

        Returns
        -------
        tuple of int and bool
            How many tasks are new; and whether others are gone, so that all is to begin anew.
        """
        columns, new, gone = self._shelf.changed()
        self._news(columns, new)
        return len(new), gone

    def heard(self, ids: Collection[str], is_news: Callable[[Columns, int], bool]) -> bool:
        """Look at some tasks again, and tell what is not as it was; return whether anything is.

        Parameters
        ----------
        ids : collection of str
            The tasks.
        is_news : callable
            Takes columns and a place in them; whether the row is worth telling.
        """
        columns, new = self._shelf.changed_of(ids)
        news = some(columns, [at for at in range(len(columns["task_id"])) if is_news(columns, at)])
        self._news(news, new)
        return bool(news["task_id"])

    def _news(self, columns: Mapping[str, list[Any]], new: Collection[str]) -> None:
        """Tell of rows that are not as they were; those that are new by themselves."""
        total, ids = self._shelf.total, columns["task_id"]
        for is_new in (False, True):
            places = [at for at, task_id in enumerate(ids) if (task_id in new) is is_new]
            if places:
                self._all(self._rows(some(columns, places), total=total, done=True, fresh=is_new))

    def _rows(self, columns: Columns, **more: Any) -> Iterable[Message]:
        self._shelf.take(columns)
        self._learn(columns)
        return row_messages(columns, **more)

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


def _status(text: str, kind: str) -> dict[str, Any]:
    return {"type": "status", "text": text[:_LONGEST_LINE], "kind": kind}
