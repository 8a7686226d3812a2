"""The barcode that tests of the player read: right, or not read at all."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.clips import CLIPS, Reading, draw, make, read


@pytest.mark.parametrize("name", ["25-source", "60-result", "tall-result", "square-source", "hd-source"])
def test_a_frame_tells_its_number_and_its_clip(name: str) -> None:
    clip = CLIPS[name]
    for frame in (0, 1, clip.frames // 2, clip.frames - 1):
        assert read(draw(clip, frame)) == Reading(frame, clip.number)


def test_what_is_between_two_frames_is_not_read() -> None:
    clip = CLIPS["25-source"]
    both = draw(clip, 63) // 2 + draw(clip, 64) // 2
    assert read(both) is None
    assert read(np.zeros_like(both)) is None


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_every_frame_of_a_clip_is_there_and_can_be_read(tmp_path: Path) -> None:
    clip = CLIPS["29.97-short"]
    width, height = clip.size
    command = ["ffmpeg", "-loglevel", "error", "-i", str(make("29.97-short", tmp_path))]
    raw = subprocess.run(  # noqa: S603 - a fixed command
        [*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True
    ).stdout
    pictures = np.frombuffer(raw, dtype=np.uint8).reshape(-1, height, width, 3)
    assert [read(picture) for picture in pictures] == [
        Reading(frame, clip.number) for frame in range(clip.frames)
    ]
