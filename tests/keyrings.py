"""Keyrings of the tests' own, and a Python without the package `keyring`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import keyring
from keyring.backend import KeyringBackend

__all__ = ["Faulty", "Memory", "NothingKept", "not_installed", "using"]


class Memory(KeyringBackend):
    """Keeps its entries as long as it lives.

    Attributes
    ----------
    entries : dict
        From service and name to what is kept.
    calls : list of str
        What was asked of it: "get", "set", "delete".
    """

    priority = -1  # never chosen by the package itself

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.calls: list[str] = []

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept."""
        self.calls.append("get")
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self.calls.append("set")
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Take it away."""
        self.calls.append("delete")
        del self.entries[service, username]


class NothingKept(Memory):
    """Takes everything and keeps nothing, as a keyring that its user has switched off."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep nothing."""


class Faulty(Memory):
    """Raises at every call, with all that it knows in the error's words and in its frames.

    Parameters
    ----------
    error : callable
        From words to what is raised.
    at : container of str
        The calls that fail: "get", "set", "delete".
    """

    def __init__(
        self, error: Callable[[str], BaseException], at: tuple[str, ...] = ("get", "set", "delete")
    ) -> None:
        super().__init__()
        self._error = error
        self._at = at

    def get_password(self, service: str, username: str) -> str | None:
        """Fail, or return what is kept."""
        kept = super().get_password(service, username)
        self._fail("get", kept)
        return kept

    def set_password(self, service: str, username: str, password: str) -> None:
        """Fail, or keep it."""
        self._fail("set", password)
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        """Fail, or take it away."""
        self._fail("delete", self.entries.get((service, username)))
        super().delete_password(service, username)

    def _fail(self, call: str, known: str | None) -> None:
        if call in self._at:
            raise self._error(f"{call} of {known}")


@contextmanager
def using(backend: Memory) -> Iterator[Memory]:
    """Let a keyring be the one of this process."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield backend
    finally:
        keyring.set_keyring(before)


class _Finder(PathFinder):
    """Finds `keyring` in one folder alone, or nowhere."""

    folder: str | None = None

    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Find a module as Python does, but for that package."""
        if fullname == "keyring":
            return super().find_spec(fullname, [cls.folder], target) if cls.folder else None
        return super().find_spec(fullname, path, target)


@contextmanager
def not_installed(instead: Path | None = None) -> Iterator[None]:
    """Let the package `keyring` be missing, or be what lies in the folder `instead`."""
    ours = _forget_modules()
    finders = list(sys.meta_path)
    _Finder.folder = str(instead) if instead else None
    sys.meta_path[:] = [_Finder if finder is PathFinder else finder for finder in finders]
    try:
        yield
    finally:
        _forget_modules()
        sys.meta_path[:] = finders
        sys.modules.update(ours)


def _forget_modules() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == "keyring"]
    return {name: sys.modules.pop(name) for name in names}
