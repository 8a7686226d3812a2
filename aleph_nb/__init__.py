"""Review videos made with Runway Aleph in a notebook: `%load_ext aleph_nb`.

Everything here is imported on first use, so that loading the extension costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from aleph_nb._version import __version__

if TYPE_CHECKING:
    from aleph_nb.cards import Card
    from aleph_nb.client import Client
    from aleph_nb.dashboard import Dashboard, Player
    from aleph_nb.errors import (
        AlephError,
        APIError,
        AuthenticationError,
        ConfigurationError,
        MaintenanceError,
        MediaAccessError,
        ProtocolError,
        RateLimitError,
        ServerError,
        StorageError,
        TransportError,
        ValidationError,
    )
    from aleph_nb.frame import to_frame
    from aleph_nb.record import Record, State
    from aleph_nb.review import Note, Review, Verdict
    from aleph_nb.session import Session, current_session
    from aleph_nb.settings import Settings

__all__ = [
    "APIError",
    "AlephError",
    "AuthenticationError",
    "Card",
    "Client",
    "ConfigurationError",
    "Dashboard",
    "MaintenanceError",
    "MediaAccessError",
    "Note",
    "Player",
    "ProtocolError",
    "RateLimitError",
    "Record",
    "Review",
    "ServerError",
    "Session",
    "Settings",
    "State",
    "StorageError",
    "TransportError",
    "ValidationError",
    "Verdict",
    "__version__",
    "current_session",
    "load_ipython_extension",
    "to_frame",
    "unload_ipython_extension",
]

_ROOMS = {
    "Card": "cards",
    "Client": "client",
    "Dashboard": "dashboard",
    "Note": "review",
    "Player": "dashboard",
    "Record": "record",
    "Review": "review",
    "Session": "session",
    "Settings": "settings",
    "State": "record",
    "Verdict": "review",
    "current_session": "session",
    "to_frame": "frame",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'aleph_nb' has no attribute {name!r}")
    return getattr(import_module(f"aleph_nb.{_ROOMS.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return __all__


def load_ipython_extension(ipython: Any) -> None:
    """Register the magics: `%load_ext aleph_nb`. Loaded twice is loaded once."""
    from aleph_nb.extension import load  # noqa: PLC0415, `import aleph_nb` needs no IPython

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Take everything back: magics, configuration, transformer, connections, the demo."""
    from aleph_nb.extension import unload  # noqa: PLC0415, likewise

    unload(ipython)
