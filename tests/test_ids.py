"""What a person gives → ids: words, files, and the values of a notebook."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb.asked import Asked
from aleph_nb.errors import AlephError, ConfigurationError
from aleph_nb.frame import to_frame
from aleph_nb.ids import read_file, read_ids, read_text, read_words
from aleph_nb.record import Record, State

A = "ee603959-debb-48d1-98c4-a6d1c717eba6"
B = "0123456789abcdef0123456789abcdef"
ONE = Record(task_id="a1", state=State.succeeded)


def words(text: str) -> list[str]:
    asked = Asked()
    read_words(text, asked)
    return asked.ids


# ── Words ────────────────────────────────────────────────────────────────────────────────────────


BETWEEN = [" ", "  ", ",", ", ", ";", "; ", "\n", "\r\n", "\r", "\t", "\xa0", " ,;\n", "\u3000"]


@pytest.mark.parametrize("between", BETWEEN)
def test_ids_are_separated_by_white_space_commas_semicolons_or_lines(between: str) -> None:
    assert words(f"{A}{between}{B}") == [A, B]
    assert words(f"{between}{A}{between}{B}{between}") == [A, B]
    assert read_ids(f"{A}{between}{B}").ids == [A, B]


@pytest.mark.parametrize(
    "text",
    [
        f'"{A}" "{B}"',
        f"'{A}', '{B}'",
        f"['{A}', '{B}']",
        f'["{A}", "{B}"]',
        f"('{A}', '{B}',)",
        f"\u201c{A}\u201d, \u2018{B}\u2019",
        f"`{A}` `{B}`",
        f"- {A}\n- {B}",
        f"* {A}\n* {B}\n",
        f"{A} -> {B}",
        f"\u200b{A}\u200b {B}\ufeff",
    ],
)
def test_what_ids_are_pasted_with_is_stripped(text: str) -> None:
    assert read_ids(text).ids == [A, B]
    assert read_ids(text).notes == []


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("a1 # b2, c3\nd4", ["a1", "d4"]),
        ("# a1\nb2", ["b2"]),
        ("a1,#b2\nc3", ["a1", "c3"]),
        ("a1;#b2", ["a1"]),
        ("a1#b2", ["a1#b2"]),
        ("#a1\r\nb2\r# c3\rd4", ["b2", "d4"]),
        ("  # it's all a comment, 'really", []),
        ("a1 #", ["a1"]),
    ],
)
def test_a_number_sign_at_the_start_of_a_token_begins_a_comment(text: str, ids: list[str]) -> None:
    assert words(text) == ids


# ── The values of a notebook ─────────────────────────────────────────────────────────────────────

VALUES: dict[str, Callable[[], Any]] = {
    "text": lambda: "a1, b2",
    "list": lambda: ["a1", "b2"],
    "tuple": lambda: ("a1", "b2"),
    "generator": lambda: (f"{name}" for name in ("a1", "b2")),
    "keys": {"a1": 1, "b2": 2}.keys,
    "lists in a list": lambda: [["a1"], ("b2",)],
    "texts of many": lambda: ["a1", "b2 a1"],
    "Series": lambda: pd.Series(["a1", "b2"]),
    "categorical": lambda: pd.Series(["a1", "b2"], dtype="category"),
    "strings": lambda: pd.Series(["a1", "b2"], dtype="string"),
    "Index": lambda: pd.Index(["a1", "b2"]),
    "array": lambda: np.array(["a1", "b2"]),
    "objects": lambda: np.array(["a1", "b2"], dtype=object),
    "DataFrame": lambda: pd.DataFrame({"task_id": ["a1", "b2"]}),
    "our own frame": lambda: to_frame([ONE, Record(task_id="b2", state=State.failed)]),
    "records": lambda: [ONE, {"taskId": "b2"}],
    "answers": lambda: [{"code": 200, "data": {"taskId": "a1"}}, {"data": {"taskId": "b2"}}],
    "answer and list": lambda: {"tasks": [{"taskId": "a1"}, {"taskId": "b2"}]},
    "CSV": lambda: "task_id,shot\na1,x\nb2,y",
    "JSON": lambda: '["a1", "b2"]',
}


@pytest.mark.parametrize("name", VALUES)
def test_every_value_that_can_hold_ids(name: str) -> None:
    assert read_ids(VALUES[name]()).ids == ["a1", "b2"]


def test_one_record_and_numbers() -> None:
    assert read_ids(ONE).ids == ["a1"]
    assert read_ids([1, 2.0, np.int64(3)]).ids == ["1", "2", "3"]
    assert read_ids(4).ids == ["4"]
    assert read_ids(np.float64(1.2e31)).ids == ["1.2e+31"]


def test_many_values_keep_their_order() -> None:
    asked = read_ids("c3", ["a1", "b2"], ONE, pd.DataFrame({"taskId": ["d4"], "shot": ["12a"]}))
    assert asked.ids == ["c3", "a1", "b2", "d4"]
    assert asked.labels["d4"] == {"shot": "12a"}
    assert asked.notes == ["Given more than once, asked for once: a1."]


def test_missing_values_are_blanks() -> None:
    asked = read_ids(pd.Series(["a1", np.nan, None, "", "b2", pd.NA], dtype=object))
    assert asked.ids == ["a1", "b2"]
    assert asked.notes == ["4 rows have no id."]
    assert read_ids(pd.Series([np.nan, 1.2e31])).ids == ["1.2e+31"]


def test_nothing_is_nothing() -> None:
    nothing: list[Any] = [[], (), pd.Series([], dtype=object), "# all a comment"]
    for value in nothing:
        assert (read_ids(value).ids, read_ids(value).notes) == ([], [])
    assert read_ids().ids == []
    assert read_ids("").notes == ["1 row has no id."]


@pytest.mark.parametrize(
    "value", [None, True, b"a1", bytearray(b"a1"), {}, {"code": 401}, [b"a1"], [True], [{"x": 1}]]
)
def test_a_value_that_holds_no_ids_is_refused_by_its_type(value: Any) -> None:
    culprit = value[0] if isinstance(value, list) else value
    with pytest.raises(ConfigurationError, match=f"a value of the type {type(culprit).__name__}"):
        read_ids(value)


def test_a_dataframe_without_ids_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no task_id column"):
        read_ids(pd.DataFrame({"id": ["a1"]}))


# ── Files ────────────────────────────────────────────────────────────────────────────────────────

TABLE = "shot,Task ID\nnœud é,a1\n12b,b2\n"
LABELS = {"a1": {"shot": "nœud é"}, "b2": {"shot": "12b"}}


def write(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["shots.csv", "shots.tsv", "shots.txt", "shots", "SHOTS.CSV"])
def test_a_table_in_unicode_whatever_its_name(name: str, encoding: str, tmp_path: Path) -> None:
    asked = read_file(write(tmp_path, name, TABLE, encoding))
    assert asked.labels == LABELS
    assert asked.notes == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_as_spreadsheets_write_it(delimiter: str, end: str, tmp_path: Path) -> None:
    text = TABLE.replace(",", delimiter).replace("\n", end)
    assert read_file(write(tmp_path, "s.csv", text, "utf-8-sig")).labels == LABELS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("before", ["", "\n", " \n\t\n", "\r\n"])
def test_a_table_with_the_index_of_its_frame(delimiter: str, before: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"task_id": ["a1", "b2"], "shot": ["12a", "12b"]})
    text = before + frame.to_csv(sep=delimiter)
    labels = {"a1": {"shot": "12a"}, "b2": {"shot": "12b"}}
    assert read_file(write(tmp_path, "s.tsv", text)).labels == labels
    assert read_file(write(tmp_path, "s.tsv", text, "utf-8-sig")).labels == labels
    assert read_ids(text).labels == labels
    other = write(tmp_path, "t.tsv", before + frame.rename(columns={"task_id": "id"}).to_csv(sep=delimiter))
    with pytest.raises(ConfigurationError, match=r"Its columns are: , id, shot\."):
        read_file(other)


def test_windows_letters_are_read_and_told(tmp_path: Path) -> None:
    asked = read_file(write(tmp_path, "s.csv", TABLE, "cp1252"))
    assert asked.labels == LABELS
    (note,) = asked.notes
    assert "s.csv is not UTF-8" in note
    assert "Windows-1252" in note


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ids.txt", "a1\n# later\nb2\n"),
        ("ids.csv", "a1\nb2\n"),
        ("ids.md", "- a1\n- b2\n"),
        ("ids.json", '["a1", "b2"]'),
        ("ids.json", json.dumps([{"code": 200, "data": {"taskId": "a1"}}, {"taskId": "b2"}], indent=1)),
        ("ids.jsonl", '{"taskId": "a1"}\n{"taskId": "b2"}\n'),
        ("ids.txt", '{"tasks": [{"taskId": "a1"}, {"taskId": "b2"}]}'),
        ("ids.txt", "['a1', 'b2']"),
        ("ids.csv", "# from the tracker\ntask_id,shot\na1,\nb2,\n"),
        ("ids", "a1;b2"),
    ],
)
def test_text_and_json(name: str, content: str, tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read_file(write(tmp_path, name, content, encoding)).ids == ["a1", "b2"]


def test_a_file_adds_to_what_was_asked(tmp_path: Path) -> None:
    asked = read_ids("b2")
    assert read_file(write(tmp_path, "s.csv", TABLE), asked) is asked
    assert asked.ids == ["b2", "a1"]
    assert asked.notes == ["Given more than once, asked for once: b2."]


def test_an_empty_file_has_no_ids(tmp_path: Path) -> None:
    for name in ("a.txt", "a.csv"):
        assert read_file(write(tmp_path, name, b"")).ids == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_with_other_columns_is_an_error_that_names_them(delimiter: str, tmp_path: Path) -> None:
    file = write(tmp_path, "s.csv", delimiter.join(["id", "shot"]) + f"\na1{delimiter}12a\n")
    with pytest.raises(ConfigurationError, match="Its columns are: id, shot"):
        read_file(file)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("shots.xlsx", b"anything"),
        ("SHOTS.XLSX", b"task_id\na1"),
        ("shots.xls", b""),
        ("shots.ods", b""),
        ("shots.csv", b"PK\x03\x04" + bytes(40)),
        ("shots", b"\xd0\xcf\x11\xe0\xa1\xb1"),
    ],
)
def test_a_spreadsheet_is_told_to_be_saved_as_csv(name: str, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=rf"{name} is a spreadsheet. Save it as CSV"):
        read_file(write(tmp_path, name, content))


@pytest.mark.parametrize("content", [b"a\0b", bytes(100), "a1".encode("utf-16-le"), b"\x89PNG\r\n\x1a\n\0\0"])
def test_a_file_that_is_no_text_is_told(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is not a text file"):
        read_file(write(tmp_path, "ids.txt", content))


@pytest.mark.parametrize("content", ["[]", "[1, 2]", "null", "a1"])
def test_a_json_file_without_ids_is_told(content: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"ids\.json holds no JSON with a taskId"):
        read_file(write(tmp_path, "ids.json", content))


@pytest.mark.parametrize("name", ["ids.txt", "ids.json"])
def test_what_looks_like_json_is_told_with_its_file(name: str, tmp_path: Path) -> None:
    file = write(tmp_path, name, '{"code": 401}')
    with pytest.raises(ConfigurationError, match=r"looks like JSON in the file .* holds no taskId") as caught:
        read_file(file)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nowhere.csv", "no such file"),
        (".", "is a directory"),
        ("", "is a directory"),
        ("~nobody-of-that-name/x.csv", "home"),
        ("a\0b.csv", "null"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_the_working_folder(name: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"cannot be read: .*{why}.*working folder is") as caught:
        read_file(name)
    assert str(Path.cwd()) in str(caught.value)
    assert caught.value.__context__ is None


def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path, "ids.txt", "a1")
    assert read_file("~/ids.txt").ids == ["a1"]


@settings(deadline=None, max_examples=150)
@given(st.text(st.characters()) | st.text("a1,;\t\n\r\"'#[]{} "))
def test_any_text_gives_clean_ids_or_is_refused(text: str) -> None:
    asked = Asked()
    try:
        read_text(text, asked)
        read_ids([text, text])
    except AlephError as error:
        assert error.__context__ is None  # noqa: PT017, either is right
    for task_id in asked.ids:
        assert task_id == task_id.strip() != ""
        assert task_id.encode()


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text("0123456789abcdef-", min_size=8, max_size=36).filter(str.isalnum), unique=True))
def test_plain_ids_come_out_as_they_went_in(ids: list[str]) -> None:
    for given_as in (
        " ".join(ids),
        ", ".join(ids),
        "\n".join(ids),
        ids,
        pd.Series(ids, dtype=object),
        repr(ids),
    ):
        assert read_ids(given_as).ids == ids
