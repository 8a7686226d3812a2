"""What the fault server says: `Reply`, an answer with its faults, and bodies in the page's spelling."""

import gzip as gzip_module
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from typing import Any, NamedTuple

__all__ = ["Media", "Reply", "envelope", "failure", "refuse", "running", "success"]

_AGE = timedelta(days=1)  # of a completed task
_TOOK = timedelta(seconds=345)  # the page's example


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer, and what is wrong with it.

    Attributes
    ----------
    status : int
        The HTTP status.
    body : object
        Bytes as they are, text in UTF-8, anything else as JSON.
    headers : mapping
        Added to Content-Type (application/json) and Content-Length, or put in their place.
    delay : float
        Seconds before the first byte, or before whatever comes instead of it.
    drip : float or None
        Seconds between single bytes of the body; the head goes at once.
    drip_headers : float or None
        Seconds between single bytes of the head.
    cut : int or None
        End after this many bytes of the body as it travels, although Content-Length says more.
        The end is a clean close, or what `reset` or `hang` say.
    reset : bool
        A TCP reset instead of an answer, or after `cut` bytes.
    hang : bool
        Silence instead of an answer, or after `cut` bytes; the connection stays open.
    raw : bytes or None
        These bytes instead of an answer, then a clean close; `b""` closes without a word.
    close : bool
        Close the connection after a whole answer without having announced it.
    gzip : bool
        Content-Encoding: gzip; `Reply(body=bytes(2**30), gzip=True)` is a bomb.
    chunked : bool
        Transfer-Encoding: chunked instead of a length; a byte a chunk where the body drips.
    """

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float | None = None
    drip_headers: float | None = None
    cut: int | None = None
    reset: bool = False
    hang: bool = False
    raw: bytes | None = None
    close: bool = False
    gzip: bool = False
    chunked: bool = False

    @cached_property
    def head(self) -> bytes:
        """The status line and the headers, with the empty line behind them."""
        fields = {"content-type": ("Content-Type", "application/json")}
        if self.gzip:
            fields["content-encoding"] = ("Content-Encoding", "gzip")
        if self.chunked:
            fields["transfer-encoding"] = ("Transfer-Encoding", "chunked")
        else:
            fields["content-length"] = ("Content-Length", str(len(self.payload)))
        fields |= {name.lower(): (name, value) for name, value in self.headers.items()}
        known = self.status in HTTPStatus.__members__.values()
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase if known else 'Unknown'}"]
        lines += [f"{name}: {value}" for name, value in fields.values()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    @cached_property
    def payload(self) -> bytes:
        """The body as it travels, but for the marks of the chunks."""
        content = self.body if isinstance(self.body, bytes | str) else json.dumps(self.body)
        content = content.encode() if isinstance(content, str) else content
        return gzip_module.compress(content) if self.gzip else content

    @cached_property
    def pieces(self) -> list[bytes]:
        """What is written behind the head, piece by piece."""
        sent = self.payload[: self.cut]
        pieces = [sent] if self.drip is None else [bytes((byte,)) for byte in sent]
        if self.chunked:
            pieces = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece]
            pieces += [b"0\r\n\r\n"] if self.cut is None else []
        return pieces

    @property
    def is_plain(self) -> bool:
        """Whether the answer is written whole and at once."""
        awkward = (self.drip, self.drip_headers, self.cut, self.raw)
        return awkward == (None, None, None, None) and not (self.reset or self.hang)


class Media(NamedTuple):
    """A file that is served whole or by Range."""

    content: bytes
    content_type: str
    cors: bool

    def reply(self, method: str, asked: str) -> Reply:
        """Answer a request, whose header Range is `asked`; several ranges at once get the whole."""
        headers = {"Content-Type": self.content_type, "Accept-Ranges": "bytes"}
        if self.cors:
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = "Content-Length, Content-Range"
        if method == "OPTIONS":
            return Reply(status=204, headers=headers | {"Access-Control-Allow-Headers": "Range"})
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", asked)
        if found is None or asked == "bytes=-":
            return Reply(body=self.content, headers=headers)
        first, last = found.groups()
        size = len(self.content)
        start = int(first) if first else max(size - int(last), 0)
        end = min(int(last), size - 1) if first and last else size - 1
        if start > end:
            return Reply(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
        headers["Content-Range"] = f"bytes {start}-{end}/{size}"
        return Reply(status=206, body=self.content[start : end + 1], headers=headers)


def envelope(code: Any = 200, msg: Any = "success", data: Any = None) -> dict[str, Any]:
    """Make the envelope that every answer of the API comes in."""
    return {"code": code, "msg": msg, "data": data}


def refuse(code: int, msg: str = "refused", *, inside: bool = False, **options: Any) -> Reply:
    """Make the answer that is a code other than 200.

    Parameters
    ----------
    code : int
        The envelope's code.
    msg : str
        The envelope's message.
    inside : bool
        Send it with the HTTP status 200; else the code is the HTTP status too.
    **options
        Passed on to `Reply`, such as `headers={"Retry-After": "1"}`.

    Returns
    -------
    Reply
        With an envelope whose data is null.
    """
    return Reply(status=200 if inside else code, body=envelope(code, msg), **options)


def success(task_id: str, **changes: Any) -> dict[str, Any]:
    """Make the body of a task that succeeded a day ago and took 345 s.

    Parameters
    ----------
    task_id : str
        The id, in the record and in its response.
    **changes
        Fields of the record to replace or add, in the API's spelling: `successFlag=3`.

    Returns
    -------
    dict
        The whole envelope; the record is its `data`.
    """
    response = {
        "taskId": task_id,
        "resultVideoUrl": f"https://media.example/k/{task_id}.mp4",
        "resultImageUrl": f"https://media.example/m/{task_id}.png",
    }
    return envelope(data=_record(task_id, response=response, successFlag=1) | changes)


def running(task_id: str, **changes: Any) -> dict[str, Any]:
    """Make the body of a task that was created 20 s ago and still runs; `changes` as in `success`."""
    create_time = _iso(datetime.now(UTC) - timedelta(seconds=20))
    return envelope(data=_record(task_id, createTime=create_time, completeTime=None) | changes)


def failure(
    task_id: str, code: int = 400, message: str = "The prompt was refused.", **changes: Any
) -> dict[str, Any]:
    """Make the body of a task that failed a day ago; `changes` as in `success`."""
    return envelope(data=_record(task_id, errorCode=code, errorMessage=message) | changes)


def _record(task_id: str, **fields: Any) -> dict[str, Any]:
    """Make a record in the page's spelling and order, completed, with neither result nor error."""
    completed = datetime.now(UTC) - _AGE
    source = f"https://media.example/source/{task_id}.mp4"
    return {
        "taskId": task_id,
        "paramJson": json.dumps({"prompt": f"A lantern parade in the snow, {task_id}", "videoUrl": source}),
        "response": None,
        "completeTime": _iso(completed),
        "createTime": _iso(completed - _TOOK),
        "successFlag": 0,
        "errorCode": 0,
        "errorMessage": "",
    } | fields


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
