"""What is open, and by which cell: a cell that is run again closes what it opened before."""

from typing import Protocol

from aleph_nb.dashboard.cell import Cell, running_cell

__all__ = ["Closes", "close_all", "let_go", "take_place"]


class Closes(Protocol):
    """A desk or a player."""

    def close(self) -> None:
        """Close it, which lets go of it here."""


_opened: dict[Closes, Cell | None] = {}  # and the cell that each was opened by


def take_place(one: Closes) -> None:
    """Close what an earlier run of the running cell opened, and note this one."""
    cell = running_cell()
    for other, theirs in list(_opened.items()):
        if cell is not None and cell.replaces(theirs):
            other.close()
    _opened[one] = cell


def let_go(one: Closes) -> None:
    """Forget one that closes."""
    _opened.pop(one, None)


def close_all() -> None:
    """Close every desk and player that is open."""
    while _opened:
        next(iter(_opened)).close()
