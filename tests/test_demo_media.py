"""The demo's clips: real H.264 of the right size and rate, and a result that follows its source."""

import json
import struct
import subprocess
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import aleph_nb

MEDIA = Path(aleph_nb.__file__).parent / "demo" / "media"
MOST_BYTES = 1_000_000
SOURCES = {  # size, frame rate, frames
    "ridge": ((640, 360), Fraction(25), 125),
    "harbour": ((640, 360), Fraction(30000, 1001), 120),
    "canyon": ((360, 640), Fraction(24000, 1001), 96),
    "city": ((480, 480), Fraction(30000, 1001), 120),
}
RESULTS = {
    "ridge": ("ridge-sunset-1", "ridge-sunset-2", "ridge-winter", "ridge-aurora"),
    "harbour": ("harbour-noir", "harbour-storm"),
    "canyon": ("canyon-mars",),
    "city": ("city-anime", "city-neon"),
}
PAIRS = [(source, result) for source, results in RESULTS.items() for result in results]
CLIPS = [*((source, source) for source in SOURCES), *PAIRS]

Frames = npt.NDArray[np.float32]


def _run(*command: str) -> bytes:
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - fixed commands


def _probe(name: str) -> list[dict[str, Any]]:
    """Return the streams of a clip, their frames counted by decoding them."""
    asked = ("-count_frames", "-show_streams", "-of", "json")
    streams: list[dict[str, Any]] = json.loads(_run("ffprobe", *asked, str(MEDIA / f"{name}.mp4")))["streams"]
    return streams


def _times(name: str) -> list[tuple[int, int, bool]]:
    """Return the time, the length and the key flag of each frame, in the order of the file."""
    asked = ("-show_entries", "packet=pts,duration,flags", "-of", "json")
    packets = json.loads(_run("ffprobe", *asked, str(MEDIA / f"{name}.mp4")))["packets"]
    return [(packet["pts"], packet["duration"], "K" in packet["flags"]) for packet in packets]


def _boxes(content: bytes) -> list[str]:
    names, at = [], 0
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        names.append(kind.decode())
        at += length
    return names


@cache
def _grey(name: str) -> Frames:
    """Decode every second frame to a small grey picture; all scenes to the same shape, so any two compare."""
    graph = r"select=not(mod(n\,2)),scale=96:96:flags=area,format=gray"
    asked = ("-vf", graph, "-fps_mode", "passthrough", "-f", "rawvideo", "-")
    raw = _run("ffmpeg", "-i", str(MEDIA / f"{name}.mp4"), *asked)
    return np.frombuffer(raw, np.uint8).reshape(-1, 96, 96).astype(np.float32)


def _outlines(name: str) -> Frames:
    """Reduce a clip to how strong its edges are, whatever is light or dark in it."""
    down, across = np.gradient(_grey(name), axis=(1, 2))
    edges: Frames = np.log1p(np.hypot(down, across))
    return edges


def _likeness(one: str, other: str, *, lag: int = 0, moving: bool = False) -> float:
    """Correlate the edges of two clips, the second `lag` of the decoded frames later.

    With `moving`, what stands in a clip all the time is left out: it says nothing about when.
    """
    a, b = _outlines(one), _outlines(other)
    if moving:
        a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    count = min(len(a), len(b)) - lag
    return float(np.corrcoef(a[:count].ravel(), b[lag : lag + count].ravel())[0, 1])


@pytest.mark.parametrize(("source", "name"), CLIPS, ids=[name for _, name in CLIPS])
def test_a_clip_is_what_every_browser_plays(source: str, name: str) -> None:
    size, rate, frames = SOURCES[source]
    (stream,) = _probe(name)  # a picture, and no sound
    assert (stream["codec_name"], stream["pix_fmt"]) == ("h264", "yuv420p")
    assert (stream["width"], stream["height"]) == size
    assert (stream["sample_aspect_ratio"], stream["color_space"]) == ("1:1", "bt709")
    assert Fraction(stream["r_frame_rate"]) == Fraction(stream["avg_frame_rate"]) == rate
    assert int(stream["nb_read_frames"]) == frames


@pytest.mark.parametrize(("source", "name"), CLIPS, ids=[name for _, name in CLIPS])
def test_frame_n_begins_at_n_over_the_rate_and_every_second_can_be_sought(source: str, name: str) -> None:
    _, rate, frames = SOURCES[source]
    times = _times(name)
    step = times[0][1]
    assert [pts for pts, _, _ in times] == [n * step for n in range(frames)]
    keys = [n for n, (_, _, key) in enumerate(times) if key]
    assert keys[0] == 0
    assert max(np.diff([*keys, frames])) <= round(rate)


@pytest.mark.parametrize("name", [name for _, name in CLIPS])
def test_the_index_stands_before_the_pictures(name: str) -> None:
    boxes = _boxes((MEDIA / f"{name}.mp4").read_bytes())
    assert boxes.index("moov") < boxes.index("mdat")


def test_the_folder_holds_these_clips_with_a_thumbnail_each_and_stays_small() -> None:
    names = {name for _, name in CLIPS}
    files = [file for file in MEDIA.iterdir() if file.suffix in {".mp4", ".jpg"}]
    assert {file.stem for file in files if file.suffix == ".mp4"} == names
    assert {file.stem for file in files if file.suffix == ".jpg"} == names
    assert sum(file.stat().st_size for file in MEDIA.iterdir()) < MOST_BYTES


@pytest.mark.parametrize(("source", "name"), CLIPS, ids=[name for _, name in CLIPS])
def test_a_thumbnail_shows_its_clip(source: str, name: str) -> None:
    (width, height), _, _ = SOURCES[source]
    with Image.open(MEDIA / f"{name}.jpg") as image:
        assert image.format == "JPEG"
        assert max(image.size) == 320
        assert abs(image.width / image.height - width / height) < 0.01
        small = np.asarray(image.convert("L").resize((96, 96), Image.Resampling.BOX), dtype=np.float32)
    assert min(np.abs(frame - small).mean() for frame in _grey(name)) < 8


@pytest.mark.parametrize(("source", "result"), PAIRS)
def test_a_result_shows_its_own_source_and_no_other_scene(source: str, result: str) -> None:
    own = _likeness(source, result)
    assert own > 0.4
    assert own > 0.3 + max(_likeness(other, result) for other in SOURCES if other != source)


@pytest.mark.parametrize(("source", "result"), PAIRS)
def test_a_result_moves_in_step_with_its_source(source: str, result: str) -> None:
    in_step = _likeness(source, result, moving=True)
    assert in_step > 0.2
    for late, margin in ((2, 0.01), (12, 0.2)):
        assert in_step > margin + _likeness(source, result, lag=late, moving=True)
        assert in_step > margin + _likeness(result, source, lag=late, moving=True)
