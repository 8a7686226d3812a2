"""The one session of a kernel, which the magics use."""

from aleph_nb.credentials import use_key
from aleph_nb.session.session import Session

__all__ = ["close_current_session", "current_session", "existing_session"]

_current: Session | None = None


def current_session() -> Session:
    """Return the session that the magics use."""
    global _current  # noqa: PLW0603, a kernel has one, as it has one shell
    if _current is None:
        _current = Session()
    return _current


def existing_session() -> Session | None:
    """Return the session that the magics use, if one of them has needed it yet."""
    return _current


def close_current_session() -> None:
    """Close the session that the magics use, and forget the key that was typed for it."""
    global _current
    use_key(None)
    session, _current = _current, None
    if session is not None:
        session.close()
