"""What is shown in the browser: one anywidget, of which the desk and the player are two views."""

from collections.abc import Callable, Mapping
from typing import Any

from anywidget import AnyWidget
from traitlets import Int, Unicode

from aleph_nb.dashboard.esm import join, join_styles

__all__ = ["Front"]


class Front(AnyWidget):
    """The one widget. What it shows travels in messages; its traits are small.

    Parameters
    ----------
    hear : callable
        Takes what the browser says. It raises nothing.

    Attributes
    ----------
    view : str
        What it is in the browser: "desk" or "player".
    """

    _esm = Unicode(join()).tag(sync=True)
    _css = Unicode(join_styles()).tag(sync=True)
    _view_count = Int(0, allow_none=True).tag(sync=True)  # not None: how many views there are is told
    view = Unicode("desk").tag(sync=True)

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
        super().set_state(self._told(sync_data))

    def _told(self, sync_data: Mapping[str, Any]) -> dict[str, Any]:
        views = sync_data.get("_view_count")
        return {"_view_count": max(views, 0)} if isinstance(views, int) else {}
