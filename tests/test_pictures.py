"""Thumbnails become small data URIs: of any common format, bounded, and never an error."""

import base64
import struct
import time
import zlib
from io import BytesIO

import pytest
from PIL import Image

from aleph_nb.pictures import MOST_OF_A_PICTURE, kind_of, shrink, to_data_uri, why_not


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
    small, large = picture((64, 64), "PNG"), picture((800, 800), "PNG", noise=True)
    monkeypatch.setattr("aleph_nb.pictures.find_spec", lambda name: None)
    assert shrink(small) == to_data_uri("image/png", small)
    assert shrink(large) is None
    assert "Pillow" in why_not(large)
    assert shrink(b"<html>") is None
    assert why_not(b"<html>") == "what came is no picture"


def test_sixteen_bits_of_grey_stay_grey() -> None:
    written = BytesIO()
    Image.new("I;16", (40, 40), 32_768).save(written, "PNG")
    assert opened(shrink(written.getvalue())).convert("L").getpixel((20, 20)) in range(126, 131)


def test_many_pixels_are_neither_decoded_nor_warned_of() -> None:
    few, many = picture((3900, 4000), "PNG"), picture((9000, 9000), "PNG", "L")
    assert shrink(few) is not None
    began = time.monotonic()
    assert [shrink(many) for _ in range(8)] == [None] * 8
    assert time.monotonic() - began < 1
    assert "too many pixels" in why_not(many)


def test_what_is_of_no_more_use_is_not_decoded() -> None:
    assert shrink(picture((64, 64), "PNG"), wanted=lambda: False) is None


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "video/mp4"),
        (b"\0\0\0\x18ftypavif", ""),
        (b"\x1a\x45\xdf\xa3\x01", "video/webm"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0AVI LIST", ""),
        (b"#!/bin/sh", ""),
    ],
)
def test_a_kind_is_told_by_the_first_bytes(start: bytes, kind: str) -> None:
    assert kind_of(start) == kind
