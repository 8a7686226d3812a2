"""The line magics: parse, call one verb of the session, show one view. No business here."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
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
from IPython.core.magic_arguments import argument, magic_arguments
from IPython.display import display

from aleph_nb.configuration import Configured
from aleph_nb.errors import ConfigurationError
from aleph_nb.line import Value, resolve, split

if TYPE_CHECKING:
    import pandas as pd

    from aleph_nb.asked import Asked
    from aleph_nb.record import Record
    from aleph_nb.session import Session

__all__ = ["AlephMagics"]

_MOST_CARDS = 24  # that %aleph_show puts on a page: each holds two videos

_ids = argument(
    "ids",
    nargs="*",
    metavar="IDS",
    help="task ids; $name and {expression} stand for a list, a Series or a DataFrame",
)
_file = argument(
    "-f", "--file", metavar="FILE", help="a file with ids: text, CSV with a task_id column, or JSON"
)


@magics_class
class AlephMagics(Configured, Magics):
    """See what became of Runway Aleph tasks."""

    profile: Any = None  # what the shell's own configuration says of us, to be put back at unload

    @line_magic
    @no_var_expand
    @magic_arguments()
    def aleph(self, line: str) -> None:
        """Tell where you are: version, service, key, pace, what is known, and the magics.

        Example::

            %aleph
        """
        from aleph_nb.cards import Facts  # noqa: PLC0415, %load_ext stays cheap

        _, silent = self._parse(self.aleph, line)
        session = self._session()
        if not silent:
            _show(Facts("aleph_nb", _where(session, sorted(self.magics["line"]))))

    @line_magic
    @no_var_expand
    @needs_local_scope
    @magic_arguments()
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
        if args.what == "stop":
            ran = session.stop_demo()
            said = "The demo has stopped." if ran else "The demo was not running."
            _say(f"{said} Requests go to {session.shown_base_url}", silent=silent)
            return None
        ids = _start_demo(session, args)
        _say(
            f"The demo serves {len(ids)} tasks at {session.base_url}. Type next:\n"
            "    ids = %aleph_demo\n"
            "    df = %aleph_status $ids",
            silent=silent,
        )
        return ids

    @line_cell_magic
    @no_var_expand
    @needs_local_scope
    @magic_arguments()
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
        args, silent = self._parse(self.aleph_status, line, local_ns)
        if args.output is not None and not args.output.isidentifier():
            raise ConfigurationError(f"-o {args.output} is no name of a variable. Use letters, digits and _.")
        asked = self._asked(args, cell, local_ns)
        session = self._session()
        for note in [] if silent else asked.notes:
            _say(note)
        records = self._fetch(session, asked, args, quiet=args.quiet or silent, silent=silent)
        if not (args.quiet or silent):
            _show_many(session, records, session.settings.max_media if args.media is None else args.media)
        return self._keep(session.frame(records), args.output)

    @line_magic
    @no_var_expand
    @needs_local_scope
    @magic_arguments()
    @_ids
    @_file
    @argument("--width", type=int, metavar="PX", help="the cards' largest width in pixels")
    def aleph_show(self, line: str, local_ns: Mapping[str, Any] | None = None) -> None:
        """Show tasks as cards: the result beside its source, prompt, times, and how long it lives.

        Example::

            %aleph_show ee603959-debb-48d1-98c4-a6d1c717eba6 --width 700
        """
        from aleph_nb.cards import Card, Note  # noqa: PLC0415, %load_ext stays cheap

        args, silent = self._parse(self.aleph_show, line, local_ns)
        asked = self._asked(args, None, local_ns)
        session = self._session()
        records = session.status(asked)
        if silent:
            return
        for record in records[:_MOST_CARDS]:
            labels = session.labels(record.task_id)
            _show(Card(record, labels=labels, width=args.width, media=session.media))
        if len(records) > _MOST_CARDS:
            _show(Note(f"{len(records) - _MOST_CARDS} more are not shown: name fewer ids for their cards."))

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

    def _asked(self, args: Namespace, cell: str | None, local: Mapping[str, Any] | None) -> "Asked":
        """Gather the ids of the line, of a cell's body and of a file."""
        from aleph_nb.ids import read_file, read_ids, read_text  # noqa: PLC0415, %load_ext stays cheap

        asked = read_ids(*_values(args.ids))
        if cell is not None and cell.lstrip().startswith(("$", "{")):
            tokens = resolve(split(cell)[0], local or {}, self.shell.user_ns)
            asked = read_ids(*_values(args.ids), *_values(tokens))
        elif cell is not None:
            read_text(cell, asked)
        if args.file is not None:
            read_file(args.file, asked)
        if not asked.ids and not args.ids and args.file is None:
            raise ConfigurationError(
                "No task ids. Name some (%aleph_status ID ID), a variable with some (%aleph_status $ids) "
                "or a file (%aleph_status -f ids.csv); or try the demo: ids = %aleph_demo"
            )
        return asked

    # ── Fetch ────────────────────────────────────────────────────────────────────────────────────

    def _session(self) -> "Session":
        from aleph_nb.session import current_session  # noqa: PLC0415, %load_ext stays cheap

        session = current_session()
        session.settings = self.load_settings()
        return session

    def _fetch(
        self, session: "Session", asked: "Asked", args: Namespace, *, quiet: bool, silent: bool
    ) -> "list[Record]":
        """Fetch with a bar; whatever ends it early, the answers that did arrive are shown first."""
        from aleph_nb.progress import Progress  # noqa: PLC0415, %load_ext stays cheap
        from aleph_nb.record import State  # noqa: PLC0415, likewise

        arrived: list[Record] = []
        total = len(asked.ids)
        progress = Progress(total, in_terminal=not hasattr(self.shell, "kernel"))
        shown = progress if total > 1 and not quiet else nullcontext()
        finished = False

        def observe(record: "Record") -> None:
            if record.state is not State.no_answer:
                arrived.append(record)
            if shown is progress:
                progress.arrived(record)

        try:
            with shown:
                records = session.status(asked, args.fresh, observe=observe)
            finished = True
        finally:
            if arrived and not finished:
                frame = self._keep(session.frame(arrived), args.output)
                _say(
                    f"{len(arrived)} of {total} arrived before it ended. Run the cell again for all.",
                    silent=silent,
                )
                if not silent:
                    _show(frame)
        return records

    def _keep(self, frame: "pd.DataFrame", name: str | None) -> "pd.DataFrame":
        if name is not None:
            self.shell.push({name: frame})
        return frame


def _values(tokens: Iterable[str]) -> list[Any]:
    return [token.value if isinstance(token, Value) else token for token in tokens]


# ── Show ─────────────────────────────────────────────────────────────────────────────────────────


def _show(thing: Any) -> None:
    display(thing)


def _say(text: str, *, silent: bool = False) -> None:
    if not silent:
        print(text)  # noqa: T201, a magic speaks to its reader


def _start_demo(session: "Session", args: Namespace) -> list[str]:
    why = ""
    try:
        return session.start_demo(tasks=args.tasks, reset=args.reset)
    except (ValueError, OSError) as error:
        why = str(error)
    raise ConfigurationError(f"The demo cannot start: {why}")


def _show_many(session: "Session", records: "list[Record]", limit: int) -> None:
    """Show one task as its card; of many, the first that succeeded as cards, then one panel."""
    from aleph_nb.cards import Card, Panel, first_cards  # noqa: PLC0415, %load_ext stays cheap

    limit = max(0, min(limit, _MOST_CARDS))
    chosen = records if len(records) == 1 and limit else first_cards(records, limit)
    for record in chosen:
        _show(Card(record, labels=session.labels(record.task_id), media=session.media))
    if len(records) > len(chosen):
        _show(Panel(records, cards=limit))


def _where(session: "Session", magics: list[str]) -> list[tuple[str, str, str]]:
    """Say where the session stands, in rows of name, value and hint."""
    from aleph_nb import words  # noqa: PLC0415, %load_ext stays cheap
    from aleph_nb._version import __version__  # noqa: PLC0415, likewise

    settings, counts = session.settings, session.counts()
    source = session.key_source
    pace = f"{settings.rate:g} requests a second" if settings.rate else "no limit of requests a second"
    known = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in counts.items())
    return [
        ("Version", __version__, ""),
        ("Service", session.shown_base_url, "the demo; %aleph_demo stop ends it" if session.demo else ""),
        (
            "Key",
            f"from {source}" if source else "not set",
            "" if source else "set KIE_API_KEY, or try the demo: %aleph_demo",
        ),
        ("Pace", f"{pace}, up to {words.plural(settings.workers, 'worker')}", "%config AlephMagics"),
        ("Known here", known or "no tasks yet", "" if known else "paste ids, or try the demo: %aleph_demo"),
        ("Magics", "  ".join(f"%{name}" for name in magics), "each tells more with a ? behind it"),
    ]
