"""Loading and unloading: cheap, once, and without a trace."""

import gc
import socket
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from IPython.core.completer import provisionalcompleter

from tests.shell import Shell, real_shell

HEAVY = {"pandas", "numpy", "requests", "urllib3", "ipywidgets", "anywidget", "sqlalchemy", "tqdm", "tornado"}


def marks(shell: Shell) -> dict[str, Any]:
    """Tell all that an extension may change in a shell."""
    manager = shell.ip.magics_manager
    return {
        "line": set(manager.magics["line"]),
        "cell": set(manager.magics["cell"]),
        "registry": set(manager.registry),
        "configurables": len(shell.ip.configurables),
        "transformers": list(shell.ip.input_transformers_post),
        "matchers": list(shell.ip.Completer.custom_matchers),
        "completers": list(shell.ip.Completer.custom_completers.regexs),
        "config": repr(shell.ip.config),
        "threads": {thread.name for thread in threading.enumerate()},
    }


def python(code: str) -> str:
    """Run code in a process of its own; return what it prints."""
    ran = subprocess.run(  # noqa: S603, the code is ours
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return ran.stdout


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "before = set(sys.modules)\n"
        "shell.run_line_magic('load_ext', 'aleph_nb')\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})\n"
    )
    found = python(code)
    assert set(found.split()) & HEAVY == set()


def test_importing_the_package_imports_no_ipython() -> None:
    code = "import sys, aleph_nb; aleph_nb.State; print('IPython' in sys.modules, 'requests' in sys.modules)"
    assert python(code).split() == ["False", "False"]


def test_unloading_leaves_nothing_behind() -> None:
    with real_shell() as shell:
        shell.good("%config")  # IPython registers its own magics with the first cell
        before = marks(shell)
        shell.good("%load_ext aleph_nb")
        assert marks(shell)["line"] > before["line"]
        assert len(marks(shell)["matchers"]) == len(before["matchers"]) + 1
        shell.good("%config AlephMagics.rate = 0")
        shell.good("ids = %aleph_demo\n%aleph_status $ids")
        port = int(shell.good("%aleph").texts[0].split("127.0.0.1:")[1].split()[0])
        shell.good("%unload_ext aleph_nb")
        assert marks(shell) == before
        assert not listens(port)
        assert shell.run("%aleph").error is not None
        shell.good("%load_ext aleph_nb")
        assert "9 requests" in shell.good("%aleph").texts[0]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_loading_twice_registers_once(shell: Shell) -> None:
    once = marks(shell)
    shell.good("%load_ext aleph_nb")
    shell.ip.extension_manager.loaded.discard("aleph_nb")
    shell.good("%load_ext aleph_nb")
    assert marks(shell) == once


def test_reloading_changes_nothing(shell: Shell) -> None:
    shell.good("%config AlephMagics.rate = 0\nids = %aleph_demo")
    before, where = marks(shell), shell.good("%aleph").texts
    shell.good("%reload_ext aleph_nb")
    assert marks(shell) == before
    assert shell.good("%aleph").texts == where


def test_a_hundred_rounds_leak_nothing() -> None:
    with real_shell() as shell:
        for _ in range(10):  # what is made once is made by now
            load_and_unload(shell)
        before, descriptors, objects = marks(shell), open_descriptors(), living_objects()
        for _ in range(100):
            load_and_unload(shell)
        assert marks(shell) == before
        assert open_descriptors() == descriptors
        assert {name: more for name, more in (living_objects() - objects).items() if more >= 50} == {}


def load_and_unload(shell: Shell) -> None:
    """Load, press Tab, use the demo and unload; without cells, whose text and outputs IPython keeps."""
    shell.ip.run_line_magic("load_ext", "aleph_nb")
    with provisionalcompleter():
        found = list(shell.ip.Completer.completions("%aleph_status --fr", 18))
    assert "--fresh" in {completion.text for completion in found}
    ids = shell.ip.run_line_magic("aleph_demo", ";")
    assert len(shell.ip.run_line_magic("aleph_status", f"-q {ids[0]};")) == 1
    shell.ip.run_line_magic("unload_ext", "aleph_nb")


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def living_objects() -> Counter[str]:
    gc.collect()
    return Counter(type(thing).__name__ for thing in gc.get_objects())
