"""The line magics: parse, call one verb of the session, show one view. No business here."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import (
    Magics,
    line_cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from IPython.core.magic_arguments import argument
from IPython.display import display

from aleph_nb.arguments import LazyArguments
from aleph_nb.configuration import Configured
from aleph_nb.errors import ConfigurationError
from aleph_nb.line import Value, resolve, split
from aleph_nb.settings import MOST_CARDS, check_setting

if TYPE_CHECKING:
    import pandas as pd

    from aleph_nb.asked import Asked
    from aleph_nb.record import Record
    from aleph_nb.session import Session

__all__ = ["AlephMagics"]

_EXPRESSION = re.compile(r"\s*\{\s*[^\s\"'}]")  # what begins like this is no JSON

_ids = argument(
    "ids",
    nargs="*",
    metavar="IDS",
    help="task ids; $name and {expression} stand for a list, a Series or a DataFrame",
)
_file = argument(
    "-f",
    "--file",
    metavar="FILE",
    action="append",
    default=[],
    help="a file with ids: text, CSV with a task_id column, or JSON",
)


@magics_class
class AlephMagics(Configured, Magics):
    """See what became of Runway Aleph tasks."""

    profile: Any = None  # what the shell's own configuration says of us, to be put back at unload

    @line_magic
    @no_var_expand
    @LazyArguments
    def aleph(self, line: str) -> None:
        """Tell where you are: version, service, key, pace, what is known, and the magics.

        Example::

            %aleph
        """
        from aleph_nb.views import show_where  # noqa: PLC0415, %load_ext stays cheap

        _, silent = self._parse(self.aleph, line)
        session = self._session()
        if not silent:
            show_where(session, sorted(self.magics["line"]))

    @line_magic
    @no_var_expand
    @needs_local_scope
    @LazyArguments
    @argument(
        "what",
        nargs="?",
        choices=["start", "stop"],
        default="start",
        help="start it (the default), or stop it",
    )
    @argument("--reset", action="store_true", help="begin the demo's clock anew")
    @argument("--tasks", type=int, metavar="N", help="have N tasks in place of the fixed few")
    def aleph_demo(self, line: str, local_ns: Mapping[str, Any] | None = None) -> list[str] | None:
        """Try everything without a key: serve demo tasks on this machine, and return their ids.

        Example::

            ids = %aleph_demo
            df = %aleph_status $ids
        """
        args, silent = self._parse(self.aleph_demo, line, local_ns)
        session = self._session()
        said, ids = _stop_demo(session) if args.what == "stop" else _start_demo(session, args)
        if not silent:
            print(said)  # noqa: T201, a magic speaks to its reader
        return ids

    @line_cell_magic
    @no_var_expand
    @needs_local_scope
    @LazyArguments
    @_ids
    @_file
    @argument("--fresh", action="store_true", help="ask again for what is known to be final, too")
    @argument(
        "--media", type=int, metavar="N", help="show the first N succeeded as cards (max_media if not given)"
    )
    @argument("-q", "--quiet", action="store_true", help="no cards and no progress; the DataFrame alone")
    @argument("-o", "--output", metavar="NAME", help="keep the DataFrame in this variable as well")
    def aleph_status(
        self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None
    ) -> "pd.DataFrame":
        """Ask what became of tasks: cards with the videos, and a DataFrame with a row for each id.

        As a cell magic it takes the ids from the cell's body.

        Example::

            df = %aleph_status ee603959-debb-48d1-98c4-a6d1c717eba6
            df = %aleph_status $ids
            df = %aleph_status -f shots.csv --media 1
        """
        from aleph_nb.views import show_many  # noqa: PLC0415, %load_ext stays cheap

        args, silent = self._parse(self.aleph_status, line, local_ns)
        if args.output is not None and (not args.output.isidentifier() or iskeyword(args.output)):
            raise ConfigurationError(f"-o {args.output} is no name of a variable. Use letters, digits and _.")
        limit = None if args.media is None else check_setting("max_media", args.media)
        asked = self._asked(self.aleph_status, args, local_ns, cell)
        session = self._session()
        records = self._fetch(session, asked, args, silent=silent)
        if not (args.quiet or silent):
            show_many(session, records, session.settings.max_media if limit is None else limit)
        return self._keep(session.frame(records), args.output)

    @line_magic
    @no_var_expand
    @needs_local_scope
    @LazyArguments
    @_ids
    @_file
    @argument("--width", type=int, metavar="PX", help="the cards' largest width in pixels")
    def aleph_show(self, line: str, local_ns: Mapping[str, Any] | None = None) -> None:
        """Show tasks as cards: the result beside its source, prompt, times, and how long it lives.

        Example::

            %aleph_show ee603959-debb-48d1-98c4-a6d1c717eba6 --width 700
        """
        from aleph_nb.views import show_cards  # noqa: PLC0415, %load_ext stays cheap

        args, silent = self._parse(self.aleph_show, line, local_ns)
        if args.width is not None and args.width < 1:
            raise ConfigurationError(f"--width {args.width} cannot be used: it is a number of pixels.")
        asked = self._asked(self.aleph_show, args, local_ns)
        left = len(asked.ids) - MOST_CARDS
        if left > 0:
            asked = asked.first(MOST_CARDS)
            asked.tell(f"{left} more are not shown: name fewer ids for their cards.")
        session = self._session()
        records = self._fetch(session, asked, args, silent=silent)
        if not silent:
            show_cards(session, records, args.width)

    # ── Parse ────────────────────────────────────────────────────────────────────────────────────

    def _parse(self, magic: Any, line: str, local: Mapping[str, Any] | None = None) -> tuple[Namespace, bool]:
        """Return the options and ids of a line, and whether a `;` ends it."""
        tokens, silent = split(line)
        parser: ArgumentParser = magic.parser
        parser.allow_abbrev = False
        why = ""
        try:
            return parser.parse_intermixed_args(resolve(tokens, local or {}, self.shell.user_ns)), silent
        except UsageError as error:
            why = str(error)
        raise ConfigurationError(f"%{magic.__name__}: {why}. What it takes: %{magic.__name__}?")

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

    # ── Fetch ────────────────────────────────────────────────────────────────────────────────────

    def _session(self) -> "Session":
        from aleph_nb.session import current_session  # noqa: PLC0415, %load_ext stays cheap

        session = current_session()
        session.settings = self.load_settings()
        return session

    def _fetch(self, session: "Session", asked: "Asked", args: Namespace, *, silent: bool) -> "list[Record]":
        """Fetch with a bar; whatever ends it early, the answers that did arrive are shown first."""
        from aleph_nb.progress import Progress  # noqa: PLC0415, %load_ext stays cheap

        if session.demo and not set(asked.ids) <= set(session.demo.ids):
            asked.tell(
                "The demo was asked, which knows its own tasks alone. For the real service: %aleph_demo stop"
            )
        if not silent:
            print(*asked.notes, sep="\n", end="\n" if asked.notes else "")  # noqa: T201, likewise
        arrived: list[Record] = []
        total = len(asked.ids)
        options = vars(args)
        progress = Progress(
            total,
            in_terminal=not hasattr(self.shell, "kernel"),
            hidden=total < 2 or options.get("quiet", False) or silent,  # noqa: PLR2004, one id needs no bar
        )

        def observe(record: "Record") -> None:
            arrived.append(record)
            progress.arrived(record)

        try:
            with progress:
                return session.status(asked, options.get("fresh", False), observe=observe)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                line = f"KeyboardInterrupt: ended before all {total} had answered. Run the cell again."
                error._render_traceback_ = lambda: [line]  # type: ignore[attr-defined]
            self._show_part(session, arrived, total, options.get("output"), silent=silent)
            raise

    def _show_part(
        self, session: "Session", arrived: "list[Record]", total: int, name: str | None, *, silent: bool
    ) -> None:
        """Show, and keep where that was asked for, the rows of the answers that did arrive."""
        from aleph_nb.record import State  # noqa: PLC0415, %load_ext stays cheap

        answers = [record for record in arrived if record.state is not State.no_answer]
        if not answers:
            return
        frame = self._keep(session.frame(answers), name)
        if not silent:
            kept = f" They are kept in {name}." if name else ""
            print(f"{len(answers)} of {total} arrived.{kept}")  # noqa: T201, likewise
            display(frame)

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


def _start_demo(session: "Session", args: Namespace) -> tuple[str, list[str]]:
    why = ""
    try:
        ids = session.start_demo(tasks=args.tasks, reset=args.reset)
    except (ValueError, OSError) as error:
        why = str(error)
    if why:
        raise ConfigurationError(f"The demo cannot start: {why}")
    return (
        f"The demo serves {len(ids)} tasks at {session.base_url}. "
        "Type next, with the ids that this returned:\n"
        "    df = %aleph_status $ids"
    ), ids


def _stop_demo(session: "Session") -> tuple[str, None]:
    said = "The demo has stopped." if session.stop_demo() else "The demo was not running."
    return f"{said} Requests go to {session.shown_base_url}", None
