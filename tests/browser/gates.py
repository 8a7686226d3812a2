"""What no test in the browser may cause: page errors, requests that leave loopback, failed cells."""

import ipaddress
import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request, WebError, WebSocket

# Notebook 7 says these of itself at start, the second only now and then.
_NOTEBOOK_7 = (
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered.",
)

_WITHIN_THE_PAGE = {"about", "blob", "data"}


class Gates:
    """The complaints of one browser context; `check` raises them, but for those the test expects."""

    def __init__(self, context: BrowserContext, app: str) -> None:
        self._app = app
        self._seen: dict[str, None] = {}
        self._expected: list[str] = []
        context.on("weberror", self._page_error)
        context.on("request", self._request)
        context.on("page", self._page)

    @property
    def complaints(self) -> list[str]:
        """What was seen so far: "page error: …", "request: URL", "cell error: cell 1: NameError: …"."""
        return list(self._seen)

    def expect(self, pattern: str) -> None:
        """Let pass what matches this regular expression; `check` fails where nothing does."""
        self._expected.append(pattern)

    def add(self, complaint: str) -> None:
        """Add a complaint; the same one twice counts once."""
        self._seen[complaint] = None

    def check(self) -> None:
        """Raise an AssertionError of all that was seen and not expected, or expected and not seen."""
        wrong = [said for said in self._seen if not any(re.search(each, said) for each in self._expected)]
        wrong += [
            f"expected and never seen: {each}"
            for each in self._expected
            if not any(re.search(each, said) for said in self._seen)
        ]
        assert not wrong, "\n".join(wrong)

    def _page(self, page: Page) -> None:
        page.on("websocket", self._socket)
        page.on("crash", lambda _: self.add("page error: the page crashed"))

    def _page_error(self, error: WebError) -> None:
        message = str(error.error)
        if not (self._app == "notebook" and message in _NOTEBOOK_7):
            self.add(f"page error: {message}")

    def _request(self, request: Request) -> None:
        if not _stays(request.url):
            self.add(f"request: {request.url}")

    def _socket(self, socket: WebSocket) -> None:
        if not _stays(socket.url):
            self.add(f"request: {socket.url}")


def _stays(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme in _WITHIN_THE_PAGE or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
