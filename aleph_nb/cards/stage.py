"""The stage of a card: source and result side by side, in boxes whose size never depends on the clips.

A box gets its height from a padding in percent of its width, so it stands before a picture arrives; the
video fills it and letterboxes itself. Two boxes share a line and wrap below 560 pixels.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from aleph_nb import words
from aleph_nb.cards import style
from aleph_nb.cards.markup import Html, data_uri, tag, web_url
from aleph_nb.record import Record, State

__all__ = ["Media", "clips_stage", "stage"]

Media = Callable[[str], str | None]

_HIGHEST = 480  # of a pair
_HIGHEST_ALONE = 400
_ONE_COLUMN = 560
_USUAL = 16 / 9
_RATIO = re.compile(r"\s*(\d{1,2})\s*:\s*(\d{1,2})\s*")

_FILL = "position:absolute;top:0;left:0;width:100%;height:100%;margin:0;border:0"
_LABEL = (
    "position:absolute;top:10px;left:10px;padding:0 8px;border-radius:4px;font-size:11px;line-height:18px;"
    "background-color:rgba(13,14,16,0.72);color:#e6e8eb"
)
_EMPTY = (
    "position:absolute;top:50%;left:0;width:100%;margin:-10px 0 0;text-align:center;"
    "font-size:12px;line-height:20px;color:#9aa1ab"
)
_CLEAR = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
_SMALL = 24_000  # characters: a data URI that may stand in a card twice
_INSTEAD = {
    State.in_progress: "Running",
    State.failed: "Failed: no result",
    State.unknown: "No result in the answer",
    State.succeeded: "No result",
}


def stage(record: Record, now: datetime, media: Media | None, preload: str = "metadata") -> Html | None:
    """Make the stage of a card; None where there is nothing to show.

    `preload`: what its players load before they play; "none" for those that nobody sees at first.
    """
    source = _source_of(record.source_video_url, media)
    expired = record.has_expired(now)
    result = None if expired else _source_of(record.result_video_url, media)
    still = None if expired else _source_of(record.result_image_url, media, "image")
    if source is None and result is None and still is None:
        return None
    boxes: list[tuple[list[Html], str]] = []
    if source is not None:
        boxes.append(([_video(source, preload=preload)], "Source"))
    if result is not None:
        # The picture lies below the player, too: it stays where a renderer drops the player.
        player = _video(result, _poster(still) if still else None, preload=preload)
        boxes.append(([_picture(still), player] if still else [player], "Result"))
    elif still is not None:
        boxes.append(([_picture(still)], "Thumbnail"))
    else:
        gone = record.expires_at if expired else None
        told = (
            f"Deleted by the service on {words.date(gone, now)}" if gone else _INSTEAD.get(record.state, "")
        )
        boxes.append(([tag("div", told, style=_EMPTY)], "Result"))
    return _beside(boxes, _aspect(record.params))


def clips_stage(clips: Sequence[tuple[str, str]]) -> Html:
    """Make the stage of clips, each with its name; their URLs are http(s), and nothing is loaded at first."""
    return _beside([([_video(url, preload="none")], name) for name, url in clips], _USUAL)


def _beside(boxes: list[tuple[list[Html], str]], aspect: float) -> Html:
    """Stand boxes in a row, two pixels apart: one around each, less one around the row."""
    pair = len(boxes) > 1
    widest = round((_HIGHEST if pair else _HIGHEST_ALONE) * aspect)
    cell = "display:inline-block;box-sizing:border-box;vertical-align:top;padding:0 1px 2px"
    if pair and widest >= style.WIDEST / 2:
        # Half of the row; the whole of it where the row is narrower than two halves of use.
        cell += f";width:50%;width:calc(({_ONE_COLUMN}px - 100%)*999);min-width:50%;max-width:100%"
    else:
        cell += f";width:{50 if pair else 100}%;max-width:{widest + 2}px"
    box = f"position:relative;overflow:hidden;padding-top:{100 / aspect:.4g}%;background-color:{style.STAGE}"
    cells = [
        tag("div", tag("div", *inside, tag("span", label, style=_LABEL), style=box), style=cell)
        for inside, label in boxes
    ]
    # Without white space between the cells and without a size of font they touch.
    row = tag("div", *cells, style="margin:0 -1px -2px;font-size:0;line-height:0;text-align:center")
    return tag("div", row, style=f"overflow:hidden;background-color:{style.STAGE}")


def _video(src: str, poster: str | None = None, *, preload: str) -> Html:
    return tag(
        "video",
        src=src,
        poster=poster,
        controls=True,
        muted=True,
        loop=True,
        preload=preload,
        width="100%",
        style=_FILL,
    )


def _poster(still: str) -> str:
    """Choose what a player shows until it plays, and for good where its video is gone.

    Without any, Chromium paints a grey one over what lies below. A picture of few bytes may be one of
    few pixels, which the player enlarges; a larger one shows through from below, and need not be there
    twice.
    """
    return still if len(still) <= _SMALL else _CLEAR


def _picture(src: str) -> Html:
    """Make a picture that keeps its aspect in the middle of the box."""
    look = (
        "position:absolute;top:0;bottom:0;left:0;right:0;margin:auto;"
        "width:auto;height:auto;max-width:100%;max-height:100%"
    )
    return tag("img", src=src, alt="The thumbnail of the result", width="480", style=look)


def _source_of(url: str | None, media: Media | None, kind: str = "video") -> str | None:
    """Find what stands in `src` for a URL: what `media` has for it, else the URL itself if it is http(s)."""
    checked = web_url(url)
    if checked is None:
        return None
    return (data_uri(media(checked), kind) if media else None) or checked


def _aspect(params: Mapping[str, Any]) -> float:
    """Read the aspect that was asked for, as a hint; 16:9 where there is none that makes sense."""
    found = _RATIO.fullmatch(str(params.get("aspectRatio", "")))
    if found is None or "0" in (found[1].lstrip("0") or "0", found[2].lstrip("0") or "0"):
        return _USUAL
    return min(max(int(found[1]) / int(found[2]), 9 / 21), 21 / 9)
