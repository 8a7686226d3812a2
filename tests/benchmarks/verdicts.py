"""The verdict log: one verdict and a thousand, and a hundred thousand on ten thousand tasks."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from aleph_nb import Session, Settings, Verdict
from aleph_nb.frame import reviews_frame
from aleph_nb.ledger import Ledger
from aleph_nb.review import Note, Value, VerdictLog
from tests.benchmarks.measure import Figures, Row, interleave, timed

__all__ = ["measure"]

_ROUNDS = 7
_TASKS = 10_000
_LINES = 100_000
_SERVICE = "https://api.kie.ai"
_NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
_CHANCE = random.Random(1)  # noqa: S311, nothing is kept secret by it
_SAID: tuple[tuple[str, Value], ...] = (
    ("rating", 4),
    ("pick", "pick"),
    ("tag", "sky"),
    ("note", Note("n", 2.5, "the horizon flickers behind the lantern in the second half of it")),
)


def measure() -> list[Row]:
    """Measure it."""
    lines = [_line(number % _TASKS) for number in range(_LINES)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite3"
        with Ledger.open(path) as ledger, Session(Settings(ledger=str(path), reviewer="me")) as session:
            ledger.judge(_SERVICE, lines)
            stars = count()
            found = interleave(
                {
                    "fold": timed(lambda: VerdictLog(lines[:_TASKS]).reviews("me")),
                    "all": timed(lambda: VerdictLog(ledger.verdicts(_SERVICE)).reviews("me")),
                    "frame": timed(lambda: reviews_frame(session.book.reviews().values())),
                    "thousand": timed(
                        lambda: ledger.judge(_SERVICE, [_line(number) for number in range(1000)])
                    ),
                    "one": timed(lambda: session.review(f"{1:032x}", rating=next(stars) % 6)),
                },
                _ROUNDS,
            )
    name = f"{_LINES:,} verdicts on {_TASKS:,} tasks"
    return [
        _row(f"verdicts: fold {_TASKS:,} lines", found["fold"], 100),
        _row(f"{name}: read and fold them", found["all"], 1000),
        _row(f"{name}: a DataFrame of them", found["frame"]),
        _row(f"{name}: write 1,000 more", found["thousand"], 1000),
        _row(f"{name}: Session.review", found["one"], 50),
    ]


def _row(what: str, figures: Figures, most: float | None = None) -> Row:
    if most is None:
        return Row(what=what, figures=figures)
    return Row(what=what, figures=figures, target=f"at most {most:.0f} ms", met=figures.median <= most)


def _line(task: int) -> Verdict:
    at = _NOW + timedelta(milliseconds=_CHANCE.randrange(10**9))
    return Verdict(str(uuid.uuid4()), _SERVICE, f"{task:032x}", "me", at, *_CHANCE.choice(_SAID))
