"""A thumbnail → a small data URI that travels in the notebook."""

import base64
from io import BytesIO
from typing import Any

__all__ = ["MOST_OF_A_PICTURE", "kind_of", "shrink", "to_data_uri"]

MOST_OF_A_PICTURE = 40_000
"""The largest data URI of a picture, in characters."""

_SIDE = 520  # pixels: what a card shows of it, and what stays where its video is gone
_TRIES = ((_SIDE, 80), (_SIDE, 64), (360, 64), (240, 60), (160, 50))  # longer side, JPEG's quality
_MOST_PIXELS = 64 * 10**6  # decoded, before anything is: a picture of a few bytes may be endless
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_BEHIND = (13, 14, 16)  # what shows through: the stage

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
_BRANDS = {b"qt  ": "video/quicktime"} | dict.fromkeys((b"avif", b"avis", b"heic", b"heix", b"mif1"), "")


def shrink(content: bytes) -> str | None:
    """Make a data URI of at most `MOST_OF_A_PICTURE` characters of a picture.

    Parameters
    ----------
    content : bytes
        JPEG, PNG, WebP or GIF, of which the first frame counts.

    Returns
    -------
    str or None
        A JPEG of at most 520 pixels a side. Without Pillow, the picture as it is if it is small
        enough. None where neither can be had.
    """
    kind = kind_of(content)
    if not kind.startswith("image/"):
        return None
    try:
        from PIL import Image  # noqa: PLC0415, optional, and slow to import
    except ImportError:
        uri = to_data_uri(kind, content)
        return uri if len(uri) <= MOST_OF_A_PICTURE else None
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return None
            return _smaller(opened)
    except Exception:  # noqa: BLE001, whatever a decoder makes of foreign bytes, the card does without
        return None


def _smaller(opened: Any) -> str | None:
    from PIL import ImageOps  # noqa: PLC0415, likewise

    opened.draft("RGB", (_SIDE, _SIDE))  # a large JPEG is decoded small
    picture = _flat(ImageOps.exif_transpose(opened))
    for side, quality in _TRIES:
        picture.thumbnail((side, side))
        written = BytesIO()
        picture.save(written, "JPEG", quality=quality, optimize=True)
        uri = to_data_uri("image/jpeg", written.getvalue())
        if len(uri) <= MOST_OF_A_PICTURE:
            return uri
    return None


def _flat(picture: Any) -> Any:
    """Lay what has an alpha channel, or a palette that may have one, on the stage's colour."""
    from PIL import Image  # noqa: PLC0415, likewise

    if picture.mode in ("RGB", "L"):
        return picture.convert("RGB")
    above = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", above.size, _BEHIND), above).convert("RGB")


def to_data_uri(kind: str, content: bytes) -> str:
    """Write bytes of a MIME type as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def kind_of(content: bytes) -> str:
    """Tell the MIME type of a picture or a video by its first bytes; "" for anything else.

    A server's own word is not asked: a page that says "gone" comes as 200, too.
    """
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12], "video/mp4")
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""
