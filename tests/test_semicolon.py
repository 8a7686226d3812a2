"""A `;` at the end of a magic's line: nothing is shown, an assignment gets its value, all else stays."""

import sys

import IPython
import pytest

from aleph_nb.semicolon import show_semicolon
from tests.shell import Ran, Shell

FORM_FEED = pytest.mark.skipif(
    IPython.version_info < (8,) and sys.version_info >= (3, 12),
    reason="IPython 7 on Python 3.12 knows no magic in a cell with a form feed",
)
CALL = "get_ipython().run_line_magic('aleph_status', 'a1{}')\n"


def transformed(cell: str) -> str:
    return "".join(show_semicolon(cell.splitlines(keepends=True)))


@pytest.fixture
def demo(shell: Shell) -> Shell:
    """Return a shell with the demo running, and two of its ids as A and B."""
    ids = shell.good("ids = %aleph_demo;\nids").value
    shell["A"], shell["B"] = ids[:2]
    return shell


def is_silent(ran: Ran) -> bool:
    return (ran.shown, ran.printed) == ([], "")


# ── In a shell ───────────────────────────────────────────────────────────────────────────────────


def test_without_a_semicolon_everything_is_shown(demo: Shell) -> None:
    ran = demo.good("%aleph_status $A")
    assert len(ran.value) == 1
    assert ran.shown
    assert "task_id" in ran.printed


@pytest.mark.parametrize(
    "cell",
    [
        "%aleph_status $A;",
        "%aleph_status $A ;  ",
        "%aleph_status $A; # quiet",
        "%aleph_status {A};",
        "aleph_status $A;",
        "%%aleph_status $A;\n{B}\n",
        "%%aleph_status -q;\n$A $B",
        pytest.param("x = '\x0c'\n%aleph_status $A;", marks=FORM_FEED),
        "y = 'ä'\n%aleph_status $A;",
        "%aleph_status -q $A;\n%aleph_status $B;",
        "%%aleph_status;\n$A",
        "if True:\n    %aleph_status $A;",
        "%aleph_show $A;",
        "%aleph;",
        "%aleph_demo;",
        "get_ipython().run_line_magic('aleph_status', A + ';');",
        "%aleph_status $A;\n\n# a comment\n",
    ],
)
def test_a_semicolon_shows_nothing(cell: str, demo: Shell) -> None:
    assert is_silent(demo.good(cell))


def test_an_assignment_gets_its_value_and_shows_nothing(demo: Shell) -> None:
    assert is_silent(demo.good("df = %aleph_status $A $B;"))
    assert demo["df"]["task_id"].tolist() == [demo["A"], demo["B"]]
    assert is_silent(demo.good("ids = %aleph_demo;"))
    assert demo["A"] in demo["ids"]
    assert is_silent(demo.good("%aleph_status $A -o kept;"))
    assert len(demo["kept"]) == 1


@pytest.mark.parametrize(
    "cell",
    [
        "%aleph_status $A # b;",
        "%aleph_status $A {';'}",
        "%%aleph_status $A\n{B};",
        "%aleph_status $A;\n%aleph_status $B",
    ],
)
def test_a_semicolon_elsewhere_silences_nothing(cell: str, demo: Shell) -> None:
    ran = demo.good(cell)
    assert ran.shown
    assert "task_id" in ran.printed


def test_within_a_cells_body_it_only_separates(demo: Shell) -> None:
    ran = demo.good(f"%%aleph_status -q\n{demo['A']}; {demo['B']};")
    assert ran.value["task_id"].tolist() == [demo["A"], demo["B"]]
    assert "task_id" in ran.printed


def test_an_error_is_shown_all_the_same(demo: Shell) -> None:
    for cell in (
        "%aleph_status;",
        "%aleph_status $nowhere;",
        "df = %aleph_status {1/0};",
        "%aleph_status {A;",
    ):
        assert "ConfigurationError: " in demo.bad(cell).printed


def test_other_cells_are_shown_as_ever(shell: Shell) -> None:
    assert shell.good("1 + 1").printed.strip().endswith("2")
    assert shell.good("1 + 1;").printed == ""
    assert shell.good("'aleph_status;'").value == "aleph_status;"
    assert "aleph" in shell.good("'aleph_status;'").printed
    shell.good("def aleph_mine(text): return text")
    assert "x;" in shell.good("aleph_mine('x;')").printed


def test_a_syntax_error_is_pythons_own(shell: Shell) -> None:
    ran = shell.bad("x = (  # aleph;\n%aleph_status a1;")
    assert isinstance(ran.error, SyntaxError)


# ── The transformer itself ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "before",
    ["", "x = 1\n", "x = '\u2028'\n", "x = '\x0c'\n", "x = 'ä😀'\n", "'''\n\n'''\n", "\x0c\n", "x = 1; "],
)
@pytest.mark.parametrize("after", ["", "\n", "# more\n", "\n\n"])
def test_it_stands_right_behind_the_call(before: str, after: str) -> None:
    call = CALL.format(";").strip()
    assert transformed(f"{before}{call}{after}") == f"{before}{call};{after}"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_call_of_many_lines(end: str) -> None:
    cell = f"x = 1{end}get_ipython().run_cell_magic('aleph_status', '-q;',{end}  'ä'){end}"
    assert transformed(cell) == cell.replace("'ä')", "'ä');")


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "\n",
        "1;",
        "x = 1  # aleph;\n",
        CALL.format(""),
        "df = " + CALL.format(";"),
        "await_me(" + CALL.format(";").strip() + ")\n",
        CALL.format(";") + "x\n",
        CALL.format(";").replace("aleph", "timeit_aleph"),
        CALL.format(";").replace("run_line_magic", "other"),
        "get_ipython().run_line_magic('aleph_status', line + ';')\n",
        "get_ipython().run_line_magic('aleph_status')\n# ;\n",
        CALL.format("").replace("a1", "a1 # b;"),
        "x = (  # aleph;\n" + CALL.format(";"),
        "aleph;\0\n",
        "aleph = 1;" + "(" * 500,
        "aleph = '';" + "+1" * 50_000,
    ],
)
def test_every_other_cell_stays_as_it_is(cell: str) -> None:
    lines = cell.splitlines(keepends=True)
    assert show_semicolon(lines) == lines


def test_a_cell_that_python_warns_about_is_warned_about_once() -> None:
    cell = "x = '\\d'\n" + CALL.format(";")
    assert transformed(cell).endswith(";\n")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("f().run_line_magic('aleph;', '')", "f().run_line_magic('aleph', ';');"),
        ("x = f().run_line_magic('aleph_demo;', '')\nx", "x = f().run_line_magic('aleph_demo', ';')\nx"),
        ("'ä', f().run_line_magic('aleph_demo;', '')", "'ä', f().run_line_magic('aleph_demo', ';')"),
        ("f().run_cell_magic('aleph_status;', '', 'ä')", "f().run_cell_magic('aleph_status', ';', 'ä');"),
        ("f().run_line_magic('aleph_status;a', 'b')", "f().run_line_magic('aleph_status', ';a b')"),
        ("f().run_line_magic('aleph;', '# x')", "f().run_line_magic('aleph', '; # x');"),
    ],
)
def test_a_semicolon_right_behind_the_name_is_no_part_of_it(cell: str, expected: str) -> None:
    assert transformed(cell) == expected
