"""Every task of the demo, by its own fields."""

import re
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from aleph_nb.demo import CALLBACK_SECRET, DemoService, Spelling, Task
from tests.demo.calls import (
    ANIME,
    AURORA,
    BROKEN,
    EXPIRED,
    FLAGGED,
    MARS,
    NEON,
    NOIR,
    RESULTS,
    SOURCES,
    START,
    STORM,
    SUNSET,
    TAKE_2,
    UNKNOWN,
    UNREADABLE,
    WINTER,
    Clock,
    ask,
    at,
    call,
    data_of,
    params_of,
    result_url,
)

# ── The tasks ────────────────────────────────────────────────────────────────────────────────────


def test_the_first_task_is_the_page_s_example(demo: DemoService) -> None:
    data = data_of(demo, SUNSET)
    assert data["taskId"] == data["response"]["taskId"] == "ee603959-debb-48d1-98c4-a6d1c717eba6"
    assert at(data["completeTime"]) - at(data["createTime"]) == timedelta(minutes=5, seconds=45)
    assert at(data["createTime"]) == START.replace(microsecond=0) - timedelta(days=3)
    assert (data["successFlag"], data["errorCode"], data["errorMessage"]) == (1, 0, "")


def test_successes_have_a_result_and_a_source_of_their_own_clips(demo: DemoService, clock: Clock) -> None:
    clock.pass_by(seconds=25)
    clips = {
        SUNSET: "ridge-sunset-1",
        TAKE_2: "ridge-sunset-2",
        WINTER: "ridge-winter",
        AURORA: "ridge-aurora",
        MARS: "canyon-mars",
        ANIME: "city-anime",
        NEON: "city-neon",
        NOIR: "harbour-noir",
        STORM: "harbour-storm",
    }
    for number, clip in clips.items():
        data = data_of(demo, number)
        assert data["successFlag"] == 1
        expected = {
            data["response"]["resultVideoUrl"]: f"{clip} ",
            data["response"]["resultImageUrl"]: f"{clip} as a picture",
            params_of(demo, number)["videoUrl"]: f"{clip.partition('-')[0]} ",
        }
        for url, begins in expected.items():
            assert call(demo.base_url, url).body.startswith(begins.encode())


def test_durations_are_plausible(demo: DemoService, clock: Clock) -> None:
    clock.pass_by(seconds=25)
    for number in range(UNKNOWN):
        data = data_of(demo, number)
        if isinstance(data["createTime"], str) and data["successFlag"] == 1:
            took = at(data["completeTime"]) - at(data["createTime"])
            assert timedelta(minutes=2) <= took <= timedelta(minutes=8)
            assert at(data["completeTime"]) <= clock.now


def test_two_takes_share_a_prompt_and_differ_in_their_seed(demo: DemoService) -> None:
    first, second = params_of(demo, SUNSET), params_of(demo, TAKE_2)
    assert first.pop("seed") != second.pop("seed")
    assert first == second
    assert result_url(demo, SUNSET) != result_url(demo, TAKE_2)


def test_prompts_are_a_director_s_and_one_is_long(demo: DemoService) -> None:
    prompts = {params_of(demo, number)["prompt"] for number in range(UNKNOWN)}
    assert len(prompts) == UNKNOWN - 1
    assert max(map(len, prompts)) > 300
    assert min(map(len, prompts)) > 40


def test_the_failures_differ(demo: DemoService) -> None:
    flagged, broken, unreadable = (data_of(demo, number) for number in (FLAGGED, BROKEN, UNREADABLE))
    assert (flagged["successFlag"], flagged["errorCode"]) == (0, 422)
    assert "moderation" in flagged["errorMessage"]
    assert at(flagged["completeTime"]) - at(flagged["createTime"]) == timedelta(seconds=16)
    assert "response" not in flagged
    assert (broken["successFlag"], broken["errorCode"], broken["errorMessage"]) == (3, 500, None)
    assert broken["completeTime"] - broken["createTime"] == 101_000
    assert (unreadable["successFlag"], unreadable["errorCode"]) == (2, 400)
    assert broken["response"] is unreadable["response"] is None
    assert call(demo.base_url, params_of(demo, UNREADABLE)["videoUrl"]).status == 404  # why it failed


def test_the_wire_s_spelling(demo: DemoService) -> None:
    for number in (NOIR, BROKEN, UNREADABLE):
        data = data_of(demo, number)
        assert re.fullmatch(r"[0-9a-f]{32}", data["taskId"])
        assert type(data["createTime"]) is type(data["completeTime"]) is int
        assert (
            timedelta(0) < START - datetime.fromtimestamp(data["createTime"] / 1000, UTC) < timedelta(days=6)
        )
        params = params_of(demo, number)
        assert {"aspectRatio", "seed", "waterMark", "uploadCn"} < params.keys()
        assert params["callBackUrl"].endswith(f"?token={CALLBACK_SECRET}")
    noir = data_of(demo, NOIR)
    assert (noir["successFlag"], noir["errorCode"], noir["errorMessage"]) == (1, None, None)
    assert noir["completeTime"] - noir["createTime"] == 242_217
    shapes = [params_of(demo, number)["aspectRatio"] for number in (NOIR, BROKEN, UNREADABLE)]
    assert shapes == ["16:9", "16:9", "9:16"]


def test_an_unknown_id_has_no_data(demo: DemoService) -> None:
    for task_id in (demo.ids[UNKNOWN], "nobody", "../media", "\N{SNOWMAN}"):
        assert demo.task(task_id) is None
        assert ask(demo, task_id).json == {"code": 200, "msg": "success", "data": None}


def test_the_running_one_finishes_and_a_reset_lets_it_run_again(demo: DemoService, clock: Clock) -> None:
    for _ in range(2):
        clock.pass_by(seconds=24.999)
        data = data_of(demo, NEON)
        assert (data["successFlag"], data["errorCode"], data["errorMessage"]) == (0, 0, "")
        assert not {"completeTime", "response"} & data.keys()
        early = f"{demo.base_url}/media/{demo.ids[NEON]}/result.mp4"
        assert call(demo.base_url, early).status == 404
        clock.pass_by(seconds=0.001)
        data = data_of(demo, NEON)
        assert data["successFlag"] == 1
        assert at(data["completeTime"]) - at(data["createTime"]) == timedelta(minutes=2, seconds=25)
        assert at(data["completeTime"]) <= clock.now
        assert data["response"]["resultVideoUrl"] == early
        assert call(demo.base_url, early).status == 200
        demo.reset()


def test_a_result_dies_when_its_time_has_come(demo: DemoService, clock: Clock) -> None:
    expired = data_of(demo, EXPIRED)
    assert expired["successFlag"] == 1
    assert clock.now - at(expired["createTime"]) > timedelta(days=20)
    for url in (expired["response"]["resultVideoUrl"], expired["response"]["resultImageUrl"]):
        assert call(demo.base_url, url).status == 404
        assert demo.media_bytes(url) is None
    aurora = data_of(demo, AURORA)
    left = at(aurora["completeTime"]) + timedelta(days=14) - clock.now
    assert timedelta(days=1, hours=20) < left < timedelta(days=1, hours=21)
    clock.now += left - timedelta(seconds=1)
    assert call(demo.base_url, result_url(demo, AURORA)).status == 200
    clock.pass_by(seconds=2)
    assert call(demo.base_url, result_url(demo, AURORA)).status == 404
    assert data_of(demo, AURORA)["successFlag"] == 1
    assert call(demo.base_url, params_of(demo, AURORA)["videoUrl"]).status == 200  # sources stay
    demo.reset()
    assert call(demo.base_url, result_url(demo, AURORA)).status == 200


# ── As many tasks as wanted ──────────────────────────────────────────────────────────────────────


def test_the_ids_are_the_same_each_time() -> None:
    fixed = DemoService().ids
    assert len(fixed) == len(set(fixed)) == 14
    assert DemoService().ids == DemoService(tasks=14).ids == fixed
    assert DemoService(tasks=3).ids == fixed[:3]
    many = DemoService(tasks=2000).ids
    assert many[:14] == fixed
    assert len(set(many)) == 2000
    assert DemoService(tasks=500).ids == many[:500]
    assert many[14] == "bd1c5c02-0ac7-503a-8338-21963f993486"


def test_a_task_left_out_is_unknown(media: Path) -> None:
    with DemoService(tasks=2, media=media) as service:
        left_out = DemoService().ids[WINTER]
        assert ask(service, left_out).json["data"] is None


@pytest.mark.parametrize("tasks", [0, -1, 10_001, True, 2.5, "3"])
def test_a_number_of_tasks_that_cannot_be_is_refused_in_a_sentence(tasks: Any) -> None:
    with pytest.raises(ValueError, match=r"from 1 to 10000 tasks, not .*\.$"):
        DemoService(tasks=tasks)


def test_ten_thousand_tasks_start_at_once_and_are_a_believable_lot(clock: Clock, media: Path) -> None:
    before = time.perf_counter()
    with DemoService(tasks=10_000, clock=clock, media=media) as service:
        assert time.perf_counter() - before < 0.8
        tasks = [task for task_id in service.ids if (task := service.task(task_id))]
        running = [task for task in tasks if not task.is_completed(START, START)]
        assert 2400 < len(running) < 2600
        ends = sorted({(task.completed_at(START) - START).total_seconds() for task in running})
        assert len(ends) > 30
        assert 1 < ends[0] < ends[-1] <= 45
        failed = [task for task in tasks if task.result is None]
        assert 500 < len(failed) < 1000
        assert {task.spelling for task in failed[3:]} == {Spelling.page}
        assert len({task.prompt for task in tasks}) > 900
        assert {task.result for task in tasks} == {None, *RESULTS}
        check_times(tasks[13:])
        url = ask(service, service.ids[-2]).json["data"]["response"]["resultVideoUrl"]
        assert call(service.base_url, url).status == 200


def test_fifty_tasks_end_one_after_the_other_within_a_minute(clock: Clock, media: Path) -> None:
    with DemoService(tasks=50, clock=clock, media=media) as service:
        tasks = [task for task_id in service.ids if (task := service.task(task_id))]
    running = [task for task in tasks if not task.is_completed(START, START)]
    ends = sorted((task.completed_at(START) - START).total_seconds() for task in running)
    assert len(ends) == len(set(ends)) == 10
    assert 5 < ends[0] < ends[-1] < 60
    assert max(later - sooner for sooner, later in pairwise(ends)) <= 6
    assert {task.result is None for task in running} == {True, False}  # one fails while it is watched
    for source in SOURCES:
        assert len({task.prompt for task in tasks if task.source == f"{source}.mp4"}) >= 5


def check_times(tasks: list[Task]) -> None:
    """See that no result has expired, none lies in the future, and durations are plausible."""
    assert min(task.created for task in tasks) > timedelta(days=-13.1)
    assert max(task.created for task in tasks) < timedelta(0)
    for task in tasks:
        if task.result:
            assert timedelta(minutes=2) <= task.took <= timedelta(minutes=8)
