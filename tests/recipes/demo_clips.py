"""Draw the demo's clips and write them to aleph_nb/demo/media.

Needs numpy, Pillow and an ffmpeg with libx264 on the path. Run from the top of the repository::

    python -m tests.recipes.demo_clips            # all of them, some minutes
    python -m tests.recipes.demo_clips ridge city # these only

Every clip comes with a thumbnail, NAME.jpg beside NAME.mp4. The drawing is seeded: the same numpy and
Pillow draw the same frames, and the same ffmpeg makes the same bytes of them.
"""

import io
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from .clips import CLIPS, Clip

MEDIA = Path(__file__).parents[2] / "aleph_nb" / "demo" / "media"
THUMBNAIL_SIDE = 320
THUMBNAIL_BYTES = 9_500
THUMBNAIL_AT = 0.4  # of the clip's length


def _bytes(clip: Clip, n: int) -> npt.NDArray[np.uint8]:
    picture = clip.scene.draw(clip.look, n)
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def _encoder(clip: Clip, target: Path) -> list[str]:
    scene = clip.scene
    rate = f"{scene.rate.numerator}/{scene.rate.denominator}"
    return [
        *("ffmpeg", "-y", "-loglevel", "error"),
        *(
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-s",
            f"{scene.size[0]}x{scene.size[1]}",
            "-r",
            rate,
            "-i",
            "-",
        ),
        # The colours' standard is written into the file: browsers guess differently where it is not.
        *(
            "-vf",
            "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int+lanczos,setsar=1",
        ),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"),
        *("-c:v", "libx264", "-preset", "veryslow", "-tune", "animation", "-crf", str(clip.crf)),
        # No B-frames: every frame's time is its place in the file, so a seek lands where it was asked to.
        *("-pix_fmt", "yuv420p", "-bf", "0", "-g", str(round(scene.rate))),
        *("-threads", "1", "-an", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        *(
            "-video_track_timescale",
            str(scene.rate.numerator),
            "-movflags",
            "+faststart",
            "-f",
            "mp4",
            str(target),
        ),
    ]


def _thumbnail(picture: npt.NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(picture)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    for quality in range(88, 32, -4):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
        if file.tell() <= THUMBNAIL_BYTES:
            break
    return file.getvalue()


def write(name: str) -> str:
    """Draw and write one clip and its thumbnail; return a line about them."""
    clip = CLIPS[name]
    target = MEDIA / f"{name}.mp4"
    still = round(clip.scene.frames * THUMBNAIL_AT)
    part = target.with_suffix(".part")  # who reads the folder meanwhile finds whole clips only
    with subprocess.Popen(_encoder(clip, part), stdin=subprocess.PIPE) as encoder:  # noqa: S603 - a fixed command
        assert encoder.stdin is not None
        for n in range(clip.scene.frames):
            picture = _bytes(clip, n)
            encoder.stdin.write(picture.tobytes())
            if n == still:
                target.with_suffix(".jpg").write_bytes(_thumbnail(picture))
    if encoder.returncode:
        raise RuntimeError(f"ffmpeg could not write {target}: exit code {encoder.returncode}")
    part.replace(target)
    sizes = target.stat().st_size, target.with_suffix(".jpg").stat().st_size
    return f"{name:<16} {sizes[0]:>8,} bytes, thumbnail {sizes[1]:>6,}"


def main(names: list[str]) -> None:
    """Write the named clips, or all."""
    unknown = sorted(set(names) - set(CLIPS))
    if unknown:
        raise SystemExit(f"No such clip: {', '.join(unknown)}. There are: {', '.join(CLIPS)}.")
    MEDIA.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as pool:
        for line in pool.map(write, names or CLIPS):
            print(line, flush=True)
    print(f"{sum(file.stat().st_size for file in MEDIA.iterdir()):,} bytes in all")


if __name__ == "__main__":
    main(sys.argv[1:])
