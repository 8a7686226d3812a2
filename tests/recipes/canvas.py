"""Drawing on float pictures: colours, gradients, noise, soft-edged shapes and weather.

A picture is an array of height x width x 3 in 0..1; a mask is height x width in 0..1. Edges are smooth
because shapes are drawn four times too large and averaged down, and heights of ridges are exact.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Array = npt.NDArray[np.float32]
Points = Iterable[tuple[float, float]]

FINE = 4  # samples a pixel and direction


def rgb(text: str) -> Array:
    """Turn "#rrggbb" into three floats."""
    return np.array([int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)], dtype=np.float32)


def single(values: Any) -> Array:
    """Return values in single precision."""
    return np.asarray(values, dtype=np.float32)


def smoothstep(low: float, high: float, x: Array) -> Array:
    """Rise smoothly from 0 at `low` to 1 at `high`."""
    f = np.clip((x - low) / (high - low), 0, 1)
    return single(f * f * (3 - 2 * f))


def gradient(size: tuple[int, int], stops: Sequence[tuple[float, str]]) -> Array:
    """Fill a picture with a vertical gradient; a stop is its place from 0 (top) to 1, and a colour."""
    width, height = size
    y = (np.arange(height) + 0.5) / height
    places = [place for place, _ in stops]
    colours = np.stack([rgb(colour) for _, colour in stops])
    column = np.stack([np.interp(y, places, colours[:, c]) for c in range(3)], axis=-1)
    return np.repeat(column[:, None, :], width, axis=1).astype(np.float32)


def mix(low: str, high: str, share: Array) -> Array:
    """Return a picture that goes from one colour to another as a mask goes from 0 to 1."""
    return rgb(low) + share[..., None] * (rgb(high) - rgb(low))


def _touched(mask: Array) -> tuple[slice, slice]:
    """Return the rows and columns outside which a mask is empty."""
    rows, across = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return slice(0), slice(0)
    return slice(rows[0], rows[-1] + 1), slice(across[0], across[-1] + 1)


def over(picture: Array, mask: Array, colour: str | Array) -> None:
    """Paint a colour, or another picture, through a mask."""
    box = _touched(mask)
    paint = rgb(colour) if isinstance(colour, str) else colour
    part = picture[box]
    part += mask[box][..., None] * ((paint[box] if paint.ndim > 1 else paint) - part)


def add(picture: Array, mask: Array, colour: str) -> None:
    """Add light of a colour through a mask; it never exceeds white."""
    box = _touched(mask)
    part = picture[box]
    part += mask[box][..., None] * rgb(colour) * (1 - part)


def fbm(
    x: Array, seed: int, wavelength: float, *, octaves: int = 5, gain: float = 0.5, soft: bool = True
) -> Array:
    """Sum noise of halving wavelengths at places `x`; the values lie in -1..1."""
    total = np.zeros_like(x, dtype=np.float32)
    weight, norm = 1.0, 0.0
    for octave in range(octaves):
        table = np.random.default_rng(seed * 31 + octave).random(512, dtype=np.float32)
        place = x / wavelength * 2**octave + octave * 17.3
        cell = np.floor(place).astype(np.int64)
        f = place - cell
        f = f * f * (3 - 2 * f) if soft else f
        total += weight * (table[cell % 512] * (1 - f) + table[(cell + 1) % 512] * f)
        norm += weight
        weight *= gain
    return (total / norm * 2 - 1).astype(np.float32)


def pixels(size: tuple[int, int]) -> tuple[Array, Array]:
    """Return the middles of all pixels: x as a row, y as a column."""
    width, height = size
    return (
        (np.arange(width, dtype=np.float32) + 0.5)[None, :],
        (np.arange(height, dtype=np.float32) + 0.5)[:, None],
    )


def columns(width: int) -> Array:
    """Return the fine places along a row at which `below` wants heights."""
    return single((np.arange(width * FINE) + 0.5) / FINE)


def below(heights: Array, height: int) -> Array:
    """Mask all that lies below a line given by its height at each of `columns`."""
    top, foot = (int(np.clip(edge, 0, height)) for edge in (heights.min(), heights.max() + 1))
    mask = np.zeros((height, len(heights) // FINE), dtype=np.float32)
    mask[foot:] = 1
    rows = np.arange(top + 1, foot + 1, dtype=np.float32)[:, None]
    cover = np.clip(rows - heights[None, :], 0, 1)
    mask[top:foot] = cover.reshape(foot - top, mask.shape[1], FINE).mean(axis=2, dtype=np.float32)
    return mask


def glow(size: tuple[int, int], centre: tuple[float, float], radius: float) -> Array:
    """Mask a soft light around a centre."""
    x, y = pixels(size)
    distance = np.hypot(x - centre[0], y - centre[1]) / radius
    return single(np.exp(-(distance**1.3) * 1.6))


def disc(size: tuple[int, int], centre: tuple[float, float], radius: float) -> Array:
    """Mask a disc with a smooth edge."""
    x, y = pixels(size)
    return single(np.clip(radius + 0.5 - np.hypot(x - centre[0], y - centre[1]), 0, 1))


def blur(mask: Array, radius: float) -> Array:
    """Blur a mask, by making it small and large again."""
    height, width = mask.shape
    small = (max(2, round(width / radius)), max(2, round(height / radius)))
    image = Image.fromarray(mask).resize(small, Image.Resampling.HAMMING)
    return single(np.clip(np.asarray(image.resize((width, height), Image.Resampling.BICUBIC)), 0, 1))


class Stencil:
    """A mask drawn from shapes, with smooth edges."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._shapes: list[tuple[str, list[tuple[float, float]], float, int]] = []

    def _keep(self, kind: str, points: Points, tone: float, width: float = 0) -> "Stencil":
        self._shapes.append((kind, list(points), width, round(tone * 255)))
        return self

    def polygon(self, points: Points, tone: float = 1) -> "Stencil":
        """Fill a polygon."""
        return self._keep("polygon", points, tone)

    def line(self, points: Points, width: float, tone: float = 1) -> "Stencil":
        """Draw a line through points."""
        return self._keep("line", points, tone, width)

    def disc(self, x: float, y: float, radius: float, tone: float = 1) -> "Stencil":
        """Fill a disc."""
        return self.ellipse(x, y, radius, radius, tone)

    def ellipse(self, x: float, y: float, across: float, down: float, tone: float = 1) -> "Stencil":
        """Fill an ellipse given by its two radii."""
        return self._keep("ellipse", [(x - across, y - down), (x + across, y + down)], tone)

    def rect(self, x: float, y: float, width: float, height: float, tone: float = 1) -> "Stencil":
        """Fill a rectangle."""
        less = 1 / FINE
        return self._keep("rectangle", [(x, y), (x + width - less, y + height - less)], tone)

    def mask(self) -> Array:
        """Return what was drawn; only the part that shapes touch is drawn large."""
        mask = np.zeros((self._size[1], self._size[0]), dtype=np.float32)
        left, top, right, foot = self._box()
        if right <= left or foot <= top:
            return mask
        image = Image.new("L", ((right - left) * FINE, (foot - top) * FINE))
        draw = ImageDraw.Draw(image)
        for kind, points, width, tone in self._shapes:
            fine = [((x - left) * FINE, (y - top) * FINE) for x, y in points]
            if kind == "polygon":
                draw.polygon(fine, fill=tone)
            elif kind == "line":
                draw.line(fine, fill=tone, width=max(1, round(width * FINE)), joint="curve")
            elif kind == "ellipse":
                draw.ellipse([*fine[0], *fine[1]], fill=tone)
            else:
                draw.rectangle([*fine[0], *fine[1]], fill=tone)
        mask[top:foot, left:right] = np.asarray(image.reduce(FINE), dtype=np.float32) / 255
        return mask

    def _box(self) -> tuple[int, int, int, int]:
        """Return the part of the picture that bright shapes can touch."""
        spans = [
            (point[0] - width, point[1] - width, point[0] + width, point[1] + width)
            for _, points, width, tone in self._shapes
            if tone
            for point in points
        ]
        if not spans:
            return 0, 0, 0, 0
        low, high = np.min(spans, axis=0), np.max(spans, axis=0)
        (width, height) = self._size
        return (
            max(0, int(low[0]) - 2),
            max(0, int(low[1]) - 2),
            min(width, int(high[2]) + 3),
            min(height, int(high[3]) + 3),
        )


def cloud(stencil: Stencil, x: float, y: float, width: float, seed: int, *, lift: float = 0) -> None:
    """Draw a cumulus cloud standing on `y`; `lift` moves its puffs up and leftwards, for its lit part."""
    rng = np.random.default_rng(seed)
    count = 8
    foot = width * 0.055
    for i in range(count):
        along = (i + 0.5) / count
        bulk = np.sin(np.pi * along) ** 1.1
        radius = width * (0.045 + 0.105 * bulk * rng.uniform(0.7, 1.25))
        up = foot * 0.6 + radius * rng.uniform(0.3, 1.0) * bulk
        stencil.disc(x + (along - 0.5) * width * 0.8 - lift * 0.5, y - up - lift, radius)
    for end in (-0.42, 0.46):
        stencil.disc(x + end * width - lift * 0.5, y - foot - lift, foot)
    stencil.rect(x - width * 0.42 - lift * 0.5, y - 2 * foot - lift, width * 0.88, 2 * foot)
    stencil.rect(x - width, y - lift * 0.6, width * 2, width, 0)


def clouds(
    picture: Array, places: Iterable[tuple[float, float, float, int]], tones: tuple[str, str], strength: float
) -> None:
    """Paint clouds given by x, foot, width and seed; the tones are the shade and the light."""
    size = (picture.shape[1], picture.shape[0])
    for x, y, width, seed in places:
        body, lit = Stencil(size), Stencil(size)
        cloud(body, x, y, width, seed)
        cloud(lit, x, y, width, seed, lift=width * 0.05)
        whole = body.mask() * strength
        over(picture, whole, tones[0])
        over(picture, whole * lit.mask(), tones[1])


def rain(size: tuple[int, int], n: int, *, drops: int, slant: float, length: float, seed: int) -> Array:
    """Mask slanting rain in frame `n`."""
    width, height = size
    rng = np.random.default_rng(seed)
    stencil = Stencil(size)
    for _ in range(drops):
        x, y, speed = rng.uniform(0, width * 1.3), rng.uniform(0, height), rng.uniform(0.8, 1.2)
        fallen = y + n * speed * length * 0.8
        lap, top = divmod(fallen, height + length)
        left = (x + lap * 137.5 + slant * top) % (width * 1.3) - width * 0.15
        foot = top - length
        stencil.line([(left, top), (left - slant * length * speed, foot)], 1.25, 0.8 * speed)
    return stencil.mask()


def snow(size: tuple[int, int], t: float, *, flakes: int, seed: int) -> Array:
    """Mask falling snow at time `t`: the larger the flake, the faster it falls."""
    width, height = size
    rng = np.random.default_rng(seed)
    stencil = Stencil(size)
    for _ in range(flakes):
        x, y, near, phase = rng.uniform(0, width), rng.uniform(0, height), rng.random(), rng.uniform(0, 6.28)
        radius = 0.8 + 1.9 * near**2
        top = (y + t * (26 + 46 * near)) % (height + 8) - 4
        left = (x - t * (16 + 30 * near) + 7 * np.sin(t * 1.6 + phase)) % (width + 8) - 4
        stencil.disc(left, top, radius, 0.55 + 0.4 * near)
    return stencil.mask()
