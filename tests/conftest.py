"""What every test begins with: an environment that says nothing, and a folder of its own."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from aleph_nb.client import Client
from aleph_nb.credentials import ApiKey, keyrings, use_key
from aleph_nb.settings import Settings
from aleph_nb.transport import Transport
from tests.faults import FaultServer
from tests.keys import KEY
from tests.shell import Shell, real_shell

# For this process and its children: the keyring of whoever runs the tests is not asked, and not changed.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
if "keyring.core" in sys.modules:  # a plugin was quicker
    sys.modules["keyring.core"].init_backend()

hypothesis.settings.register_profile("tests", deadline=None)  # a busy machine is no fault
hypothesis.settings.load_profile("tests")

_NAMES = {"KIE_API_KEY", "KIE_AI_API_KEY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"}
_NAMES |= {"SSL_CERT_FILE", "SSL_CERT_DIR"}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take away keys, settings, proxies and CA bundles, and work in an empty folder (no `.env`)."""
    for name in list(os.environ):
        is_ours = name.upper() in _NAMES or name.startswith("ALEPH_NB_")
        if is_ours or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # where kernels share their pace
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # where the ledger is
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)


@pytest.fixture(autouse=True)
def no_key_from_before() -> Iterator[None]:
    """Let no test find the key that another one typed or saved."""
    yield
    use_key(None)
    keyrings._Read.key = None


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """Return a fault server that runs until the test ends."""
    with FaultServer() as server:
        yield server


@pytest.fixture
def key() -> ApiKey:
    """Return the made-up key."""
    return ApiKey(KEY, "a test")


@pytest.fixture
def shell() -> Iterator[Shell]:
    """Return an IPython shell with the extension loaded."""
    with real_shell() as shell:
        shell.good("%load_ext aleph_nb")
        yield shell


@pytest.fixture
def make_client(key: ApiKey) -> Iterator[Callable[..., Client]]:
    """Return a maker of clients, from a base URL and settings: without pace and retries unless they say so.

    Once they are closed, not one of their threads may be left.
    """
    made: list[Client] = []

    def make(base_url: str, **chosen: float) -> Client:
        settings: dict[str, float] = {"rate": 0, "retries": 0, "timeout": 10, "deadline": 60, **chosen}
        made.append(Client(Settings.load({"base_url": base_url, **settings}), key=key))
        return made[-1]

    yield make
    for client in made:
        client.close()
    left = [thread for thread in threading.enumerate() if thread.name.startswith("aleph-")]
    for thread in left:
        thread.join(5)
    assert not [thread.name for thread in left if thread.is_alive()]


@pytest.fixture
def make_transport() -> Iterator[Callable[..., Transport]]:
    """Return a maker of transports that carry the made-up key."""
    made: list[Transport] = []

    def make(base_url: str, connections: int = 4) -> Transport:
        made.append(Transport(base_url, lambda: KEY, connections=connections))
        return made[-1]

    yield make
    for transport in made:
        transport.close()
