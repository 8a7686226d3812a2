"""500 ids through a session: what the ledger costs when they are asked for first, and saves after that."""

import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from aleph_nb import Session, Settings, State
from tests.benchmarks.measure import Figures, Row, as_ratio, interleave
from tests.faults import serve_process

__all__ = ["measure"]

_ROUNDS = 5
_DELAY = 0.02
_MOST = 1.1  # times the time without a ledger
_AGAIN = 0.1  # of the first time
_IDS = [f"{number:032x}" for number in range(500)]
_WHAT = f"{len(_IDS)} ids: Session.status"


def measure() -> list[Row]:
    """Measure it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        numbers = count()
        return [*_first(lambda: folder / f"{next(numbers)}.sqlite3"), *_again(folder)]


def _ask(base_url: str, ledger: Path | str) -> float:
    """Ask for all in a session of its own; return the seconds, without those of its end."""
    with Session(Settings(base_url=base_url, rate=0, workers=16, ledger=str(ledger))) as session:
        start = time.perf_counter()
        records = session.status(_IDS)
        took = time.perf_counter() - start
    assert {record.state for record in records} == {State.succeeded}
    return took


def _first(new_file: Callable[[], Path]) -> list[Row]:
    """Measure what is asked for first: the file is made, and everything goes into it."""
    with serve_process(delay=_DELAY) as base_url:
        found = interleave(
            {"on": lambda: _ask(base_url, new_file()), "off": lambda: _ask(base_url, "off")}, _ROUNDS
        )
    ratio = as_ratio(found["on"], found["off"])
    what = f"{_WHAT}, 20 ms each"
    return [
        Row(
            what=f"{what}, a new ledger",
            figures=found["on"],
            against='the same, ledger = "off"',
            compared=f"{ratio:.3f} times",
            target=f"at most {_MOST}",
            met=ratio <= _MOST,
        ),
        Row(what=f'{what}, ledger = "off"', figures=found["off"]),
    ]


def _again(folder: Path) -> list[Row]:
    """Measure the same ids again, when nobody answers any more."""
    rounds = []
    for number in range(_ROUNDS + 1):  # the first is to warm up
        file = folder / f"again {number}.sqlite3"
        with serve_process() as base_url:
            first_time = _ask(base_url, file)
        rounds.append((first_time, _ask(base_url, file)))
    first, again = map(Figures, zip(*rounds[1:], strict=True))
    ratio = as_ratio(again, first)
    return [
        Row(
            what=f"{_WHAT} again, and no server",
            figures=again,
            against="the first time, of a server that answers at once",
            compared=f"{ratio:.3f} times",
            target=f"less than {_AGAIN}",
            met=ratio < _AGAIN,
        ),
        Row(what=f"{_WHAT}, answered at once", figures=first),
    ]
