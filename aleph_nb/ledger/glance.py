"""A glance at a ledger while somebody types: what is not there, broken or locked has nothing to tell."""

from pathlib import Path

from aleph_nb.errors import AlephError
from aleph_nb.ledger.place import find_place

__all__ = ["glance"]

_PATIENCE = 0.2  # seconds


def glance(where: str | Path | None, service: str, prefix: str, limit: int) -> list[str]:
    """Return the ids that begin with a text, the one last asked for first; a ledger is never made.

    Parameters
    ----------
    where : str, Path or None
        As of `Ledger.open`. One in memory is not to be seen from here.
    service : str
        What the tasks belong to.
    prefix : str
        What the ids begin with.
    limit : int
        How many at most.
    """
    try:
        path = find_place(where).path
        if path is None or not path.stat().st_size:
            return []
        from aleph_nb.ledger.ledger import Ledger  # noqa: PLC0415, SQLAlchemy is slow to import

        with Ledger.open(where, patience=_PATIENCE) as ledger:
            return ledger.ids(service, prefix, limit)
    except (AlephError, OSError):
        return []
