"""The demo's clips: ranges, caches, other origins, and nothing beside them."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aleph_nb.demo import KEY, MEDIA, DemoService
from tests.demo.calls import CLIPS, MARS, PATH, SUNSET, call, data_of, params_of, result_url

# ── Media ────────────────────────────────────────────────────────────────────────────────────────


def test_a_clip_whole_and_its_head(demo: DemoService, media: Path) -> None:
    content = (media / "ridge-sunset-1.mp4").read_bytes()
    url = result_url(demo, SUNSET)
    whole, head = call(demo.base_url, url), call(demo.base_url, url, "HEAD")
    assert (whole.status, head.status) == (200, 200)
    assert whole.body == content
    assert head.body == b""
    for answer in (whole, head):
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Content-Length"] == str(len(content))
        assert answer.headers["Accept-Ranges"] == "bytes"
    assert (
        call(demo.base_url, f"{demo.base_url}/media/source/ridge.jpg").headers["Content-Type"] == "image/jpeg"
    )


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-1", 0, 1),
        ("bytes=100-", 100, None),
        ("bytes=-10", -10, None),
        ("bytes=9000-99999999", 9000, None),
    ],
)
def test_a_range_of_a_clip(demo: DemoService, media: Path, asked: str, first: int, last: int | None) -> None:
    content = (media / "ridge-sunset-1.mp4").read_bytes()
    part = content[first:] if last is None else content[first : last + 1]
    answer = call(demo.base_url, result_url(demo, SUNSET), headers={"Range": asked})
    assert answer.status == 206
    assert answer.body == part
    begins = first % len(content)
    told = f"bytes {begins}-{begins + len(part) - 1}/{len(content)}"
    assert answer.headers["Content-Range"] == told
    head = call(demo.base_url, result_url(demo, SUNSET), "HEAD", {"Range": asked})
    assert (head.status, head.headers["Content-Range"], head.body) == (206, told, b"")


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-100000000", "bytes=-0"])
def test_a_range_beyond_the_end_is_a_416(demo: DemoService, media: Path, asked: str) -> None:
    size = (media / "ridge-sunset-1.mp4").stat().st_size
    answer = call(demo.base_url, result_url(demo, SUNSET), headers={"Range": asked})
    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{size}"
    assert answer.body == b""


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=-999999999", "bytes=0-", "lines=1-2", "bytes=a-b"])
def test_other_ranges_bring_the_whole(demo: DemoService, media: Path, asked: str) -> None:
    answer = call(demo.base_url, result_url(demo, SUNSET), headers={"Range": asked})
    assert answer.status == 200
    assert answer.body == (media / "ridge-sunset-1.mp4").read_bytes()


def test_a_clip_that_is_known_is_not_sent_again(demo: DemoService) -> None:
    url = result_url(demo, SUNSET)
    headers = call(demo.base_url, url).headers
    assert headers["Cache-Control"] == "no-cache"
    assert call(demo.base_url, url, headers={"If-None-Match": headers["ETag"]}).status == 304
    for condition, status in ((headers["ETag"], 206), (headers["Last-Modified"], 206), ('"another"', 200)):
        asked = {"Range": "bytes=0-1", "If-Range": condition}
        assert call(demo.base_url, url, headers=asked).status == status


def test_pages_of_other_origins_read_media_and_never_the_api(demo: DemoService) -> None:
    origin = {"Origin": "http://localhost:8888"}
    for method in ("GET", "HEAD", "OPTIONS"):
        for path in (result_url(demo, SUNSET), f"{demo.base_url}/media/source/city.jpg"):
            answer = call(demo.base_url, path, method, origin)
            assert answer.status in (200, 204)
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
    dead = call(demo.base_url, "/media/source/none.mp4", headers=origin)
    assert dead.headers["Access-Control-Allow-Origin"] == "*"
    for key in (KEY, "wrong"):
        for method in ("GET", "OPTIONS"):
            answer = call(
                demo.base_url, f"{PATH}?taskId=x", method, {"Authorization": f"Bearer {key}", **origin}
            )
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert "Access-Control-Allow-Origin" not in call(demo.base_url, "/elsewhere", headers=origin).headers


@pytest.mark.parametrize(
    "name",
    [
        "source/../../secret.mp4",
        "source/..%2f..%2fsecret.mp4",
        "source/%2e%2e/%2e%2e/secret.mp4",
        "..%2fsecret.mp4",
        "../secret.mp4",
        "source//etc/passwd",
        "source/private.mp4",
        "source/ridge.mp4/",
        "source/ridge.mp4%00",
        "source/./ridge.mp4",
        "source/ridge.MP4",
        "source/ridge-winter.mp4",
        "source/x/ridge.mp4",
        "ridge.mp4",
        "ee603959-debb-48d1-98c4-a6d1c717eba6/ridge-sunset-1.mp4",
        "ee603959-debb-48d1-98c4-a6d1c717eba6/result.txt",
        "ee603959-debb-48d1-98c4-a6d1c717eba6/../source/ridge.mp4",
        "ee603959-debb-48d1-98c4-a6d1c717eba6/",
        "%ff%fe",
    ],
)
def test_nothing_but_clips_is_served(demo: DemoService, name: str) -> None:
    answer = call(demo.base_url, f"/media/{name}")
    assert answer.status in (400, 404)
    assert b"not to be served" not in answer.body
    assert demo.media_bytes(f"{demo.base_url}/media/{name}") is None


def test_media_bytes_are_what_a_request_brings(demo: DemoService) -> None:
    response = data_of(demo, MARS)["response"]
    for url, mime in (
        (response["resultVideoUrl"], "video/mp4"),
        (response["resultImageUrl"], "image/jpeg"),
        (params_of(demo, MARS)["videoUrl"], "video/mp4"),
        (f"{demo.base_url}/media/source/canyon.jpg", "image/jpeg"),
    ):
        assert demo.media_bytes(url) == (mime, call(demo.base_url, url).body)
    path = urlsplit(response["resultVideoUrl"]).path
    for other in (f"https://api.kie.ai{path}", f"http://127.0.0.1:1{path}", path, "", "http://[", "data:,x"):
        assert demo.media_bytes(other) is None
    assert demo.media_bytes(f"{demo.base_url}{PATH}?taskId={demo.ids[0]}") is None


def test_media_bytes_of_a_service_that_stopped_are_none(media: Path) -> None:
    with DemoService(media=media) as service:
        url = f"{service.base_url}/media/source/ridge.mp4"
        assert service.media_bytes(url)
    assert service.media_bytes(url) is None


def test_a_clip_that_is_not_there_is_a_404(tmp_path: Path) -> None:
    with DemoService(media=tmp_path) as service:
        url = result_url(service, SUNSET)
        assert call(service.base_url, url).status == 404
        assert service.media_bytes(url) is None


def test_the_package_has_every_clip_and_its_thumbnail() -> None:
    missing = [
        f"{name}{end}" for name in CLIPS for end in (".mp4", ".jpg") if not (MEDIA / f"{name}{end}").is_file()
    ]
    assert not missing
