"""What the tests of the transports do with one."""

import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aleph_nb.errors import TransportError
from aleph_nb.transport import MediaTransport, Reply, Transport
from tests.faults import RECORD_PATH

__all__ = ["fetch", "get", "media", "shown", "why", "why_not"]


def get(transport: Transport, task_id: str = "a", timeout: float = 5.0) -> Reply:
    """Ask for a record."""
    return transport.get(
        RECORD_PATH, {"taskId": task_id}, timeout=timeout, about=f"task {task_id}", stop=threading.Event()
    )


def why(transport: Transport, timeout: float = 5.0) -> str:
    """Ask for a record that does not come; return the reason."""
    with pytest.raises(TransportError) as caught:
        get(transport, timeout=timeout)
    assert str(caught.value).startswith("No answer for task a from ")
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    return caught.value.reason


@contextmanager
def media(*, private: bool = True, connections: int = 4) -> Iterator[MediaTransport]:
    """Give a transport for media, and close it."""
    transport = MediaTransport(private=private, connections=connections)
    try:
        yield transport
    finally:
        transport.close()


def fetch(
    transport: MediaTransport,
    url: str,
    *,
    most: int = 10**6,
    timeout: float = 5.0,
    stall: float = 5.0,
    stop: threading.Event | None = None,
) -> bytes:
    """Fetch a clip."""
    stop = stop or threading.Event()
    return transport.get(url, most=most, timeout=timeout, stall=stall, about="the clip", stop=stop)


def why_not(transport: MediaTransport, url: str, **options: float) -> TransportError:
    """Fetch a clip that is not to be had; return the error."""
    try:
        fetch(transport, url, **options)  # type: ignore[arg-type]
    except TransportError as caught:
        error = caught
    else:
        raise AssertionError("it was fetched")
    said, remedy = str(error).split(f": {error.reason}. ")
    assert said.startswith("Could not fetch the clip")
    assert remedy.endswith(".")
    assert "base_url" not in str(error), "it has no part in this"
    assert error.__context__ is None
    assert error.__cause__ is None
    return error


def shown(error: BaseException) -> str:
    """Return all that is shown of an error with the locals of our own frames."""
    frames = [
        (frame, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_globals["__name__"].startswith("aleph_nb.")
    ]
    assert frames
    stack = traceback.StackSummary.extract(iter(frames), capture_locals=True)
    return "".join([*stack.format(), str(error), repr(error), repr(vars(error))])
