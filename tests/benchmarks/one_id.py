"""One id, once warm, beside a bare `requests.get` of the same answer."""

import requests

from aleph_nb import Client, Settings
from tests.benchmarks.measure import Row, difference, interleave, timed
from tests.faults import RECORD_PATH, serve_process

__all__ = ["measure"]

_ROUNDS = 200
_MOST = 10.0  # milliseconds more
_ID = "ee9c2715375b7837f8bb51d641ff5863"


def measure() -> list[Row]:
    """Measure it."""
    with (
        serve_process() as base_url,
        Client(Settings(base_url=base_url, rate=0)) as client,
        requests.Session() as session,
    ):
        url, query = base_url + RECORD_PATH, {"taskId": _ID}
        found = interleave(
            {
                "ours": timed(lambda: client.fetch(_ID)),
                "get": timed(lambda: requests.get(url, params=query, timeout=30).content),
                "session": timed(lambda: session.get(url, params=query, timeout=30).content),
            },
            _ROUNDS,
        )
    more = difference(found["ours"], found["get"])
    return [
        Row(
            what="one id: Client.fetch",
            figures=found["ours"],
            against="requests.get",
            compared=f"{more:+.2f} ms",
            target=f"at most +{_MOST:.0f} ms",
            met=more <= _MOST,
        ),
        Row(what="one id: requests.get", figures=found["get"]),
        Row(what="one id: get of one requests.Session", figures=found["session"]),
    ]
