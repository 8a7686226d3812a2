"""Which cell runs: a desk that it opens takes the place of the one that it opened before."""

from typing import Any, NamedTuple

from IPython.core.getipython import get_ipython

__all__ = ["Cell", "running_cell"]


class Cell(NamedTuple):
    """A cell, and one run of it.

    Attributes
    ----------
    name : str
        The id that the front end has for it. Where it tells none, the cell's text: two cells of one text
        count as one.
    run : object
        By which one run is told from another; a loop may open several desks.
    """

    name: str
    run: object

    def replaces(self, other: "Cell | None") -> bool:
        """Whether this is a later run of the same cell."""
        return other is not None and self.name == other.name and self.run != other.run


def running_cell() -> Cell | None:
    """Return the cell that runs; None where there is no shell."""
    shell = get_ipython()
    if shell is None:
        return None
    request: dict[str, Any] = getattr(shell, "get_parent", dict)() or {}
    name = request.get("metadata", {}).get("cellId")
    run = request.get("header", {}).get("msg_id", shell.execution_count)
    typed = shell.user_ns.get("_ih") or [""]
    return Cell(name if isinstance(name, str) and name else f"text:{typed[-1]}", run)
