"""`Ledger`: every task ever asked for, and the last of it that could be read."""

from aleph_nb.ledger.ledger import Ledger

__all__ = ["Ledger"]
