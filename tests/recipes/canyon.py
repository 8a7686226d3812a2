"""A desert canyon with rising balloons while the camera tilts up: four seconds, 9:16, at 23.976."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from . import canvas
from .canvas import Array, Stencil

SIZE = (360, 640)
RATE = Fraction(24000, 1001)
FRAMES = 96
SUN = (252.0, 150.0)
CLOUDS = ((70, 120, 130, 6), (300, 66, 110, 13), (210, 218, 90, 25))


@dataclass(frozen=True)
class Mesa:
    """One table mountain: its middle, half its width, and how far it rises above its layer's foot."""

    x: float
    half: float
    tall: float


@dataclass(frozen=True)
class Layer:
    """A row of mesas at one distance; `pace` is how far the tilt moves it."""

    foot: float
    pace: float
    seed: int
    band: float
    mesas: tuple[Mesa, ...]


LAYERS = (
    Layer(340, 22, 3, 11, (Mesa(40, 46, 62), Mesa(150, 26, 92), Mesa(196, 14, 50), Mesa(330, 52, 74))),
    Layer(
        410,
        46,
        7,
        15,
        (Mesa(96, 40, 132), Mesa(40, 30, 70), Mesa(300, 24, 168), Mesa(262, 16, 84), Mesa(352, 20, 96)),
    ),
    Layer(492, 82, 15, 21, (Mesa(-6, 74, 196), Mesa(196, 20, 78), Mesa(372, 66, 150))),
    Layer(590, 130, 22, 30, (Mesa(-30, 92, 214), Mesa(396, 98, 300), Mesa(120, 30, 44))),
)


@dataclass(frozen=True)
class Look:
    """The palette and the weather of one version."""

    sky: Sequence[tuple[float, str]]
    sun: str
    glow: str
    glow_size: float
    cloud: str
    cloud_lit: str
    cloud_strength: float
    lit: Sequence[str]
    shade: Sequence[str]
    band: Sequence[str]  # the other colour of the strata
    haze: Sequence[str]
    ground: str
    ground_far: str
    plant: str | None
    balloons: Sequence[tuple[str, str]]
    basket: str
    dust: float = 0.0
    dust_colour: str = "#ffffff"
    moons: bool = False


@cache
def _line(layer: Layer) -> Array:
    """Return the height of a layer above its foot at each fine column."""
    x = canvas.columns(SIZE[0])
    warped = x + 5 * canvas.fbm(x, layer.seed, 30, octaves=4, soft=False)
    line = 7 * (1 + canvas.fbm(x, layer.seed + 1, 70, octaves=3))
    for mesa in layer.mesas:
        u = np.abs(warped - mesa.x) / mesa.half
        steps = [0.0, 0.92, 1.0, 1.06, 1.12, 1.5, 2.4]
        rise = np.interp(u, steps, [1.0, 0.985, 0.93, 0.62, 0.56, 0.2, 0.0])
        line = np.maximum(line, mesa.tall * rise)
    return (line + 2.2 * canvas.fbm(x, layer.seed + 2, 16, octaves=3, soft=False)).astype(np.float32)


def _layer(picture: Array, look: Look, index: int, tilt: float) -> None:
    layer = LAYERS[index]
    x, y = canvas.pixels(SIZE)
    foot = layer.foot + layer.pace * tilt
    fine = foot - _line(layer)
    mask = canvas.below(fine.astype(np.float32), SIZE[1])
    top = fine.reshape(-1, canvas.FINE).mean(axis=1)[None, :]
    start = int(fine.min())
    picture, mask, y = picture[start:], mask[start:], y[start:]
    depth = np.maximum(y - top, 0)
    flutes = canvas.fbm(x, layer.seed + 5, layer.band * 0.9, octaves=3)
    slope = np.gradient(_line(layer).reshape(-1, canvas.FINE).mean(axis=1))[None, :]
    wide = np.convolve(slope[0], np.ones(15) / 15, mode="same")[None, :]
    side = canvas.smoothstep(-0.25, 0.3, (-wide + 0.55 * flutes + 0.04 + 0 * y).astype(np.float32))
    paint = canvas.mix(look.shade[index], look.lit[index], side)
    # Strata are level in the rock, so they hang on the layer's foot and bend a little.
    level = (foot - y) / layer.band + 0.35 * canvas.fbm(x, layer.seed + 6, 60, octaves=2)
    stripe = canvas.smoothstep(0.1, 0.35, np.sin(level * 2 * np.pi).astype(np.float32))
    thin = canvas.smoothstep(0.75, 0.95, np.sin(level * 2 * np.pi * 2.7 + 1).astype(np.float32))
    canvas.over(paint, np.clip(0.45 * stripe + 0.3 * thin, 0, 1), look.band[index])
    rim = np.exp(-depth / 1.8).astype(np.float32)
    canvas.over(paint, rim * 0.55, look.lit[index])
    sink = canvas.smoothstep(-150, 40, (y - foot + 0 * x).astype(np.float32))
    canvas.over(paint, sink * 0.8, look.haze[index])
    canvas.over(picture, mask, paint)


def _balloon(picture: Array, look: Look, place: tuple[float, float, float], tones: tuple[str, str]) -> None:
    x, y, r = place
    envelope = Stencil(SIZE).disc(x, y, r)
    skirt = [
        (x - r * 0.93, y + r * 0.38),
        (x + r * 0.93, y + r * 0.38),
        (x + r * 0.2, y + r * 1.34),
        (x - r * 0.2, y + r * 1.34),
    ]
    whole = envelope.polygon(skirt).mask()
    canvas.over(picture, whole, tones[0])
    gores = Stencil(SIZE)
    for across, tone in ((0.78, 1), (0.5, 0), (0.2, 1)):
        gores.ellipse(x, y, r * across, r, tone)
        gores.polygon(
            [
                (x - r * across, y + r * 0.2),
                (x + r * across, y + r * 0.2),
                (x + r * 0.2 * across, y + r * 1.34),
                (x - r * 0.2 * across, y + r * 1.34),
            ],
            tone,
        )
    canvas.over(picture, gores.mask() * whole, tones[1])
    px, py = canvas.pixels(SIZE)
    shadow = canvas.smoothstep(-0.2, 1.1, ((x - px) / r + 0.25 * (py - y) / r).astype(np.float32)) * whole
    canvas.over(picture, shadow * 0.38, look.shade[-1])
    ropes = Stencil(SIZE).line(
        [(x - r * 0.18, y + r * 1.3), (x - r * 0.12, y + r * 1.62)], max(0.5, r * 0.025)
    )
    ropes.line([(x + r * 0.18, y + r * 1.3), (x + r * 0.12, y + r * 1.62)], max(0.5, r * 0.025))
    ropes.rect(x - r * 0.16, y + r * 1.58, r * 0.32, r * 0.24)
    canvas.over(picture, ropes.mask(), look.basket)


def _ground(picture: Array, look: Look, tilt: float) -> None:
    fine = canvas.columns(SIZE[0])
    for k, (level, pace) in enumerate(((566, 130), (640, 170))):
        line = level + pace * tilt - 9 * canvas.fbm(fine, 80 + k, 150, octaves=3)
        mask = canvas.below(line.astype(np.float32), SIZE[1])
        canvas.over(picture, mask, (look.ground_far, look.ground)[k])
        if look.plant is None:
            continue
        plants = Stencil(SIZE)
        for at, tall in (((56, 26), (236, 20), (180, 13)), ((300, 74), (78, 54), (214, 20)))[k]:
            foot = float(line[int(at * canvas.FINE)]) + 3
            if foot - tall > SIZE[1]:
                continue
            thick = tall * 0.13
            plants.line([(at, foot), (at, foot - tall)], thick).disc(at, foot - tall, thick / 2)
            for side, low, high in ((-1, 0.38, 0.72), (1, 0.5, 0.88)):
                arm = at + side * tall * 0.24
                plants.line(
                    [(at, foot - tall * low), (arm, foot - tall * low), (arm, foot - tall * high)],
                    thick * 0.8,
                )
                plants.disc(arm, foot - tall * high, thick * 0.4).disc(arm, foot - tall * low, thick * 0.4)
        canvas.over(picture, plants.mask(), look.plant)


def _dust(picture: Array, look: Look, t: float) -> None:
    x, y = canvas.pixels(SIZE)
    for k, (level, speed) in enumerate(((330, 34), (440, 60), (560, 96))):
        cloud = canvas.fbm(x - speed * t, 50 + k, 170, octaves=3)
        wave = level + 26 * canvas.fbm(x - speed * 0.8 * t, 60 + k, 120, octaves=2)
        veil = np.exp(-(((y - wave) / (44 + 14 * k)) ** 2)) * (0.62 + 0.5 * cloud) * look.dust
        canvas.over(picture, np.clip(veil, 0, 0.85).astype(np.float32), look.dust_colour)


def draw(look: Look, n: int) -> Array:
    """Draw frame `n` in a look."""
    t = n / float(RATE)
    along = n / (FRAMES - 1)
    tilt = 0.62 * along * along * (3 - 2 * along) - 0.22
    picture = canvas.gradient(SIZE, look.sky)
    sun = (SUN[0], SUN[1] + 14 * tilt)
    canvas.add(picture, canvas.glow(SIZE, sun, look.glow_size) * 0.85, look.glow)
    canvas.over(picture, canvas.disc(SIZE, sun, 24), look.sun)
    if look.moons:
        canvas.over(picture, canvas.disc(SIZE, (92, 84 + 14 * tilt), 8) * 0.8, look.sun)
        canvas.over(picture, canvas.disc(SIZE, (132, 52 + 14 * tilt), 4) * 0.7, look.sun)
    places = [(x - 7 * t, y + 16 * tilt, width, seed) for x, y, width, seed in CLOUDS]
    canvas.clouds(picture, places, (look.cloud, look.cloud_lit), look.cloud_strength)
    _layer(picture, look, 0, tilt)
    _balloon(picture, look, (210 - 3 * t, 292 - 13 * t, 13), look.balloons[2])
    _layer(picture, look, 1, tilt)
    _balloon(picture, look, (262 + 4 * t, 352 - 26 * t, 25), look.balloons[1])
    _layer(picture, look, 2, tilt)
    _balloon(picture, look, (136 + 6 * t + 3 * np.sin(t), 408 - 40 * t, 46), look.balloons[0])
    _layer(picture, look, 3, tilt)
    _ground(picture, look, tilt)
    if look.dust:
        _dust(picture, look, t)
    return picture
