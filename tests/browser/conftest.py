"""The fixtures of the tests in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.bare_desk import DeskPage, desk_page
from tests.browser.bare_player import PlayerPage, player_page
from tests.browser.rig import Notebook, Rig, browsing
from tests.browser.server import serving
from tests.desk.server import serving_page
from tests.player.server import ClipServer, serving_clips


# For the package, not the session: while Playwright's loop runs, no other test of this process can have one.
@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Lend one browser to all these tests."""
    with browsing(tmp_path_factory.mktemp("home")) as lent:
        yield lent


@pytest.fixture(scope="package")
def rig(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Lend one Jupyter server and that browser to those who need a notebook."""
    with serving(tmp_path_factory.mktemp("browser")) as server:
        yield Rig(server, browser)


@pytest.fixture
def app() -> str:
    """Name the front end: a test's own parameter `app` replaces it."""
    return "lab"


@pytest.fixture
def notebook(rig: Rig, app: str) -> Iterator[Notebook]:
    """Lend a notebook with nothing open yet; the gates are checked when the test is over."""
    with rig.session(app) as lent:
        yield lent


@pytest.fixture(scope="package")
def desk_url() -> Iterator[str]:
    """Serve the page on which a desk stands without a notebook; gives its address."""
    with serving_page() as address:
        yield address


@pytest.fixture
def desk(browser: Browser, desk_url: str) -> Iterator[DeskPage]:
    """Lend that page with no desk open yet, in a browser context of its own."""
    with desk_page(browser, desk_url) as lent:
        yield lent


@pytest.fixture(scope="package")
def clip_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClipServer]:
    """Serve the page on which a player stands without a notebook, and clips whose frames are numbered."""
    with serving_clips(tmp_path_factory.mktemp("clips")) as server:
        yield server


@pytest.fixture
def player(browser: Browser, clip_server: ClipServer) -> Iterator[PlayerPage]:
    """Lend that page with no player open yet, in a browser context of its own."""
    with player_page(browser, clip_server) as lent:
        yield lent
