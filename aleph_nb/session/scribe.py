"""A ledger in use: what cannot be written down waits in this kernel, and a fault is told once."""

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakSet

from aleph_nb.errors import StorageError
from aleph_nb.session.held import Held

if TYPE_CHECKING:
    from aleph_nb.ledger import Ledger

__all__ = ["BATCH_SECONDS", "Scribe"]

T = TypeVar("T")

BATCH_SECONDS = 0.25
"""How long a record waits for others, to be written with them."""

_BATCH = 16  # records; the pool has up to 16 more while they are written: a kill loses 32
_LONG = 0.5  # seconds
_AGAIN = 60.0  # seconds after a fault, and then it is tried again within a call, such as a watch
_REST = 4.0  # times as long as the fault took to show, if that is more: a lock is waited for half a minute
_MEANWHILE = "What is asked for is kept in this kernel until then."


class Scribe:
    """Opens a ledger when it is needed, writes in batches, and tries again what failed.

    That is with the next call, and once a minute within one that lasts so long.

    Parameters
    ----------
    where : str, Path or None
        As of `Ledger.open`.
    service : str
        What the tasks belong to.
    tell : callable
        Takes a line for the reader.
    """

    def __init__(self, where: str | Path | None, service: str, tell: Callable[[str], None]) -> None:
        self.where = where
        self.service = service
        self._tell = tell
        self._ledger: Ledger | None = None
        self._renew_lock()
        self._held = Held()
        self._due = float("inf")  # when the batch is to be written
        self._is_well = True  # whether to try: nothing went wrong in this call
        self._again_at = float("inf")  # when to try again within a call in which something went wrong
        self._is_slow = False  # a read took so long to fail that this call reads no more
        self._told = ""  # what was wrong, of which the reader knows
        _scribes.add(self)

    def _renew_lock(self) -> None:
        self._lock = threading.RLock()  # over what is held, and over the ledger while it is in use

    @property
    def shown(self) -> str:
        """Where the ledger is, for a person to read; or why it cannot be used."""
        try:
            return self.open().where
        except StorageError as error:
            self._told = error.reason
            return error.reason

    def hand_over(self) -> Held:
        """Give away what could not be written: somebody has chosen another place."""
        with self._lock:
            if self._is_well:
                return Held()
            held, self._held = self._held, Held()
            return held

    def take_over(self, held: Held) -> None:
        """Take what another ledger of the service could not write, and write it with the next call."""
        with self._lock:
            self._held.take_over(held)

    def flush_if_due(self) -> None:
        """Write the batch, if it is full or old enough."""
        now = time.monotonic()
        if now >= self._again_at:
            with self._lock:
                self._begin(is_silent=True)
                self._flush()
        elif len(self._held.records) >= _BATCH or now >= self._due:
            self.flush()

    def flush(self) -> None:
        """Write what is to be written; where that fails, it stays here."""
        with self._lock:
            self._flush()

    def _flush(self, tell: Callable[[str], None] | None = None) -> None:
        self._due = float("inf")
        if not self._is_well or not self._held:
            return
        held = self._held.copy()

        def write(ledger: "Ledger") -> bool:
            if held.asked:
                ledger.ask(self.service, held.asked, datetime.now(UTC))
            if held.records:
                ledger.save(self.service, list(held.records.values()))
            return True

        if self._attempt(write, tell):
            self._held.drop(held)

    def open(self) -> "Ledger":
        """Return the ledger.

        Raises
        ------
        StorageError
            It cannot be opened.
        """
        from aleph_nb.ledger import Ledger  # noqa: PLC0415, SQLAlchemy is slow to import

        with self._lock:
            if self._ledger is None:
                self._ledger = Ledger.open(self.where)
            return self._ledger

    def look(self, work: "Callable[[Ledger], T]") -> T:
        """Do something with the ledger, once what is held is written.

        Raises
        ------
        StorageError
            The ledger cannot be read.
        """
        told: list[str] = []
        with self._lock:
            self._begin()
            self._flush(told.append)
            ledger = self.open()
            found = work(ledger)
            told += ledger.take_notes()
        for line in told:  # not where it cannot be read either: one line is enough
            self._tell(line)
        return found

    def close(self) -> None:
        """Write what is to be written, and close the file."""
        with self._lock:
            self._begin(is_silent=True)
            self._flush()
            if self._ledger is not None:
                self._ledger.close()
                self._ledger = None

    def _begin(self, *, is_silent: bool = False) -> None:
        """Try again: whatever was wrong may have been mended. Told again, too, or only what is new."""
        self._is_well = True
        self._again_at = float("inf")
        if not is_silent:
            self._told = ""

    def _read(self, work: "Callable[[Ledger], T]") -> T | None:
        """Read from the ledger; None where that fails, and where it could not be opened a moment ago."""
        if not self._is_well and (self._ledger is None or self._is_slow):
            return None
        begun = time.monotonic()
        found = self._attempt(work)
        self._is_slow = not self._is_well and time.monotonic() - begun > _LONG
        return found

    def _attempt(self, work: "Callable[[Ledger], T]", tell: Callable[[str], None] | None = None) -> T | None:
        """Do something with the ledger. None where that fails, which is told once in a call."""
        tell = tell or self._tell
        begun = time.monotonic()
        with self._lock:
            try:
                ledger = self.open()
                done = work(ledger)
            except StorageError as error:
                self._is_well = False
                now = time.monotonic()
                self._again_at = now + max(_AGAIN, _REST * (now - begun))
                if error.reason != self._told:
                    self._told = error.reason
                    tell(f"{error} {_MEANWHILE}")
                return None
            for note in ledger.take_notes():
                tell(note)
            return done


_scribes: WeakSet[Scribe] = WeakSet()


def _after_fork() -> None:
    for scribe in list(_scribes):
        scribe._renew_lock()  # noqa: SLF001, a part of the class; a thread that the child lacks may hold it


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
