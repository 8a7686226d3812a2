"""`DemoService`: the demo's tasks, its clock and its clips, behind a server on loopback."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from .answers import task_answer
from .catalogue import Catalogue
from .handlers import MIME_TYPES, make_application
from .server import HOST, Server
from .tasks import Task

__all__ = ["KEY", "MEDIA", "DemoService"]

KEY = "demo-key-for-this-loopback-service-only"
MEDIA = Path(__file__).parent / "media"
_SOURCES = ("ridge", "harbour", "canyon", "city")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DemoService:
    """The Aleph record API on 127.0.0.1, in a daemon thread with an event loop of its own.

    A context manager: entered it serves, left it is gone. Its clock begins when it starts, and the
    tasks' times are counted from there.

    Parameters
    ----------
    tasks : int or None
        How many ids there are; None for the fixed ones, of which nobody knows the last.
    clock : callable
        Says what time it is, with a zone.
    media : Path
        The folder of the clips, NAME.mp4 and NAME.jpg.
    port : int
        0 takes a free one.

    Attributes
    ----------
    key : str
        What a call must carry; a harmless constant.
    ids : list of str
        The same each time.
    """

    def __init__(
        self,
        *,
        tasks: int | None = None,
        clock: Callable[[], datetime] = _utc_now,
        media: Path = MEDIA,
        port: int = 0,
    ) -> None:
        self.key = KEY
        self._catalogue = Catalogue(tasks)
        self._clock = clock
        self._media = media.resolve()
        self._port = port
        self._begun = clock()
        self._server: Server | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_details: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        where = self.base_url or "not running"
        return f"<{type(self).__name__}: {where}, {len(self._catalogue.ids)} ids>"

    @property
    def ids(self) -> list[str]:
        """The ids to ask for, in an order that tells; the same each time."""
        return list(self._catalogue.ids)

    @property
    def base_url(self) -> str:
        """Where it serves; "" while it does not."""
        server = self._server
        return f"http://{HOST}:{server.port}" if server is not None else ""

    @property
    def is_running(self) -> bool:
        """Whether it answers."""
        server = self._server
        return server is not None and server.is_running

    def start(self) -> None:
        """Begin the clock and serve; where it serves already, nothing happens.

        Raises
        ------
        OSError
            The port, or what a thread needs, cannot be had.
        """
        with self._lock:
            if self.is_running:
                return
            self._begun = self._clock()
            server = Server(make_application(self, str(self._media)), self._port)
            self._server = server  # the first answer needs its address
            try:
                server.start()
            except BaseException:
                self._server = None
                raise

    def stop(self) -> None:
        """Serve no more, and leave no thread, socket or loop behind."""
        with self._lock:
            server, self._server = self._server, None
            if server is not None:
                server.stop()

    def reset(self) -> None:
        """Begin the clock anew: what was running at first runs again."""
        self._begun = self._clock()

    def task(self, task_id: str) -> Task | None:
        """Return what the demo knows of an id; None where it knows nothing."""
        return self._catalogue.get(task_id)

    def record(self, task_id: str) -> dict[str, Any]:
        """Return the envelope that the API answers with now."""
        return task_answer(self.task(task_id), begun=self._begun, now=self._clock(), base_url=self.base_url)

    def media_file(self, path: str, *, early: bool = False) -> str | None:
        """Return the clip's file that a path under /media/ stands for now; None where there is none.

        `early` is for who knows of a result from an earlier run: this one's may still be on its way.
        """
        folder, _, name = path.partition("/")
        stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
        if name != stem + suffix or suffix not in MIME_TYPES:
            return None
        if folder == "source":
            return name if stem in _SOURCES else None
        task = self.task(folder)
        if stem != "result" or task is None or not task.has_media(self._begun, self._clock(), early=early):
            return None
        return f"{task.result}{suffix}"

    def media_bytes(self, url: str) -> tuple[str, bytes] | None:
        """Return the mime type and the content of a media URL of this service that is alive now.

        None for any other URL, and for one whose result has expired.
        """
        base = self.base_url
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        if not base or f"{parts.scheme}://{parts.netloc}" != base or not parts.path.startswith("/media/"):
            return None
        file = self.media_file(unquote(parts.path.removeprefix("/media/")), early=True)
        if file is None:
            return None
        try:
            return MIME_TYPES[PurePosixPath(file).suffix], (self._media / file).read_bytes()
        except FileNotFoundError:
            return None
