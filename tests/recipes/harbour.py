"""A bay with a lighthouse, sail boats and moving waves: four seconds, 16:9, at 29.97 frames a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from . import canvas
from .canvas import Array, Stencil

SIZE = (640, 360)
RATE = Fraction(30000, 1001)
FRAMES = 120
HORIZON = 192.0
SUN = (168.0, 92.0)
LAMP = (522.0, 78.0)
CLOUDS = ((70, 66, 150, 4), (330, 92, 190, 9), (470, 50, 120, 12), (690, 100, 170, 17), (228, 152, 110, 30))


@dataclass(frozen=True)
class Boat:
    """A sail boat: where its water line is, how large it is and how it drifts."""

    x: float
    y: float
    length: float
    drift: float
    sway: float
    sail: int


BOATS = (
    Boat(x=404, y=209, length=26, drift=-4, sway=0.4, sail=1),
    Boat(x=96, y=234, length=48, drift=8, sway=2.0, sail=0),
    Boat(x=236, y=284, length=104, drift=15, sway=3.6, sail=1),
)


@dataclass(frozen=True)
class Look:
    """The palette and the weather of one version."""

    sky: Sequence[tuple[float, str]]
    sun: str
    glow: str
    cloud: str
    cloud_lit: str
    coast: str
    coast_far: str
    sea_far: str
    sea_near: str
    foam: str
    glint: str
    rock: str
    rock_lit: str
    tower: str
    tower_shade: str
    stripe: str
    roof: str
    lamp: str
    hull: str
    hull_trim: str
    sails: tuple[str, str]
    sail_shade: str
    bird: str
    cloud_strength: float = 0.95
    sun_strength: float = 1.0
    beam: float = 0.0
    rain: int = 0
    lightning: bool = False
    missing: frozenset[int] = frozenset()
    vignette: float = 0.0


def _spin(x: float, y: float, angle: float, points: canvas.Points) -> list[tuple[float, float]]:
    c, s = np.cos(angle), np.sin(angle)
    return [(x + c * px - s * py, y + s * px + c * py) for px, py in points]


def _boat(picture: Array, look: Look, boat: Boat, t: float) -> None:
    size = boat.length
    x = boat.x + boat.drift * t
    y = boat.y + size * 0.03 * np.sin(2.1 * t + boat.sway)
    tilt = 0.055 * np.sin(1.7 * t + boat.sway + 0.6) - 0.03
    side = 1 if boat.drift > 0 else -1

    def part(points: canvas.Points, colour: str) -> None:
        moved = _spin(x, y, tilt, [(side * px * size, py * size) for px, py in points])
        canvas.over(picture, Stencil(SIZE).polygon(moved).mask(), colour)

    part([(-0.02, -1.16), (0.02, -1.16), (0.02, -0.1), (-0.02, -0.1)], look.hull)
    part([(-0.05, -1.12), (-0.05, -0.2), (-0.46, -0.2), (-0.3, -0.6)], look.sails[boat.sail])
    part([(-0.05, -1.12), (-0.05, -0.2), (-0.17, -0.2), (-0.13, -0.62)], look.sail_shade)
    part([(0.05, -1.02), (0.05, -0.18), (0.47, -0.14), (0.24, -0.52)], look.sails[1 - boat.sail])
    part([(-0.5, -0.14), (0.58, -0.17), (0.4, 0.1), (-0.4, 0.1)], look.hull)
    part([(-0.5, -0.14), (0.58, -0.17), (0.545, -0.115), (-0.48, -0.085)], look.hull_trim)


def _sea(picture: Array, look: Look, n: int) -> None:
    t = n / float(RATE)
    fine = canvas.columns(SIZE[0])
    boats = [boat for i, boat in enumerate(BOATS) if i not in look.missing]
    far, near = canvas.rgb(look.sea_far), canvas.rgb(look.sea_near)
    canvas.over(picture, canvas.below(np.full_like(fine, HORIZON), SIZE[1]), look.sea_far)
    glare = np.exp(-(((fine - SUN[0]) / 90) ** 2)).reshape(-1, canvas.FINE).mean(axis=1)[None, :]
    waves = 10
    for k in range(waves):
        depth = (k + 1) / waves
        level = HORIZON + 168 * depth**1.9
        for boat in [b for b in boats if b.y < level]:
            _boat(picture, look, boat, t)
        boats = [b for b in boats if b.y >= level]
        if k == 4:
            _lighthouse(picture, look)
        long, tall = 26 + 150 * depth, 0.5 + 8 * depth
        run = fine + n * 0.25 * round((2 + 6 * depth) * (1 if k % 2 else -0.7)) + 97 * k
        swell = 1 - 2 * np.abs(np.sin(np.pi * run / long)) ** 0.8
        line = level - tall * 0.5 * swell - tall * 0.35 * np.sin(run / long * 3.1 + k)
        line = (line + 1.5 * depth * np.sin(1.9 * t + k)).astype(np.float32)
        mask = canvas.below(line, SIZE[1])
        canvas.over(picture, mask, far + (near - far) * depth**0.8)
        crest = np.clip(0.5 + 0.9 * canvas.fbm(run * 0.8, 90 + k, long * 0.7, octaves=2), 0, 1)
        edge = mask - canvas.below((line + (0.7 + 2.6 * depth) * crest).astype(np.float32), SIZE[1])
        canvas.over(picture, edge * (0.3 + 0.45 * depth), look.foam)
        dash = np.clip(canvas.fbm(run * 1.3, 120 + k, 15 + 26 * depth, octaves=2) * 3 - 0.2, 0, 1)
        under = (line + 3 + 4 * depth).astype(np.float32)
        glint = canvas.below(under, SIZE[1]) - canvas.below(
            (under + (0.8 + 2.4 * depth) * dash).astype(np.float32), SIZE[1]
        )
        canvas.over(picture, (glint * glare * 0.9).astype(np.float32), look.glint)


def _coast(picture: Array, look: Look) -> None:
    fine = canvas.columns(SIZE[0])
    far = HORIZON - 34 * np.exp(-(((fine - 20) / 150) ** 2)) - 5 * canvas.fbm(fine, 8, 60) + 4
    near = HORIZON - 20 * np.exp(-(((fine - 660) / 150) ** 2)) - 4 * canvas.fbm(fine, 9, 44) + 5
    canvas.over(picture, canvas.below(far.astype(np.float32), SIZE[1]), look.coast_far)
    canvas.over(picture, canvas.below(near.astype(np.float32), SIZE[1]), look.coast)


def _lighthouse(picture: Array, look: Look) -> None:
    fine = canvas.columns(SIZE[0])
    x, _ = LAMP

    def paint(stencil: Stencil, colour: str) -> None:
        canvas.over(picture, stencil.mask(), colour)

    bulk = np.clip(1 - np.abs((fine - x - 8) / 106), 0, 1) ** 0.62
    rock = 262 - 62 * bulk - 6 * canvas.fbm(fine, 61, 26, octaves=4, soft=False)
    canvas.over(picture, canvas.below(rock.astype(np.float32), SIZE[1]), look.rock)
    lit = canvas.below(rock.astype(np.float32), SIZE[1]) - canvas.below(
        (rock + 9 + 9 * canvas.fbm(fine, 62, 17, soft=False)).astype(np.float32), SIZE[1]
    )
    canvas.over(picture, np.clip(lit, 0, 1), look.rock_lit)
    paint(Stencil(SIZE).rect(x + 27, 180, 44, 30), look.tower_shade)
    paint(Stencil(SIZE).rect(x + 27, 180, 26, 30), look.tower)
    paint(Stencil(SIZE).polygon([(x + 22, 181), (x + 32, 163), (x + 66, 163), (x + 76, 181)]), look.roof)
    paint(Stencil(SIZE).rect(x + 34, 189, 6, 8).rect(x + 44, 189, 6, 8).rect(x + 58, 189, 6, 8), look.rock)
    body = [(x - 10, 92), (x + 10, 92), (x + 17, 207), (x - 17, 207)]
    paint(Stencil(SIZE).polygon(body), look.tower)
    for top, foot in ((112, 133), (154, 176)):
        wide, wider = 10 + (top - 92) * 7 / 115, 10 + (foot - 92) * 7 / 115
        paint(
            Stencil(SIZE).polygon([(x - wide, top), (x + wide, top), (x + wider, foot), (x - wider, foot)]),
            look.stripe,
        )
    shade = Stencil(SIZE).polygon([(x + 3, 92), (x + 10, 92), (x + 17, 207), (x + 5, 207)]).mask()
    canvas.over(picture, shade * 0.45, look.tower_shade)
    paint(Stencil(SIZE).rect(x - 14, 88, 28, 5).rect(x - 8, 66, 2, 22).rect(x + 6, 66, 2, 22), look.rock)
    paint(Stencil(SIZE).rect(x - 6, 68, 12, 20), look.lamp)
    paint(Stencil(SIZE).polygon([(x - 11, 68), (x, 55), (x + 11, 68)]).rect(x - 0.8, 48, 1.6, 8), look.roof)


def _beam(t: float) -> Array:
    """Mask the lamp's sweeping light as it is seen from the side."""
    x, y = LAMP
    stencil = Stencil(SIZE)
    turn = 2 * np.pi * t / 4 + 2.5
    reach = 620 * np.cos(turn)
    wide = 12 + 52 * abs(np.cos(turn)) + 30 * max(0.0, np.sin(turn))
    stencil.polygon([(x, y - 4), (x + reach, y - wide), (x + reach, y + wide), (x, y + 4)])
    px, py = canvas.pixels(SIZE)
    fade = np.clip(1 - np.hypot(px - x, py - y) / (abs(reach) + 1), 0, 1) ** 1.4
    return canvas.single(canvas.blur(stencil.mask(), 3) * fade)


def _bolt() -> Array:
    rng = np.random.default_rng(12)
    stencil = Stencil(SIZE)
    x, y = 352.0, 60.0
    trunk = [(x, y)]
    while y < HORIZON - 2:
        x, y = x + rng.uniform(-11, 9), y + rng.uniform(7, 15)
        trunk.append((x, y))
        if rng.random() < 0.35:
            fork = [(x, y), (x + rng.uniform(8, 24), y + 12), (x + rng.uniform(14, 36), y + 26)]
            stencil.line(fork, 0.9)
    return stencil.line(trunk, 2.0).mask()


def _birds(t: float) -> Array:
    stencil = Stencil(SIZE)
    for dx, dy, span, phase in ((0, 0, 10, 0.0), (34, 15, 7.5, 2.2), (-30, 20, 7, 4.0)):
        x, y = 330 + dx - 26 * t, 128 + dy + 5 * np.sin(0.9 * t + phase)
        lift = span * (0.25 + 0.35 * np.sin(2 * np.pi * 1.1 * t + phase))
        for side in (-1, 1):
            elbow, tip = (x + side * span * 0.45, y - lift), (x + side * span, y - lift * 0.35)
            stencil.line([(x, y), elbow, tip], 1.5)
    return stencil.mask()


def _weather(picture: Array, look: Look, n: int) -> None:
    t = n / float(RATE)
    flash = (
        {38: 1.0, 39: 0.8, 40: 0.35, 41: 0.9, 42: 0.6, 43: 0.35, 44: 0.15}.get(n, 0.0)
        if look.lightning
        else 0.0
    )
    if flash:
        light = canvas.glow(SIZE, (352, 80), 300)
        canvas.add(picture, light * flash * 0.5, "#a3b4ff")
        canvas.add(picture, _bolt() * min(1.0, flash * 1.5), "#ffffff")
    if look.beam:
        canvas.add(picture, _beam(t) * look.beam, look.lamp)
        canvas.add(picture, canvas.glow(SIZE, LAMP, 34) * 0.8, look.lamp)
    if look.rain:
        fallen = canvas.rain(SIZE, n, drops=look.rain, slant=0.22, length=22, seed=3)
        canvas.over(picture, fallen * 0.6, look.foam)
    if look.vignette:
        x, y = canvas.pixels(SIZE)
        edge = np.hypot((x - 320) / 400, (y - 180) / 250) ** 2.2
        picture *= (1 - look.vignette * np.clip(edge, 0, 1))[..., None].astype(np.float32)


def draw(look: Look, n: int) -> Array:
    """Draw frame `n` in a look."""
    t = n / float(RATE)
    picture = canvas.gradient(SIZE, look.sky)
    canvas.add(picture, canvas.glow(SIZE, SUN, 130) * 0.9, look.glow)
    canvas.over(picture, canvas.disc(SIZE, SUN, 20) * look.sun_strength, look.sun)
    places = [(x - 0.25 * n * (1 + (width > 140)), y, width, seed) for x, y, width, seed in CLOUDS]
    canvas.clouds(picture, places, (look.cloud, look.cloud_lit), look.cloud_strength)
    _coast(picture, look)
    canvas.over(picture, _birds(t), look.bird)
    _sea(picture, look, n)
    _weather(picture, look, n)
    return picture
