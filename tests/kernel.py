"""A real kernel in a process of its own, with somebody who types where it asks."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.blocking.client import BlockingKernelClient

from tests.browser.server import scratch_environment

__all__ = ["Kernel", "Said", "running_kernel"]

_SECONDS = 60.0


@dataclass
class Said:
    """What became of a cell in a kernel.

    Attributes
    ----------
    printed : str
        What it wrote.
    error : str
        Its traceback as a notebook shows it; "" where there was no error.
    asked : list of dict
        What it asked to be typed: `prompt` and `password` of each.
    shown : list of dict
        The MIME bundles of its displays and its value.
    """

    printed: str = ""
    error: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list, repr=False)

    @property
    def everything(self) -> str:
        """All that the kernel sent, but for the cell itself."""
        return repr(self.messages)


class Kernel:
    """Runs cells; `running_kernel` starts and ends it.

    Attributes
    ----------
    home : Path
        Its HOME, with IPython's folder `ipython` in it.
    """

    def __init__(self, client: BlockingKernelClient, process: subprocess.Popen[bytes], home: Path) -> None:
        self.home = home
        self._client = client
        self._process = process

    def run(
        self, cell: str, typed: str | Callable[["Kernel"], None] | None = None, *, can_ask: bool = True
    ) -> Said:
        """Run a cell.

        Parameters
        ----------
        cell : str
            Its code.
        typed : str or callable, optional
            What is typed where it asks, or what is done in place of that.
        can_ask : bool
            Whether there is anybody who could be asked.
        """
        said = Said()

        def answer(message: dict[str, Any]) -> None:
            said.asked.append(message["content"])
            assert typed is not None, "nobody expected to be asked"
            if isinstance(typed, str):
                self._client.input(typed)
            else:
                typed(self)

        def hear(message: dict[str, Any]) -> None:
            if message["msg_type"] != "execute_input":  # the cell itself
                said.messages.append(message)
            content = message["content"]
            if message["msg_type"] == "stream":
                said.printed += content["text"]
            elif message["msg_type"] == "error":
                said.error = "\n".join(content["traceback"])
            elif "data" in content:
                said.shown.append(content["data"])

        said.messages.append(
            self._client.execute_interactive(
                cell, allow_stdin=can_ask, stdin_hook=answer, output_hook=hear, timeout=_SECONDS
            )
        )
        return said

    def good(self, cell: str, typed: str | None = None) -> Said:
        """Run a cell that must not fail."""
        said = self.run(cell, typed)
        assert said.error == ""
        return said

    def bad(self, cell: str, typed: str | None = None) -> Said:
        """Run a cell that must fail."""
        said = self.run(cell, typed)
        assert said.error != "", said.printed
        return said

    def tell(self, comm_id: str, content: dict[str, Any]) -> None:
        """Say something to a widget, as its page does; cells that run later find it done."""
        data = {"method": "custom", "content": content}
        session = self._client.session
        message = session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self._client.shell_channel.send(message)

    def interrupt(self) -> None:
        """Interrupt what runs, as the button does."""
        self._process.send_signal(signal.SIGINT)


@contextmanager
def running_kernel(folder: Path) -> Iterator[Kernel]:
    """Run a kernel in an empty folder, which becomes its working folder too; its home lies within."""
    home, connection = folder / "home", folder / "kernel.json"
    environment = {**scratch_environment(home), "JPY_PARENT_PID": str(os.getpid())}
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", str(connection)]
    null = subprocess.DEVNULL
    with (
        (folder / "kernel.log").open("wb") as log,
        subprocess.Popen(  # noqa: S603, our own words alone
            command, cwd=folder, env=environment, stdin=null, stdout=log, stderr=log, start_new_session=True
        ) as process,
    ):
        context = zmq.Context()
        client = BlockingKernelClient(connection_file=str(connection), context=context)
        try:
            _wait_for(connection, process)
            client.load_connection_file()
            client.start_channels()
            client.wait_for_ready(timeout=_SECONDS)
            yield Kernel(client, process, home)
        finally:
            client.stop_channels()
            context.destroy(linger=0)
            process.kill()


def _wait_for(connection: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _SECONDS
    while not (connection.is_file() and connection.read_text().rstrip().endswith("}")):
        assert process.poll() is None, "the kernel did not start"
        assert time.monotonic() < end, "the kernel is not ready"
        time.sleep(0.02)
