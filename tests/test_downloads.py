"""Media are fetched at once, in a bounded time, without the key, and not from where they should not be."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aleph_nb.downloads import Downloads
from aleph_nb.transport import MediaTooLargeError
from tests.faults import FaultServer, Reply
from tests.keys import key_parts

MEDIA = Path(__file__).parents[1] / "aleph_nb" / "demo" / "media"
PICTURE = (MEDIA / "harbour-noir.jpg").read_bytes()
VIDEO = (MEDIA / "harbour-noir.mp4").read_bytes()


@pytest.fixture
def downloads() -> Iterator[Downloads]:
    made = Downloads(private=True)
    yield made
    made.close()


def test_pictures_come_as_small_data_uris(downloads: Downloads, server: FaultServer) -> None:
    urls = [server.media(f"/{n}.jpg", PICTURE, "image/jpeg") for n in range(12)]
    found = dict(downloads.pictures([*urls, urls[0]]))
    assert set(found) == set(urls)
    assert all(str(uri).startswith("data:image/jpeg;base64,") for uri in found.values())
    assert len(server.requests) == 12
    assert not any(part in repr(server.requests) for part in key_parts())
    assert {seen.headers.get("authorization") for seen in server.requests} == {None}


def test_of_those_that_cannot_be_had_nothing_comes(downloads: Downloads, server: FaultServer) -> None:
    there = server.media("/there.jpg", PICTURE, "image/jpeg")
    page = server.media("/page.jpg", b"<html>gone</html>", "image/jpeg")
    urls = [f"{server.base_url}/absent.jpg", page, there, "http://127.0.0.1:9/refused.jpg", "ftp://x/y.jpg"]
    assert {url for url, uri in downloads.pictures(urls) if uri} == {there}


def test_a_host_that_hangs_is_not_waited_for(downloads: Downloads, server: FaultServer) -> None:
    there = server.media("/there.jpg", PICTURE, "image/jpeg")
    server.script("/hangs.jpg", Reply(delay=30))
    began = time.monotonic()
    found = dict(downloads.pictures([f"{server.base_url}/hangs.jpg", there]))
    assert [url for url, uri in found.items() if uri] == [there]
    assert 4 < time.monotonic() - began < 7


def test_whole_media_come_as_they_are_up_to_a_size(downloads: Downloads, server: FaultServer) -> None:
    video = server.media("/v.mp4", VIDEO)
    large = server.media("/large.mp4", VIDEO + bytes(500_000))
    absent = f"{server.base_url}/absent.mp4"
    found = {each.url: each for each in downloads.whole([video, large, absent], 400_000, timeout=10, stall=5)}
    assert found[video].content == VIDEO
    too_large, gone = found[large].error, found[absent].error
    assert isinstance(too_large, MediaTooLargeError)
    assert too_large.size == len(VIDEO) + 500_000
    assert gone is not None
    assert "404" in gone.reason


def test_a_public_service_cannot_send_the_kernel_into_a_private_network(server: FaultServer) -> None:
    url = server.media("/secret.jpg", PICTURE, "image/jpeg")
    downloads = Downloads(private=False)
    try:
        assert list(downloads.pictures([url])) == [(url, None)]
        (fetched,) = downloads.whole([url], 10**6, timeout=10, stall=5)
        assert fetched.error is not None
        assert "private network" in fetched.error.reason
        assert server.requests == []
    finally:
        downloads.close()


def test_closing_ends_what_is_under_way(downloads: Downloads, server: FaultServer) -> None:
    server.script("/hangs.mp4", Reply(delay=30))
    found: list[object] = []
    waiting: Callable[[], None] = lambda: found.extend(  # noqa: E731
        downloads.whole([f"{server.base_url}/hangs.mp4"] * 3, 10**6, timeout=60, stall=60)
    )
    thread = threading.Thread(target=waiting)
    thread.start()
    server.wait_until(lambda server: bool(server.requests))
    began = time.monotonic()
    downloads.close()
    thread.join(5)
    assert not thread.is_alive()
    assert time.monotonic() - began < 2
    assert list(downloads.pictures([f"{server.base_url}/hangs.mp4"])) == []
