"""No answer holds a worker for long, however it is made; and what is hidden for that stays hidden."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from aleph_nb.record import State
from tests.answers import CALLBACK, ID, KEPT, KEY, PAGE, PARAMS, SECRET, answer, everything, read

MANY = 1_000_000  # characters; of twice as many, twice the time is spent


def urls(count: int) -> list[str]:
    return [f"callBackUrl=https://h{at}.example/x?token=secret{at}word" for at in range(count)]


def nested(levels: int, text: str) -> str:
    for _ in range(levels):
        text = json.dumps({"call back": text})
    return text


def deep(levels: int) -> Any:
    tree: Any = {"callBackUrl": CALLBACK}
    for _ in range(levels):
        for _ in range(90):
            tree = [tree]
        tree = {"call back": json.dumps(tree)}
    return tree


HARD: dict[str, Callable[[], dict[str, Any]]] = {
    "many callbacks": lambda: answer(x=urls(400)),
    "very many callbacks": lambda: answer(x=urls(20_000)),
    "as many as are looked for": lambda: answer(x=urls(32), y=["secret1word h1 example ?"] * 3000),
    "many texts": lambda: answer(x=[f"{SECRET}?"] * 200_000, callBackUrl=CALLBACK),
    "many addresses in one place": lambda: answer(callBackUrl=[f"?{at}" for at in range(100_000)]),
    "many words": lambda: answer(x="callback " * (MANY // 9)),
    "many beginnings": lambda: answer(x="callback http:" * (MANY // 14)),
    "JSON in JSON": lambda: answer(x=nested(8, "x" * MANY + f" callBackUrl={CALLBACK}")),
    "deep JSON in deep JSON": lambda: answer(x=deep(5)),
    "many parameters": lambda: answer(paramJson=json.dumps({f"k{at}": at for at in range(50_000)})),
}
RUNS = [
    "\\",
    "%",
    "%25",
    "&",
    "&amp;",
    "amp;",
    "?",
    "+",
    "a",
    "\\u003f",
    "%3f",
    "&#0",
    "&#63;",
    '"',
    "{",
    "[",
]


def seconds(told: dict[str, Any]) -> float:
    started = time.process_time()
    read(told, redact=KEY.redact)
    return time.process_time() - started


@pytest.mark.parametrize("name", HARD)
def test_no_answer_takes_long(name: str) -> None:
    assert seconds(HARD[name]()) < 4


@pytest.mark.parametrize("run", RUNS)
def test_no_run_of_escapes_takes_long(run: str) -> None:
    long, short = run * (MANY // len(run)), run * (1_000 // len(run))
    assert seconds(answer(x=long, callBackUrl=CALLBACK)) < 3
    assert seconds(answer(x=f"callBackUrl=http:?{long}")) < 3
    assert seconds(answer(callBackUrl=f"http:{long}")) < 3
    assert seconds(answer(callBackUrl=f"https://h/{short}x?{short}x", y=f"? https://h/{short * 20}")) < 3


def test_an_ordinary_answer_is_read_in_no_time() -> None:
    body = json.dumps(PAGE).encode()
    assert min(seconds(body) for _ in range(50)) < 0.001  # type: ignore[arg-type]


# ── What is hidden ───────────────────────────────────────────────────────────────────────────────


def test_of_many_callbacks_no_query_stays() -> None:
    quoted = ["POST https://h7.example/x?tok... failed", "x secret8word x", "token%3Dsecret9word"]
    fields: dict[str, Any] = {"y": quoted, "z": {quoted[1]: 1}, "paramJson": PARAMS, "successFlag": 3}
    record = read(answer(x=urls(40), errorMessage=quoted[0], **fields))
    shown = everything(record)
    assert not [at for at in range(40) if f"secret{at}word" in shown]
    assert "tok..." not in shown
    assert SECRET not in shown
    assert record.task_id == record.raw["data"]["taskId"] == ID
    assert record.state is State.failed
    assert record.error_message == "***"
    assert record.result_video_url == PAGE["data"]["response"]["resultVideoUrl"]
    assert record.complete_time is not None


@pytest.mark.parametrize("params", [PARAMS, json.loads(PARAMS), json.dumps({"input": PARAMS})])
def test_of_a_long_answer_no_query_stays(params: Any) -> None:
    record = read(answer(paramJson=params, x="x" * 200_000, y=f"{CALLBACK} and", z=f"POST {CALLBACK[:48]}"))
    assert SECRET[:8] not in everything(record)
    assert record.result_video_url == PAGE["data"]["response"]["resultVideoUrl"]
    assert record.raw["data"]["x"] == "x" * 200_000


def test_up_to_32_callbacks_are_cut_each_at_its_mark() -> None:
    record = read(answer(x=urls(32), errorMessage=f"POST https://h7.example/x?token=secret7word&n=2 {KEPT}"))
    assert record.error_message == f"POST https://h7.example/x {KEPT}"
    assert record.raw["data"]["x"] == [text.partition("?")[0] for text in urls(32)]


def test_a_query_in_json_that_lies_too_deep_is_cut() -> None:
    for told in (answer(x=nested(6, f"callBackUrl={CALLBACK}")), answer(x=deep(3))):
        assert SECRET not in everything(read(told))
