"""A demo service with clips of a few bytes and a clock that the test sets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aleph_nb.demo import DemoService
from tests.demo.calls import CLIPS, Clock


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "media"
    folder.mkdir()
    for name in CLIPS:
        (folder / f"{name}.mp4").write_bytes(f"{name} ".encode() + bytes(range(256)) * 40)
        (folder / f"{name}.jpg").write_bytes(f"{name} as a picture".encode())
    (folder / "private.mp4").write_bytes(b"not to be served")
    (folder.parent / "secret.mp4").write_bytes(b"not to be served")
    return folder


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def demo(clock: Clock, media: Path) -> Iterator[DemoService]:
    with DemoService(clock=clock, media=media) as service:
        yield service
