"""The review desk: hundreds of results by keyboard, and no verdict lost. And its player alone."""

from aleph_nb.dashboard.dashboard import Dashboard
from aleph_nb.dashboard.opened import close_all
from aleph_nb.dashboard.player import Player

__all__ = ["Dashboard", "Player", "close_all"]
