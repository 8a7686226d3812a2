"""What the demo answers, by the page's schema."""

import json
import re
from pathlib import Path
from uuid import UUID

import jsonschema
import pytest

from aleph_nb.demo import KEY, DemoService, Spelling
from tests.demo.calls import PATH, Clock, ask, call

PAGE = json.loads((Path(__file__).parents[1] / "data" / "aleph-record-info.json").read_text(encoding="utf-8"))
PAGE_ANSWER = PAGE["paths"]["response"]["200"]["application/json"]
SCHEMA = PAGE_ANSWER["schemaArray"][0]
WITH_KEY = {"Authorization": f"Bearer {KEY}"}


# ── The page ─────────────────────────────────────────────────────────────────────────────────────


def page_validator() -> jsonschema.protocols.Validator:
    """Validate by the page's schema, its formats included, and nothing beside what it names."""
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("int32")(lambda value: not isinstance(value, int) or -(2**31) <= value < 2**31)
    formats.checks("date-time")(
        lambda value: not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value)
    )
    return jsonschema.Draft202012Validator(SCHEMA, format_checker=formats)


def test_the_page_s_own_example_is_valid_and_a_wrong_one_is_not() -> None:
    example = PAGE_ANSWER["examples"]["example"]["value"]
    page_validator().validate(example)
    for wrong in (
        {"completeTime": 1692109845000},
        {"createTime": "2023-08-15 14:30:45"},
        {"errorCode": 2**31},
        {"successFlag": 3},
        {"response": None},
        {"errorCode": "0"},
    ):
        data = {**example["data"], **wrong}
        assert list(page_validator().iter_errors({**example, "data": data})), wrong


@pytest.mark.parametrize("tasks", [None, 60])
def test_every_answer_in_the_default_spelling_is_as_the_page_says(
    clock: Clock, media: Path, tasks: int | None
) -> None:
    named = SCHEMA["properties"]["data"]["allOf"][0]["properties"]
    validator = page_validator()
    with DemoService(tasks=tasks, clock=clock, media=media) as service:
        spelled = [task for task_id in service.ids if (task := service.task(task_id))]
        on_page = [task for task in spelled if task.spelling is Spelling.page]
        assert len(on_page) == len(service.ids) - 4  # three in the wire's spelling, one unknown
        for _ in range(2):  # while some run, and when all have ended
            for task in on_page:
                answer = ask(service, task.task_id)
                assert (answer.status, answer.headers["Content-Type"]) == (
                    200,
                    "application/json; charset=UTF-8",
                )
                validator.validate(answer.json)
                assert answer.json["data"].keys() <= named.keys()
                assert answer.json["data"]["taskId"] == task.task_id == str(UUID(task.task_id))
            clock.pass_by(seconds=70)


def test_refusals_are_as_the_page_says(demo: DemoService) -> None:
    for answer in (ask(demo, demo.ids[0], key="wrong"), ask(demo, "")):
        page_validator().validate(answer.json)


# ── The key ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        KEY,
        f"Basic {KEY}",
        "Bearer wrong",
        f"Bearer {KEY}x",
        f"Bearer {KEY[:-1]}",
    ],
)
def test_without_the_key_there_is_a_401_and_no_data(demo: DemoService, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = call(demo.base_url, f"{PATH}?taskId={demo.ids[0]}", headers=headers)
    assert answer.status == 401
    assert answer.json["code"] == 401
    assert answer.json["msg"]
    assert "data" not in answer.json


def test_with_the_key_there_is_an_answer(demo: DemoService) -> None:
    assert demo.key == KEY
    assert ask(demo, demo.ids[0]).json["code"] == 200
    target = f"{PATH}?taskId={demo.ids[0]}"
    assert call(demo.base_url, target, headers={"Authorization": f"bearer {KEY}"}).status == 200


# ── Paths and methods ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("query", ["", "?", "?taskId=", "?taskId=%20", "?taskid=x"])
def test_without_an_id_there_is_a_422(demo: DemoService, query: str) -> None:
    answer = call(demo.base_url, PATH + query, headers=WITH_KEY)
    assert answer.json["code"] == 422
    assert "data" not in answer.json


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v1/aleph/record-detail", f"{PATH}/", "/media", "/favicon.ico"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_any_other_path_is_a_404_that_is_no_envelope(demo: DemoService, path: str, method: str) -> None:
    answer = call(demo.base_url, path, method, WITH_KEY)
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.body == b"404 Not Found\n"


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_a_wrong_method_is_a_405(demo: DemoService, method: str) -> None:
    answer = call(demo.base_url, f"{PATH}?taskId={demo.ids[0]}", method, WITH_KEY)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET"
    assert call(demo.base_url, "/media/source/ridge.mp4", "POST").status == 405
