"""A real IPython shell in this process, and what a cell that ran in it has shown."""

import atexit
import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import IPython
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

__all__ = ["Ran", "Shell", "real_shell"]


@dataclass(frozen=True)
class Ran:
    """What became of a cell.

    Attributes
    ----------
    value : object
        What the cell shows as its value; None where it shows none.
    error : BaseException or None
        What it raised.
    printed : str
        What it printed, its traceback and its value's text included.
    shown : list of dict
        The MIME bundles that it displayed, updates included, in their order.
    """

    value: Any
    error: BaseException | None
    printed: str
    shown: list[dict[str, str]]

    @property
    def texts(self) -> list[str]:
        """The plain text of each display."""
        return [bundle["text/plain"] for bundle in self.shown]

    @property
    def html(self) -> str:
        """The HTML of all displays."""
        return "\n".join(bundle.get("text/html", "") for bundle in self.shown)

    @property
    def everything(self) -> str:
        """All that anybody could read of it."""
        return "\n".join([self.printed, repr(self.value), *map(str, self.shown)])


class Shell:
    """Runs cells as a notebook does."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.ip = shell

    def __getitem__(self, name: str) -> Any:
        return self.ip.user_ns[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.ip.push({name: value})

    def run(self, cell: str) -> Ran:
        """Run a cell that may fail."""
        publisher = self.ip.display_pub
        publisher.outputs = []
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
            result = self.ip.run_cell(cell, store_history=True)
        shown = [output["data"] for output in publisher.outputs]
        error = result.error_before_exec or result.error_in_exec
        return Ran(result.result, error, out.getvalue(), shown)

    def good(self, cell: str) -> Ran:
        """Run a cell that must not fail."""
        ran = self.run(cell)
        assert ran.error is None, ran.printed
        return ran

    def bad(self, cell: str) -> Ran:
        """Run a cell that must fail."""
        ran = self.run(cell)
        assert ran.error is not None, ran.printed
        return ran


@contextlib.contextmanager
def real_shell() -> Iterator[Shell]:
    """Make a shell that shows HTML, and take it away again."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor" if IPython.version_info < (9,) else "nocolor"
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config, display_pub_class=CapturingDisplayPublisher)
    shell.display_formatter.active_types = ["text/plain", "text/html"]
    try:
        yield Shell(shell)
    finally:
        if "aleph_nb" in shell.extension_manager.loaded:
            shell.extension_manager.unload_extension("aleph_nb")
        shell.atexit_operations()
        atexit.unregister(shell.atexit_operations)
        InteractiveShell.clear_instance()
