"""Layered hills in parallax, a sun and birds: five seconds of a slow pan, 16:9."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from . import canvas
from .canvas import Array, Stencil

SIZE = (640, 360)
RATE = Fraction(25)
FRAMES = 125
SUN = (438.0, 96.0)
CLOUDS = ((112, 74, 150, 3), (596, 62, 124, 8), (300, 40, 92, 15), (760, 108, 120, 21))
_REACH = 420  # pixels that the nearest layer may move, and some to spare


@dataclass(frozen=True)
class Layer:
    """One ridge: its line, how far it moves a frame, and the trees on it.

    Quarters of a pixel, here and wherever something glides: that is the step of H.264's motion vectors,
    and keeps the file small.
    """

    seed: int
    level: float
    relief: float
    wavelength: float
    pace: float
    gain: float
    soft: bool
    trees: float = 0


LAYERS = (
    Layer(seed=11, level=166, relief=88, wavelength=150, pace=0.25, gain=0.46, soft=False),
    Layer(seed=23, level=205, relief=70, wavelength=170, pace=0.5, gain=0.42, soft=False),
    Layer(seed=37, level=243, relief=56, wavelength=210, pace=0.75, gain=0.36, soft=True),
    Layer(seed=41, level=284, relief=44, wavelength=250, pace=1.25, gain=0.30, soft=True, trees=9),
    Layer(seed=59, level=330, relief=34, wavelength=300, pace=2.0, gain=0.28, soft=True, trees=20),
)


@dataclass(frozen=True)
class Look:
    """The palette and the weather of one version."""

    sky: Sequence[tuple[float, str]]
    sun: str
    glow: str
    glow_size: float
    lit: Sequence[str]  # a colour for each layer, far to near
    shade: Sequence[str]
    haze: Sequence[str]  # what each layer sinks into at its foot
    caps: str
    cap_level: float  # ridges above it carry snow
    cloud: str
    cloud_lit: str
    cloud_strength: float
    bird: str
    rim: str
    rim_strength: float = 0.0
    snow: bool = False
    stars: bool = False
    aurora: bool = False
    flicker: tuple[float, float] | None = None  # seconds in which the middle ridge is wrong


@cache
def _table(layer: Layer) -> tuple[Array, Array, Array, Array]:
    """Sample a ridge once: places, heights with trees and without, slopes for shading."""
    x = np.arange(-60, SIZE[0] + _REACH, 0.25, dtype=np.float32)
    line = canvas.fbm(x, layer.seed, layer.wavelength, octaves=6, gain=layer.gain, soft=layer.soft)
    heights = layer.level - layer.relief * (line + 0.1)
    kernel = np.ones(49, dtype=np.float32) / 49
    slopes = np.convolve(np.gradient(heights, 0.25), kernel, mode="same").astype(np.float32)
    bare = heights
    if layer.trees:
        rng = np.random.default_rng(layer.seed)
        fringe = np.zeros_like(x)
        at = float(x[0])
        while at < x[-1]:
            at += layer.trees * rng.uniform(0.18, 0.75) * (3.2 if rng.random() < 0.08 else 1)
            tall = layer.trees * rng.uniform(0.45, 1.15)
            near = np.clip(1 - np.abs(x - at) / (tall * 0.27), 0, 1)
            fringe = np.maximum(fringe, tall * near**1.15)
        heights = heights - fringe
    return x, heights.astype(np.float32), bare.astype(np.float32), slopes


def _ridge(picture: Array, look: Look, index: int, n: int) -> None:
    layer = LAYERS[index]
    x_world, heights, bare, slopes = _table(layer)
    t, shift = n / float(RATE), layer.pace * n
    x, y = canvas.pixels(SIZE)
    wrong = look.flicker is not None and index == 2 and look.flicker[0] <= t < look.flicker[1]
    beat = (n + 4) // 2 % 3 if wrong else 0
    tall = heights - (0, 13, 5)[beat]
    mask = canvas.below(np.interp(canvas.columns(SIZE[0]) + shift, x_world, tall).astype(np.float32), SIZE[1])
    line = np.interp(x[0] + shift, x_world, bare if layer.trees else tall).astype(np.float32)[None, :]
    start = int(max(0, min(tall.min(), line.min())))
    picture, mask, y = picture[start:], mask[start:], y[start:]
    depth = np.maximum(y - line, 0)
    # The light comes from the sun's side: slopes that fall to the right of it are lit, and the border
    # between light and shade runs down the mountain aslant.
    warp = 5 * np.sin(depth / 9 + layer.seed) + 3 * np.sin(depth / 4.1)
    facet = np.interp(x + shift - 0.55 * depth + warp, x_world, slopes).astype(np.float32)
    lit = canvas.smoothstep(-0.06, 0.12, facet) * np.exp(-depth / (46 + 10 * index)).astype(np.float32)
    paint = canvas.mix(look.shade[index], look.lit[index], lit)
    if index < 2:
        ragged = 0.55 + 0.3 * np.sin((x + shift) / 6.0) * np.sin((x + shift) / 17.0)
        cap = canvas.smoothstep(0, 2.5, (look.cap_level - line) * ragged - depth)
        canvas.over(paint, cap * (0.62 + 0.38 * lit), look.caps)
    sink = canvas.smoothstep(0, 120 - 8 * index, y - (layer.level - 34) + 0 * x) * 0.9
    canvas.over(paint, sink.astype(np.float32), look.haze[index])
    if look.rim_strength and not layer.trees:
        close = np.exp(-(((x - SUN[0]) / 190) ** 2)) * np.exp(-depth / 2.2)
        canvas.over(paint, (close * look.rim_strength).astype(np.float32), look.rim)
    canvas.over(picture, mask, np.clip(paint * (1, 1.38, 0.7)[beat], 0, 1))


def _birds(t: float) -> Array:
    stencil = Stencil(SIZE)
    flock = ((0, 0, 11, 0.0), (-26, 12, 8, 1.9), (-44, -9, 7.5, 3.1), (22, 17, 7, 4.4), (-70, 6, 6.5, 0.9))
    for dx, dy, span, phase in flock:
        x = 226 + dx + 41 * t + 3 * np.sin(0.9 * t + phase)
        y = 112 + dy - 5 * t + 4 * np.sin(1.3 * t + phase)
        beat = np.sin(2 * np.pi * 1.5 * t + phase)
        lift = span * (0.15 + 0.5 * beat)
        for side in (-1, 1):
            elbow, tip = (
                (x + side * span * 0.5, y - lift * 0.75 - span * 0.2),
                (x + side * span, y - lift * 0.6),
            )
            stencil.polygon(
                [(x, y - 0.8), elbow, tip, (elbow[0], elbow[1] + span * 0.2), (x, y + span * 0.16)]
            )
        stencil.ellipse(x, y, span * 0.13, span * 0.15)
    return stencil.mask()


def _pines(n: int) -> tuple[Array, Array]:
    """Draw the large conifers in front: what is dark, and where snow or light lies on them."""
    dark, light = Stencil(SIZE), Stencil(SIZE)
    for at, foot, tall in (
        (58, 372, 150),
        (20, 380, 118),
        (112, 376, 92),
        (668, 378, 168),
        (726, 380, 126),
        (612, 380, 88),
    ):
        x = at - 2.5 * n + 60
        dark.rect(x - tall * 0.018, foot - tall * 0.2, tall * 0.036, tall * 0.3)
        for tier in range(7):
            top = foot - tall + tall * 0.115 * tier
            half, drop = tall * (0.045 + 0.031 * tier), tall * (0.13 + 0.016 * tier)
            lobe = [(x, top), (x + half, top + drop), (x + half * 0.45, top + drop * 0.86)]
            mirror = [(x, top + drop), (x - half * 0.45, top + drop * 0.86), (x - half, top + drop)]
            dark.polygon(lobe + mirror)
            light.polygon(lobe + mirror, 0)
            light.polygon(
                [(x, top), (x + half, top + drop), (x + half * 0.5, top + drop * 0.68), (x, top + drop * 0.3)]
            )
    return dark.mask(), light.mask()


def _aurora(t: float) -> list[tuple[Array, str]]:
    """Return the curtains of northern lights as masks and their colours."""
    x, y = canvas.pixels(SIZE)
    bands = []
    for k, (level, colour, top) in enumerate(
        ((128, "#3df5a6", "#8a5cff"), (84, "#2fd6c4", "#d04fe0"), (160, "#52f08a", "#3aa6ff"))
    ):
        fold = level + 26 * np.sin(x / (84 + 17 * k) + 0.55 * t + 2.1 * k) + 11 * np.sin(x / 31 - 0.8 * t + k)
        rays = 0.62 + 0.38 * canvas.fbm(
            x + 10 * np.sin(x / 60 + t * 0.7) + 9 * t * (k - 1), 70 + k, 34, octaves=3
        )
        tall = (58 + 16 * k % 30) * (0.8 + 0.5 * rays)
        up = fold - y
        body = np.where(up > 0, np.exp(-np.maximum(up, 0) / tall), np.exp(np.minimum(up, 0) / 5)) * rays
        veil = np.where(up > 0, np.exp(-(((up - tall * 1.1) / (tall * 0.7)) ** 2)), 0) * rays
        strength = (0.72, 0.55, 0.34)[k]
        bands.append((np.clip(body * strength, 0, 1).astype(np.float32), colour))
        bands.append((np.clip(veil * strength * 0.6, 0, 1).astype(np.float32), top))
    return bands


@cache
def _stars() -> Array:
    rng = np.random.default_rng(5)
    stencil = Stencil(SIZE)
    for _ in range(170):
        stencil.disc(
            rng.uniform(0, SIZE[0]),
            210 * rng.random() ** 1.2,
            rng.choice([0.5, 0.6, 0.95]),
            rng.uniform(0.35, 1),
        )
    return stencil.mask()


def draw(look: Look, n: int) -> Array:
    """Draw frame `n` in a look."""
    t = n / float(RATE)
    picture = canvas.gradient(SIZE, look.sky)
    if look.stars:
        canvas.add(picture, _stars(), "#f4f7ff")
    if look.aurora:
        for mask, colour in _aurora(t):
            canvas.add(picture, mask, colour)
    canvas.add(picture, canvas.glow(SIZE, SUN, look.glow_size) * 0.85, look.glow)
    canvas.over(picture, canvas.disc(SIZE, SUN, 23), look.sun)
    places = [(x - 0.25 * n, y, width, seed) for x, y, width, seed in CLOUDS]
    canvas.clouds(picture, places, (look.cloud, look.cloud_lit), look.cloud_strength)
    for index in range(2):
        _ridge(picture, look, index, n)
    canvas.over(picture, _birds(t), look.bird)
    for index in range(2, len(LAYERS)):
        _ridge(picture, look, index, n)
    dark, light = _pines(n)
    canvas.over(picture, dark, look.shade[-1])
    canvas.over(picture, light * 0.8, look.lit[-1])
    if look.snow:
        canvas.over(picture, canvas.snow(SIZE, t, flakes=54, seed=2), "#ffffff")
    return picture
