"""A `;` at the end of a magic's line silences it, and an assignment still gets the value.

`%aleph_status ID;` becomes `get_ipython().run_line_magic('aleph_status', 'ID;')`: the `;` stands
inside the call, where the display hook does not look for it. So it is set behind the call as well.
"""

import ast
import warnings
from io import StringIO

__all__ = ["show_semicolon"]

_CALLS = ("run_line_magic", "run_cell_magic")


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
            body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return lines
    if not body or not _is_silenced(body[-1]):
        return lines
    last = body[-1]
    rows = list(StringIO(source, newline=""))  # str.splitlines knows line ends that Python does not
    row = (last.end_lineno or 1) - 1
    end = len(rows[row].encode()[: last.end_col_offset].decode())
    rows[row] = f"{rows[row][:end]};{rows[row][end:]}"
    return rows


def _is_silenced(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(attr=call),
                args=[ast.Constant(value=str(name)), ast.Constant(value=str(line)), *_],
            )
        ):
            from aleph_nb.line import split  # noqa: PLC0415, only for a line of ours

            return call in _CALLS and name.startswith("aleph") and split(line)[1]
    return False
