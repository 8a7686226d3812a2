"""CSV, a DataFrame and JSON with ids in them, and the reviewer's labels beside them."""

import decimal
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb.asked import Asked
from aleph_nb.errors import AlephError, ConfigurationError
from aleph_nb.tables import as_cell, read_csv, read_frame, read_json, read_structured, strip_id

QUICK = settings(deadline=None, max_examples=150)
LABELLED = {"a1": {"shot": "12a", "note": "wide"}, "b2": {"shot": "12b", "note": "close"}}


def structured(text: str) -> Asked:
    asked = Asked()
    assert read_structured(text, asked)
    return asked


# ── An id and a cell ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "pasted",
    [
        "a1",
        ' "a1" ',
        "'a1'",
        "`a1`",
        "\u201ca1\u201d",
        "\u2018a1\u2019",
        "\u201ea1\u201c",
        "\u00aba1\u00bb",
        "['a1'",
        "[a1]",
        "(a1)",
        "\u200ba1\ufeff",
        "a\x001",
    ],
)
def test_an_id_is_stripped_of_what_it_was_pasted_with(pasted: str) -> None:
    assert strip_id(pasted) == "a1"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (float("nan"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (decimal.Decimal("NaN"), None),
        ("", None),
        ("  ", None),
        (" x ", "x"),
        (3, "3"),
        (3.0, "3"),
        (np.float64(3.0), "3"),
        (np.int64(7), "7"),
        (3.5, "3.5"),
        (1.2e31, "1.2e+31"),
        (True, "True"),
        (pd.Timestamp("2026-01-02"), "2026-01-02 00:00:00"),
    ],
)
def test_a_cell_as_text(value: Any, text: str | None) -> None:
    assert as_cell(value) == text


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", ["", "\ufeff", "\n\n", "# from Excel, on Monday\n", "sep={}\n"])
def test_a_table_whatever_parts_its_columns_and_lines(delimiter: str, end: str, before: str) -> None:
    rows = [["shot", "task_id", "note"], ["12a", "a1", "wide"], ["12b", "b2", "close"]]
    text = before.format(delimiter) + "\n".join(delimiter.join(row) for row in rows) + "\n"
    assert structured(text.replace("\n", end)).labels == LABELLED


@pytest.mark.parametrize(
    "name", ["task_id", "taskId", "Task ID", "TASK-ID", "taskid", " task id ", '"Task Id"', "TASK_ID"]
)
@pytest.mark.parametrize("others", ["shot,{}\n12a,a1\n", "{}\na1\n", "{},shot\na1,12a\n"])
def test_the_column_is_found_by_its_name(name: str, others: str) -> None:
    asked = structured(others.format(name))
    assert asked.ids == ["a1"]
    assert asked.labels["a1"] in ({"shot": "12a"}, {})
    assert bool(asked.labels["a1"]) == ("shot" in others)


def test_quotes_hold_delimiters_line_breaks_and_quotes() -> None:
    text = 'task_id,"the, note",shot\r\n"a1","one\r\ntwo, ""three""",12a\r\nb2,,\r\n'
    asked = structured(text)
    assert asked.labels == {"a1": {"the, note": 'one\ntwo, "three"', "shot": "12a"}, "b2": {}}
    assert asked.notes == []


def test_a_delimiter_in_another_columns_name_does_not_mislead() -> None:
    assert structured("a;b;c,task_id\n1;2;3,a1\n").labels == {"a1": {"a;b;c": "1;2;3"}}


def test_rows_that_are_too_short_too_long_or_empty() -> None:
    asked = structured("shot,task_id,note\n12a\n,\n\n12b,b2\n12c,c3,x,y,z\n  , ,\n")
    assert asked.labels == {"b2": {"shot": "12b"}, "c3": {"shot": "12c", "note": "x"}}
    assert asked.notes == ["3 rows have no id."]


def test_a_column_without_a_name_is_no_label() -> None:
    assert structured(",task_id, \n0,a1,x\n").labels == {"a1": {}}


def test_comments_stand_in_a_table_too() -> None:
    text = "task_id,shot\n# the old ones,\n#a0,9\na1,#12\nb2,12b\n"
    asked = structured(text)
    assert asked.labels == {"a1": {"shot": "#12"}, "b2": {"shot": "12b"}}
    assert structured("shot,task_id\n#12,a1\n# no id here\n").labels == {"a1": {"shot": "#12"}}
    assert asked.notes == []


def test_ids_in_a_table_are_stripped_and_odd_ones_are_told() -> None:
    asked = structured("task_id\n'a1'\n\u201ca1\u201d\n1.2E+31\n\"\"\n")
    assert asked.ids == ["a1", "1.2E+31"]
    assert len(asked.notes) == 3


def test_control_characters_reach_no_label() -> None:
    assert structured("task_id,shot\na1,1\x1b[31m2\n").labels == {"a1": {"shot": "1[31m2"}}


def test_a_header_alone_is_a_table_without_ids() -> None:
    assert structured("task_id,shot\n").ids == []


def test_the_wrong_columns_are_named() -> None:
    with pytest.raises(ConfigurationError, match=r"called task_id. Its columns are: id, shot, note\. Rename"):
        read_csv("id,shot,note\na1,12a,x\n", Asked())


def test_what_csv_cannot_hold_is_told() -> None:
    with pytest.raises(ConfigurationError, match="cannot be read") as caught:
        read_csv("task_id\n" + "x" * 200_000, Asked())
    assert caught.value.__context__ is None


@pytest.mark.parametrize("text", ["a1 b2", "a1\nb2", "a1,b2", "", "the task_id is a1", "id,shot\na1,12a"])
def test_words_are_no_table(text: str) -> None:
    asked = Asked()
    assert not read_structured(text, asked)
    assert (asked.ids, asked.notes) == ([], [])


# ── A DataFrame ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["task_id", "taskId", "Task ID", "TASK-ID"])
def test_a_dataframe_and_its_labels(name: str) -> None:
    frame = pd.DataFrame(
        {"shot": ["12a", "12b"], name: ["a1", "b2"], "note": ["wide", "close"]}, index=[7, 3]
    )
    asked = Asked()
    read_frame(frame, asked)
    assert asked.labels == LABELLED


def test_labels_of_a_dataframe_are_typed_sensibly() -> None:
    frame = pd.DataFrame(
        {
            "task_id": ["a1", "b2", None],
            "version": [3.0, np.nan, 1.0],
            "take": pd.array([1, None, 2], dtype="Int64"),
            "score": [0.5, 1.0, 2.0],
            "day": [pd.Timestamp("2026-01-02"), pd.NaT, pd.NaT],
            "client": pd.Categorical(["x", "", "y"]),
            9: ["nine", None, None],
        }
    )
    asked = Asked()
    read_frame(frame, asked)
    assert asked.labels == {
        "a1": {
            "version": "3",
            "take": "1",
            "score": "0.5",
            "day": "2026-01-02 00:00:00",
            "client": "x",
            "9": "nine",
        },
        "b2": {"score": "1"},
    }
    assert asked.notes == ["1 row has no id."]


def test_ids_that_became_numbers_are_told() -> None:
    asked = Asked()
    read_frame(pd.DataFrame({"task_id": [1.2e31, 12345.0]}), asked)
    assert asked.ids == ["1.2e+31", "12345"]
    (note,) = asked.notes
    assert "1.2e+31 looks like" in note


def test_a_dataframe_without_the_column_names_those_it_has() -> None:
    with pytest.raises(ConfigurationError, match=r"no task_id column. Its columns are: id, 0\."):
        read_frame(pd.DataFrame({"id": ["a"], 0: [1]}), Asked())


def test_an_empty_dataframe_has_no_ids() -> None:
    asked = Asked()
    read_frame(pd.DataFrame({"task_id": []}), asked)
    assert asked.ids == []


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────

ANSWER = {"code": 200, "msg": "success", "data": {"taskId": "a1", "response": {"taskId": "deeper"}, "n": [1]}}
SHAPES: list[tuple[Any, list[str]]] = [
    (ANSWER, ["a1"]),
    ({"code": 200, "data": {"taskId": "a1"}}, ["a1"]),
    ({"taskId": "a1"}, ["a1"]),
    ([ANSWER, {"data": {"task_id": "b2"}}], ["a1", "b2"]),
    ([{"taskId": "a1", "shot": "x"}, {"Task ID": " 'b2' "}], ["a1", "b2"]),
    ({"tasks": [{"taskId": "a1"}, {"taskId": "b2"}], "page": 1}, ["a1", "b2"]),
    ({"x": ANSWER, "y": {"z": [[{"taskId": "b2"}]]}}, ["a1", "b2"]),
    (["a1", "b2"], ["a1", "b2"]),
    (["a1", {"taskId": "b2"}, "c3"], ["a1", "b2", "c3"]),
    ([{"taskId": 12345}, {"taskId": 1.2e31}], ["12345", "1.2e+31"]),
    ([{"taskId": None}, {"taskId": "b2"}], ["b2"]),
]


@pytest.mark.parametrize(("tree", "ids"), SHAPES)
def test_every_shape_of_json(tree: Any, ids: list[str]) -> None:
    asked = Asked()
    assert read_json(tree, asked)
    assert asked.ids == ids
    for text in (json.dumps(tree), json.dumps(tree, indent=2), f"\ufeff {tree!r}\n"):
        assert structured(text).ids == ids


def test_a_json_value_a_line() -> None:
    one, two = json.dumps(ANSWER), json.dumps({"taskId": "b2", "prompt": "x\u2028y"}, ensure_ascii=False)
    assert structured(f"{one}\n\n{two}\r\n").ids == ["a1", "b2"]


def test_values_printed_by_python() -> None:
    assert structured("['a1', 'b2',]").ids == ["a1", "b2"]
    assert structured("{'code': 200, 'data': {'taskId': 'a1', 'x': None}}").ids == ["a1"]
    assert structured("{'a1'}").ids == ["a1"]


def test_duplicates_and_blanks_in_json_are_told() -> None:
    asked = structured('["a1", "a1", "", {"taskId": ""}]')
    assert asked.ids == ["a1"]
    assert asked.notes == ["Given more than once, asked for once: a1.", "2 rows have no id."]


@pytest.mark.parametrize("tree", [{}, [], {"code": 401}, [1, 2], None, 5, {"taskId": None}, {"ids": ["x"]}])
def test_json_without_an_id(tree: Any) -> None:
    asked = Asked()
    assert not read_json(tree, asked)
    assert (asked.ids, asked.notes) == ([], [])


@pytest.mark.parametrize(
    "text",
    ['{"code": 401}', '[{"id": 1}]', '{"taskId": "a1"', '{"taskId": NaN}', "{" * 5000, '{"taskId": "a1"}\n{'],
)
def test_what_looks_like_json_and_cannot_be_read_is_told(text: str) -> None:
    asked = Asked()
    with pytest.raises(ConfigurationError, match="What looks like JSON holds no taskId") as caught:
        read_structured(text, asked)
    assert caught.value.__context__ is None
    assert asked.ids == []


@QUICK
@given(st.text(st.characters()) | st.text("task_id,;\t\n\"\r{}[]#'a1"))
def test_any_text_is_read_or_refused(text: str) -> None:
    asked = Asked()
    for whole in (text, f"task_id{text}", f"shot,task_id\n{text}", f"[{text}"):
        try:
            read_structured(whole, asked)
        except AlephError as error:
            assert error.__context__ is None  # noqa: PT017, either is right
    for task_id in asked.ids:
        assert task_id == strip_id(task_id) != ""
        assert task_id.encode()


def test_the_ids_of_a_frame_may_be_its_index() -> None:
    asked = Asked()
    frame = pd.DataFrame({"shot": ["1", "2"]}, index=pd.Index(["a", "b"], name="task_id"))
    read_frame(frame, asked)
    assert asked.labels == {"a": {"shot": "1"}, "b": {"shot": "2"}}


def test_a_table_without_a_header_is_told_as_one() -> None:
    with pytest.raises(ConfigurationError, match="no header"):
        read_csv(
            "ee603959-debb-48d1-98c4-a6d1c717eba6,12a\nac87dec7-958a-4d58-8299-683145aa2329,12b\n", Asked()
        )


@pytest.mark.parametrize(
    ("text", "task_id"), [("ids[0]", "ids[0]"), ("['a'", "a"), ("'b')]", "b"), ("((c", "c")]
)
def test_brackets_that_belong_to_an_id_stay(text: str, task_id: str) -> None:
    assert strip_id(text) == task_id
