"""A stage of its own on a page: two clips of known pixels, the views over them, no player around them."""

import base64
import io
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Locator, ViewportSize

from tests.browser.gates import Gates

Colour = tuple[int, int, int]
Pixels = np.ndarray[Any, np.dtype[np.uint8]]

_MOUNT = "async (options) => { await (await import('/stage.js')).mount(options); }"
_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


@cache
def clip_of(pixels: bytes, width: int, height: int) -> str:
    """Make a clip of half a second out of one picture; gives it as a data URI."""
    with TemporaryDirectory() as folder:
        picture, clip = Path(folder) / "a.png", Path(folder) / "a.mp4"
        Image.frombytes("RGB", (width, height), pixels).save(picture)
        command = ["ffmpeg", "-v", "error", "-loop", "1", "-i", str(picture), "-t", "0.5", "-r", "10"]
        command += ["-vf", "scale=out_color_matrix=bt709:out_range=tv", "-colorspace", "bt709"]
        command += ["-color_primaries", "bt709", "-color_trc", "bt709", "-c:v", "libx264", "-qp", "4"]
        command += ["-pix_fmt", "yuv420p", "-movflags", "+faststart", str(clip)]
        subprocess.run(command, check=True)  # noqa: S603
        return "data:video/mp4;base64," + base64.b64encode(clip.read_bytes()).decode()


def painted(size: tuple[int, int], background: Colour, *boxes: tuple[Sequence[float], Colour]) -> str:
    """Make a clip of one colour with boxes on it: ((left, top, right, bottom) in shares, colour)."""
    width, height = size
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = background
    for (left, top, right, bottom), colour in boxes:
        rows, columns = (
            slice(round(top * height), round(bottom * height)),
            slice(round(left * width), round(right * width)),
        )
        pixels[rows, columns] = colour
    return clip_of(pixels.tobytes(), width, height)


class StagePage:
    """The page; `open` before anything else."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        page.goto(url)
        page.wait_for_function("window.harness")
        self.pair: Locator = page.locator(".ad-pair")

    def open(
        self,
        *clips: str | None,
        size: tuple[int, int] = (802, 450),
        names: Sequence[str] = ("Source", "Result"),
    ) -> Self:
        """Show clips on a stage of this size."""
        self.page.evaluate(_MOUNT, {"clips": clips, "size": size, "names": names})
        return self.settle()

    def settle(self) -> Self:
        """Wait until what was asked for is painted."""
        self.page.evaluate(_FRAMES)
        return self

    def do(self, code: str) -> Any:
        """Run code on the views (`views`, `sides`, `told` are there); gives what it returns."""
        found = self.page.evaluate(
            f"async () => {{ const {{ views, sides, told, pair, shot, root, show }} = window.stage; {code} }}"
        )
        self.settle()
        return found

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> Self:
        """Drag the pointer from one place of the stage to another; the last may lie beyond the stage."""
        self._move(*start)
        self.page.mouse.down()
        self._move(*end, steps=4)
        self.page.mouse.up()
        return self.settle()

    def fingers(self, first: tuple[float, float], *other: tuple[float, float]) -> Self:
        """Put a finger down, and a second one, which moves from place to place; lift both."""
        box = self.pair.bounding_box()
        assert box
        cdp = self.page.context.new_cdp_session(self.page)

        def touch(kind: str, *places: tuple[float, float]) -> None:
            points = [
                {"x": box["x"] + x, "y": box["y"] + y, "id": finger} for finger, (x, y) in enumerate(places)
            ]
            cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", first)
        for count, place in enumerate(other):
            touch("touchMove" if count else "touchStart", first, place)
        touch("touchEnd")
        cdp.detach()
        return self.settle()

    def click(self, x: float, y: float) -> Self:
        """Click at a place of the stage."""
        self._move(x, y)
        self.page.mouse.down()
        self.page.mouse.up()
        return self.settle()

    def _move(self, x: float, y: float, steps: int = 1) -> None:
        box = self.pair.bounding_box()
        assert box
        self.page.mouse.move(box["x"] + x, box["y"] + y, steps=steps)

    @property
    def state(self) -> Any:
        """What is kept of the views."""
        return self.do("return views.state;")

    def seen(self) -> Pixels:
        """Give the pixels of the stage as they are on the screen: rows, columns, RGB."""
        picture = Image.open(io.BytesIO(self.pair.screenshot())).convert("RGB")
        return np.asarray(picture)

    def shot(self) -> Pixels:
        """Take the picture of the pair that the key gives; its pixels."""
        taken = self.do("""
          const { blob } = await shot.takeShot({ sides, views });
          const bytes = new Uint8Array(await blob.arrayBuffer());
          return Array.from(bytes);
        """)
        return np.asarray(Image.open(io.BytesIO(bytes(taken))).convert("RGB"))


@contextmanager
def stage_page(
    browser: Browser, url: str, *, viewport: ViewportSize | None = None, scale: float = 1
) -> Iterator[StagePage]:
    """Lend the page in a browser context of its own; page errors and requests elsewhere fail the test."""
    context = browser.new_context(
        viewport=viewport or ViewportSize(width=1240, height=900), device_scale_factor=scale
    )
    gates = Gates(context, "desk")
    try:
        context.set_default_timeout(10_000)
        yield StagePage(context.new_page(), url)
    finally:
        context.close()
    gates.check()
