"""`Desk`: the one widget. Tasks and verdicts travel in messages; its traits are small."""

from collections.abc import Callable, Mapping
from typing import Any

from anywidget import AnyWidget
from traitlets import Int, Unicode

from aleph_nb.dashboard.esm import join, join_styles

__all__ = ["Desk"]

_LONGEST_ID = 10_000


class Desk(AnyWidget):
    """The desk in the browser.

    Parameters
    ----------
    hear : callable
        Takes what the browser says. It raises nothing.

    Attributes
    ----------
    selected : str
        The id of the task that is chosen; "" for none.
    """

    _esm = Unicode(join()).tag(sync=True)
    _css = Unicode(join_styles()).tag(sync=True)
    _view_count = Int(0, allow_none=True).tag(sync=True)  # not None: how many views there are is told
    selected = Unicode("").tag(sync=True)

    def __init__(self, hear: Callable[[Any], None], **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(lambda _, content, __: hear(content))

    @property
    def views(self) -> int:
        """How many views there are, as far as their pages have told."""
        return self._view_count or 0

    def uncount(self) -> None:
        """Count views no more."""
        self._view_count = None

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Take from the browser what is its own to say, and nothing else."""
        selected, views = sync_data.get("selected"), sync_data.get("_view_count")
        told: dict[str, Any] = {}
        if isinstance(selected, str) and len(selected) <= _LONGEST_ID:
            told["selected"] = selected
        if isinstance(views, int):
            told["_view_count"] = max(views, 0)
        super().set_state(told)
