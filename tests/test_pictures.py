"""Thumbnails become small data URIs: of any common format, bounded, and never an error."""

import base64
import builtins
import struct
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from types import ModuleType

import pytest
from PIL import Image

from aleph_nb.pictures import MOST_OF_A_PICTURE, kind_of, shrink, to_data_uri


def picture(size: tuple[int, int], kind: str, mode: str = "RGB", *, noise: bool = False) -> bytes:
    """Make a picture; of noise, which no format makes small."""
    made = Image.effect_noise(size, 120).convert(mode) if noise else Image.new(mode, size, 120)
    written = BytesIO()
    made.save(written, kind)
    return written.getvalue()


def opened(uri: str | None) -> Image.Image:
    assert uri is not None
    head, _, body = uri.partition(",")
    assert head == "data:image/jpeg;base64"
    assert len(uri) <= MOST_OF_A_PICTURE
    return Image.open(BytesIO(base64.b64decode(body)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize(
    ("size", "shown"), [((1920, 1080), (520, 292)), ((720, 1280), (292, 520)), ((64, 64), (64, 64))]
)
def test_a_picture_becomes_a_small_jpeg(kind: str, size: tuple[int, int], shown: tuple[int, int]) -> None:
    made = opened(shrink(picture(size, kind)))
    assert made.format == "JPEG"
    assert abs(made.width - shown[0]) <= 1
    assert abs(made.height - shown[1]) <= 1


def test_one_that_no_quality_makes_small_gets_fewer_pixels() -> None:
    made = opened(shrink(picture((1600, 900), "PNG", noise=True)))
    assert made.width < 520


def test_what_shows_through_is_the_stage() -> None:
    clear = Image.new("RGBA", (40, 40), (255, 255, 255, 0))
    written = BytesIO()
    clear.save(written, "PNG")
    found = opened(shrink(written.getvalue())).convert("RGB").getpixel((20, 20))
    assert isinstance(found, tuple)
    assert max(found) < 32


def test_a_turned_picture_stands_upright() -> None:
    made = Image.new("RGB", (80, 40))
    turned = made.getexif()
    turned[0x0112] = 6  # a quarter to the right
    written = BytesIO()
    made.save(written, "JPEG", exif=turned)
    assert opened(shrink(written.getvalue())).size == (40, 80)


def endless() -> bytes:
    """Make a PNG of a few hundred bytes that says it has 40,000 by 40,000 pixels."""
    size = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    head = b"IHDR" + size
    chunk = struct.pack(">I", len(size)) + head + struct.pack(">I", zlib.crc32(head))
    data = b"IDAT" + zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk
        + struct.pack(">I", len(data) - 4)
        + data
        + struct.pack(">I", zlib.crc32(data))
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>gone</html>",
        b"\xff\xd8\xff",
        picture((400, 300), "JPEG")[:700],
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        picture((40, 40), "BMP"),
        b"\0\0\0\x18ftypmp42" + bytes(100),
        endless(),
    ],
    ids=["nothing", "a page", "a start", "cut off", "SVG", "BMP", "a video", "endless"],
)
def test_what_is_no_picture_makes_none(content: bytes) -> None:
    assert shrink(content) is None


def test_without_pillow_a_small_picture_travels_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_pillow(
        name: str,
        names: Mapping[str, object] | None = None,
        local: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if name.partition(".")[0] == "PIL":
            raise ImportError(name)
        return real(name, names, local, fromlist, level)

    small, large = picture((64, 64), "PNG"), picture((800, 800), "PNG", noise=True)
    monkeypatch.setattr(builtins, "__import__", without_pillow)
    assert shrink(small) == to_data_uri("image/png", small)
    assert shrink(large) is None
    assert shrink(b"<html>") is None


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x18ftypavif", ""),
        (b"\x1a\x45\xdf\xa3\x01", "video/webm"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0AVI LIST", ""),
        (b"#!/bin/sh", ""),
    ],
)
def test_a_kind_is_told_by_the_first_bytes(start: bytes, kind: str) -> None:
    assert kind_of(start) == kind
