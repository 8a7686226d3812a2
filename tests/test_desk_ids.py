"""Ids read in the browser: the same texts and files as Python reads, with the same outcome."""

# ruff: noqa: E501, the lists are read as lists
import base64
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from aleph_nb.asked import Asked
from aleph_nb.errors import ConfigurationError
from aleph_nb.ids import read_file, read_text
from tests.javascript import run_node

A = "ee603959-debb-48d1-98c4-a6d1c717eba6"
B = "0123456789abcdef0123456789abcdef"

TEXTS: list[str] = [
    "", " \n", "\ufeff", A, f"{A} {B}", f"{A},{B};{A}\n{B}", f"'{A}', \"{B}\"", f"['{A}', '{B}']", f"({A})",
    f"- {A}\n- {B}", f"* {A} -> {B}", f"\u200b{A}\u200b\xa0{B}\ufeff", "a1 # b2\nc3", "# a\nb2", "a1#b2", "#a\r\nb\r#c\rd",
    "a1,#b2\nc3", "1.2E+31 a", "1,2E+31", "a1 a1 b2 a1", "a\x85b\x1cc\x1fd", "\u0661\u0662 x\u0301", "… — !", "(a[0])", "[a1]]",
    "task_id,shot\na1,x\nb2,y", "task_id;shot\na1;x,1\nb2;", "Task ID\tshot\na1\tx\n\tz\n", "shot|taskId\nx|a1\n|b2", "TASK-ID\na1\n\nb2\n",
    'task_id,shot\n"a1","say ""hi"", he said"\nb2,"two\nlines"\n', 'task_id,shot\na1,"open', 'task_id,shot\na1,x"y"z\nb2,"x"y\n',
    "task_id,shot\na1,x\na1,x\na1,y\n", "task_id,shot\n# a1,x\nb2,y\n,z\n", "shot,task_id\n#,\n#x,b2\ny\nz,c3,more\n", "sep=;\ntask_id;shot\na1;b",
    '"sep=,"\ntask_id,shot\na1,b', "# made by hand\n\n# twice\ntask_id,shot\na1,b", ",task_id,shot\n0,a1,x\n1,b2,y\n", "\ttask_id\tshot\n0\ta1\tx\n",
    " \n\ttask_id\tshot\n0\ta1\tx\n", "task_id\r\na1\r\nb2\r\n", "task_id\ra1\rb2", "task_id,taskId\na1,b2", "id,shot\na1,x", " task_id , shot \n a1 , x ",
    "task_id,a,a\n1,2,3", "task_id,shot\n\"'a1'\",x", "task_id,__proto__,constructor\na1,x,y\n__proto__,z,w", "task_id,\x07shot\na1,\u202ex\x00y\n",
    'task_id,shot\na1,-\n""\nb2,""\n', '"task_id","shot"\n"a1","x"', "task_id,2,1\na1,b,c",
    '{"taskId": "a1"}', '{"code": 200, "data": {"taskId": "a1", "paramJson": {"taskId": "b2"}}}', '["a1", "b2", "a1"]', '[{"taskId": "a1"}, {"task_id": "b2"}]',
    '{"tasks": [{"taskId": 1}, {"Task ID": 2.0}, {"taskid": 1.5}, {"taskId": 12345678901234567890}]}', "[1, 2]", '{"taskId": null}', '{"taskId": true}',
    '{"taskId": {"0": "a1"}}', '{"b": {"taskId": "x"}, "1": {"taskId": "y"}, "0": {"taskId": "z"}}', '{"taskId": "a1"}\n{"taskId": "b2"}\n', '{"taskId": ""}',
    "{'taskId': 'a1', 'x': None, 'y': (True, False)}", "{'a1', }", "[('a1',), ('b2', 'c3')]", "['a1' 'b2']", "[1.5e300, 'a']", "[{'taskId': 1e16}]",
    '{"taskId": 1e16}', '{"taskId": 1.2e31}', '{"taskId": 1e-7}', '{"taskId": 0.0001}', '{"taskId": -0.0}', '{"taskId": 1e400}', '{"taskId": 9007199254740993}', '{"taskId": 1e15}',
    '{"taskId": 123456789012345680.0}', '{"taskId": "a\\u0041\\n\\ud83d\\ude00\\ud83d"}', '{"x": 1}', "{x}", "[a1, b2]", "[]", "{}", "[[]]", '["", " "]', '{"taskId": "a1",}',
    "{'taskId': 'it\\'s \\x41\\u0042'}", '{"taskId": NaN}', '[{"taskId": "a1"}, null]', "null", '"a1"', '[["a1"], {"x": ["b2"]}]', '[{"x": [{"taskId": "a1"}, {"taskId": "b2"}]}]',
    f'{{"data": {"[" * 200}{{"taskId": "deep"}}{"]" * 200}}}', "[" * 5000, '{"a": {"taskId": []}, "taskId": "x"}', "[1] # x\n", "['a', # first\n 'b']",
    '[{"taskId": 0123}]', '{"taskId": 007}', "{'taskId': +5}", '{"taskId": "x"} trailing', '[ "a"\u00a0, "b"]',
]  # fmt: skip

FILES: list[tuple[str, str | bytes]] = [
    ("a.csv", TEXTS[25]), ("a.csv", "id,shot\na1,x"), ("a.csv", f"{A},x\n{B},y"), ("a.csv", "a1\nb2"), ("a.tsv", "id\tshot\n1\t2"), ("a.txt", "id,shot\na1,x"),
    ("a.json", "{}"), ("a.jsonl", "a1"), ("A.JSON", '["a1"]'), ("a.json", '{"x": {"taskId": "a1"}}'), ("a.json", "{oops"), ("a", ""), ("a.csv", ""), ("a.xlsx", "x"), ("b.NUMBERS", "x"),
    ("a.csv", b"PK\x03\x04x"), ("a", b"\xd0\xcf\x11\xe0"), ("a.csv", "task_id,n\xe9\na1,\xe9".encode("cp1252")), ("a.csv", b"task_id,shot\na1,\x81\x9d\x85"),
    ("a.csv", "task_id,shot\na1,\xe9".encode("utf-16")), ("a.csv", b"\xfe\xff" + "task_id\na1".encode("utf-16-be")), ("a.csv", b"\xff\xfea"), ("a.csv", b"\xef\xbb\xbftask_id\na1"),
    ("a.txt", b"a\0b"), ("a.csv", "task_id,x\na1," + "y" * 131_073), ("a.csv", "x,task_id\r\n1,a1\r2,b2\n"), ("a.csv", "\n\n task_id,x\na1,b"), ("a.csv", "one,two\r\nthree,four"),
]  # fmt: skip

PIECES = [
    "task_id", "Task ID", "taskId", "shot", "a1", "b2", "a1", "é", ",", ",", ";", "\t", "|", "\n", "\n", "\r\n", "\r", '"', '""', "'", "#", " ", " ", "\ufeff",
    "[", "]", "{", "}", "(", ")", ":", '{"taskId": ', '"a1"', "'b2'", "null", "None", "1", "1.50", "sep=;", "\\", "\u200b", "\x1c", "\u202e", "_", "-",
]  # fmt: skip


def told(read: Any, *given: Any) -> dict[str, Any]:
    try:
        asked = read(*given)
    except ConfigurationError as error:
        return {"error": str(error), "kind": "Error"}
    labels = {task_id: labels for task_id, labels in asked.labels.items() if labels}
    return {"ids": asked.ids, "labels": labels, "notes": asked.notes}


def as_python(name: str | None, content: bytes, folder: Path) -> dict[str, Any]:
    if name is None:
        asked = Asked()

        def read(text: str) -> Asked:
            read_text(text, asked)
            return asked

        return told(read, content.decode())
    file = folder / name
    file.write_bytes(content)
    outcome = told(read_file, file)
    if "error" in outcome:
        outcome["error"] = outcome["error"].replace(str(file), name)
    outcome["notes"] = [note.replace(str(file), name) for note in outcome.get("notes", [])]
    return outcome


def compare(cases: Sequence[tuple[str | None, bytes]], folder: Path) -> None:
    given = [[name, base64.b64encode(content).decode()] for name, content in cases]
    for (name, content), found in zip(
        cases, json.loads(run_node("read_ids.mjs", json.dumps(given))), strict=True
    ):
        expected = as_python(name, content, folder)
        assert {"notes": [], **found} == {"notes": [], **expected}, (name, content[:300])


def test_texts(tmp_path: Path) -> None:
    compare([(None, text.encode()) for text in TEXTS], tmp_path)


@pytest.mark.parametrize("name", ["ids.csv", "ids.txt", "ids.json"])
def test_the_same_texts_as_files(name: str, tmp_path: Path) -> None:
    compare([(name, text.encode()) for text in TEXTS], tmp_path)


def test_files(tmp_path: Path) -> None:
    compare([(name, text.encode() if isinstance(text, str) else text) for name, text in FILES], tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_anything_at_all(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311, no secret
    texts = ["".join(chance.choices(PIECES, k=chance.randrange(1, 25))) for _ in range(1000)]
    compare([(chance.choice([None, "ids.csv", "ids"]), text.encode()) for text in texts], tmp_path)
