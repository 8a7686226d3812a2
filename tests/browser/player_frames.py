"""Go through a pair by steps and seeks, and read from the barcodes where it stands."""

import random
from typing import NamedTuple

from tests.browser.bare_player import PlayerPage, frames_at, last_frame

__all__ = ["Visit", "go_about", "wrong"]

_KEYS = {".": 1, ",": -1, "Shift+ArrowRight": 10, "Shift+ArrowLeft": -10, "ArrowRight": 1, "ArrowLeft": -1}


class Visit(NamedTuple):
    """Where the pair should stand after what was done, and what it shows."""

    did: str
    expected: dict[str, int]
    shown: dict[str, int | None]


def go_about(
    player: PlayerPage, source: str, result: str, times: int, *, seed: int = 1, patience: float = 3
) -> list[Visit]:
    """Step and seek at random, by keys and by the seek bar; the result leads.

    Returns
    -------
    list of Visit
        One for each step.
    """
    dice = random.Random(seed)  # noqa: S311 - the same walk every time
    last = last_frame(source, result)
    at, visits = 0, []
    player.press("Home")
    for _ in range(times):
        did, at = _move(player, dice, at, last)
        expected = frames_at(at, source, result)
        visits.append(Visit(did, expected, player.show(patience, **expected)))
    return visits


def wrong(visits: list[Visit]) -> list[Visit]:
    """Give those at which a side shows another frame than it should."""
    return [visit for visit in visits if visit.shown != visit.expected]


def _move(player: PlayerPage, dice: random.Random, at: int, last: int) -> tuple[str, int]:
    """Do one thing: a step, an end, or a seek; give its name and the frame where it leads."""
    way = dice.random()
    if way < 0.5:
        key = dice.choice(sorted(_KEYS))
        player.press(key)
        return key, max(0, min(last, at + _KEYS[key]))
    if way < 0.6:
        key = dice.choice(("Home", "End"))
        player.press(key)
        return key, 0 if key == "Home" else last
    frame = dice.randint(0, last)
    player.seek(frame).stage.focus()
    return f"seek to {frame}", frame
