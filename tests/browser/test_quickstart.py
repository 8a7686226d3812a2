"""The quickstart in JupyterLab and Notebook 7: it runs, its videos play, and nothing leaves the machine."""

import pytest

from tests.browser.rig import Notebook, playing
from tests.browser.server import REPOSITORY
from tests.faults import FaultServer, Reply, success
from tests.keys import KEY

pytestmark = pytest.mark.browser

QUICKSTART = REPOSITORY / "notebooks" / "quickstart.ipynb"
STATUS, SHOW, RUNNING = 6, 12, 14  # the cells with videos
MEDIA = REPOSITORY / "aleph_nb" / "demo" / "media"

# Everything runs in one look of each front end; the tour itself in the other looks, too.
LOOKS = [("lab", "Light"), ("notebook", "Dark")]
OTHER_LOOKS = [("lab", "Dark"), ("notebook", "Light")]
in_both = pytest.mark.parametrize(("app", "theme"), LOOKS)
in_every_look = pytest.mark.parametrize(("app", "theme"), [*LOOKS, *OTHER_LOOKS])


@in_every_look
def test_the_quickstart_runs_and_its_videos_play(notebook: Notebook, theme: str) -> None:
    notebook.open(QUICKSTART).set_theme(f"JupyterLab {theme}").run_all()
    assert notebook.errors() == []
    for index, videos in ((STATUS, 6), (SHOW, 2)):
        found = notebook.output(index).locator("video")
        assert found.count() == videos
    for video in notebook.output(STATUS).locator(".aleph-card").first.locator("video").all():
        assert playing(video)["duration"] > 3
    for video in notebook.output(SHOW).locator("video").all():
        playing(video)


@in_both
def test_the_running_task_finishes_while_you_watch(notebook: Notebook, theme: str) -> None:
    cells = [
        "%load_ext aleph_nb",
        "ids = %aleph_demo --reset",
        "%aleph_status {ids[6]}",
    ]
    notebook.open(cells).set_theme(f"JupyterLab {theme}").run_all()
    assert "Running" in notebook.output(2).inner_text()
    notebook.page.wait_for_timeout(26_000)
    notebook.run_cell(2)
    assert "Succeeded" in notebook.output(2).inner_text()
    playing(notebook.output(2).locator("video").last)


@in_both
def test_videos_of_another_server_play(notebook: Notebook, server: FaultServer, theme: str) -> None:
    result = server.media("/k/result.mp4", (MEDIA / "harbour-noir.mp4").read_bytes())
    source = server.media("/k/source.mp4", (MEDIA / "harbour.mp4").read_bytes())
    picture = server.media("/k/result.jpg", (MEDIA / "harbour-noir.jpg").read_bytes(), "image/jpeg")
    params = f'{{"prompt": "Film noir", "videoUrl": "{source}"}}'
    response = {"resultVideoUrl": result, "resultImageUrl": picture}
    server.default = lambda task_id: Reply(body=success(task_id, response=response, paramJson=params))
    cells = [
        f"import os\nos.environ |= {{'KIE_API_KEY': '{KEY}', 'ALEPH_NB_BASE_URL': '{server.base_url}'}}",
        "%load_ext aleph_nb",
        "df = %aleph_status a",
    ]
    notebook.open(cells).set_theme(f"JupyterLab {theme}").run_all()
    videos = notebook.output(2).locator("video")
    assert videos.count() == 2
    assert videos.last.get_attribute("src") == result
    for video in videos.all():
        playing(video)
    assert {seen.headers.get("authorization") for seen in server.requests if "/k/" in seen.path} == {None}
