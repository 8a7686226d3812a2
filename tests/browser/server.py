"""A Jupyter server of the tests' own: scratch folders, a free port, the Python that runs pytest."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

REPOSITORY = Path(__file__).parents[2]

_TOKEN = "browser-tests"
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0

# All that is handed down. A key, a proxy, ALEPH_NB_* or JUPYTER_* of the machine must not decide a test.
# The keyring is the tests' own: `tests/conftest.py` names one that holds nothing.
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "TZ", "PYTHON_KEYRING_BACKEND")

_URLS = {
    "lab": "/lab/workspaces/{workspace}/tree/{path}?reset&token={token}",
    "notebook": "/notebooks/{path}?token={token}",
}

_OPTIONS = (
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--ServerApp.terminals_enabled=False",
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
    "--LabApp.news_url=None",
    "--LabApp.extension_manager=readonly",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
)


# JupyterLab asks in a corner of the window, over what a picture should show, whether it may fetch news.
_NO_QUESTIONS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}


def scratch_environment(home: Path) -> dict[str, str]:
    """Make an environment in which nothing of this machine's user is found, with `home` as HOME.

    The kernelspec `python3` comes first on the path of kernels, so that no other one of that name wins.
    """
    spec = home / "share" / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "Python 3 (ipykernel)", "language": "python"})
    )
    labconfig = home / "config" / "labconfig"
    labconfig.mkdir(parents=True)
    (labconfig / "default_setting_overrides.json").write_text(json.dumps(_NO_QUESTIONS))
    folders = {
        "HOME": home,
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_PATH": home / "share",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "PYTHONPATH": REPOSITORY,
    }
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {name: str(folder) for name, folder in folders.items()}


class JupyterServer:
    """JupyterLab and Notebook 7 on one port of loopback; `serving` starts and ends it.

    Attributes
    ----------
    root : Path
        The folder that is served.
    home : Path
        HOME of the server and its kernels, with Jupyter's folders in it.
    """

    def __init__(self, scratch: Path) -> None:
        self.home = scratch / "home"
        self.root = scratch / "root"
        self.root.mkdir()
        self.environment = scratch_environment(self.home)
        self._log = scratch / "jupyter.log"
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers; a port lost to another process is tried again."""
        for _ in range(3):
            self._launch()
            if self._answers():
                return
            self.stop()
        raise AssertionError(f"the Jupyter server did not start:\n{self.log()}")

    def stop(self) -> None:
        """End the server, which ends its kernels."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def url(self, app: str, path: str, workspace: str) -> str:
        """Where `path` (relative to `root`) is opened in `app`, "lab" or "notebook"."""
        place = _URLS[app].format(path=quote(path), workspace=workspace, token=_TOKEN)
        return f"http://127.0.0.1:{self._port}{place}"

    def end_kernels(self) -> None:
        """End every kernel, so that none outlives the test that started it."""
        for session in json.loads(self._ask("GET", "/api/sessions")):
            self._ask("DELETE", f"/api/sessions/{session['id']}")

    def forget_settings(self) -> None:
        """Take away what a test set, such as its theme: the server keeps it on disk."""
        for path in (self.home / "settings").rglob("*.jupyterlab-settings"):
            path.unlink()

    def log(self) -> str:
        """Give the end of what the server wrote."""
        return self._log.read_text(errors="replace")[-4000:]

    def _launch(self) -> None:
        self._port = _free_port()
        own = [
            f"--ServerApp.port={self._port}",
            f"--ServerApp.token={_TOKEN}",
            f"--ServerApp.root_dir={self.root}",
        ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own words alone
                [sys.executable, "-m", "jupyterlab", *_OPTIONS, *own],
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _answers(self) -> bool:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process is not None and self._process.poll() is None:
            try:
                self._ask("GET", "/api/status")
            except OSError:
                time.sleep(0.1)
            else:
                return True
        return False

    def _ask(self, method: str, path: str) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request(method, path, headers={"Authorization": f"token {_TOKEN}"})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise AssertionError(f"{method} {path} was answered with {answer.status}: {body[:500]!r}")
        return body


@contextmanager
def serving(scratch: Path) -> Iterator[JupyterServer]:
    """Run a `JupyterServer` in the folder `scratch` as long as the context lasts."""
    server = JupyterServer(scratch)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
