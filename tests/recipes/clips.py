"""Every clip: its scene, its look, and how hard it is compressed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from . import canyon, city, harbour, looks, ridge
from .canvas import Array


@dataclass(frozen=True)
class Scene:
    """A scene that can be drawn in several looks, always with the same motion."""

    size: tuple[int, int]
    rate: Fraction
    frames: int
    draw: Callable[[Any, int], Array]


@dataclass(frozen=True)
class Clip:
    """A clip to write: a scene in a look."""

    scene: Scene
    look: Any
    crf: int


RIDGE = Scene(ridge.SIZE, ridge.RATE, ridge.FRAMES, ridge.draw)
HARBOUR = Scene(harbour.SIZE, harbour.RATE, harbour.FRAMES, harbour.draw)
CANYON = Scene(canyon.SIZE, canyon.RATE, canyon.FRAMES, canyon.draw)
CITY = Scene(city.SIZE, city.RATE, city.FRAMES, city.draw)

CLIPS = {
    "ridge": Clip(RIDGE, looks.RIDGE_AFTERNOON, 33),
    "ridge-sunset-1": Clip(RIDGE, looks.RIDGE_SUNSET, 33),
    "ridge-sunset-2": Clip(RIDGE, replace(looks.RIDGE_SUNSET, flicker=(1.2, 2.6)), 34),
    "ridge-winter": Clip(RIDGE, looks.RIDGE_WINTER, 36),
    "ridge-aurora": Clip(RIDGE, looks.RIDGE_AURORA, 34),
    "harbour": Clip(HARBOUR, looks.HARBOUR_BREEZE, 35),
    "harbour-noir": Clip(HARBOUR, looks.HARBOUR_NOIR, 36),
    "harbour-storm": Clip(HARBOUR, looks.HARBOUR_STORM, 37),
    "canyon": Clip(CANYON, looks.CANYON_DESERT, 33),
    "canyon-mars": Clip(CANYON, looks.CANYON_MARS, 30),
    "city": Clip(CITY, looks.CITY_MORNING, 35),
    "city-anime": Clip(CITY, looks.CITY_ANIME, 38),
    "city-neon": Clip(CITY, looks.CITY_NEON, 36),
}
