"""The review desk: hundreds of results by keyboard, and no verdict lost."""

from aleph_nb.dashboard.dashboard import Dashboard, close_all

__all__ = ["Dashboard", "close_all"]
