"""What each path answers: the record API, the clips, and nothing else."""

import hmac
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any, Protocol

from tornado.httputil import format_timestamp
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler

from .answers import refusal

__all__ = ["MIME_TYPES", "RECORD_PATH", "Desk", "make_application"]

RECORD_PATH = "/api/v1/aleph/record-info"
MIME_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg"}
_UNAUTHORIZED, _UNPROCESSABLE, _METHOD_NOT_ALLOWED = 401, 422, 405


class Desk(Protocol):
    """Who knows the tasks."""

    @property
    def key(self) -> str:
        """The key that a call must carry."""

    def record(self, task_id: str) -> dict[str, Any]:
        """Return the envelope for a task."""

    def media_file(self, path: str) -> str | None:
        """Return the file that a path under /media/ stands for now; None where there is none."""


def make_application(desk: Desk, media: str) -> Application:
    """Return the application that answers for a desk, with the clips in the folder `media`."""
    return Application(
        [
            (RECORD_PATH, _RecordHandler, {"desk": desk}),
            (r"/media/(.*)", _MediaHandler, {"desk": desk, "path": media}),
        ],
        default_handler_class=_NothingHandler,
        log_function=lambda _handler: None,  # a notebook's cell is no place for an access log
    )


class _Quiet(RequestHandler):
    """Errors as plain text, and in no log, unless they are ours."""

    allowed: tuple[str, ...] = ("GET",)

    def write_error(self, status_code: int, **_details: Any) -> None:
        if status_code == _METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(self.allowed))
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.finish(f"{status_code} {self._reason}\n")

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if not isinstance(value, HTTPError):
            super().log_exception(typ, value, tb)


class _NothingHandler(_Quiet):
    """Every other path: an HTTP 404 that is no envelope."""

    def prepare(self) -> None:
        raise HTTPError(404)


class _RecordHandler(_Quiet):
    """The record API; no browser's page of another origin may read it."""

    def initialize(self, desk: Desk) -> None:
        self._desk = desk

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")

    def compute_etag(self) -> None:
        return None

    def get(self) -> None:
        scheme, _, key = self.request.headers.get("Authorization", "").partition(" ")
        knows_key = hmac.compare_digest(key.strip().encode(), self._desk.key.encode())
        if scheme.lower() != "bearer" or not knows_key:
            self._refuse(_UNAUTHORIZED, "You do not have access permissions")
            return
        task_id = self.get_query_argument("taskId", "")
        if not task_id:
            self._refuse(_UNPROCESSABLE, "taskId cannot be empty")
            return
        self.write(self._desk.record(task_id))

    def _refuse(self, code: int, msg: str) -> None:
        self.set_status(code)
        self.write(refusal(code, msg))


class _MediaHandler(_Quiet, StaticFileHandler):
    """A clip or a thumbnail, whole or in ranges, for whoever shows it."""

    allowed = ("GET", "HEAD", "OPTIONS")

    def initialize(self, desk: Desk, path: str) -> None:  # type: ignore[override]
        super().initialize(path=path)
        self._desk = desk

    def set_default_headers(self) -> None:
        self.set_header("Access-Control-Allow-Origin", "*")
        self.set_header("Access-Control-Expose-Headers", "Accept-Ranges, Content-Length, Content-Range, ETag")
        self.set_header("Cross-Origin-Resource-Policy", "cross-origin")
        # A player may keep a clip, but asks whether it still lives.
        self.set_header("Cache-Control", "no-cache")

    async def get(self, path: str, include_body: bool = True) -> None:
        file = self._desk.media_file(path)
        if file is None:
            raise HTTPError(404)
        await super().get(file, include_body=include_body)

    def options(self, _path: str) -> None:
        self.set_header("Access-Control-Allow-Methods", ", ".join(self.allowed))
        self.set_header("Access-Control-Allow-Headers", "Range, If-Range, If-None-Match, If-Modified-Since")
        self.set_status(204)
        self.finish()

    def get_content_type(self) -> str:
        return MIME_TYPES[PurePosixPath(self.path).suffix]  # not what this machine takes .mp4 for

    def set_extra_headers(self, _path: str) -> None:
        """Drop the range of a file that has changed since; tornado does not know If-Range."""
        condition = self.request.headers.get("If-Range")
        modified = format_timestamp(self.modified) if self.modified else None
        if condition is not None and condition not in (self.compute_etag(), modified):
            self.request.headers.pop("Range", None)
