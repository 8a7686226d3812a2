"""The table's tab: the first rows of the DataFrame, as pandas writes them, and how many there are."""

from typing import TYPE_CHECKING, Any

from aleph_nb import words
from aleph_nb.cards.markup import clean, shorten
from aleph_nb.tables import as_cell

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MOST_ROWS", "table_html", "table_line"]

MOST_ROWS = 300

_FIRST = ("task_id", "state", "rating", "pick", "tags", "notes", "prompt")
_LEFT_OUT = ("params",)
_CELL_LIMIT = 80
_WIDTHS = {
    "task_id": 310,
    "prompt": 360,
    "notes": 160,
    "reason": 200,
    "error_message": 240,
}  # pixels at least
_WIDTHS |= dict.fromkeys(("create_time", "complete_time", "expires_at", "fetched_at", "elapsed"), 190)
_WIDTHS |= dict.fromkeys(("source_video_url", "result_video_url", "result_image_url"), 360)
_WIDTH = 80


def table_html(frame: "pd.DataFrame") -> str:
    """Write a DataFrame as HTML, escaped, the verdicts in front."""
    first = [name for name in _FIRST if name in frame]
    rest = [name for name in frame if name not in (*first, *_LEFT_OUT)]
    shown = frame[[*first, *rest]].rename(columns=lambda name: shorten(clean(name), _CELL_LIMIT))
    shown = shown.map(_cell)
    widths = {name: _WIDTHS.get(str(name), _WIDTH) for name in shown}
    return str(shown.to_html(escape=True, index=False, border=0, justify="left", col_space=widths))


def table_line(shown: int, total: int) -> str:
    """Say how many rows there are."""
    if shown >= total:
        return f"{words.plural(total, 'task')}. In code: dashboard.frame"
    return f"The newest {shown:,} of {words.plural(total, 'task')}. All of them in code: dashboard.frame"


def _cell(value: Any) -> str:
    """Write a value in one line."""
    if isinstance(value, list):
        return shorten(", ".join(_cell(each) for each in value), _CELL_LIMIT)
    if isinstance(value, dict):
        return shorten(clean(value.get("text", "")), _CELL_LIMIT)
    return shorten(clean(as_cell(value) or ""), _CELL_LIMIT)
