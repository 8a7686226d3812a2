"""What the tests of the transport do with one."""

import threading

import pytest

from aleph_nb.errors import TransportError
from aleph_nb.transport import Reply, Transport
from tests.faults import RECORD_PATH

__all__ = ["get", "why"]


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
