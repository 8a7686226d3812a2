"""Kernels that are killed with -9 in the middle of a fetch, and what their ledger has of it."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from subprocess import Popen

from aleph_nb import Session, Settings, State
from aleph_nb.ledger import Ledger
from tests.faults import FaultServer, Reply, success
from tests.ledgers import ids, python

__all__ = ["BATCH", "WORKERS", "Round", "kill_in_the_middle", "table"]

WORKERS = 16  # so many requests may be on the wire
BATCH = 32  # so many records may wait to be written
_DELAY = 0.02  # seconds that an answer takes
_COUNT = 400  # ids of a kernel

_KERNEL = """
import sys
from aleph_nb import Session, Settings
from tests.ledgers import ids

url, ledger, count, start, workers = sys.argv[1:]
with Session(Settings(base_url=url, ledger=ledger, rate=0, workers=int(workers))) as session:
    print("ready", flush=True)
    sys.stdin.readline()
    begun = []

    def observe(record):
        if not begun:
            print("begun", flush=True)
        begun.append(record)

    session.status(ids(int(count), int(start)), observe=observe)
"""


@dataclass(frozen=True, slots=True)
class Round:
    """What became of a round.

    Attributes
    ----------
    arrived : int
        How many ids were asked for before the kill.
    lost : int
        How many ids were not in the ledger after it, or not done after the next run.
    again : int
        How many that were asked for before were asked for again.
    said : str
        What the kernels said, and they should say nothing.
    """

    arrived: int
    lost: int
    again: int
    said: str


def kill_in_the_middle(path: Path, kernels: int, chance: random.Random) -> Round:
    """Let kernels fetch ids into one ledger, kill them in the middle, and fetch what is missing.

    Parameters
    ----------
    path : Path
        The ledger, which is not there yet.
    kernels : int
        How many fetch at the same time; half of a kernel's ids are the next one's, too.
    chance : Random
        Chooses the moments.
    """
    starts = [number * _COUNT // 2 for number in range(kernels)]
    wanted = ids(starts[-1] + _COUNT)
    with FaultServer() as server:
        server.default = lambda task_id: Reply(body=success(task_id), delay=_DELAY)
        settings = Settings(base_url=server.base_url, ledger=str(path), rate=0, workers=WORKERS)
        said = _run_and_kill(settings, starts, server, chance)
        before = {seen.task_id for seen in list(server.requests)}
        with Ledger.open(path) as ledger:
            lost = set(wanted) - set(ledger.ids(settings.service, limit=10**6))
        server.requests.clear()
        with Session(settings) as session:
            states = {record.task_id: record.state for record in session.status(wanted)}
            lost |= {task_id for task_id in wanted if states.get(task_id) is not State.succeeded}
            lost |= set(wanted) - set(session.history(states=[State.succeeded]).task_id)
        again = before & {seen.task_id for seen in server.requests}
    return Round(arrived=len(before), lost=len(lost), again=len(again), said=said)


def _run_and_kill(
    settings: Settings, starts: Iterable[int], server: FaultServer, chance: random.Random
) -> str:
    """Start all kernels at once and kill one after the other; return what they said."""
    running = [
        python(_KERNEL, settings.base_url, settings.ledger, _COUNT, start, WORKERS) for start in starts
    ]
    said = ""
    try:
        for process in running:
            _hear(process, "ready")
        for process in running:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
        for process in running:
            _hear(process, "begun")  # else it may be killed before it has asked for anything
        due = 0
        for process in chance.sample(running, len(running)):
            due += chance.randrange(1, _COUNT - 50)
            _wait(server, process, due)
            process.kill()
    finally:
        for process in running:
            process.kill()
            said += process.communicate()[0]
    return said


def _hear(process: "Popen[str]", word: str) -> None:
    assert process.stdout
    line = process.stdout.readline()
    assert line.strip() == word, line + process.stdout.read()


def _wait(server: FaultServer, process: "Popen[str]", due: int) -> None:
    """Wait for so many requests, or until the process has ended."""
    server.wait_until(lambda _: len(server.requests) >= due or process.poll() is not None, timeout=60)


def table(rounds: list[Round], kernels: int) -> str:
    """Return a table of rounds."""
    again = [each.again for each in rounds]
    locked = sum("locked" in each.said for each in rounds)
    return (
        "| kernels | rounds | ids lost | asked again, median / max | locked |\n"
        "| --- | --- | --- | --- | --- |\n"
        f"| {kernels} | {len(rounds)} | {sum(each.lost for each in rounds)} | "
        f"{median(again):g} / {max(again)} | {locked} |"
    )
