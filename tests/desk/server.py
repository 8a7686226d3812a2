"""Serves the page, the desk's modules and the demo's clips, on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "aleph_nb"
FOLDERS = {
    "js": PACKAGE / "dashboard" / "js",
    "media": PACKAGE / "demo" / "media",
    "": HERE,
}
FILES = {"/desk.css": PACKAGE / "dashboard" / "desk.css"}


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def translate_path(self, path: str) -> str:
        bare = path.split("?", maxsplit=1)[0]
        if bare in FILES:
            return str(FILES[bare])
        _, first, *rest = bare.split("/")
        folder, name = (FOLDERS[first], "/".join(rest)) if first in FOLDERS else (FOLDERS[""], first)
        return str(folder / Path(name).name)

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
