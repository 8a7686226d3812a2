"""The settings: where, and how fast. Each is declared once, here."""

import getpass
import math
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from aleph_nb.errors import ConfigurationError

__all__ = [
    "ENVIRONMENT_PREFIX",
    "MOST_CARDS",
    "OFF",
    "Settings",
    "check_setting",
    "data_folder",
    "shown_url",
]

ENVIRONMENT_PREFIX = "ALEPH_NB_"
"""What the name of a setting in the environment begins with: `ALEPH_NB_RATE` for `rate`."""

MOST_CARDS = 24
"""The most cards that one cell shows: each holds two videos."""

OFF = "off"
"""The ledger that is kept in memory, and gone with its kernel."""

_MOST_SECONDS = 86_400.0
_PORTS = {"http": 80, "https": 443}


def _seconds(name: str, value: Any) -> float:
    return _number(name, value, above=0.0, most=_MOST_SECONDS, unit=" of seconds")


def _number(name: str, value: Any, *, above: float = -1.0, most: float, unit: str = "") -> float:
    """Return a float above `above` (or from 0 on) and up to `most`."""
    number = _float(value)
    if not max(above, 0.0) <= number <= most or number == above:
        least = "more than 0" if above == 0 else "0 or more"
        raise ConfigurationError(
            f"{name} = {value!r} cannot be used: it is a number{unit}, {least}, up to {most:g}."
        )
    return number


def _float(value: Any) -> float:
    try:
        return math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _rate(name: str, value: Any) -> float:
    return _number(name, value, most=10_000.0)


def _wait(name: str, value: Any) -> float:
    return _number(name, value, most=_MOST_SECONDS, unit=" of seconds")


def _count(least: int, most: int) -> Callable[[str, Any], int]:
    def check(name: str, value: Any) -> int:
        number = _float(value)
        if not least <= number <= most or not number.is_integer():
            raise ConfigurationError(
                f"{name} = {value!r} cannot be used: it is a whole number from {least} to {most}."
            )
        return int(number)

    return check


def _ledger(name: str, value: Any) -> str:
    """Return where the ledger is: a path or a URL, "off", or "" for the user's data folder."""
    where = value.strip() if isinstance(value, str) else str(value) if isinstance(value, Path) else None
    if where is None:
        raise ConfigurationError(f"{name} = {value!r} cannot be used: it is a path, a URL of SQLite, or off.")
    if where and where != OFF:
        from aleph_nb.ledger.place import find_place  # noqa: PLC0415, %load_ext stays cheap

        try:
            find_place(where)
        except ConfigurationError as error:
            why = str(error)
        else:
            return where
        raise ConfigurationError(f"{name} = {shown_url(where)!r} cannot be used. {why}")
    return where


def _reviewer(name: str, value: Any) -> str:
    """Return who reviews; "" for the user's name."""
    if isinstance(value, str) and not value.strip():
        return ""
    from aleph_nb.review import read_reviewer  # noqa: PLC0415, %load_ext stays cheap

    with suppress(ValueError):
        return read_reviewer(value)
    raise ConfigurationError(f"{name} = {value!r} cannot be used: it is a name of up to 100 characters.")


def _base_url(name: str, value: Any) -> str:
    """Return the URL without a slash at its end, if the key may be sent there."""
    from aleph_nb.values import is_loopback  # noqa: PLC0415, %load_ext stays cheap

    url = value.strip().rstrip("/") if isinstance(value, str) else ""
    parts = _split(url)
    shown = repr(shown_url(value) if isinstance(value, str) else value)
    if parts is None or "?" in url or "#" in url:
        raise ConfigurationError(f"{name} = {shown} cannot be used: it is a URL such as https://api.kie.ai")
    if parts.scheme != "https" and not is_loopback(parts.hostname):
        raise ConfigurationError(
            f"{name} = {shown} is refused: the key would travel readable. "
            "Use https, or a server on this machine."
        )
    return parts.scheme + url[len(parts.scheme) :]


def _split(url: str) -> SplitResult | None:
    """Split an http(s) URL; None for anything else."""
    if any(mark.isspace() or mark == "\\" or not mark.isprintable() for mark in url):
        return None
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_web else None


def shown_url(url: str) -> str:
    """Return a URL as it may be shown: `***` for its user and password, also where it is malformed."""
    return re.sub(r"^([A-Za-z][\w+.-]*://)?.*@", r"\1***@", url, flags=re.DOTALL)


def _setting(default: Any, check: Callable[[str, Any], Any], about: str, *, is_url: bool = False) -> Any:
    return field(default=default, metadata={"check": check, "about": about, "is_url": is_url})


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """Where the API is, and how fast it is asked.

    Raises
    ------
    ConfigurationError
        A value cannot be used.
    """

    base_url: str = _setting(
        "https://api.kie.ai", _base_url, "where the API is; https, loopback aside", is_url=True
    )
    timeout: float = _setting(30.0, _seconds, "seconds that one try may take")
    deadline: float = _setting(120.0, _seconds, "seconds for one id from its first try to its last")
    rate: float = _setting(9.0, _rate, "requests a second (the service refuses above 10); 0 = unlimited")
    workers: int = _setting(16, _count(1, 256), "requests under way at once")
    retries: int = _setting(4, _count(0, 100), "tries after the first")
    retry_wait: float = _setting(10.0, _wait, "seconds to wait out a 429 that does not say how long")
    poll_interval: float = _setting(5.0, _seconds, "least seconds between two looks of a watch at a task")
    watch_timeout: float = _setting(1200.0, _seconds, "seconds after which a watch returns what it has")
    max_media: int = _setting(3, _count(0, MOST_CARDS), "succeeded tasks that %aleph_status shows as cards")
    max_embed_bytes: int = _setting(
        20_000_000, _count(0, 10**9), "bytes of media that %aleph_show --embed puts into a card"
    )
    max_media_bytes: int = _setting(
        200_000_000, _count(0, 10**9), "bytes of a clip that comes to the player through the kernel"
    )
    ledger: str = _setting("", _ledger, "where tasks are kept: a path, a URL of SQLite, or off", is_url=True)
    reviewer: str = _setting("", _reviewer, "who gives the verdicts; empty = the user's name")

    def __post_init__(self) -> None:
        for declared in fields(self):
            object.__setattr__(
                self, declared.name, check_setting(declared.name, getattr(self, declared.name))
            )

    def __repr__(self) -> str:
        shown = {declared.name: getattr(self, declared.name) for declared in fields(self)}
        for declared in fields(self):
            if declared.metadata["is_url"]:
                shown[declared.name] = shown_url(shown[declared.name])
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @classmethod
    def load(
        cls, chosen: Mapping[str, Any] | None = None, environ: Mapping[str, str] = os.environ
    ) -> "Settings":
        """Take each setting from `chosen`, else from the environment, else its default.

        Parameters
        ----------
        chosen : mapping, optional
            Settings by name.
        environ : mapping
            The environment.

        Raises
        ------
        ConfigurationError
            A value cannot be used; the message names the variable of the environment.
        """
        values = dict(chosen or {})
        for declared in fields(cls):
            variable = ENVIRONMENT_PREFIX + declared.name.upper()
            if declared.name not in values and environ.get(variable, "").strip():
                values[declared.name] = declared.metadata["check"](variable, environ[variable])
        return cls(**values)

    @property
    def ledger_place(self) -> str | Path | None:
        """Where the ledger is: what was chosen, the file in the user's data folder, or None for memory."""
        if self.ledger == OFF:
            return None
        return self.ledger or data_folder() / "ledger.sqlite3"

    @property
    def service(self) -> str:
        """The origin that records and labels belong to, such as `https://api.kie.ai`."""
        parts = urlsplit(self.base_url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        is_default = parts.port in (None, _PORTS[parts.scheme])
        return f"{parts.scheme}://{host}" + ("" if is_default else f":{parts.port}")

    @property
    def reviewer_name(self) -> str:
        """Who reviews: the setting, else the user's name, else "you"."""
        from aleph_nb.review import read_reviewer  # noqa: PLC0415, %load_ext stays cheap

        with suppress(OSError, KeyError, ImportError, ValueError):  # nobody is logged in, as in a container
            return self.reviewer or read_reviewer(getpass.getuser())
        return "you"


def check_setting(name: str, value: Any) -> Any:
    """Return the value as the setting's type.

    Raises
    ------
    ConfigurationError
        There is no such setting, or the value cannot be used.
    """
    declared = {declared.name: declared for declared in fields(Settings)}
    if name not in declared:
        raise ConfigurationError(f"There is no setting {name!r}. The settings are: {', '.join(declared)}.")
    return declared[name].metadata["check"](name, value)


def data_folder() -> Path:
    """Return the user's folder for what is kept."""
    from platformdirs import user_data_path  # noqa: PLC0415, %load_ext stays cheap

    return user_data_path("aleph_nb", appauthor=False)
