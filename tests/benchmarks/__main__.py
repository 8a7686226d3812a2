"""Measure, and print one Markdown table: `python -m tests.benchmarks [load | one | many | …]`."""

import argparse
import os
import platform
import sys
from importlib.metadata import version

from tests.benchmarks import (
    desk,
    desk_browser,
    frames,
    kept,
    ledger,
    load,
    many_ids,
    one_id,
    pace,
    player,
    polling,
    verdicts,
)
from tests.benchmarks.measure import table

_BENCHMARKS = {
    "load": load.measure,
    "one": one_id.measure,
    "many": many_ids.measure,
    "kept": kept.measure,
    "frame": frames.measure,
    "ledger": ledger.measure,
    "desk": desk.measure,
    "desk-browser": desk_browser.measure,
    "pace": pace.measure,
    "player": player.measure,
    "polling": polling.measure,
    "verdicts": verdicts.measure,
}


def main() -> None:
    """Run the benchmarks that are named, or all, and print their table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(_BENCHMARKS)}")
    names = parser.parse_args().names or list(_BENCHMARKS)
    unknown = [name for name in names if name not in _BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark is called {unknown[0]}; there are {', '.join(_BENCHMARKS)}")
    _be_alone()
    rows = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += _BENCHMARKS[name]()
    print(table(rows))
    print(f"\n{_machine()}")


def _be_alone() -> None:
    """Take what the user has set out of the environment: peers read proxies there, and we our settings."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("ALEPH_NB_"):
            del os.environ[name]
    os.environ["KIE_API_KEY"] = "5ca1ab1e0ddba11c0ffee0ddba11ca5e"  # made up, of the usual length


def _machine() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("IPython", "pandas", "requests"))
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        "What was measured is the median of the rounds, in each of which all run one after the other. "
        f"Python {platform.python_version()}, {libraries}; {os.cpu_count()} cores, "
        f"load average {loads} (above the number of cores the figures are noisy)."
    )


if __name__ == "__main__":
    main()
