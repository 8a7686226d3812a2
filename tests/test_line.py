"""A magic's line → tokens, with the user's `$name` and `{expression}` in their place."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb.errors import AlephError, ConfigurationError
from aleph_nb.line import Value, resolve, split
from tests.shell import Shell

NAMES: dict[str, Any] = {
    "ids": ["a1", "b2"],
    "one": "a1",
    "number": 3,
    "path": Path("my shots.csv"),
    "frame": pd.DataFrame({"task_id": ["a1"]}),
    "series": pd.Series(["a1"]),
    "table": {"key}": ["x"], "d": {"e": "f"}},
    "desk": SimpleNamespace(picks=SimpleNamespace(ids=["c3"])),
    "größe": "g",
}


def given_(text: str, local: dict[str, Any] | None = None) -> list[Any]:
    """Return what a line stands for: the values of the user's, and the other tokens."""
    tokens = resolve(split(text)[0], local or {}, NAMES)
    return [token.value if isinstance(token, Value) else token for token in tokens]


# ── Tokens ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \t ", []),
        ("a b", ["a", "b"]),
        ("a,b;c\nd\te\xa0f", ["a", "b", "c", "d", "e", "f"]),
        (" ,; a ;, ", ["a"]),
        ("\"a b\" 'c d'", ['"a b"', "'c d'"]),
        ("'a' 'b'", ["'a'", "'b'"]),
        ("don't 5' b", ["don't", "5'", "b"]),
        ("'tis a", ["'tis", "a"]),
        ("a # b c\nd", ["a", "d"]),
        ("a #b", ["a"]),
        ("#a", []),
        ("a#b", ["a#b"]),
        ("{f(1, 2)} b", ["{f(1, 2)}", "b"]),
        ("{[x for x in {1, 2}]},b", ["{[x for x in {1, 2}]}", "b"]),
        ('{table["key}"]} b', ['{table["key}"]}', "b"]),
        (r"{'it\'s} ' + one} b", [r"{'it\'s} ' + one}", "b"]),
        ("{'# ; ,'}", ["{'# ; ,'}"]),
        ("shot_{one}.csv b", ["shot_{one}.csv", "b"]),
        ("-f my.csv --media 2", ["-f", "my.csv", "--media", "2"]),
        ('-f "my shots.csv" a', ["-f", '"my shots.csv"', "a"]),
        ('--file="my shots.csv" a', ['--file="my shots.csv"', "a"]),
        ("--file={path} a", ["--file={path}", "a"]),
    ],
)
def test_a_line_is_split(text: str, tokens: list[str]) -> None:
    assert split(text)[0] == tokens


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("a;", True),
        ("a ; ", True),
        ("a;\n", True),
        (";", True),
        ("a; # quiet", True),
        ("{x};", True),
        ('"a";', True),
        ("-q;", True),
        ("a;;", True),
        ("a", False),
        ("", False),
        ("a;b", False),
        ("a # b;", False),
        ("a; b # c;", False),
        ('"a;"', False),
        ("'a;'", False),
        ("{';'}", False),
        ("a;,", False),
    ],
)
def test_a_semicolon_ends_a_line_but_not_in_quotes_braces_or_a_comment(text: str, ends: bool) -> None:
    assert split(text)[1] is ends


@pytest.mark.parametrize("text", ["{", "{a", "{[}", "{'}", '{"a}', "a {f(1, {2}", "x{y"])
def test_a_brace_that_is_not_closed_is_told(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"The bracket in \{.* is not closed") as caught:
        split(text)
    assert caught.value.__context__ is None


# ── Values ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("$ids", [NAMES["ids"]]),
        ("{ids}", [NAMES["ids"]]),
        ("$one $number", ["a1", 3]),
        ("$ids,$one;b", [NAMES["ids"], "a1", "b"]),
        ("$desk.picks.ids", [["c3"]]),
        ("$größe", ["g"]),
        ("{ids[0]} {ids[1:]}", ["a1", ["b2"]]),
        ("{[name for name in ids if name != one]}", [["b2"]]),
        ('{table["key}"]}', [["x"]]),
        ("{table['d']['e']}", ["f"]),
        ("{ {1: {2: 3}}[1] }", [{2: 3}]),
        (r"{'it\'s } ' + one}", ["it's } a1"]),
        ("{one + 'x, y; z # w'}", ["a1x, y; z # w"]),
        ("shot_{one}_{number}.csv", ["shot_a1_3.csv"]),
        ("-f $path", ["-f", NAMES["path"]]),
        ("--file=$path", ["--file=my shots.csv"]),
        ("--file={path}", ["--file=my shots.csv"]),
        ('--file="my shots.csv"', ["--file=my shots.csv"]),
        ("--media=$number", ["--media=3"]),
        ("'a b'", ["a b"]),
        ("\"$one\" '{one}'", ["$one", "{one}"]),
        ("a$one $5 $", ["a$one", "$5", "$"]),
        ("{None}", [None]),
    ],
)
def test_names_and_expressions_stand_for_their_values(text: str, values: list[Any]) -> None:
    assert given_(text) == values


def test_frames_and_series_are_handed_over_as_they_are() -> None:
    frame, series = given_("$frame {series}")
    assert frame is NAMES["frame"]
    assert series is NAMES["series"]


def test_a_value_is_a_token_that_argparse_can_hold() -> None:
    tokens = resolve(["$frame", "$one", "$number", "$ids"], {}, NAMES)
    assert tokens == ["DataFrame", "a1", "3", "list"]


def test_the_calling_functions_names_count_before_the_notebooks() -> None:
    assert given_("$one {one + mine} {[one for _ in '1']}", {"one": "L", "mine": "M"}) == ["L", "LM", ["L"]]


@pytest.mark.parametrize("text", ["$nowhere", "{nowhere}", "{ids + nowhere}", "x{nowhere}", "$nowhere.ids"])
def test_a_name_that_is_not_defined_is_told(text: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"nowhere is not defined. Run the cell that defines it"
    ) as caught:
        given_(text)
    assert caught.value.__context__ is None
    assert text.rpartition(" ")[2].strip("x") in str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{1 / 0}", "ZeroDivisionError"),
        ("{ids[9]}", "IndexError"),
        ("{}", "SyntaxError"),
        ("{one one}", "SyntaxError"),
        ("$one.nowhere", "AttributeError"),
        ("{table['nowhere']}", "KeyError"),
    ],
)
def test_an_expression_that_fails_is_told(text: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"cannot be used: {why}: ") as caught:
        given_(text)
    assert caught.value.__context__ is None
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("$ids[0]", "{ids[0]}"),
        ("$ids[0][1:]", "{ids[0][1:]}"),
        ("$f(x)", "{f(x)}"),
        ('$table["Aleph Job"]', '{table["Aleph Job"]}'),
        ('$table["Aleph Job"].head(3)', '{table["Aleph Job"].head(3)}'),
        ("$desk.picks.ids[0]", "{desk.picks.ids[0]}"),
        ("$one+1", "{one}+1"),
        ("$one/ids.csv", "{one}/ids.csv"),
        ("$one-b/ids.csv", "{one}-b/ids.csv"),
        ("$ids[0].csv", "{ids[0]}.csv"),
    ],
)
def test_more_than_a_name_behind_the_dollar_is_told(text: str, instead: str) -> None:
    with pytest.raises(ConfigurationError, match=r"takes a name\. Write .* instead\.") as caught:
        given_(text)
    assert f" Write {instead} instead." in str(caught.value)


def test_what_is_told_instead_of_a_dollar_works() -> None:
    assert given_("{one}/ids.csv {ids[0]}") == ["a1/ids.csv", "a1"]


def test_the_users_names_are_not_changed() -> None:
    names: dict[str, Any] = {"one": 1}
    resolve(["{(two := one)}"], {}, names)
    assert names == {"one": 1}


@settings(deadline=None, max_examples=300)
@given(st.text("ab$ids{}[]()\"'#;, \n=-\\"))
def test_any_line_is_split_or_refused(text: str) -> None:
    try:
        tokens, _ = split(text)
        resolve(tokens, {}, {"a": 1, "b": "x", "ids": ["a1"]})
    except AlephError as error:
        assert error.__context__ is None  # noqa: PT017, either is right
        return
    assert all(token and token in text for token in tokens)


# ── In a shell ───────────────────────────────────────────────────────────────────────────────────


def test_a_path_with_spaces_reaches_the_file(shell: Shell) -> None:
    Path("my shots.csv").write_text("task_id\n1.2E+31\n")
    shell["path"] = Path("my shots.csv")
    for option in ('-f "my shots.csv"', "--file='my shots.csv'", "-f $path", "--file={path}"):
        ran = shell.bad(f"%aleph_status {option}")
        assert "There is no key" in ran.printed
        assert "1.2E+31 looks like an id that a spreadsheet turned into a number" in ran.printed


def test_names_of_a_calling_function_count(shell: Shell) -> None:
    ran = shell.bad(
        "def look():\n    mine = 'task_id\\n9.9E+31'\n    %aleph_status $mine\nlook()",
    )
    assert "9.9E+31 looks like" in ran.printed
