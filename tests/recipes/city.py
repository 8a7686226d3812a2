"""A skyline over a river, clouds, a train and cars: four seconds, 1:1, at 29.97 frames a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from . import canvas, skyline
from .canvas import Array, Stencil

SIZE = (480, 480)
RATE = Fraction(30000, 1001)
FRAMES = 120
SUN = (118.0, 104.0)
CLOUDS = ((70, 188, 190, 5), (300, 120, 230, 11), (440, 214, 200, 19), (560, 96, 150, 26), (214, 58, 110, 33))
STREET, QUAY, WATER = 374, 390, 398


@dataclass(frozen=True)
class Look:
    """The palette and the weather of one version."""

    sky: Sequence[tuple[float, str]]
    sun: str
    glow: str
    cloud: str
    cloud_lit: str
    cloud_strength: float
    walls: Sequence[tuple[str, str]]  # two tones for each row of towers, far to near
    side: str
    side_strength: float
    windows: Sequence[tuple[str, str]]  # dark and lit for each row
    haze: str
    haze_strength: float
    signs: tuple[str, str, str]
    deck: str
    deck_dark: str
    train: str
    train_stripe: str
    train_window: str
    street: str
    cars: tuple[str, str, str]
    quay: str
    water: str
    water_strength: float
    ripple: str
    outline: str | None = None
    bloom: float = 0.0
    rain: int = 0
    lit_share: float = 0.25
    stars: bool = False


def _row(picture: Array, lights: Array, look: Look, row: int) -> None:
    """Paint one row of towers; what shines is added to `lights`."""
    walls, line = (Stencil(SIZE), Stencil(SIZE)), Stencil(SIZE)
    for tower in skyline.towers(row):
        shape = skyline.outline(tower)
        walls[tower.tone].polygon(shape)
        walls[1 - tower.tone].polygon(shape, 0)
        line.polygon(shape, 0).line([*shape, shape[0]], skyline.OUTLINES[row])
    for tone in (0, 1):
        canvas.over(picture, walls[tone].mask(), look.walls[row][tone])
    side, dark, lit = skyline.details(row, look.lit_share)
    canvas.over(picture, side * look.side_strength, look.side)
    if row:  # the far row shows only what shines
        canvas.over(picture, dark * 0.85, look.windows[row][0])
    canvas.over(picture, lit, look.windows[row][1])
    whole = np.clip(walls[0].mask() + walls[1].mask(), 0, 1)
    lights *= (1 - whole)[..., None]
    canvas.over(lights, lit, look.windows[row][1])
    if look.outline:
        canvas.over(picture, line.mask(), look.outline)
    _, y = canvas.pixels(SIZE)
    fog = canvas.smoothstep(150, 420, y) * whole * look.haze_strength * (1 - 0.36 * row)
    canvas.over(picture, fog.astype(np.float32), look.haze)


def _signs(picture: Array, lights: Array, look: Look) -> None:
    """Paint three signs on the near towers."""
    near = [tower for tower in skyline.towers(2) if 20 < tower.x < 480]
    for k, (tower, tall) in enumerate(zip(near[::2], (58, 44, 66), strict=False)):
        x, y = tower.x + tower.width - 7, min(tower.top + 26, 318 - tall)
        board = Stencil(SIZE).rect(x, y, 14, tall).mask()
        marks = Stencil(SIZE)
        for place in np.arange(y + 5, y + tall - 7, 11):
            marks.rect(x + 4, place, 6, 2).rect(x + 4, place + 4, 6, 2).rect(x + 6, place, 2, 6)
        canvas.over(picture, board, look.signs[k])
        canvas.over(picture, marks.mask(), "#ffffff")
        canvas.over(lights, board, look.signs[k])
        if look.outline:
            frame = [(x, y), (x + 14, y), (x + 14, y + tall), (x, y + tall), (x, y)]
            canvas.over(picture, Stencil(SIZE).line(frame, 1.8).mask(), look.outline)


@cache
def _standing(look: Look) -> tuple[Array, Array, Array]:
    """Draw what stands still, once: the towers, where they are, and what shines on them."""
    picture = np.tile(canvas.rgb(look.walls[0][0]), (SIZE[1], SIZE[0], 1))
    lights, mask = np.zeros_like(picture), Stencil(SIZE)
    for row in range(3):
        _row(picture, lights, look, row)
        for tower in skyline.towers(row):
            mask.polygon(skyline.outline(tower))
            if look.outline:
                mask.line(skyline.outline(tower), skyline.OUTLINES[row])
    _signs(picture, lights, look)
    return picture, mask.mask(), lights


def _train(picture: Array, lights: Array, look: Look, n: int) -> None:
    deck, dark = Stencil(SIZE), Stencil(SIZE)
    deck.rect(0, 344, SIZE[0], 9)
    dark.rect(0, 351, SIZE[0], 3)
    for pier in range(24, SIZE[0], 96):
        x = float(pier)
        deck.polygon([(x - 12, 352), (x + 12, 352), (x + 5, 362), (x + 5, 382), (x - 5, 382), (x - 5, 362)])
        dark.polygon([(x + 1, 354), (x + 11, 354), (x + 5, 362), (x + 5, 382), (x + 1, 382)])
    body, stripe, glass, line = Stencil(SIZE), Stencil(SIZE), Stencil(SIZE), Stencil(SIZE)
    for car in range(5):
        x = -60 + 5.25 * n - 62 * car
        nose = 12 if car == 0 else 1
        shape = [(x, 324), (x + 58 - nose, 324), (x + 58, 336), (x + 58, 343), (x, 343)]
        body.polygon(shape)
        line.line([*shape, shape[0]], 1.6)
        stripe.rect(x, 337, 58, 3)
        for k in range(4):
            glass.rect(x + 5 + 11.5 * k, 327.5, 8, 6.5)
    canvas.over(picture, body.mask(), look.train)
    canvas.over(picture, stripe.mask(), look.train_stripe)
    canvas.over(picture, glass.mask(), look.train_window)
    lights *= (1 - body.mask())[..., None]
    canvas.over(lights, glass.mask(), look.train_window)
    canvas.over(picture, deck.mask(), look.deck)
    canvas.over(picture, dark.mask(), look.deck_dark)
    lights *= (1 - deck.mask())[..., None]
    if look.outline:
        canvas.over(picture, line.mask(), look.outline)
        edges = Stencil(SIZE).rect(0, 343, SIZE[0], 1.6).rect(0, 353, SIZE[0], 1.6)
        canvas.over(picture, edges.mask(), look.outline)


def _street(picture: Array, lights: Array, look: Look, n: int) -> None:
    canvas.over(picture, Stencil(SIZE).rect(0, STREET, SIZE[0], 24).mask(), look.street)
    lamps = Stencil(SIZE)
    for k, (start, speed) in enumerate(
        ((40, 2.0), (300, 2.5), (420, -2.25), (170, -2.75), (-120, 3.25), (610, -2))
    ):
        x, y = start + speed * n, STREET + (13 if speed > 0 else 8)
        turn = 1 if speed > 0 else -1
        shape = [(-13, 0), (-13, -5), (-8, -6), (-4, -11), (5, -11), (9, -6), (13, -4), (13, 0)]
        body = Stencil(SIZE).polygon([(x + turn * px, y + py) for px, py in shape]).mask()
        canvas.over(picture, body, look.cars[k % 3])
        lights *= (1 - body)[..., None]
        wheels = Stencil(SIZE).disc(x - 7, y, 2.6).disc(x + 7, y, 2.6).mask()
        canvas.over(picture, wheels, "#15161c")
        glass = [(x + turn * px, y + py) for px, py in ((-5, -6.5), (-2.5, -9.6), (4, -9.6), (6.5, -6.5))]
        canvas.over(picture, Stencil(SIZE).polygon(glass).mask(), look.train_window)
        lamps.disc(x + turn * 13, y - 3.4, 1.6)
    canvas.over(picture, Stencil(SIZE).rect(0, QUAY, SIZE[0], WATER - QUAY).mask(), look.quay)
    if look.bloom:
        canvas.over(lights, lamps.mask(), "#fff2c8")
        canvas.over(picture, lamps.mask(), "#fff2c8")


def _river(picture: Array, look: Look, t: float) -> None:
    """Mirror the city in the water, squeezed and rippling."""
    rows = np.arange(WATER, SIZE[1])
    soft = np.stack([canvas.blur(picture[..., c], 2.2) for c in range(3)], axis=-1)
    down = (rows - WATER + 0.5)[:, None]
    columns = np.arange(SIZE[0])[None, :]
    sway = (0.5 + down * 0.03) * np.sin(down / 3.4 + 1.6 * t)
    up = np.clip(QUAY - 4 - down * 2.6 + sway * 1.2, 0, SIZE[1] - 2)
    across = np.clip(columns + sway * 2.2, 0, SIZE[0] - 1).astype(np.int64)
    whole = np.floor(up).astype(np.int64)
    part = (up - whole)[..., None]
    mirrored = soft[whole, across] * (1 - part) + soft[whole + 1, across] * part
    fade = (look.water_strength + (1 - look.water_strength) * 0.5 * (down / 82))[..., None]
    water = mirrored + fade * (canvas.rgb(look.water) - mirrored)
    picture[WATER:] = water.astype(np.float32)
    ripples = Stencil(SIZE)
    rng = np.random.default_rng(6)
    for _ in range(26):
        y = WATER + 6 + 72 * rng.random() ** 0.8
        x = (rng.uniform(0, 560) + rng.uniform(6, 16) * t * (y - 380) / 60) % 560 - 40
        ripples.ellipse(x, y, rng.uniform(8, 26) * (0.5 + (y - WATER) / 80), 0.45 + (y - WATER) / 120)
    canvas.over(picture, ripples.mask() * 0.4, look.ripple)


def draw(look: Look, n: int) -> Array:
    """Draw frame `n` in a look."""
    t = n / float(RATE)
    picture = canvas.gradient(SIZE, look.sky)
    canvas.add(picture, canvas.glow(SIZE, SUN, 110) * 0.85, look.glow)
    canvas.over(picture, canvas.disc(SIZE, SUN, 26), look.sun)
    places = [(x - 0.25 * n * (1 + (width > 180)), y, width, seed) for x, y, width, seed in CLOUDS]
    canvas.clouds(picture, places, (look.cloud, look.cloud_lit), look.cloud_strength)
    towers, mask, shining = _standing(look)
    canvas.over(picture, mask, towers)
    lights = shining.copy()
    _train(picture, lights, look, n)
    _street(picture, lights, look, n)
    if look.bloom:
        for radius, part in ((6, 0.55), (18, 0.7)):
            halo = np.stack([canvas.blur(lights[..., c], radius) for c in range(3)], axis=-1)
            picture += halo * look.bloom * part * (1 - picture)
    _river(picture, look, t)
    if look.rain:
        fallen = canvas.rain(SIZE, n, drops=look.rain, slant=0.16, length=20, seed=8)
        canvas.over(picture, fallen * 0.45, look.ripple)
    return picture
