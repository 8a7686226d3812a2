"""What other cells of the kernel have asked for: an open desk shows it, without a Refresh."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from aleph_nb.dashboard.asking import TOLD
from aleph_nb.dashboard.later import Later
from aleph_nb.dashboard.outgoing import Outgoing
from aleph_nb.dashboard.shelf import Shelf
from aleph_nb.dashboard.work import Worker

__all__ = ["Elsewhere"]

_PAUSE, _DELAY = 1.0, 0.3  # seconds; a record is in the ledger by then


class Elsewhere:
    """Hears which tasks others have asked for, and tells what became of them, at most once a second.

    What the desk asks for itself comes in the thread of its worker, and is told there. The look is made
    in a timer's thread: as a job of the worker, it would begin a watch of the desk's anew each second.

    Parameters
    ----------
    shelf : Shelf
        The tasks.
    worker : Worker
        Who asks for the desk.
    out : Outgoing
        The way to the browser.
    changed : callable
        Called when rows have changed.
    safely : callable
        Takes what may fail; returns what does it and tells of a failure.
    """

    def __init__(
        self,
        shelf: Shelf,
        worker: Worker,
        out: Outgoing,
        changed: Callable[[], None],
        safely: Callable[[Callable[[], None]], Callable[[], None]],
    ) -> None:
        self._shelf = shelf
        self._worker = worker
        self._out = out
        self._changed = changed
        self._lock = threading.Lock()  # over the ids: whoever asks puts some there
        self._ids: dict[str, None] = {}
        self._told: dict[str, int] = {}  # a fingerprint of each row, as it was told the last time
        self._later = Later(safely(self._look), pause=_PAUSE, delay=_DELAY)

    def listen(self) -> None:
        """Hear from now on."""
        self._shelf.keeper.asked_listeners.append(self._hear)

    def close(self) -> None:
        """Hear no more; what was heard and not told yet is let go of."""
        if self._hear in self._shelf.keeper.asked_listeners:
            self._shelf.keeper.asked_listeners.remove(self._hear)
        with self._lock:
            self._ids.clear()
        self._later.close()

    def _hear(self, ids: Collection[str]) -> None:
        """Note tasks that were asked for or answered, in the thread of whoever asks."""
        if self._worker.is_here:
            return
        mine = self._shelf.those_of(ids)
        if mine:
            with self._lock:
                self._ids |= dict.fromkeys(mine)
            self._later.soon()

    def _look(self) -> None:
        with self._lock:
            ids, self._ids = list(self._ids), {}
        if ids and self._out.heard(ids, self._is_news):
            self._changed()

    def _is_news(self, columns: Mapping[str, Sequence[Any]], at: int) -> bool:
        """Whether a row is not as it was told the last time, whenever it was asked for since."""
        told = hash(repr([columns[name][at] for name in (*TOLD, "labels")]))
        task_id = columns["task_id"][at]
        before, self._told[task_id] = self._told.get(task_id), told
        return told != before
