"""What went wrong with a ledger's file, in one line with what to do."""

import sqlite3
from enum import Enum

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from aleph_nb.errors import StorageError

__all__ = ["Fault", "fault_of", "later_version", "no_ledger", "not_opened", "storage_error"]

_ELSEWHERE = "choose another place (%config AlephMagics.ledger, or off)"
_PRIMARY = 0xFF  # of an extended result code, the part that names its kind


class Fault(Enum):
    """The kinds of faults, and for each what is said, and what to do."""

    busy = (
        "another program has kept it locked for {busy:g} s",
        "Close that program or let it finish, and run this again.",
    )
    full = (
        "the disk is full, or a limit on the size of files is reached",
        f"Free some space or {_ELSEWHERE}, and run this again.",
    )
    read_only = (
        "it may only be read",
        f"Make the file and its folder writable or {_ELSEWHERE}, and run this again.",
    )
    damaged = (
        "the file is damaged, or not a ledger; it is left as it is",
        f"Move it away, and a new one is made, or {_ELSEWHERE}.",
    )
    closed_off = (
        "it cannot be opened",
        f"Check that its folder is there, is a folder, and is yours, or {_ELSEWHERE}.",
    )
    moved = (
        "the file is taken away again and again",
        f"End what does that, or {_ELSEWHERE}.",
    )
    disk = (
        "the disk failed",
        f"Check the disk or {_ELSEWHERE}, and run this again.",
    )
    other = (
        "SQLite says {said}",
        f"Run this again; if it stays so, move the file away, or {_ELSEWHERE}.",
    )


_FAULTS = {
    sqlite3.SQLITE_BUSY: Fault.busy,
    sqlite3.SQLITE_LOCKED: Fault.busy,
    sqlite3.SQLITE_FULL: Fault.full,
    sqlite3.SQLITE_READONLY: Fault.read_only,
    sqlite3.SQLITE_CORRUPT: Fault.damaged,
    sqlite3.SQLITE_NOTADB: Fault.damaged,
    sqlite3.SQLITE_CONSTRAINT: Fault.damaged,  # an index that does not know what is in its table
    sqlite3.SQLITE_CANTOPEN: Fault.closed_off,
    sqlite3.SQLITE_PERM: Fault.closed_off,
    sqlite3.SQLITE_AUTH: Fault.closed_off,
    sqlite3.SQLITE_IOERR: Fault.disk,
}
_EXTENDED = {
    sqlite3.SQLITE_IOERR_WRITE: Fault.full,  # also where a process may write no larger files
    sqlite3.SQLITE_IOERR_TRUNCATE: Fault.full,
    sqlite3.SQLITE_READONLY_DBMOVED: Fault.moved,
}


def fault_of(error: SQLAlchemyError | sqlite3.Error | UnicodeError) -> tuple[Fault, str]:
    """Tell what kind of fault an error of the database is, and the database's own name for it."""
    if isinstance(error, UnicodeError) or "decode to UTF-8" in str(error):
        return Fault.damaged, ""  # a text of the file, or of SQLite's words about the file, is none
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", 0)
    said = getattr(cause, "sqlite_errorname", type(cause).__name__)
    if code == sqlite3.SQLITE_ERROR and "no such table" in str(cause):
        return Fault.moved, said  # it was emptied, or another was copied over it
    return _EXTENDED.get(code) or _FAULTS.get(code & _PRIMARY, Fault.other), said


def storage_error(fault: Fault, where: str, done: str, *, said: str, busy: float) -> StorageError:
    """Make the error that tells of a fault.

    Parameters
    ----------
    fault : Fault
        Its kind.
    where : str
        The ledger, as it is shown.
    done : str
        What could not be done: "read", "written".
    said : str
        The database's own name for it.
    busy : float
        The seconds that were waited for a lock.
    """
    what, remedy = fault.value
    what = what.format(busy=busy, said=said)
    return StorageError(f"The ledger {where} could not be {done}: {what}. {remedy}", f"the ledger: {what}")


def not_opened(said: str, where: str) -> StorageError:
    """Make the error for a file or folder that cannot be made or looked at."""
    what, remedy = Fault.closed_off.value
    return StorageError(
        f"The ledger {where} could not be used: {what} ({said}). {remedy}", f"the ledger: {what}"
    )


def later_version(where: str, theirs: int, ours: int) -> StorageError:
    """Make the error for a ledger that this version does not understand."""
    return StorageError(
        f"The ledger {where} was written by a later version of aleph-nb (its schema is {theirs}, this one "
        f"knows {ours}); it is left as it is. Update aleph-nb and restart the kernel, or {_ELSEWHERE}.",
        "the ledger is of a later version",
    )


def no_ledger(where: str) -> StorageError:
    """Make the error for a database of something else."""
    return StorageError(
        f"{where} is a database of another program; it is left as it is. For the ledger, {_ELSEWHERE}.",
        "the ledger's file is another program's",
    )
