"""The board: a small file under a lock, on which kernels tell one another of turns and cool-downs."""

import errno
import hashlib
import os
import secrets
import struct
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Board", "Entry", "cache_folder", "fingerprint"]

_PATIENCE = 1.0  # seconds to wait for the lock, which is held for less than a thousandth
_POLL = 0.003  # seconds between two tries to have it
_SALT = "salt"
_SALT_SIZE = 32
_CONTENT = struct.Struct("<4s3dI")  # a mark, an Entry, and a checksum: what is torn or junk is told from it
_MARK = b"pace"
_OPEN = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_OPEN |= getattr(os, "O_NONBLOCK", 0)  # a pipe in the file's place is an error, and nothing to wait for


class Entry(NamedTuple):
    """What stands on the board, in seconds of the wall clock, which all kernels of a machine share.

    Attributes
    ----------
    last : float
        When the last turn is that anyone has taken or reserved.
    gap : float
        Seconds between two turns of whoever that is.
    cool_until : float
        When the cool-down ends.
    """

    last: float = 0.0
    gap: float = 0.0
    cool_until: float = 0.0


class Board:
    """The file of one service and one key.

    Parameters
    ----------
    folder : Path
        Where it lies. It is there.
    name : str
        Its name, which tells nothing of the key.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / f"{name}.pace"
        self._lock = folder / f"{name}.lock"

    def read(self) -> Entry:
        """Read without the lock. What cannot be read says nothing.

        Raises
        ------
        OSError
            The file is there, and cannot be opened.
        """
        try:
            opened = os.open(self._file, (_OPEN & ~os.O_CREAT & ~os.O_RDWR) | os.O_RDONLY)
        except FileNotFoundError:
            return Entry()
        try:
            return _decoded(os.read(opened, _CONTENT.size))
        finally:
            os.close(opened)

    def change(self, change: Callable[[Entry], Entry | None], stop: threading.Event) -> bool:
        """Read and write under the lock, and wait for nothing meanwhile.

        Parameters
        ----------
        change : callable
            From what stands there to what shall; None to leave it.
        stop : threading.Event
            Ends the waiting for the lock.

        Returns
        -------
        bool
            Whether it was done; False once `stop` is set.

        Raises
        ------
        OSError, RuntimeError
            There is no lock, it was not had in a second, or the file cannot be read or written.
        """
        lock = _new_lock(self._lock)  # a new one each time: a forked child has no handle of ours
        try:
            return _take(lock, stop) and self._change(change)
        finally:
            lock.release()  # also of a lock that an interrupt left half taken

    def _change(self, change: Callable[[Entry], Entry | None]) -> bool:
        opened = os.open(self._file, _OPEN, 0o600)
        try:
            entry = change(_decoded(os.read(opened, _CONTENT.size)))
            if entry is not None:
                os.lseek(opened, 0, os.SEEK_SET)
                content = _encoded(entry)  # written in place: a full disk has room for it
                if os.write(opened, content) < len(content):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(opened)
        return True


def _encoded(entry: Entry) -> bytes:
    content = _CONTENT.pack(_MARK, *entry, 0)[:-4]
    return content + zlib.crc32(content).to_bytes(4, "little")


def _decoded(content: bytes) -> Entry:
    if len(content) != _CONTENT.size or content[:4] != _MARK:
        return Entry()
    _, last, gap, cool_until, checksum = _CONTENT.unpack(content)
    return Entry(last, gap, cool_until) if checksum == zlib.crc32(content[:-4]) else Entry()


def _new_lock(path: Path) -> Any:
    from filelock import FileLock  # noqa: PLC0415, only where kernels share

    # Where there is no lock of the system's, none is better than one that outlives its holder.
    options: dict[str, Any] = {"fallback_to_soft": False} if hasattr(FileLock, "fallback_to_soft") else {}
    return FileLock(path, mode=0o600, **options)


def _take(lock: Any, stop: threading.Event) -> bool:
    """Take the lock; tell whether it was had before `stop` was set."""
    from filelock import SoftFileLock, Timeout  # noqa: PLC0415, likewise

    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if time.monotonic() >= deadline:
                raise TimeoutError("its lock was not had within a second") from None
        else:
            if isinstance(lock, SoftFileLock):
                raise OSError("its disk has no locks")
            return True
        if stop.wait(_POLL):
            return False


def cache_folder() -> Path:
    """Return the user's cache folder, which need not be there."""
    import platformdirs  # noqa: PLC0415, likewise

    return Path(platformdirs.user_cache_path("aleph_nb", appauthor=False))


def fingerprint(reveal: Callable[[], str], service: str, folder: Path) -> str:
    """Name a key and a service, so that neither can be had from the name.

    It is a keyed hash; what it is keyed with is random, lies in the folder, and is for the user alone.
    A slow hash would add nothing: a key has 128 random bits, which nobody tries out; and whoever can
    read this folder can read where the key is kept.

    Parameters
    ----------
    reveal : callable
        Returns the key. While files are read, no frame holds it, which a traceback may show.
    service : str
        The origin of the service.
    folder : Path
        The cache folder, which is made where there is none.

    Raises
    ------
    OSError, RuntimeError
        The folder cannot be used.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    salt = _salt(folder)
    digest = hashlib.blake2b(service.encode() + b"\0", key=salt, digest_size=16)
    digest.update(reveal().encode())
    return digest.hexdigest()


def _salt(folder: Path) -> bytes:
    """Return what fingerprints are keyed with; the first kernel makes it up."""
    salt = _read_salt(folder / _SALT)
    if len(salt) == _SALT_SIZE:
        return salt
    lock = _new_lock(folder / f"{_SALT}.lock")
    try:
        _take(lock, threading.Event())
        salt = _read_salt(folder / _SALT)
        if len(salt) != _SALT_SIZE:
            salt = secrets.token_bytes(_SALT_SIZE)
            _write_salt(folder / _SALT, salt)
        return salt
    finally:
        lock.release()


def _read_salt(file: Path) -> bytes:
    try:
        return file.read_bytes() if file.is_file() else b""
    except FileNotFoundError:
        return b""


def _write_salt(file: Path, salt: bytes) -> None:
    """Write it beside its place first: whoever reads without the lock finds all of it or nothing."""
    beside = file.with_suffix(".new")
    beside.unlink(missing_ok=True)
    opened = os.open(beside, _OPEN | os.O_EXCL, 0o600)
    try:
        if os.write(opened, salt) < len(salt):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(opened)
    beside.replace(file)
