"""The magics that ask about tasks: `%aleph_status` and `%aleph_watch`."""

from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_cell_magic, line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument
from IPython.display import display

from aleph_nb.arguments import LazyArguments
from aleph_nb.errors import ConfigurationError, in_one_line
from aleph_nb.magics.base import Base, file, ids
from aleph_nb.settings import check_setting

if TYPE_CHECKING:
    import pandas as pd

    from aleph_nb.asked import Asked
    from aleph_nb.record import Record
    from aleph_nb.session import Session

__all__ = ["Asking"]

_ENDED = "the call ended before it answered"


@magics_class
class Asking(Base):
    """Ask what became of tasks, and show it."""

    @line_cell_magic
    @no_var_expand
    @needs_local_scope
    @LazyArguments
    @ids
    @file
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

        As a cell magic it takes the ids from the cell's body. Without ids it asks for the tasks that
        are not done yet. What is done comes from the ledger, without a request.

        Example::

            df = %aleph_status ee603959-debb-48d1-98c4-a6d1c717eba6
            df = %aleph_status $ids
            df = %aleph_status -f shots.csv --media 1
        """
        from aleph_nb.views import show_many  # noqa: PLC0415, %load_ext stays cheap

        args, silent = self._parse(self.aleph_status, line, local_ns)
        self._check_output(args.output)
        limit = None if args.media is None else check_setting("max_media", args.media)
        session = self._session()
        asked = self._named_or_open(session, self.aleph_status, args, local_ns, cell)
        records = self._fetch(session, asked, args, silent=silent)
        frame = self._keep(session.frame(records), args.output)
        if not (args.quiet or silent):
            show_many(session, records, session.settings.max_media if limit is None else limit)
        return frame

    @line_magic
    @no_var_expand
    @needs_local_scope
    @LazyArguments
    @ids
    @file
    @argument(
        "--timeout", metavar="S", help="give up after S seconds, or 20m or 2h (watch_timeout if not given)"
    )
    @argument("-q", "--quiet", action="store_true", help="show nothing; the DataFrame alone")
    @argument("-o", "--output", metavar="NAME", help="keep the DataFrame in this variable as well")
    def aleph_watch(self, line: str, local_ns: Mapping[str, Any] | None = None) -> "pd.DataFrame":
        """Ask again and again until every task is done; then show them and return the DataFrame.

        Without ids it watches the tasks that are not done yet. After the timeout it returns what is
        known by then. What is done comes from the ledger, without a request.

        Example::

            df = %aleph_watch $ids
            %aleph_watch --timeout 600
        """
        from aleph_nb.views import show_many  # noqa: PLC0415, %load_ext stays cheap

        args, silent = self._parse(self.aleph_watch, line, local_ns)
        self._check_output(args.output)
        timeout = None if args.timeout is None else _seconds(args.timeout)
        session = self._session()
        asked = self._named_or_open(session, self.aleph_watch, args, local_ns)
        self._tell_asked(session, asked, silent=silent)
        records = self._watch(session, asked, timeout, args, silent=silent)
        frame = self._keep(session.frame(records), args.output)
        if not (args.quiet or silent):
            show_many(session, records, session.settings.max_media)
        return frame

    # ── Fetch ────────────────────────────────────────────────────────────────────────────────────

    def _fetch(self, session: "Session", asked: "Asked", args: Namespace, *, silent: bool) -> "list[Record]":
        """Fetch with a bar; whatever ends it early, the answers that did arrive are shown first."""
        from aleph_nb.progress import Progress  # noqa: PLC0415, %load_ext stays cheap
        from aleph_nb.record import State  # noqa: PLC0415, likewise

        self._tell_asked(session, asked, silent=silent)
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
            progress.arrived(failed=record.state is State.no_answer)

        try:
            with progress:
                return session.status(asked, options.get("fresh", False), observe=observe)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                in_one_line(error, f"ended before all {total} had answered. Run the cell again.")
            self._show_part(session, asked, arrived, options.get("output"), silent=silent)
            raise

    def _watch(
        self, session: "Session", asked: "Asked", timeout: float | None, args: Namespace, *, silent: bool
    ) -> "list[Record]":
        """Watch with a live display; whatever ends it early, what is known by then is shown first."""
        from aleph_nb.watching import Watching  # noqa: PLC0415, %load_ext stays cheap

        ids = asked.ids
        watching = Watching(
            len(ids), in_terminal=not hasattr(self.shell, "kernel"), hidden=args.quiet or silent
        )
        try:
            with watching:
                records = session.watch(asked, timeout, observe=watching.observe)
        except BaseException as error:
            state = watching.state
            if isinstance(error, KeyboardInterrupt):
                in_one_line(error, _left(state.waiting if state else ids, ids))
            if state is not None and state.latest:
                self._show_rows(session, state.records, args.output, silent=silent)
            raise
        if watching.state and watching.state.waiting:
            left = _left(watching.state.waiting, ids)
            self._tell([left[:1].upper() + left[1:]], silent=silent or args.quiet)
        return records

    def _show_rows(
        self, session: "Session", records: "list[Record]", name: str | None, *, silent: bool
    ) -> None:
        """Show a DataFrame, and keep it where that was asked for."""
        frame = self._keep(session.frame(records), name)
        if not silent:
            display(frame)

    def _tell_asked(self, session: "Session", asked: "Asked", *, silent: bool) -> None:
        """Tell what was odd about the ids."""
        if session.demo and not set(asked.ids) <= set(session.demo.ids):
            asked.tell(
                "The demo was asked, which knows its own tasks alone. For the real service: %aleph_demo stop"
            )
        self._tell(asked.notes, silent=silent)

    def _show_part(
        self, session: "Session", asked: "Asked", arrived: "list[Record]", name: str | None, *, silent: bool
    ) -> None:
        """Show, and keep where that was asked for, a row for each id, if some did arrive."""
        from aleph_nb.record import Record, State  # noqa: PLC0415, %load_ext stays cheap

        came = {record.task_id: record for record in arrived}
        answers = sum(record.state is not State.no_answer for record in arrived)
        if not answers:
            return
        kept = f" They are kept in {name}." if name else ""
        self._tell([f"{answers} of {len(asked.ids)} arrived.{kept}"], silent=silent)
        silence = [Record(task_id=task_id, state=State.no_answer, reason=_ENDED) for task_id in asked.ids]
        rows = [came.get(record.task_id, record) for record in silence]
        self._show_rows(session, rows, name, silent=silent)


def _seconds(text: str) -> float:
    """Read a timeout.

    Raises
    ------
    ConfigurationError
        It is none.
    """
    from aleph_nb.words import span  # noqa: PLC0415, %load_ext stays cheap

    read = span(text)
    why = ""
    try:
        return float(check_setting("watch_timeout", read.total_seconds() if read else float(text)))
    except (ConfigurationError, ValueError):
        why = f"--timeout {text} cannot be used: it is a number of seconds, more than 0, up to 86400"
    raise ConfigurationError(f"{why}; or a time such as 90s, 20m or 2h.")


def _left(waiting: "list[str]", ids: "list[str]") -> str:
    """Say how many are not done, and how to go on."""
    if len(ids) == 1:
        return f"the task is not done. Go on: %aleph_watch {ids[0]}"
    return f"{len(waiting)} of {len(ids)} not done. Go on: %aleph_watch"
