"""A thumbnail → a small data URI that travels in the notebook."""

import base64
import threading
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from io import BytesIO
from typing import Any

__all__ = ["MOST_OF_A_PICTURE", "kind_of", "shrink", "to_data_uri", "to_stamp", "why_not"]

MOST_OF_A_PICTURE = 40_000
"""The largest data URI of a picture, in characters."""

_SIDE = 520  # pixels: what a card shows of it, and what stays where its video is gone
_TRIES = ((_SIDE, 80), (_SIDE, 64), (360, 64), (240, 60), (160, 50))  # longer side, JPEG's quality
_STAMP_TRIES = ((192, 60), (144, 55), (96, 50))  # likewise, of the pictures of a long list
_MOST_OF_A_STAMP = 6_000
# Pixels, looked at before any is decoded: a file of a few bytes may hold very many. A JPEG is decoded small.
_MOST_PIXELS = {"JPEG": 64 * 10**6, "PNG": 16 * 10**6, "WEBP": 16 * 10**6, "GIF": 16 * 10**6}
_BEHIND = (13, 14, 16)  # what shows through: the stage
_DEEP = ("I;16", "I;16B", "I;16L", "I")  # modes of 16 bits a pixel
_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
_STILL = (b"avif", b"avis", b"heic", b"heix", b"mif1")  # pictures in the clothes of a video

_one_at_a_time = threading.Lock()  # what is decoded is held in memory whole


def shrink(content: bytes, wanted: Callable[[], bool] = lambda: True) -> str | None:
    """Make a data URI of at most `MOST_OF_A_PICTURE` characters of a picture.

    Parameters
    ----------
    content : bytes
        JPEG, PNG, WebP or GIF, of which the first frame counts.
    wanted : callable
        Asked when it is this picture's turn: whether it is still of use.

    Returns
    -------
    str or None
        A JPEG of at most 520 pixels a side. Without Pillow, the picture as it is if it is small
        enough. None where neither can be had; `why_not` says why.
    """
    kind = kind_of(content)
    if not kind.startswith("image/"):
        return None
    if find_spec("PIL") is None:
        uri = to_data_uri(kind, content)
        return uri if len(uri) <= MOST_OF_A_PICTURE else None
    with _one_at_a_time:
        try:
            form = kind.removeprefix("image/").upper()
            return _smaller(content, form, _TRIES, MOST_OF_A_PICTURE) if wanted() else None
        except Exception:  # noqa: BLE001, whatever a decoder makes of foreign bytes, the card does without
            return None


def to_stamp(content: bytes) -> str | None:
    """Make a data URI of a few thousand characters, for a picture among many; None as of `shrink`."""
    kind = kind_of(content)
    if not kind.startswith("image/"):
        return None
    if find_spec("PIL") is None:
        uri = to_data_uri(kind, content)
        return uri if len(uri) <= _MOST_OF_A_STAMP else None
    with _one_at_a_time:
        try:
            form = kind.removeprefix("image/").upper()
            return _smaller(content, form, _STAMP_TRIES, _MOST_OF_A_STAMP)
        except Exception:  # noqa: BLE001, likewise
            return None


def why_not(content: bytes) -> str:
    """Say why `shrink` made nothing of what came."""
    if not kind_of(content).startswith("image/"):
        return "what came is no picture"
    if find_spec("PIL") is None:
        return "it is too large to travel as it is, and Pillow, which makes it small, is not installed"
    return "it cannot be read, or has too many pixels"


def _smaller(content: bytes, form: str, tries: Iterable[tuple[int, int]], most: int) -> str | None:
    from PIL import Image, ImageOps  # noqa: PLC0415, optional, and slow to import

    Image.preinit()
    if form not in Image.OPEN:
        Image.init()
    # Not Image.open, which warns of many pixels into the cell that runs just then.
    with Image.OPEN[form][0](BytesIO(content), "") as opened:
        if opened.width * opened.height > _MOST_PIXELS[form]:
            return None
        opened.draft("RGB", (_SIDE, _SIDE))
        picture: Image.Image = opened
        if picture.mode in _DEEP:
            picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        elif picture.mode not in ("RGB", "L"):
            picture = picture.convert("RGBA")
        picture.thumbnail((_SIDE, _SIDE))
        picture = _flat(ImageOps.exif_transpose(picture))
    for side, quality in tries:
        picture.thumbnail((side, side))
        written = BytesIO()
        picture.save(written, "JPEG", quality=quality, optimize=True)
        uri = to_data_uri("image/jpeg", written.getvalue())
        if len(uri) <= most:
            return uri
    return None


def _flat(picture: Any) -> Any:
    """Lay what shows through on the stage's colour."""
    from PIL import Image  # noqa: PLC0415, likewise

    if picture.mode != "RGBA":
        return picture.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", picture.size, _BEHIND), picture).convert("RGB")


def to_data_uri(kind: str, content: bytes) -> str:
    """Write bytes of a MIME type as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def kind_of(content: bytes) -> str:
    """Tell the MIME type of a picture or a video by its first bytes; "" for anything else.

    A server's own word is not asked: a page that says "gone" comes as 200, too. QuickTime counts as
    MP4: Chromium plays it under that name, and refuses it under its own.
    """
    if content[4:8] == b"ftyp":
        return "" if content[8:12] in _STILL else "video/mp4"
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""
