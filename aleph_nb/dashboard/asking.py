"""What the desk's thread does: ask for tasks, and look into the ledger again."""

import time
from collections.abc import Callable, Sequence

from aleph_nb import words
from aleph_nb.asked import Asked
from aleph_nb.dashboard.outgoing import Outgoing
from aleph_nb.dashboard.shelf import Shelf
from aleph_nb.dashboard.work import Worker
from aleph_nb.errors import AlephError
from aleph_nb.record import Record
from aleph_nb.session import Session

__all__ = ["TOLD", "Arriving", "Asking"]

TOLD = ("state", "reason", "prompt", "complete_time", "result_video_url", "error_code", "error_message")
"""What of a record is worth telling again: one that only runs on is not."""

_BETWEEN = 0.25  # seconds between two messages of what arrives


class Arriving:
    """Gathers records, so that many that come at once are one message.

    Parameters
    ----------
    take : callable
        Takes those that were gathered.
    """

    def __init__(self, take: Callable[[Sequence[Record]], None]) -> None:
        self._take = take
        self._records: dict[str, Record] = {}
        self._taken = float("-inf")

    def add(self, record: Record) -> None:
        """Gather a record."""
        self._records[record.task_id] = record
        self.flush_if_due()

    def flush_if_due(self) -> None:
        """Hand over what there is, if the last time is a moment ago."""
        if time.monotonic() - self._taken >= _BETWEEN:
            self.flush()

    def flush(self) -> None:
        """Hand over what there is."""
        records, self._records = self._records, {}
        if records:
            self._take(list(records.values()))
            self._taken = time.monotonic()


class Asking:
    """Asks for the tasks of a desk, and tells what comes. Its methods run in the desk's thread.

    Parameters
    ----------
    session : Session
        Who asks.
    shelf : Shelf
        The tasks.
    worker : Worker
        Whose thread it is.
    out : Outgoing
        The way to the browser.
    changed : callable
        Called when rows have changed.
    """

    def __init__(
        self, session: Session, shelf: Shelf, worker: Worker, out: Outgoing, changed: Callable[[], None]
    ) -> None:
        self._session = session
        self._shelf = shelf
        self._worker = worker
        self._out = out
        self._changed = changed

    def rest(self) -> None:
        """Tell of all rows that are not as they were told."""
        if self._out.rest():
            self._out.begin()
            self._out.rest()
        self._changed()

    def begin(self) -> None:
        """Tell everything from the start."""
        self._out.begin()
        self.rest()

    def ask_first(self) -> None:
        """Ask for the tasks that a desk was opened with."""
        self.rest()
        self._ask(self._shelf.open_tasks())

    def add(self, asked: Asked) -> None:
        """Take up tasks, and ask for them."""
        self._shelf.keeper.ask(asked.labels)
        self._shelf.add(asked.ids)
        self._look_again()
        self._ask(asked.ids)

    def refresh(self, ids: Sequence[str] | None) -> None:
        """Ask for some tasks, or for all that are not done; then look into the ledger again."""
        due = self._shelf.open_tasks() if ids is None else list(ids)
        is_answered = self._ask(due)
        new = self._look_again()
        if is_answered:
            told = f"Asked for {words.plural(len(due), 'task')}" if due else "No task is under way"
            self._out.say(f"{told}; {new:,} new in the ledger." if new else f"{told}.")

    def _ask(self, ids: Sequence[str]) -> bool:
        """Ask once; tell what keeps it from that, and return whether nothing did."""
        if not ids or self._is_elsewhere():
            return not ids
        self._out.say(f"Asking for {words.plural(len(ids), 'task')} …")
        arriving = Arriving(self._arrived)

        def look_up() -> None:
            self._worker.check()
            arriving.flush_if_due()

        try:
            asked = Asked({task_id: {} for task_id in ids})
            self._session.status(asked, observe=arriving.add, meanwhile=look_up)
        except AlephError as error:
            self._out.say(str(error), "error")
            return False
        finally:
            arriving.flush()
        self._out.say("", "")
        return True

    def _arrived(self, records: Sequence[Record]) -> None:
        self._out.arrived(records)
        self._changed()

    def _look_again(self) -> int:
        """Tell what is not as it was; return how many tasks are new."""
        new, gone = self._out.changed()
        if gone:
            self.begin()
        self._changed()
        return new

    def _is_elsewhere(self) -> bool:
        """Tell why nobody can be asked now, and whether that is so."""
        why = self._shelf.elsewhere
        if why:
            self._out.say(why, "error")
        return bool(why)
