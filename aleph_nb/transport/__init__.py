"""HTTP, and nothing of what is said over it."""

from aleph_nb.transport.transport import Reply, Transport

__all__ = ["Reply", "Transport"]
