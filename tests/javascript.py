"""Node, and the desk's modules, for tests."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "js"
MODULES = Path(__file__).parent.parent / "aleph_nb" / "dashboard" / "js"


def node() -> str:
    """Find node; a test that needs it is left out where there is none."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed: the desk's modules were not tested (install Node.js 20 or newer)")
    return found


def run_node(script: str, given: str = "", *options: str) -> str:
    """Run a script of tests/js, and return what it prints."""
    command = [node(), *options, str(TESTS / script)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=150, check=False)  # noqa: S603
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
    return done.stdout


def without_comments(text: str) -> str:
    """Return a module without its comments, its lines where they were."""
    blank = re.compile(r"/\*.*?\*/", re.DOTALL).sub(lambda match: "\n" * match[0].count("\n"), text)
    return re.sub(r"(?m)(^|\s)//.*$", r"\1", blank)
