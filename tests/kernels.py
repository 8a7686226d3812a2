"""Kernels in processes of their own, which share a key and a cache folder."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.keys import KEY

__all__ = ["Kernel", "kernel", "peak"]

_PROGRAM = """
import json, sys
from pathlib import Path

from aleph_nb.client import Client
from aleph_nb.credentials import ApiKey
from aleph_nb.pace import Pace
from aleph_nb.settings import Settings

told = json.loads(sys.argv[1])
settings = Settings(**told["settings"])
key = ApiKey(told["key"], "a test")
pace = Pace(settings.rate, folder=Path(told["folder"]))
with Client(settings, key=key, pace=pace) as client:
    for line in sys.stdin:  # first a word to warm up, then a name and a number of ids
        pace.share(key.reveal, settings.service)
        name, number = line.split()
        states = [record.state for record in client.fetch_many([f"{name}-{n}" for n in range(int(number))])]
        done = {state: states.count(state) for state in states}
        print(json.dumps({"states": done, "why_alone": pace.why_alone}), flush=True)
"""


class Kernel:
    """A kernel that asks when it is told to."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def begin(self, name: str, number: int) -> None:
        """Let it ask for ids that begin with a name."""
        assert self.process.stdin
        self.process.stdin.write(f"{name} {number}\n")
        self.process.stdin.flush()

    def end(self) -> dict[str, int]:
        """Return how many came to which state."""
        assert self.process.stdout
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert told["why_alone"] == ""
        states: dict[str, int] = told["states"]
        return states


@contextmanager
def kernel(base_url: str, folder: Path, *, key: str = KEY, **settings: float) -> Iterator[Kernel]:
    """Run a kernel that has asked for one id already."""
    told = {"folder": str(folder), "key": key, "settings": {"base_url": base_url, **settings}}
    with subprocess.Popen(  # noqa: S603, this program
        [sys.executable, "-W", "error", "-c", _PROGRAM, json.dumps(told)],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            made = Kernel(process)
            made.begin("warm", 1)
            assert made.end() == {"succeeded": 1}
            yield made
        finally:
            process.kill()


def peak(times: list[float], seconds: float = 1.0) -> int:
    """Return the largest number of times within so many seconds."""
    times = sorted(times)
    first = most = 0
    for last, at in enumerate(times):
        while times[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
