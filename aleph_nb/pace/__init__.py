"""The pace: evenly spaced turns and the cool-down, for threads, and for kernels that share a key."""

from aleph_nb.pace.board import cache_folder, fingerprint
from aleph_nb.pace.pace import Pace

__all__ = ["Pace", "cache_folder", "fingerprint"]
