"""Records as text and as HTML, escaped: the one place that writes markup.

Every class here has two faces, `text` and `html`, and hands both to a notebook.
"""

from aleph_nb.cards.card import Card
from aleph_nb.cards.face import Bar, Face, Facts, Note
from aleph_nb.cards.fold import Fold
from aleph_nb.cards.live import Live
from aleph_nb.cards.panel import Panel
from aleph_nb.cards.summary import Judged, Summary
from aleph_nb.cards.telling import first_cards

__all__ = [
    "Bar",
    "Card",
    "Face",
    "Facts",
    "Fold",
    "Judged",
    "Live",
    "Note",
    "Panel",
    "Summary",
    "first_cards",
]
