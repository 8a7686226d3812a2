"""What all magics share: a line's options and ids, the session, and what is kept of a DataFrame."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics
from IPython.core.magic_arguments import argument

from aleph_nb.configuration import Configured
from aleph_nb.errors import ConfigurationError
from aleph_nb.line import Value, resolve, split

if TYPE_CHECKING:
    import pandas as pd

    from aleph_nb.asked import Asked
    from aleph_nb.session import Session

__all__ = ["Base", "file", "ids"]

_EXPRESSION = re.compile(r"\s*\{\s*[^\s\"'}]")  # what begins like this is no JSON

ids = argument(
    "ids",
    nargs="*",
    metavar="IDS",
    help="task ids; $name and {expression} stand for a list, a Series or a DataFrame",
)
file = argument(
    "-f",
    "--file",
    metavar="FILE",
    action="append",
    default=[],
    help="a file with ids: text, CSV with a task_id column, or JSON",
)


class Base(Configured, Magics):
    """Reads a line and hands out the session; the magics themselves are in the classes above it."""

    def _parse(
        self,
        magic: Any,
        line: str,
        local: Mapping[str, Any] | None = None,
        advise: Callable[[str], str] = lambda _: "",
    ) -> tuple[Namespace, bool]:
        """Return the options and ids of a line, and whether a `;` ends it.

        A line that cannot be read is told with what `advise` makes of it.
        """
        tokens, silent = split(line)
        parser: ArgumentParser = magic.parser
        parser.allow_abbrev = False
        why = ""
        try:
            return parser.parse_intermixed_args(resolve(tokens, local or {}, self.shell.user_ns)), silent
        except UsageError as error:
            why = str(error)
        advice = advise(line)
        raise ConfigurationError(f"%{magic.__name__}: {why}. {advice}What it takes: %{magic.__name__}?")

    def _asked(
        self, magic: Any, args: Namespace, local: Mapping[str, Any] | None, cell: str | None = None
    ) -> "Asked":
        """Gather the ids of the line, of a cell's body and of a file."""
        from aleph_nb.ids import read_file, read_ids  # noqa: PLC0415, %load_ext stays cheap
        from aleph_nb.tables import read_structured  # noqa: PLC0415, likewise

        names = {**self.shell.user_ns, **(local or {})}
        asked = read_ids(*_values(args.ids))
        if cell is not None and (_EXPRESSION.match(cell) or not read_structured(cell, asked)):
            read_ids(*_values(resolve(split(cell)[0], local or {}, self.shell.user_ns)), asked=asked)
        for file in args.file:
            read_file(file, asked)
        if not asked.ids and not args.ids and not args.file:
            name = magic.__name__
            raise ConfigurationError(
                f"No task ids. Name some (%{name} ID ID), a variable with some (%{name} $ids) "
                f"or a file (%{name} -f ids.csv); or try the demo: ids = %aleph_demo"
            )
        if not asked.ids:
            asked.tell("There is no task id in what was given.")
        for token in args.ids:
            asked.tell(_forgotten_sign(token, names))
        return asked

    def _named_or_open(
        self,
        session: "Session",
        magic: Any,
        args: Namespace,
        local: Mapping[str, Any] | None,
        cell: str | None = None,
    ) -> "Asked":
        """Gather the ids that are named; where none are, those of the tasks that are not done yet."""
        if args.ids or args.file or cell is not None:
            return self._asked(magic, args, local, cell)
        ids, left = session.open_tasks()
        if not (ids or session.counts()):
            return self._asked(magic, args, local)  # which tells what to name
        from aleph_nb.ids import read_ids  # noqa: PLC0415, %load_ext stays cheap

        asked = read_ids(ids)
        if left:
            asked.tell(
                f"{left} that were never done, and are older than 7 days, are left out: %aleph_history"
            )
        if not ids:
            asked.tell("No task is under way: all that the ledger knows are done. See %aleph_history")
        return asked

    @staticmethod
    def _tell(lines: Iterable[str], *, silent: bool) -> None:
        for line in () if silent else lines:
            print(line)  # noqa: T201, a magic speaks to its reader

    @staticmethod
    def _check_output(name: str | None) -> None:
        """Refuse what `-o` cannot name.

        Raises
        ------
        ConfigurationError
            It is no name.
        """
        if name is not None and (not name.isidentifier() or iskeyword(name)):
            raise ConfigurationError(f"-o {name} is no name of a variable. Use letters, digits and _.")

    def _session(self) -> "Session":
        from aleph_nb.session import current_session  # noqa: PLC0415, %load_ext stays cheap

        session = current_session()
        session.settings = self.load_settings()
        session.tell = print
        return session

    def _keep(self, frame: "pd.DataFrame", name: str | None) -> "pd.DataFrame":
        if name is not None:
            self.shell.push({name: frame})
        return frame


def _values(tokens: Iterable[str]) -> list[Any]:
    return [token.value if isinstance(token, Value) else token for token in tokens]


def _forgotten_sign(token: str, names: Mapping[str, Any]) -> str:
    """Say so where an id on the line is a variable's name; "" elsewhere."""
    name = re.match(r"[^\W\d]\w*", token)
    if name is None or isinstance(token, Value) or name[0] not in names:
        return ""
    meant = f"${token}" if name[0] == token else f"{{{token}}}"
    return f"{token} was asked for as a task id. If you mean the variable, write {meant}"
