"""Serves the page, the widget as anywidget gets it, and the barcode clips with every fault, on loopback.

A clip's address says how it is served: `/clips/25-result.mp4` as it should be, with Range; `/gone/…`,
`/refuses/…`, `/norange/…`, `/slow/…`, `/junk/…` and `/short/…` with a fault. What stands before a `~` in its
name is ignored: `/clips/17~take-3.mp4` and `/clips/18~take-3.mp4` are two addresses of one clip.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aleph_nb.dashboard.esm import join
from tests.clips import CLIPS, make

__all__ = ["ClipServer", "serving_clips"]

_HERE = Path(__file__).parent
_CSS = sorted((_HERE.parents[1] / "aleph_nb" / "dashboard").glob("*.css"))
_KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".jpg": "image/jpeg"}
_THUMBNAILS = _HERE.parents[1] / "aleph_nb" / "demo" / "media"
_PAGES = {
    "/page.html": _HERE / "page.html",
    "/harness.js": _HERE / "harness.js",
    "/plain.js": _HERE / "plain.js",
    "/barcode.js": _HERE / "barcode.js",
    "/desk-harness.js": _HERE.parent / "desk" / "harness.js",
}
_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")
_SLOW_BYTES, _SLOW_PAUSE = 1000, 0.15  # a clip of 20 KB takes three seconds
_FAULTS = ("clips", "gone", "refuses", "norange", "slow", "junk", "short")


class ClipServer(ThreadingHTTPServer):
    """Makes each clip when it is first asked for.

    Attributes
    ----------
    asked : list of tuple
        What clips were asked for: their path, and the request's Sec-Fetch-Dest.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.asked: list[tuple[str, str]] = []
        self._making = threading.Lock()

    @property
    def origin(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def other_origin(self) -> str:
        """The same server by another name: to a browser, a host whose pictures cannot be read."""
        return f"http://localhost:{self.server_address[1]}"

    def clip(self, name: str) -> bytes:
        """Give the bytes of a clip by its name."""
        with self._making:
            return make(name, self.folder).read_bytes()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ClipServer

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        try:
            if path in _PAGES:
                self._say(_PAGES[path].read_bytes(), _PAGES[path].suffix)
            elif path == "/desk.js":
                self._say(join().encode(), ".js")
            elif path == "/desk.css":
                self._say(b"".join(each.read_bytes() for each in _CSS), ".css")
            elif path.startswith("/media/"):
                self._say((_THUMBNAILS / Path(path).name.rpartition("~")[2]).read_bytes(), ".jpg")
            else:
                self._clip(*path.split("/")[1:])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # a browser drops what it needs no more

    def _say(self, body: bytes, suffix: str) -> None:
        kind = _KINDS[suffix]
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        self._begin(HTTPStatus.OK, len(body), kind + charset, {"Cache-Control": "no-store"})
        self.wfile.write(body)

    def _clip(self, fault: str = "", file: str = "", *_: str) -> None:
        name = file.rpartition("~")[2].removesuffix(".mp4")
        for_video = self.headers.get("Sec-Fetch-Dest") == "video"
        self.server.asked.append((self.path, self.headers.get("Sec-Fetch-Dest", "")))
        if fault == "gone" or fault not in _FAULTS or name not in CLIPS:
            self._refuse(HTTPStatus.NOT_FOUND)
        elif fault == "refuses" and for_video:
            self._refuse(HTTPStatus.FORBIDDEN)
        else:
            body = self.server.clip(name)
            self._send(body[::-1] if fault == "junk" else body, fault)

    def _refuse(self, status: HTTPStatus) -> None:
        self._begin(status, 0, "text/plain", {"Cache-Control": "no-store"})

    def _send(self, body: bytes, fault: str) -> None:
        asked = None if fault in ("norange", "short") else _RANGE.match(self.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        last = min(int(asked[2]) if asked and asked[2] else len(body) - 1, len(body) - 1)
        part = body[first : last + 1]
        extra = {} if fault == "norange" else {"Accept-Ranges": "bytes"}
        if asked:
            extra["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        self._begin(HTTPStatus.PARTIAL_CONTENT if asked else HTTPStatus.OK, len(part), "video/mp4", extra)
        if fault == "short":
            self.wfile.write(part[: len(part) // 2])
            self.close_connection = True
        elif fault == "slow":
            for start in range(0, len(part), _SLOW_BYTES):
                self.wfile.write(part[start : start + _SLOW_BYTES])
                time.sleep(_SLOW_PAUSE)
        else:
            self.wfile.write(part)

    def _begin(self, status: HTTPStatus, length: int, kind: str, extra: dict[str, str] | None = None) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(length), "Cache-Control": "max-age=600"}
        for name, value in (headers | (extra or {})).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serving_clips(folder: Path) -> Iterator[ClipServer]:
    """Serve as long as the context lasts; clips are made in the folder."""
    with ClipServer(folder) as server:
        thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.05), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
