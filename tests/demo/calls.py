"""One request to the demo service, and what its tests look for in the answer."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPMessage
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from aleph_nb.demo import KEY, DemoService

PATH = "/api/v1/aleph/record-info"
START = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
SUNSET, NOIR, ANIME, TAKE_2, WINTER, MARS, NEON = range(7)
AURORA, STORM, FLAGGED, BROKEN, UNREADABLE, EXPIRED, UNKNOWN = range(7, 14)
SOURCES = ("ridge", "harbour", "canyon", "city")
RESULTS = (
    "ridge-sunset-1",
    "ridge-sunset-2",
    "ridge-winter",
    "ridge-aurora",
    "harbour-noir",
    "harbour-storm",
    "canyon-mars",
    "city-anime",
    "city-neon",
)
CLIPS = SOURCES + RESULTS


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Say what time it is."""
        return self.now

    def pass_by(self, **duration: float) -> None:
        """Let some time go by."""
        self.now += timedelta(**duration)


class Answer(NamedTuple):
    """One answer as it came."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


def call(base_url: str, target: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
    """Send one request, its target (a path, or a URL of the service) as it is written."""
    address = urlsplit(base_url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.request(method, target.removeprefix(base_url), headers=dict(headers or {}))
        reply = connection.getresponse()
        return Answer(reply.status, reply.headers, reply.read())
    finally:
        connection.close()


def ask(service: DemoService, task_id: str, key: str = KEY) -> Answer:
    """Ask for a task."""
    target = f"{PATH}?taskId={quote(task_id)}"
    return call(service.base_url, target, headers={"Authorization": f"Bearer {key}"})


def data_of(service: DemoService, number: int) -> dict[str, Any]:
    """Return the record of one of the fixed tasks."""
    data: dict[str, Any] = ask(service, service.ids[number]).json["data"]
    return data


def params_of(service: DemoService, number: int) -> dict[str, Any]:
    """Return the parameters of one of the fixed tasks."""
    params: dict[str, Any] = json.loads(data_of(service, number)["paramJson"])
    return params


def result_url(service: DemoService, number: int) -> str:
    """Return the URL of a fixed task's result."""
    url: str = data_of(service, number)["response"]["resultVideoUrl"]
    return url


def at(text: str) -> datetime:
    """Read a time of the page's spelling."""
    return datetime.fromisoformat(text)
