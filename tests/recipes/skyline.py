"""The towers of the city: where they stand, their roofs and their windows."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from .canvas import Array, Stencil

SIZE = (480, 480)
FOOT = 392
OUTLINES = (1.4, 1.4, 2.2)  # how thick each row is outlined
_CELLS = ((9, 12), (11, 14), (13, 17))  # a window and the wall around it, for each row


@dataclass(frozen=True)
class Tower:
    """One building: where it stands, its roof, its tone, and a seed for its windows."""

    x: float
    width: float
    top: float
    roof: str
    tone: int
    seed: int


@cache
def towers(row: int) -> tuple[Tower, ...]:
    """Place one row of towers, from the far one (0) to the near one (2)."""
    rng = np.random.default_rng(40 + row)
    x, row_of = -30.0, []
    while x < SIZE[0] + 90:
        width = float(rng.uniform(*((22, 38), (32, 54), (46, 74))[row]))
        middle = 1 - abs((x + width / 2 - 250) / 330)
        tall = ((120, 90), (92, 120), (60, 92))[row]
        top = 372 - tall[0] - tall[1] * middle * float(rng.uniform(0.35, 1.25))
        roof = str(rng.choice(["flat", "step", "spire", "slant", "tank"], p=[0.3, 0.24, 0.16, 0.16, 0.14]))
        row_of.append(
            Tower(round(x), round(width), round(top), roof, int(rng.integers(2)), int(rng.integers(999)))
        )
        x += width + float(rng.uniform(*((-3, 3), (0, 12), (4, 30))[row]))
    return tuple(row_of)


def outline(tower: Tower) -> list[tuple[float, float]]:
    """Return a tower's shape."""
    left, right, top, wide = tower.x, tower.x + tower.width, tower.top, tower.width
    roofs = {
        "flat": [(left, top), (right, top)],
        "step": [
            (left, top + 16),
            (left + wide * 0.2, top + 16),
            (left + wide * 0.2, top),
            (right - wide * 0.2, top),
            (right - wide * 0.2, top + 16),
            (right, top + 16),
        ],
        "spire": [
            (left, top + 10),
            (left + wide * 0.3, top),
            (left + wide * 0.46, top - 4),
            (left + wide * 0.5, top - 44),
            (left + wide * 0.54, top - 4),
            (left + wide * 0.7, top),
            (right, top + 10),
        ],
        "slant": [(left, top + wide * 0.35), (right, top)],
        "tank": [
            (left, top),
            (left + wide * 0.56, top),
            (left + wide * 0.56, top - 9),
            (left + wide * 0.84, top - 9),
            (left + wide * 0.84, top),
            (right, top),
        ],
    }
    return [(left, FOOT), *roofs[tower.roof], (right, FOOT)]


@cache
def details(row: int, lit_share: float) -> tuple[Array, Array, Array]:
    """Mask the sides in shade, the dark windows and the lit ones of a row."""
    side, dark, lit = Stencil(SIZE), Stencil(SIZE), Stencil(SIZE)
    across, down = _CELLS[row]
    for tower in towers(row):
        shape, x, right = outline(tower), tower.x, tower.x + tower.width
        for stencil in (side, dark, lit):
            stencil.polygon(shape, 0)  # what stands behind this tower is hidden
        edge, brow = x + tower.width * 0.74, tower.top + 16
        side.polygon([(edge, brow), (right, brow), (right, FOOT), (edge, FOOT)])
        rng = np.random.default_rng(tower.seed)
        first = tower.top + (24 if tower.roof != "flat" else 8)
        first += tower.width * 0.2 if tower.roof == "slant" else 0
        count = int((tower.width - 4) // across)
        margin = (tower.width - count * across) / 2 + across * 0.2
        for y in np.arange(first, FOOT - 8, down):
            for k in range(count):
                glass = lit if rng.random() < lit_share else dark
                glass.rect(x + margin + k * across, y, across * 0.6, down * 0.55)
    return side.mask(), dark.mask(), lit.mask()
