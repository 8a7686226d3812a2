"""The rig itself: it plays what plays, and its gates shut on what must not happen."""

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser.gates import Gates
from tests.browser.rig import Notebook, Rig, content_of, find_browser, playing
from tests.browser.server import REPOSITORY

pytestmark = pytest.mark.browser

# Which Python, whose package, which folders, and what of the machine's settings is seen.
_PLACES = """import aleph_nb, os, pathlib, sys
print(sys.executable, pathlib.Path(aleph_nb.__file__).parents[1], os.getcwd(), pathlib.Path.home(), sep="\\n")
print([name for name in os.environ if name.startswith(("KIE_", "ALEPH_NB_"))])"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    drawn = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=2"]
    coded = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    subprocess.run(["ffmpeg", "-v", "error", *drawn, *coded, path], check=True)  # noqa: S603, S607
    return path


@pytest.fixture
def without_range(clip: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    handler = partial(Quiet, directory=str(clip.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _html(html: str) -> str:
    return f"from IPython.display import HTML\nHTML({html!r})"


def _embedded(clip: Path) -> str:
    data = base64.b64encode(clip.read_bytes()).decode()
    return _html(f'<video src="data:video/mp4;base64,{data}" preload="metadata" controls></video>')


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_what_plays_is_told_from_what_does_not(notebook: Notebook, clip: Path, without_range: str) -> None:
    urls = [f"{without_range}/{file}.mp4" for file in ("clip", "gone")]
    notebook.open(
        [_embedded(clip), *(_html(f'<video src="{url}" preload="metadata"></video>') for url in urls)]
    )
    notebook.run_all()
    said = playing(notebook.output(0).locator("video"), seek=1.5)
    assert (said["videoWidth"], said["videoHeight"]) == (160, 90)
    assert said["landed"] == pytest.approx(1.5, abs=0.05)
    with pytest.raises(AssertionError, match="does its server answer Range"):
        playing(notebook.output(1).locator("video"))
    with pytest.raises(AssertionError, match="cannot be played"):
        playing(notebook.output(2).locator("video"))


_SCRIPT = """<script>
setTimeout(() => { throw new Error("thrown"); });
Promise.reject(new Error("rejected"));
new WebSocket("ws://192.0.2.1/ws");
</script>"""


_IMAGES = ("https://example.com/x.png", "http://192.0.2.1/x.png")


def _misbehave(notebook: Notebook) -> dict[str, str | None]:
    failed: dict[str, str | None] = {}
    images = "".join(f'<img src="{url}">' for url in _IMAGES)
    notebook.open(["1", _html(images + _SCRIPT), "1 / 0", "3"])
    notebook.page.on("requestfailed", lambda request: failed.update({request.url: request.failure}))
    notebook.run_all()
    assert [len(outputs) for outputs in notebook.outputs()] == [1, 1, 1, 0], "a failed cell ends the run"
    return failed


def test_the_gates_shut(rig: Rig) -> None:
    with pytest.raises(AssertionError) as caught, rig.session() as notebook:
        failed = _misbehave(notebook)
    assert set(str(caught.value).splitlines()) == {
        "cell error: cell 2: ZeroDivisionError: division by zero",
        "page error: rejected",
        "page error: thrown",
        "request: http://192.0.2.1/x.png",
        "request: https://example.com/x.png",
        "request: ws://192.0.2.1/ws",
    }
    assert failed == dict.fromkeys(_IMAGES, "net::ERR_NAME_NOT_RESOLVED"), "nothing may leave the machine"


def test_what_is_expected_passes_and_must_come(rig: Rig) -> None:
    context = rig.browser.new_context()
    gates = Gates(context, "lab")
    gates.add("cell error: cell 0: KeyError: 'x'")
    gates.expect("KeyError")
    gates.check()
    gates.expect("NameError")
    with pytest.raises(AssertionError, match=r"^expected and never seen: NameError$"):
        gates.check()
    context.close()


def test_a_file_is_opened_as_a_copy_and_reopened_without_trust(rig: Rig, tmp_path: Path) -> None:
    script = _html("<p class='kept' onclick='x()'>text</p><script>document.body.dataset.ran = 'yes'</script>")
    path = tmp_path / "a tour.ipynb"
    content = content_of([script, _PLACES])
    content["cells"].insert(0, {"cell_type": "markdown", "id": "words", "metadata": {}, "source": "# Words"})
    path.write_text(json.dumps(content), encoding="utf-8")
    before = path.read_bytes()
    with rig.session() as notebook:
        notebook.open(path).set_theme("JupyterLab Dark").run_all()
        assert notebook.trusted()
        assert notebook.cell(0).inner_text().startswith("Words")
        assert notebook.page.locator("body[data-ran]").count() == 1
        ran = [sys.executable, REPOSITORY, notebook.file.parent, rig.server.home, "[]"]
        assert notebook.outputs()[2][0]["text"].splitlines() == [str(each) for each in ran]
        notebook.reopen_untrusted()
        assert notebook.output(1).locator("p.kept").inner_text() == "text"
        assert notebook.output(1).locator("[onclick]").count() == 0
        assert notebook.page.locator("body[data-ran]").count() == 0
        assert notebook.page.locator("body[data-jp-theme-light=false]").count() == 1
        assert notebook.screenshot("rig-reopened").stat().st_size > 0
    assert path.read_bytes() == before
    assert not list(rig.server.home.glob("settings/**/*.jupyterlab-settings")), "the theme is for one test"


def test_a_missing_browser_is_told_with_the_line_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AssertionError, match="apt-get install -y --no-install-recommends chromium"):
        find_browser()
