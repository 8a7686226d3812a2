"""Interleaved measuring, and the table that tells of it."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

__all__ = ["Figures", "Row", "Run", "as_ratio", "difference", "interleave", "table", "timed"]

Run = Callable[[], float]
"""Does something once and returns the seconds that it took."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The seconds that something took, round by round."""

    seconds: Sequence[float]

    @property
    def median(self) -> float:
        """The median, in milliseconds."""
        return median(self.seconds) * 1000

    @property
    def quartiles(self) -> tuple[float, float]:
        """The first and the third quartile, in milliseconds."""
        first, _, third = quantiles(self.seconds, n=4, method="inclusive")
        return first * 1000, third * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    what : str
        What was measured.
    figures : Figures or None
        How long it took; None where that is not what counts.
    against, compared, target : str
        The peer, how we stand to it, and how we should; "" for a row that is only shown.
    met : bool or None
        Whether the target is met; None where there is none.
    """

    what: str
    figures: Figures | None = None
    against: str = ""
    compared: str = ""
    target: str = ""
    met: bool | None = None


def timed(work: Callable[[], object]) -> Run:
    """Make a run of some work; what it returns is dropped after the clock has stopped."""

    def run() -> float:
        start = time.perf_counter()
        kept = work()
        took = time.perf_counter() - start
        del kept
        return took

    return run


def interleave(runs: Mapping[str, Run], rounds: int) -> dict[str, Figures]:
    """Run each once to warm up, then all in turn, so that a busy moment of the machine hits all alike.

    Parameters
    ----------
    runs : mapping
        By name.
    rounds : int
        How often each is measured.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    names = list(runs)
    for number in range(rounds):
        gc.collect()
        first = number % len(names)  # nobody always runs behind the same neighbour, who leaves garbage
        for name in names[first:] + names[:first]:
            seconds[name].append(runs[name]())
    return {name: Figures(found) for name, found in seconds.items()}


def as_ratio(ours: Figures, peer: Figures) -> float:
    """Return how many times the peer's ours is: the median of the rounds, each of which met one moment."""
    return median(mine / other for mine, other in zip(ours.seconds, peer.seconds, strict=True))


def difference(ours: Figures, peer: Figures) -> float:
    """Return the milliseconds by which ours is more: the median of the rounds."""
    pairs = zip(ours.seconds, peer.seconds, strict=True)
    return median(mine - other for mine, other in pairs) * 1000


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    head = ("what", "median, ms", "quartiles, ms", "against", "measured", "target", "met")
    lines = [head, ("---", "--:", "--:", "---", "--:", "--:", "---")]
    for row in rows:
        met = {None: "", True: "yes", False: "NO"}[row.met]
        lines.append((row.what, *_told(row.figures), row.against, row.compared, row.target, met))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _told(figures: Figures | None) -> tuple[str, str]:
    if figures is None:
        return "", ""
    return _number(figures.median), " to ".join(map(_number, figures.quartiles))


def _number(milliseconds: float) -> str:
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.2f}"
