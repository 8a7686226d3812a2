"""All that speaks SQLite: the file, its one connection, transactions, and what can go wrong with them.

One connection serves all threads in turn. The file's journal is a rollback journal, because WAL does not
work on network disks; `synchronous` is FULL, because with less a power cut can damage the file, and it
costs a fifth of a millisecond a write.
"""

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from aleph_nb.errors import StorageError
from aleph_nb.ledger.faults import Fault, fault_of, later_version, no_ledger, not_opened, storage_error
from aleph_nb.ledger.migrations import id_of, migrate, newest_version, version_of
from aleph_nb.ledger.place import Place

__all__ = ["Store"]

T = TypeVar("T")
Work = Callable[[Connection], T]
_Identity = tuple[int, int]  # a file's device and number, by which it is told from another at its place

_READING = "BEGIN"
_WRITING = "BEGIN IMMEDIATE"  # who is to write says so first, and waits his turn with nothing read yet

_BUSY = 30.0  # seconds to wait for another's lock
_SLICE = 0.1  # of them in SQLite, which hears no Ctrl-C
_MOST_MOVES = 3  # that one transaction follows
_PRAGMAS = (
    "page_size = 8192",  # of a file that is made now; a search takes a tenth less than with 4096
    f"busy_timeout = {_SLICE * 1000:.0f}",
    "synchronous = FULL",
    "cell_size_check = ON",  # a damaged page is told of, not followed
    "temp_store = MEMORY",  # what is sorted is written nowhere else
    "cache_size = -16384",  # KiB
)
_LEFT_BEHIND: list[object] = []  # connections that a fork inherited: to close them is the parent's alone


class _Held(sqlite3.Connection):
    """A connection that only its Store closes: SQLAlchemy gives up one in which Ctrl-C arrived."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._cursors: weakref.WeakSet[sqlite3.Cursor] = weakref.WeakSet()

    def cursor(self, *arguments: Any) -> Any:
        """Make a cursor, and remember it."""
        cursor = super().cursor(*arguments)
        self._cursors.add(cursor)
        return cursor

    def close(self) -> None:
        """Take back what is open, and stay. A query left half read, as by Ctrl-C, keeps its lock."""
        for cursor in list(self._cursors):
            cursor.close()
        if self.in_transaction:
            self.rollback()

    def shut(self) -> None:
        """Close it."""
        self.close()
        super().close()


class _OtherVersionError(Exception):
    """Another kernel has brought the ledger up to its own version, or an earlier one was copied over it."""


_Open = tuple[_Held, Engine, _Identity | None]


class Store:
    """A ledger's database, in whose transactions others do their work.

    Parameters
    ----------
    place : Place
        Where it is. The file is made where there is none.
    patience : float, optional
        Seconds to wait for another's lock; half a minute if not given.

    Raises
    ------
    StorageError
        It cannot be opened.
    """

    def __init__(self, place: Place, patience: float | None = None) -> None:
        self._place = place
        self._patience = _BUSY if patience is None else patience
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._open: _Open | None = None
        self._is_closed = False
        self._id = ""
        self.moves = 0  # how often the file was taken away, or another put in its place
        self.read(lambda _: None)

    @property
    def id(self) -> str:
        """The ledger's own id, made with it."""
        return self._id

    def read(self, work: Work[T]) -> T:
        """Do some work in a transaction that sees one state of the ledger.

        Raises
        ------
        StorageError
            It cannot be read.
        """
        return self._run(work, _READING, "read")

    def write(self, work: Work[T]) -> T:
        """Do some work in a transaction that is kept whole or not at all.

        It is done once more if the file was taken away meanwhile: then in the one that is there now.

        Raises
        ------
        StorageError
            It cannot be written.
        """
        return self._run(work, _WRITING, "written")

    def close(self) -> None:
        """Close the connection. What is asked of it later is a StorageError."""
        self._leave_the_parents()
        with self._lock:
            self._is_closed = True
            self._drop()

    # ── Transactions ─────────────────────────────────────────────────────────────────────────────

    def _run(self, work: Work[T], begin: str, done: str) -> T:
        self._leave_the_parents()
        until = time.monotonic() + self._patience
        moves = 0
        while True:
            try:
                with self._lock:
                    held, engine = self._connected(until)
                    result = self._transact(held, engine, _in_ours(held, work), begin, until)
                    if begin == _READING or moves == _MOST_MOVES or not self._has_moved():
                        return result  # some network disks give a file another number each time
                fault, said = Fault.moved, ""
            except _OtherVersionError:
                fault, said = Fault.moved, ""
            except (SQLAlchemyError, sqlite3.Error, UnicodeError) as error:
                fault, said = fault_of(error)
            except OSError as error:
                raised = not_opened(error.strerror or type(error).__name__, str(self._place))
                break
            if fault is Fault.busy and time.monotonic() < until:
                continue
            if fault is Fault.moved and moves < _MOST_MOVES:
                moves += 1
                self._take_up_anew()
                continue
            raised = storage_error(fault, str(self._place), done, said=said, busy=self._patience)
            break
        raise raised  # outside of the handler: it holds words alone, nothing of the database's error

    def _transact(self, held: _Held, engine: Engine, work: Work[T], begin: str, until: float) -> T:
        try:
            with engine.connect() as connection:
                held.execute(begin)  # not before: SQLAlchemy, as it first connects, rolls back
                result = work(connection)
                self._commit(held, until)
        except BaseException:  # Ctrl-C too
            held.close()
            raise
        return result

    def _commit(self, held: _Held, until: float) -> None:
        """Commit; while others still read, what is written waits, and no new reader is let in."""
        while True:
            try:
                held.execute("COMMIT")
            except sqlite3.OperationalError as error:
                if fault_of(error)[0] is not Fault.busy or time.monotonic() >= until:
                    raise
            else:
                return

    # ── The connection ───────────────────────────────────────────────────────────────────────────

    def _connected(self, until: float) -> tuple[_Held, Engine]:
        if self._is_closed:
            raise StorageError("The ledger is closed. Open it again.")
        if self._open is not None and self._has_moved():
            self._take_up_anew()
        held, engine, _ = self._open or self._connect(until)
        if held.in_transaction:  # Ctrl-C came where it should have been ended
            held.close()
        return held, engine

    def _connect(self, until: float) -> _Open:
        path = self._place.path
        if path is not None and self._place.may_write:
            _make_file(path)
        identity = _identity(path)
        # Never rwc: SQLite would make a file that all may read.
        mode = "rw" if self._place.may_write else "ro"
        name = ":memory:" if path is None else f"{path.as_uri()}?mode={mode}"
        held = sqlite3.connect(
            name, uri=True, factory=_Held, isolation_level=None, check_same_thread=False, timeout=_SLICE
        )
        try:
            for pragma in _PRAGMAS:
                held.execute(f"PRAGMA {pragma}")
            engine = create_engine(
                "sqlite://",
                creator=lambda: held,
                poolclass=StaticPool,
                pool_reset_on_return=None,
                isolation_level="AUTOCOMMIT",  # transactions are begun and ended here
                hide_parameters=True,
            )
            self._prepare(held, engine, until)
        except BaseException:
            held.shut()
            raise
        self._open = held, engine, identity
        return self._open

    def _prepare(self, held: _Held, engine: Engine, until: float) -> None:
        """See that it is a ledger of ours, and bring it up to date."""
        version = self._transact(held, engine, version_of, _READING, until)
        if version is None:
            raise no_ledger(str(self._place))
        if version > newest_version():
            raise later_version(str(self._place), version, newest_version())
        if version < newest_version():
            held.execute("PRAGMA journal_mode = DELETE")
            self._transact(held, engine, migrate, _WRITING, until)
        self._id = self._transact(held, engine, id_of, _READING, until)

    def _has_moved(self) -> bool:
        path = self._place.path
        if path is None or self._open is None:
            return False
        try:
            return _identity(path) != self._open[2]
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False  # SQLite will tell

    def _take_up_anew(self) -> None:
        with self._lock:
            if self._open is not None:
                self.moves += 1
            self._drop()

    def _drop(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            opened[0].shut()

    def _leave_the_parents(self) -> None:
        """In a forked process, take a connection of its own: the one it was born with is the parent's."""
        if self._process == os.getpid():
            return
        self._process, self._lock = os.getpid(), threading.RLock()
        if self._place.path is not None:
            _LEFT_BEHIND.append(self._open)
            self._open = None


def _in_ours(held: _Held, work: Work[T]) -> Work[T]:
    """Let work be done only where the schema is the one that it was written for."""

    def checked(connection: Connection) -> T:
        told = held.execute("SELECT value FROM aleph_nb WHERE name = 'schema'").fetchone()
        if told != (str(newest_version()),):
            raise _OtherVersionError
        return work(connection)

    return checked


def _make_file(path: Path) -> None:
    """Make the file where there is none, so that only its owner can read it: SQLite would ask the umask."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):  # another kernel was quicker
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _identity(path: Path | None) -> _Identity | None:
    if path is None:
        return None
    found = path.stat()
    return found.st_dev, found.st_ino
