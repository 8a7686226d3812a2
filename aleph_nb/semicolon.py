"""A `;` at the end of a magic's line silences it, and an assignment still gets the value.

`%aleph_status ID;` becomes `get_ipython().run_line_magic('aleph_status', 'ID;')`: the `;` stands
inside the call, where the display hook does not look for it. So it is set behind the call as well.
And `%aleph_demo;` becomes a call of a magic `aleph_demo;`, so there it is taken out of the name.
"""

import ast
import warnings
from collections.abc import Iterator
from io import StringIO

__all__ = ["show_semicolon"]

_CALLS = ("run_line_magic", "run_cell_magic")


# Tuples without names: to make a NamedTuple takes as long as to load a small module.
_Edit = tuple[int, int, int, str]  # a row, from which byte to which, and the text that takes their place
_Magic = tuple[ast.Constant, ast.Constant, str, str]  # a call's first two arguments, and what they say


def show_semicolon(lines: list[str]) -> list[str]:
    """Set a `;` behind a cell's last statement, if that is a magic of ours whose line ends in one.

    An input transformer: takes and returns the lines of a cell that is Python already.
    """
    source = "".join(lines)
    if "aleph" not in source or ";" not in source:
        return lines
    try:
        with warnings.catch_warnings():  # Python itself tells what is odd about it, and what is wrong
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        edits = sorted(_edits(tree), reverse=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return lines
    if not edits:
        return lines
    rows = list(StringIO(source, newline=""))  # str.splitlines knows line ends that Python does not
    for number, start, end, text in edits:
        row = rows[number - 1].encode()
        rows[number - 1] = (row[:start] + text.encode() + row[end:]).decode()
    return rows


def _edits(tree: ast.Module) -> Iterator[_Edit]:
    for first, second, name, line in filter(None, map(_magic, ast.walk(tree))):
        if name != first.value and first.lineno == second.end_lineno:
            yield first.lineno, first.col_offset, second.end_col_offset or 0, f"{name!r}, {line!r}"
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and (shown := _magic(last.value)):
        from aleph_nb.line import split  # noqa: PLC0415, only for a line of ours

        *_, line = shown
        if split(line)[1]:
            end = last.end_col_offset or 0
            yield last.end_lineno or 1, end, end, ";"


def _magic(node: ast.AST) -> _Magic | None:
    match node:
        case ast.Call(
            func=ast.Attribute(attr=call),
            args=[ast.Constant(value=str(name)) as first, ast.Constant(value=str(line)) as second, *_],
        ) if call in _CALLS and name.startswith("aleph"):
            name, mark, rest = name.partition(";")
            return first, second, name, f"{mark}{rest} {line}".strip() if mark else line
    return None
