"""The desk's Python side at ten thousand and a hundred thousand records: from the ledger to the messages."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from aleph_nb.dashboard.feed import Message
from aleph_nb.dashboard.outgoing import Outgoing
from aleph_nb.dashboard.shelf import Shelf
from aleph_nb.session import Session
from aleph_nb.settings import Settings
from tests.benchmarks.ledger import fill
from tests.benchmarks.measure import Figures, Row, interleave, timed

__all__ = ["measure"]

_ROUNDS = 7
_MOST = {10_000: 150.0, 100_000: 1_000.0}  # milliseconds for all rows
_MOST_FIRST = 50.0  # for those that the cell itself waits for


def measure() -> list[Row]:
    """Measure what is handed out at once, and all of it."""
    rows = []
    with TemporaryDirectory() as folder:
        for size, most in _MOST.items():
            path = Path(folder) / f"{size}.sqlite3"
            fill(path, size)
            with Session(Settings.load({"ledger": str(path)})) as session:
                rows += _measure(session, size, most)
            path.unlink()
    return rows


def _measure(session: Session, size: int, most: float) -> list[Row]:
    shelf, sent = Shelf(session, None), list[Message]()
    out = Outgoing(shelf, lambda told, buffers: sent.append((dict(told), buffers)), None, lambda _: None)

    def begin() -> None:
        sent.clear()
        out.begin()

    def whole() -> None:
        begin()
        out.rest()

    found = interleave({"first": timed(begin), "whole": timed(whole)}, _ROUNDS)
    whole()
    counted = sum(told.get("count", 0) for told, _ in sent)
    if counted != size:
        raise RuntimeError(f"{counted} rows were handed out, not {size}")
    megabytes = sum(len(buffer) for _, buffers in sent for buffer in buffers) / 10**6
    print(f"desk of {size:,}: {len(sent)} messages, {megabytes:.1f} MB", file=sys.stderr)
    return [
        _row(f"desk of {size:,}: the first rows", found["first"], _MOST_FIRST),
        _row(f"desk of {size:,}: all rows as messages", found["whole"], most),
    ]


def _row(what: str, figures: Figures, most: float) -> Row:
    return Row(what=what, figures=figures, target=f"at most {most:,.0f} ms", met=figures.median <= most)
