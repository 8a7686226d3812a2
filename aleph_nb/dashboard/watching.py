"""The watch of a desk: it tells what changes, and stops for whatever else is to be done."""

import time
from collections.abc import Callable, Sequence

from aleph_nb.asked import Asked
from aleph_nb.cards import Live
from aleph_nb.dashboard.asking import TOLD, Arriving
from aleph_nb.dashboard.outgoing import Outgoing
from aleph_nb.dashboard.shelf import Shelf
from aleph_nb.dashboard.work import Worker
from aleph_nb.errors import AlephError
from aleph_nb.record import Record
from aleph_nb.session import Session
from aleph_nb.watch import Watch

__all__ = ["Watching"]

_BETWEEN = 0.5  # seconds between two lines of how it stands, where nothing has settled


class _ElsewhereError(Exception):
    """Requests go to another service now."""


class Watching:
    """Watches the tasks of a desk that are not done. `run` is a worker's lasting job.

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
        self._watched: dict[str, None] = {}  # since it was turned on
        self._begun = self._told = 0.0
        self._heard: dict[str, Record] = {}
        self._state: Watch | None = None
        self._settled = 0
        self._arriving = Arriving(self._arrived)

    def turn(self, *, on: bool) -> None:
        """Turn it on or off."""
        if on and not self._worker.is_lasting:
            self._watched, self._begun = {}, time.monotonic()
            self._worker.last(self.run)
        elif not on:
            self._worker.last(None)
            self._worker.do(lambda: self._stands(on=False, text=""))  # behind whatever it still tells

    def run(self) -> None:
        """Ask again and again until all tasks are settled; where another job goes first, begin again."""
        why = self._shelf.elsewhere
        ids = [] if why else self._shelf.open_tasks()
        self._watched |= dict.fromkeys(ids)
        self._heard, self._state, self._settled = {}, None, -1
        try:
            if ids:
                watched = Asked({task_id: {} for task_id in self._watched})  # those that are done count too
                self._session.watch(watched, observe=self._observe)
        except _ElsewhereError:
            why = self._shelf.elsewhere
        except AlephError as error:
            why = str(error)
        finally:
            self._arriving.flush()
        if why:
            self._out.say(why, "error")
        self._stands(on=False, text="" if why else self._line("in") if ids else "No task is under way.")

    def _observe(self, state: Watch, now: float) -> None:
        """Tell what has changed; called about ten times a second."""
        self._state = state
        if len(state.settled) != self._settled or now - self._told >= _BETWEEN:
            for task_id, record in state.latest.items():
                before = self._heard.get(task_id)
                if before is not record:
                    self._heard[task_id] = record
                    if before is None or any(getattr(before, name) != getattr(record, name) for name in TOLD):
                        self._arriving.add(record)
            self._told, self._settled = now, len(state.settled)
            self._stands(on=True, text=self._line())
        self._arriving.flush_if_due()
        self._worker.check()
        if self._shelf.elsewhere:
            raise _ElsewhereError

    def _arrived(self, records: Sequence[Record]) -> None:
        self._out.arrived(records)
        self._changed()

    def _line(self, ended: str = "") -> str:
        """Say in words how it stands."""
        if self._state is None:
            return ""
        now, look = time.monotonic(), self._state.next_look
        settled = list(self._state.settled.values())
        return Live(
            total=len(self._watched),
            records=list(self._state.latest.values()),
            settled=settled,
            elapsed=now - self._begun,
            next_look=None if look is None else max(look - now, 0.0),
            ended="time is up after" if ended and self._state.timed_out(now) else ended,
        ).line

    def _stands(self, *, on: bool, text: str) -> None:
        total, state = len(self._watched), self._state
        settled = total - len(state.waiting) if state is not None else 0
        self._out.send({"type": "watch", "on": on, "settled": settled, "total": total, "text": text})
