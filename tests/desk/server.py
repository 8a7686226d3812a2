"""Serves the page, the desk as anywidget gets it, its modules and the demo's clips, on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aleph_nb.dashboard.esm import join, join_styles

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "aleph_nb"
FOLDERS = {
    "media": PACKAGE / "demo" / "media",
    "js": PACKAGE / "dashboard" / "js",
    "": HERE,
}
MADE = {
    "/desk.js": (join, "text/javascript; charset=utf-8"),
    "/desk.css": (join_styles, "text/css; charset=utf-8"),
}


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def translate_path(self, path: str) -> str:
        bare = path.split("?", maxsplit=1)[0]
        _, first, *rest = bare.split("/")
        folder, name = (FOLDERS[first], "/".join(rest)) if first in FOLDERS else (FOLDERS[""], first)
        return str(folder / Path(name).name)

    def do_GET(self) -> None:
        if self.path not in MADE:
            super().do_GET()
            return
        make, kind = MADE[self.path]
        text = make().encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serving_page() -> Iterator[str]:
    """Serve as long as the context lasts; gives the page's address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(HERE))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/page.html"
        server.shutdown()
        thread.join()
