"""The pace of one kernel, and of two that share a key; the service refuses above 50 requests a second."""

import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from aleph_nb.pace import Pace
from tests.benchmarks.measure import Row, interleave, timed
from tests.faults import FaultServer, refuse
from tests.kernels import Kernel, kernel, peak

__all__ = ["measure"]

_ALLOWED = 50
_RATE = 48.0
_IDS = 300
_ROUNDS = 3
_MOST_LATE = 0.15
_LEAST_SHARE = 0.4
_MOST_COOL = 1.5  # seconds, of a cool-down of 1
_TURNS = 100_000
_MOST_MORE = 100.0  # nanoseconds


def measure() -> list[Row]:
    """Measure it."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(1, _ROUNDS + 1):
            rows += [_one(folder, number), *_two(folder, number)]
        rows += [_without_a_pace(folder), _killed(folder), _cooled(folder), *_turns(folder)]
    return rows


def _times(server: FaultServer, name: str) -> list[float]:
    return [seen.time for seen in server.requests if seen.task_id.startswith(name)]


def _asked(kernels: Sequence[Kernel], each: int) -> tuple[int, float]:
    """Let kernels ask, all at one time; return how many tasks were told of, and the seconds."""
    time.sleep(1)  # what warmed them up counts no more
    start = time.monotonic()
    for number, asking in enumerate(kernels):
        asking.begin(f"ids{number}", each)
    told = sum(asking.end().get("succeeded", 0) for asking in kernels)
    return told, time.monotonic() - start


def _paced(what: str, told: int, seconds: float, server: FaultServer) -> Row:
    due = _IDS / _RATE
    late = seconds / due - 1
    most = peak(_times(server, "ids"))
    return Row(
        what=what,
        against=f"the {due:.2f} s that are due",
        compared=f"{seconds:.2f} s ({late:+.1%}), {_IDS - told} refused, {most} in a second",
        target=f"within {_MOST_LATE:.0%}, none refused, at most {_ALLOWED}",
        met=abs(late) <= _MOST_LATE and told == _IDS,
    )


def _one(folder: Path, number: int) -> Row:
    with _server() as server, kernel(server.base_url, folder, rate=_RATE, retries=0) as asking:
        told, seconds = _asked([asking], _IDS)
    return _paced(f"{_IDS} ids at rate = {_RATE:g}, round {number}", told, seconds, server)


def _two(folder: Path, number: int) -> list[Row]:
    with _server() as server, ExitStack() as stack:
        kernels = [
            stack.enter_context(kernel(server.base_url, folder, rate=_RATE, retries=0)) for _ in range(2)
        ]
        told, seconds = _asked(kernels, _IDS // 2)
    what = f"two kernels, {_IDS // 2} ids each, both at rate = {_RATE:g}, round {number}"
    first = sorted(_times(server, "ids0") + _times(server, "ids1"))[: _IDS // 2]
    share = sum(at <= first[-1] for at in _times(server, "ids0")) / len(first)
    less = min(share, 1 - share)
    return [
        _paced(what, told, seconds, server),
        Row(
            what=f"{what}: the share of the first half that one of them had",
            compared=f"{less:.0%}",
            target=f"at least {_LEAST_SHARE:.0%}",
            met=less >= _LEAST_SHARE,
        ),
    ]


def _without_a_pace(folder: Path) -> Row:
    with _server() as server, kernel(server.base_url, folder, rate=0, retry_wait=1, workers=16) as asking:
        told, seconds = _asked([asking], _IDS)
    asked = len(_times(server, "ids"))
    return Row(
        what=f"{_IDS} ids at rate = 0, a cool-down of 1 s for each refusal",
        compared=f"{told} told of after {seconds:.1f} s and {asked} requests",
        target="all told of",
        met=told == _IDS,
    )


def _killed(folder: Path) -> Row:
    with _server() as server, ExitStack() as stack:
        first, second = (
            stack.enter_context(kernel(server.base_url, folder, rate=_RATE, retries=0)) for _ in range(2)
        )
        first.begin("first", 1000)
        second.begin("second", 250)
        server.wait_until(lambda server: len(server.requests) > 2 * _RATE)
        first.process.kill()
        killed = time.monotonic()
        second.end()
    after = [at - killed for at in _times(server, "second")]
    found = sum(1 < at <= 2 for at in after)
    return Row(
        what="one of two kernels killed with -9: requests of the other in the second second after it",
        against=f"rate = {_RATE:g}",
        compared=f"{found}",
        target=f"at least {_RATE * (1 - _MOST_LATE):.0f}",
        met=found >= _RATE * (1 - _MOST_LATE),
    )


def _cooled(folder: Path) -> Row:
    with _server() as server, ExitStack() as stack:
        first, second = (
            stack.enter_context(kernel(server.base_url, folder, rate=_RATE, workers=8)) for _ in range(2)
        )
        server.script("first-0", refuse(429, headers={"Retry-After": "1"}), server.default("first-0"))
        second.begin("second", 100)
        server.wait_until(lambda server: len(server.requests) > _RATE)
        first.begin("first", 1)
        first.end()
        second.end()
    refused = server.seen("first-0")[0].time
    after = sorted(at - refused for at in _times(server, "second") if at > refused)
    late = [at for at in after if at < 1]
    begun = min(at for at in after if at >= 1)
    return Row(
        what="429 with Retry-After: 1 to one of two kernels: requests of the other",
        compared=f"{len(late)} within {max(late, default=0) * 1000:.0f} ms, then none until {begun:.2f} s",
        target=f"none from 0.2 s to 1 s, some by {_MOST_COOL:g} s",
        met=max(late, default=0) < 0.2 and begun < _MOST_COOL,
    )


def _turns(folder: Path) -> list[Row]:
    """Take turns that nobody has to wait for."""
    stop = threading.Event()
    alone, sharing, quick, quickly = (
        Pace(0),
        Pace(0, folder=folder),
        Pace(10_000),
        Pace(10_000, folder=folder),
    )
    for pace in (sharing, quickly):
        pace.share(lambda: "made up", "https://api.example.com")

    def take(pace: Pace, number: int) -> None:
        for _ in range(number):
            pace.turn(stop)

    found = interleave(
        {
            "alone": timed(lambda: take(alone, _TURNS)),
            "shared": timed(lambda: take(sharing, _TURNS)),
            "quick": timed(lambda: take(quick, 500)),
            "quick, shared": timed(lambda: take(quickly, 500)),
        },
        5,
    )
    each = {name: figures.median * 1e6 / _TURNS for name, figures in found.items()}
    more = each["shared"] - each["alone"]
    return [
        Row(
            what=f"{_TURNS:,} turns at rate = 0, shared",
            figures=found["shared"],
            against="alone",
            compared=f"{each['shared']:.0f} ns a turn, {more:+.0f} ns",
            target=f"at most +{_MOST_MORE:.0f} ns",
            met=more <= _MOST_MORE,
        ),
        Row(what=f"{_TURNS:,} turns at rate = 0, alone", figures=found["alone"]),
        Row(what="500 turns at rate = 10,000, shared", figures=found["quick, shared"]),
        Row(what="500 turns at rate = 10,000, alone", figures=found["quick"]),
    ]


def _server() -> FaultServer:
    server = FaultServer()
    server.per_second = _ALLOWED
    return server
