"""`Ledger`: every task ever asked for, and the last of it that could be read."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aleph_nb.ledger.ledger import Ledger

__all__ = ["Ledger"]


def __getattr__(name: str) -> Any:
    """Import `Ledger` when it is needed: SQLAlchemy is slow to import, and where a ledger is needs none."""
    if name != "Ledger":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from aleph_nb.ledger.ledger import Ledger  # noqa: PLC0415, see above

    return Ledger
