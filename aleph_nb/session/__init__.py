"""`Session`: what a review does, and what it knows. It alone brings the rooms together."""

from aleph_nb.session.book import Book, Handed
from aleph_nb.session.current import close_current_session, current_session, existing_session
from aleph_nb.session.login import KeyCheck
from aleph_nb.session.media import Embedded
from aleph_nb.session.session import Session

__all__ = [
    "Book",
    "Embedded",
    "Handed",
    "KeyCheck",
    "Session",
    "close_current_session",
    "current_session",
    "existing_session",
]
