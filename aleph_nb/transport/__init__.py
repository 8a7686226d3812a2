"""HTTP, and nothing of what is said over it: with the key to the API, without it to media."""

from aleph_nb.transport.connect import Came
from aleph_nb.transport.media import MediaTooLargeError, MediaTransport
from aleph_nb.transport.transport import Reply, Transport

__all__ = ["Came", "MediaTooLargeError", "MediaTransport", "Reply", "Transport"]
