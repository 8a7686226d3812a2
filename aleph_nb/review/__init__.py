"""The verdict log: a line of it, what is read from a browser, and the fold that makes of it what counts."""

from aleph_nb.review.fold import Review, VerdictLog
from aleph_nb.review.reading import Refusal, read_reviewer, read_value, read_verdict, read_verdicts
from aleph_nb.review.verdict import MOST_STARS, Note, Value, Verdict

__all__ = [
    "MOST_STARS",
    "Note",
    "Refusal",
    "Review",
    "Value",
    "Verdict",
    "VerdictLog",
    "read_reviewer",
    "read_value",
    "read_verdict",
    "read_verdicts",
]
