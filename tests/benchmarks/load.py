"""`%load_ext aleph_nb` beside an extension that does nothing: whole processes, from start to end."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from tests.benchmarks.measure import Figures, Row, Run, as_ratio, interleave

__all__ = ["measure"]

_ROUNDS = 61
_MOST = 1.05  # times the empty extension
_HEAVY = ("anywidget", "ipywidgets", "numpy", "pandas", "requests", "sqlalchemy", "tornado", "tqdm")

_OURS, _EMPTY_NAME = "aleph_nb", "empty_extension"
_EMPTY = "def load_ipython_extension(ipython):\n    pass\n"
_CHILD = """
import json, sys, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
start = time.perf_counter()
shell.run_line_magic("load_ext", sys.argv[1])
took = time.perf_counter() - start
print(json.dumps({"took": took, "imported": sorted(set(sys.modules) - before)}))
"""


@dataclass(frozen=True, slots=True)
class _Told:
    """What one process came to: seconds for all of it, and for the load by itself."""

    whole: float
    load: float
    imported: list[str]


class _Shells:
    """Starts a shell with an extension in a process of its own, as often as asked."""

    def __init__(self, folder: Path) -> None:
        (folder / f"{_EMPTY_NAME}.py").write_text(_EMPTY)
        self._folder = folder
        self._environment = os.environ | {
            "HOME": str(folder),
            "IPYTHONDIR": str(folder / "ipython"),
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), str(folder)]),
        }
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's extension is compiled once
        self.told: dict[str, list[_Told]] = {_OURS: [], _EMPTY_NAME: []}

    def start(self, extension: str) -> float:
        start = time.perf_counter()
        done = subprocess.run(  # noqa: S603, this file's own program
            [sys.executable, "-c", _CHILD, extension],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
        )
        whole = time.perf_counter() - start
        told = json.loads(done.stdout.splitlines()[-1])
        self.told[extension].append(_Told(whole, told["took"], told["imported"]))
        return whole


def measure() -> list[Row]:
    """Measure it."""
    with tempfile.TemporaryDirectory() as folder:
        shells = _Shells(Path(folder))
        runs: dict[str, Run] = {name: partial(shells.start, name) for name in shells.told}
        whole = interleave(runs, _ROUNDS)
    ours, empty = (told[1:] for told in shells.told.values())  # the first were to warm up
    load, nothing = Figures([told.load for told in ours]), Figures([told.load for told in empty])
    share = median(told.whole / (told.whole - told.load + nothing.median / 1000) for told in ours)
    ratio = as_ratio(whole[_OURS], whole[_EMPTY_NAME])
    heavy = [name for name in ours[0].imported if name.partition(".")[0] in _HEAVY]
    return [
        Row(
            what="load: a shell with %load_ext aleph_nb",
            figures=whole[_OURS],
            against="a shell with an empty extension",
            compared=f"{ratio:.3f} times",
            target=f"at most {_MOST}",
            met=ratio <= _MOST,
        ),
        Row(what="load: a shell with an empty extension", figures=whole[_EMPTY_NAME]),
        Row(  # within each process, so that two of them on a busy machine need not be compared
            what="load: %load_ext aleph_nb by itself",
            figures=load,
            against="the rest of the same shell, and an empty load",
            compared=f"{share:.3f} times",
            target=f"at most {_MOST}",
            met=share <= _MOST,
        ),
        Row(what="load: an empty load by itself", figures=nothing),
        Row(
            what="load: what it imports",
            against=", ".join(_HEAVY),
            compared=", ".join(heavy) or "none",
            target="none",
            met=not heavy,
        ),
    ]
