"""Go through many tasks as a reviewer does, and count what piles up in the page meanwhile."""

from statistics import median
from typing import Any, NamedTuple

from playwright.sync_api import CDPSession

from tests.browser.bare_player import PlayerPage
from tests.clips import CLIPS

__all__ = ["Sample", "growth", "review"]

TAKES = 8
_EVERY = 15  # tasks from one sample to the next: all that is done to them begins again there
_SETTLED = 700  # milliseconds after which the next clips are loaded, too
_MORE = 30  # tasks behind the last one that is looked at: the gallery is as full at the end as before
_VIEWS = ("w", "w", "d", "d", "v", "v", "s", "s")

# Waits until the result that is shown is that of the clip with this number.
_ARRIVES = """async ([number, ms]) => {
  const due = performance.now() + ms;
  for (;;) {
    const video = barcode.videoOf("result");
    const found = video && barcode.read(video);
    if (found?.clip === number) return true;
    if (performance.now() > due) return `${video?.currentSrc}: ${JSON.stringify(found)}`;
    await new Promise((done) => requestAnimationFrame(done));
  }
}"""
_WITH_SOURCE = """function () {
  return this.filter((video) => video.hasAttribute("src") || video.networkState !== 0).length;
}"""


class Sample(NamedTuple):
    """What was there after so many tasks, once all garbage was collected."""

    task: int
    videos: int
    nodes: int
    listeners: int
    heap: int


def review(player: PlayerPage, tasks: int, **options: Any) -> list[Sample]:
    """Look at each task, play, seek, and judge; give samples on the way."""
    player.open_desk(count=tasks + _MORE, takes=TAKES, remembers=False, **options)
    session = player.page.context.new_cdp_session(player.page)
    session.send("Performance.enable")
    samples = []
    for task in range(tasks):
        _arrive(player, task)
        if task % _EVERY == 0:
            player.page.wait_for_timeout(_SETTLED)
            samples.append(_sample(session, task))
        _look(player, task)
    session.detach()
    return samples


def growth(samples: list[Sample], since: int = 50) -> dict[str, float]:
    """Tell what grew from a task on: of videos, nodes and listeners how many, of the heap bytes a task.

    Medians of the first and the last third are compared: what comes and goes again is no growth.
    """
    later = [sample for sample in samples if sample.task >= since]
    third = max(1, len(later) // 3)
    first, last = later[:third], later[-third:]
    grown = {
        name: median(getattr(each, name) for each in last) - median(getattr(each, name) for each in first)
        for name in ("videos", "nodes", "listeners", "heap")
    }
    passed = median(each.task for each in last) - median(each.task for each in first)
    return grown | {"heap": grown["heap"] / max(passed, 1)}


def _arrive(player: PlayerPage, task: int) -> None:
    """Wait until a task's own clip is shown."""
    number = CLIPS[f"take-{task % TAKES}"].number
    arrived = player.page.evaluate(_ARRIVES, [number, 8000])
    assert arrived is True, f"task {task}: {arrived}"


def _look(player: PlayerPage, task: int) -> None:
    """Do what a reviewer does with one task, and go to the next."""
    player.press(" ")
    player.page.wait_for_timeout(200)
    player.press(" ", ".", ",", _VIEWS[task % len(_VIEWS)])
    player.seek(task % 40)
    player.focus_list()
    player.press(str(1 + task % 5), "p" if task % 3 else "x", "n")


def _sample(session: CDPSession, task: int) -> Sample:
    session.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: int(each["value"]) for each in session.send("Performance.getMetrics")["metrics"]}
    return Sample(
        task, _videos(session), metrics["Nodes"], metrics["JSEventListeners"], metrics["JSHeapUsedSize"]
    )


def _videos(session: CDPSession) -> int:
    """Count the videos that have a source, in the document or out of it."""
    kind = session.send(
        "Runtime.evaluate", {"expression": "HTMLVideoElement.prototype", "objectGroup": "videos"}
    )
    found = session.send(
        "Runtime.queryObjects", {"prototypeObjectId": kind["result"]["objectId"], "objectGroup": "videos"}
    )
    told = session.send(
        "Runtime.callFunctionOn",
        {
            "objectId": found["objects"]["objectId"],
            "functionDeclaration": _WITH_SOURCE,
            "returnByValue": True,
        },
    )
    session.send("Runtime.releaseObjectGroup", {"objectGroup": "videos"})
    return int(told["result"]["value"])
