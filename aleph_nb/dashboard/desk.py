"""`Desk`: the widget as the review desk."""

from collections.abc import Mapping
from typing import Any

from traitlets import List, Unicode

from aleph_nb.dashboard.feed import Message
from aleph_nb.dashboard.front import Front

__all__ = ["Desk"]

_LONGEST_ID = 10_000


class Desk(Front):
    """The desk in the browser.

    Parameters
    ----------
    hear : callable
        Takes what the browser says. It raises nothing.

    Attributes
    ----------
    selected : str
        The id of the task that is chosen; "" for none.
    beginning : list
        The messages that a view shows at once: it draws cards before the cell that opens the desk has ended,
        and a kernel answers none of its own until then. Empty once a view has spoken.
    """

    selected = Unicode("").tag(sync=True)
    beginning: "List[Message]" = List().tag(sync=True)

    def _told(self, sync_data: Mapping[str, Any]) -> dict[str, Any]:
        selected = sync_data.get("selected")
        told = super()._told(sync_data)
        if isinstance(selected, str) and len(selected) <= _LONGEST_ID:
            told["selected"] = selected
        return told
