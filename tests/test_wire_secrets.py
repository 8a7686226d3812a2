"""What an answer must not bring: the query of a callback URL, and the key."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb.credentials import ApiKey
from aleph_nb.record import State
from tests.answers import (
    CALLBACK,
    KEPT,
    KEY,
    ODD_KEY,
    PAGE,
    PARAMS,
    SECRET,
    answer,
    everything,
    gson,
    read,
    refusal,
)

QUICK = settings(deadline=None, max_examples=120)


# ── The callback's query ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "fields",
    [
        {"paramJson": PARAMS},
        {"paramJson": json.loads(PARAMS)},
        {"paramJson": PARAMS.replace("/", "\\/")},
        {"paramJson": gson(PARAMS)},
        {"paramJson": gson(PARAMS).replace("/", "\\/")},
        {"paramJson": PARAMS.replace("callBackUrl", "\\u0063allBack\\u0055rl")},
        {"paramJson": PARAMS.replace("callBackUrl", "callback_url")},
        {"paramJson": PARAMS.replace("callBackUrl", "Call-Back URL")},
        {"paramJson": json.dumps(PARAMS)},
        {"paramJson": json.dumps(gson(PARAMS).replace("/", "\\/"))},
        {"paramJson": json.dumps({"input": PARAMS})},
        {"paramJson": json.dumps({"input": PARAMS.replace("/", "\\/")})},
        {"paramJson": json.dumps({"input": json.loads(PARAMS)})},
        {"paramJson": json.dumps({"callBackUrl": [CALLBACK]})},
        {"paramJson": json.dumps({"callBackUrl": {"url": CALLBACK}})},
        {"paramJson": json.dumps({"callBackUrl": f" {CALLBACK}\n"})},
        {"paramJson": PARAMS[:-1]},
        {"paramJson": PARAMS.replace("/", "\\/")[:-1]},
        {"paramJson": gson(PARAMS)[:-1]},
        {"paramJson": str(json.loads(PARAMS))},
        {"paramJson": f"prompt=p&callBackUrl={CALLBACK}"},
        {"paramJson": f"callBackUrl: {CALLBACK}"},
        {"callBackUrl": CALLBACK},
        {"response": PAGE["data"]["response"] | {"callBackUrl": CALLBACK}},
        {"errorMessage": f"callBackUrl {CALLBACK} answered 500"},
        {"errorMessage": f"callback to {CALLBACK}, refused"},
        {"errorMessage": f"call_back_url={CALLBACK}"},
        {"extra": {"deep": [{"callBackUrl": CALLBACK}]}},
        {"extra": {f"callBackUrl={CALLBACK}": 1}},
    ],
)
def test_a_callbacks_query_is_cut_wherever_the_callback_stands(fields: dict[str, Any]) -> None:
    record = read(answer(**fields))
    shown = everything(record)
    assert SECRET not in shown
    assert "'red'" not in shown
    assert "hooks.example" in shown
    assert record.state is State.succeeded


@pytest.mark.parametrize(
    "quoted",
    [
        f"POST {CALLBACK} answered 500",
        f"POST {CALLBACK}&attempt=2 answered 500",
        f"POST {CALLBACK[:-9]}...",
        f"POST {CALLBACK[:48]}",
        f"POST /aleph/done?token={SECRET}&team='red'",
        json.dumps(f"POST {CALLBACK}"),
        json.dumps({"error": CALLBACK}),
        json.dumps({"error": CALLBACK}).replace("/", "\\/"),
        gson(json.dumps({"error": CALLBACK})),
        f'<a href="{CALLBACK.replace("&", "&amp;")}">x</a>',
        CALLBACK.replace("&", "&amp;").replace("'", "&#x27;").replace("=", "&#61;"),
        "https%3A%2F%2Fhooks.example%2Faleph%2Fdone%3Ftoken%3D" + SECRET + "%26team%3D%27red%27",
        "https%3a%2f%2fhooks.example%2faleph%2fdone%3ftoken%3d" + SECRET + "%26team%3d%27red%27",
        "https%253A%252F%252Fhooks.example%252Faleph%252Fdone%253Ftoken%253D" + SECRET,
        CALLBACK.replace("'", "%27"),
    ],
)
@pytest.mark.parametrize("place", ["errorMessage", "msg", "raw", "key", "prompt", "reason"])
def test_a_callbacks_query_is_cut_however_it_is_quoted(quoted: str, place: str) -> None:
    told = answer(paramJson=PARAMS)
    match place:
        case "msg":
            told["msg"] = quoted
        case "raw":
            told["data"]["extra"] = ["x", {"y": quoted}]
        case "key":
            told["data"]["extra"] = {quoted: 1}
        case "prompt":
            told["data"]["paramJson"] = json.dumps(json.loads(PARAMS) | {"prompt": quoted})
        case _:
            told["data"] |= {"errorMessage": quoted, "successFlag": 3 if place == "reason" else 1}
    assert SECRET[:8] not in everything(read(told))


def test_a_callbacks_query_reaches_no_error() -> None:
    told = {"code": 500, "msg": f"callback to {CALLBACK} failed", "data": {"paramJson": PARAMS}}
    error = refusal(told)
    assert SECRET not in str(error) + repr(error) + error.reason
    other = refusal(answer(paramJson=PARAMS, taskId=CALLBACK))
    assert SECRET not in str(other) + repr(other)


def test_what_is_kept_of_a_callback() -> None:
    record = read(answer(paramJson=PARAMS, errorMessage=f"POST {CALLBACK} answered 500"))
    assert record.params["callBackUrl"] == KEPT
    assert record.error_message == f"POST {KEPT} answered 500"
    assert record.prompt == "p"


@pytest.mark.parametrize("query", ["v=1", "prod", "id=12", ""])
def test_a_short_query_spoils_no_other_url(query: str) -> None:
    source = "https://hooks.example/aleph/done?id=123&v=1"
    told = {"prompt": "prod v=1 id=12", "videoUrl": source, "callBackUrl": f"{KEPT}?{query}"}
    result = {"resultVideoUrl": "https://file.com/prod/x.mp4?v=1&id=12"}
    record = read(answer(paramJson=json.dumps(told), response=result))
    assert record.params["callBackUrl"] == KEPT
    assert record.result_video_url == result["resultVideoUrl"]
    assert record.prompt == "prod v=1 id=12"
    assert record.source_video_url == source


def test_a_query_that_looks_like_html_is_cut() -> None:
    url = f"{KEPT}?a=1&copy={SECRET}&lt=3"
    assert SECRET not in everything(read(answer(paramJson={"callBackUrl": url}, errorMessage=f"x {url}")))


def test_a_callback_without_a_query_changes_nothing() -> None:
    told = answer(paramJson=json.dumps({"prompt": "call back?", "callBackUrl": KEPT}))
    assert read(told).raw == told


@QUICK
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=8, max_size=30),
    st.sampled_from(["plain", "escaped", "object", "broken", "error", "percent"]),
)
def test_no_query_of_a_callback_survives(query: str, how: str) -> None:
    url = f"{KEPT}?{query}"
    params = {"callBackUrl": url, "prompt": "p"}
    fields: dict[str, Any] = {"paramJson": json.dumps(params)}
    match how:
        case "escaped":
            fields["paramJson"] = gson(json.dumps(params)).replace("/", "\\/")
        case "object":
            fields["paramJson"] = params
        case "broken":
            fields["errorMessage"] = json.dumps(url)[:-1].replace("/", "\\/")
        case "error":
            fields["errorMessage"] = f"{url} and {query}"
        case "percent":
            fields["errorMessage"] = quote(url, safe="")
    record = read(answer(**fields))
    assert record.params["callBackUrl"] == KEPT
    texts = json.dumps(record.raw, ensure_ascii=False) + repr(record)
    for spelling in (url, quote(url, safe=""), json.dumps(url)[1:-1]):
        assert spelling not in texts
    assert query not in (record.error_message or "")


# ── The key ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", [KEY, ODD_KEY], ids=["plain", "odd"])
@pytest.mark.parametrize(
    "place", ["msg", "errorMessage", "prompt", "raw", "key", "broken", "gson", "controls"]
)
def test_an_echoed_key_reaches_nothing(key: ApiKey, place: str) -> None:
    secret, told = key.reveal(), answer(successFlag=3)
    match place:
        case "msg":
            told["msg"] = f"Bearer {secret}"
        case "prompt":
            told["data"]["paramJson"] = json.dumps({"prompt": f"x{secret}x", "n": [secret]})
        case "raw":
            told["data"]["extra"] = {"headers": [secret]}
        case "key":
            told["data"]["extra"] = {secret: 1}
        case "broken":
            told["data"]["paramJson"] = json.dumps({"prompt": secret}).replace("/", "\\/")[:-1]
        case "gson":
            told["data"]["paramJson"] = gson(json.dumps({"prompt": secret})).replace("/", "\\/")
        case "controls":
            told["data"] |= {
                "errorMessage": "\x00".join(secret),
                "paramJson": {"prompt": "\x01".join(secret)},
            }
            record = read(told, redact=key.redact)
            assert secret not in f"{record.error_message} {record.prompt} {record.params} {record.reason}"
            return
        case _:
            told["data"][place] = f"the key {secret} is bad"
    shown = everything(read(told, redact=key.redact))
    assert secret not in shown
    assert secret.replace("/", "\\/") not in shown
    assert gson(secret) not in shown


def test_a_part_of_the_key_is_taken_out_of_a_record_from_12_characters_on() -> None:
    secret = KEY.reveal()
    for length, gone in ((11, False), (12, True), (20, True)):
        part = secret[5 : 5 + length]
        told = answer(paramJson=json.dumps({"prompt": f"the key {part} is bad"}), extra=[{"x": part}])
        record = read(told, redact=KEY.redact)
        assert (part not in str(record.prompt)) is gone
        assert (part not in str(record.raw)) is gone


@pytest.mark.parametrize("message", ["key {}!", ["x", "key {}!"], {"why": {"deep": "key {}!"}}])
@pytest.mark.parametrize("name", ["msg", "errorMessage", "not found", "response"])
def test_a_part_of_the_key_is_taken_out_of_a_message_from_5_characters_on(name: str, message: Any) -> None:
    secret = KEY.reveal()
    for length, gone in ((4, False), (5, True), (11, True), (20, True)):
        part = secret[7 : 7 + length]
        text = json.loads(json.dumps(message).replace("{}", part))
        match name:
            case "msg":
                told: dict[str, Any] = answer() | {"msg": text}
            case "not found":
                told = {"code": 404, "msg": text}
            case "response":
                told = answer(response={"msg": text, "x": [{"errorMessage": text}]})
            case _:
                told = answer(successFlag=3, errorMessage=text)
        assert (part not in everything(read(told, redact=KEY.redact))) is gone


def test_a_part_of_the_key_that_control_characters_divide_is_taken_out_of_a_message() -> None:
    part = KEY.reveal()[7:14]
    record = read(answer(successFlag=3, errorMessage="\x00".join(part)), redact=KEY.redact)
    assert part not in f"{record.error_message} {record.reason}"


def test_a_part_of_the_key_is_taken_out_of_an_errors_message_from_5_characters_on() -> None:
    secret = KEY.reveal()
    for length, gone in ((4, False), (5, True), (9, True)):
        error = refusal({"code": 500, "msg": f"key {secret[7 : 7 + length]}!"}, redact=KEY.redact)
        assert (secret[7 : 7 + length] not in str(error)) is gone


def test_html_that_echoes_the_key_is_not_quoted() -> None:
    body = f"<p>{KEY.reveal()}</p>".encode()
    for status in (200, 302, 401, 404, 500):
        assert KEY.reveal() not in str(refusal(body, status=status))
