"""`%load_ext aleph_nb` beside an extension that does nothing: whole processes, from start to end."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Figures, Row, as_ratio, interleave

__all__ = ["measure"]

_ROUNDS = 25
_MOST = 1.05  # times the empty extension
_HEAVY = ("anywidget", "ipywidgets", "numpy", "pandas", "requests", "sqlalchemy", "tornado", "tqdm")

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


class _Shells:
    """Starts a shell with an extension in a process of its own, as often as asked, and keeps what it told."""

    def __init__(self, folder: Path) -> None:
        (folder / "empty_extension.py").write_text(_EMPTY)
        self._folder = folder
        self._environment = os.environ | {
            "HOME": str(folder),
            "IPYTHONDIR": str(folder / "ipython"),
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), str(folder)]),
        }
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's extension is compiled once
        self.told: dict[str, list[dict[str, Any]]] = {}

    def start(self, extension: str) -> float:
        command = [sys.executable, "-c", _CHILD, extension]
        before = os.times()
        start = time.perf_counter()
        done = subprocess.run(  # noqa: S603, this file's own program
            command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
        )
        took = time.perf_counter() - start
        after = os.times()
        told = json.loads(done.stdout.splitlines()[-1])
        told["processor"] = sum(after[2:4]) - sum(before[2:4])  # the children's, user's and system's
        self.told.setdefault(extension, []).append(told)
        return took

    def figures(self, extension: str, name: str) -> Figures:
        return Figures([told[name] for told in self.told[extension][1:]])  # the first was to warm up

    def heavy(self) -> list[str]:
        """List the modules that loading ours imports and should not."""
        imported = self.told["aleph_nb"][-1]["imported"]
        return [name for name in imported if name.partition(".")[0] in _HEAVY]


def measure() -> list[Row]:
    """Measure it."""
    with tempfile.TemporaryDirectory() as folder:
        shells = _Shells(Path(folder))
        names = ("aleph_nb", "empty_extension")
        wall = interleave({name: lambda name=name: shells.start(name) for name in names}, _ROUNDS)  # type: ignore[misc]
    ours, empty = (shells.figures(name, "processor") for name in names)
    heavy = shells.heavy()
    return [
        _compared("load: a shell with %load_ext aleph_nb", wall["aleph_nb"], wall["empty_extension"]),
        Row(what="load: a shell with an empty extension", figures=wall["empty_extension"]),
        _compared("load: the first one's processor time", ours, empty),
        Row(what="load: the second one's processor time", figures=empty),
        Row(
            what="load: %load_ext aleph_nb by itself",
            figures=shells.figures("aleph_nb", "took"),
            against=f"imports of {', '.join(_HEAVY)}",
            compared=", ".join(heavy) or "none",
            target="none",
            met=not heavy,
        ),
        Row(
            what="load: the empty one by itself",
            figures=shells.figures("empty_extension", "took"),
        ),
    ]


def _compared(what: str, ours: Figures, empty: Figures) -> Row:
    ratio = as_ratio(ours, empty)
    return Row(
        what=what,
        figures=ours,
        against="an empty extension",
        compared=f"{ratio:.3f} times",
        target=f"at most {_MOST}",
        met=ratio <= _MOST,
    )
