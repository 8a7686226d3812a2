"""Clips whose every frame carries its own number, made by ffmpeg when tests begin.

The number stands in a barcode that survives compression: a row of black and white cells and below it the row
of their opposites, so that a reading is right or none at all. `tests/player/barcode.js` reads it from a
`<video>`, `read` from a picture. It tells the clip as well. The rest of a picture is two flat tones, left and
right, and a light that wanders along the foot.
"""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["CLIPS", "RATES", "BarcodeClip", "Reading", "draw", "make", "make_all", "read"]

Pixels = npt.NDArray[np.uint8]
Tone = tuple[int, int, int]

_NUMBER_BITS, _CLIP_BITS = 10, 6
_BITS = _NUMBER_BITS + _CLIP_BITS
_AT_ONCE = 2
_DARK, _LIGHT = 88, 168  # what lies between is no cell of a barcode

WIDE, TALL, SQUARE, HD = (320, 180), (180, 320), (240, 240), (1280, 720)

RATES = {
    "23.976": Fraction(24000, 1001),
    "25": Fraction(25),
    "29.97": Fraction(30000, 1001),
    "60": Fraction(60),
}


class Reading(NamedTuple):
    """What a barcode says: the frame's number from 0, and the clip's."""

    frame: int
    clip: int


@dataclass(frozen=True)
class BarcodeClip:
    """A clip to make.

    Attributes
    ----------
    number : int
        By which a barcode tells it from others.
    rate : Fraction
        Frames a second.
    seconds : float
        How long; to the next whole frame.
    size : tuple of int
        Width and height, even.
    left, right : tuple of int
        The tones of its halves, as RGB.
    key_every : float
        Seconds from one key frame to the next.
    b_frames : int
        How many, at most, between two others: their order in the file is not that of their times.
    grain : int
        By how much pixels differ at random, as those of a camera do: what costs a decoder its time.
    """

    number: int
    rate: Fraction = RATES["25"]
    seconds: float = 5
    size: tuple[int, int] = WIDE
    left: Tone = (60, 60, 60)
    right: Tone = (60, 60, 60)
    key_every: float = 1
    b_frames: int = 0
    grain: int = 0

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return round(self.seconds * self.rate)


def _clips() -> dict[str, BarcodeClip]:
    """Name every clip; a result is 40 brighter on the left and 20 on the right than its source."""
    source: dict[str, Any] = {"left": (60, 60, 60), "right": (90, 90, 90)}
    result: dict[str, Any] = {"left": (100, 100, 100), "right": (110, 110, 110), "b_frames": 2}
    told: list[tuple[str, dict[str, Any]]] = []
    for name, rate in RATES.items():
        told += [(f"{name}-source", {"rate": rate} | source), (f"{name}-result", {"rate": rate} | result)]
    told += [(f"{name}-short", {"rate": RATES[name], "seconds": 4.2} | result) for name in ("25", "29.97")]
    for name, size in (("tall", TALL), ("square", SQUARE), ("hd", HD)):
        told += [(f"{name}-source", {"size": size} | source), (f"{name}-result", {"size": size} | result)]
    told += [("one-key-result", {"key_every": 60} | result)]
    told += [
        (f"grain-{name}", {"size": HD, "key_every": 60, "grain": 5} | each)
        for name, each in (("source", source), ("result", result))
    ]
    told += [
        (
            f"take-{place}",
            {"seconds": 2, "left": (20 + 20 * place, 90, 120), "right": (60, 40 + 20 * place, 90)},
        )
        for place in range(8)
    ]
    return {name: BarcodeClip(number, **made) for number, (name, made) in enumerate(told, 1)}


CLIPS = _clips()
"""By name: `25-source`, `29.97-result`, `25-short`, `tall-result`, `one-key-result`, `take-3`, …"""


def _cells(size: tuple[int, int]) -> tuple[int, int, int]:
    """Give the side of a cell, and the left and upper edge of the first one."""
    width, height = size
    side = min(width // (_BITS + 2), height // 6)
    return side, (width - _BITS * side) // 2, side


def draw(clip: BarcodeClip, frame: int) -> Pixels:
    """Draw a frame: height x width x RGB."""
    width, height = clip.size
    picture = np.empty((height, width, 3), dtype=np.uint8)
    picture[:, : width // 2] = clip.left
    picture[:, width // 2 :] = clip.right
    if clip.grain:
        noise = np.random.default_rng(frame).integers(-clip.grain, clip.grain + 1, (height, width, 1))
        picture = (picture + noise).astype(np.uint8)
    side, left, top = _cells(clip.size)
    code = clip.number << _NUMBER_BITS | frame
    for bit in range(_BITS):
        value = code >> bit & 1
        columns = slice(left + bit * side, left + (bit + 1) * side)
        picture[top : top + side, columns] = 255 * value
        picture[top + side : top + 2 * side, columns] = 255 * (1 - value)
    at = frame * (width - side) // max(clip.frames - 1, 1)
    picture[height - side :, at : at + side] = 240
    return picture


def read(picture: Pixels) -> Reading | None:
    """Read the barcode of a picture; None where there is none, or it contradicts itself."""
    side, left, top = _cells((picture.shape[1], picture.shape[0]))
    code = 0
    for bit in range(_BITS):
        x = left + bit * side + side // 2
        upper, lower = (int(picture[top + row * side + side // 2, x].mean()) for row in (0, 1))
        if min(upper, lower) > _DARK or max(upper, lower) < _LIGHT:
            return None
        code |= (upper > lower) << bit
    return Reading(code & (1 << _NUMBER_BITS) - 1, code >> _NUMBER_BITS)


def make(name: str, folder: Path) -> Path:
    """Make a clip as `name`.mp4 in a folder; one that is there is left as it is."""
    clip = CLIPS[name]
    target = folder / f"{name}.mp4"
    if target.exists():
        return target
    part = target.with_suffix(".part")  # who reads the folder meanwhile finds whole clips only
    with subprocess.Popen(_encoder(clip, part), stdin=subprocess.PIPE) as encoder:  # noqa: S603 - a fixed command
        assert encoder.stdin is not None
        for frame in range(clip.frames):
            encoder.stdin.write(draw(clip, frame).tobytes())
    assert encoder.returncode == 0, f"ffmpeg could not make {name}: exit code {encoder.returncode}"
    part.replace(target)
    return target


def make_all(folder: Path) -> Path:
    """Make every clip in a folder; return the folder."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda name: make(name, folder), CLIPS))
    return folder


@cache
def _encoder(clip: BarcodeClip, target: Path) -> list[str]:
    width, height = clip.size
    rate = f"{clip.rate.numerator}/{clip.rate.denominator}"
    raw = f"-f rawvideo -pix_fmt rgb24 -s {width}x{height} -r {rate} -i -"
    # The colours' standard is written into the file: browsers guess differently where it is not.
    colours = "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv -pix_fmt yuv420p"
    scale = "-vf scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int"
    keys = f"-g {round(clip.key_every * clip.rate)} -bf {clip.b_frames} -sc_threshold 0"
    codec = f"-c:v libx264 -preset veryfast -crf 20 {keys} -threads 1 -an"
    file = f"-video_track_timescale {clip.rate.numerator} -movflags +faststart -f mp4"
    words = f"ffmpeg -y -loglevel error {raw} {scale} {colours} {codec} {file}".split()
    return [*words, str(target)]
