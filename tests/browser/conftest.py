"""The fixtures of the tests in a browser."""

from collections.abc import Iterator

import pytest

from tests.browser.rig import Notebook, Rig, running


# For the package, not the session: while Playwright's loop runs, no other test of this process can have one.
@pytest.fixture(scope="package")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Lend one Jupyter server and one browser to all these tests."""
    with running(tmp_path_factory.mktemp("browser")) as both:
        yield both


@pytest.fixture
def app() -> str:
    """Name the front end: a test's own parameter `app` replaces it."""
    return "lab"


@pytest.fixture
def notebook(rig: Rig, app: str) -> Iterator[Notebook]:
    """Lend a notebook with nothing open yet; the gates are checked when the test is over."""
    with rig.session(app) as lent:
        yield lent
