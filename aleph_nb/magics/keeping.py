"""The magics about what is kept: `%aleph_history` and `%aleph_forget`."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from IPython.core.error import StdinNotImplementedError
from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument

from aleph_nb.arguments import LazyArguments
from aleph_nb.errors import ConfigurationError, in_one_line
from aleph_nb.magics.base import Base, file, ids

if TYPE_CHECKING:
    import pandas as pd

    from aleph_nb.session import Session

__all__ = ["Keeping"]

_STATES = ("in_progress", "succeeded", "failed", "not_found", "unknown", "no_answer")


@magics_class
class Keeping(Base):
    """Say what the ledger knows, and take out of it."""

    @line_magic
    @no_var_expand
    @needs_local_scope
    @LazyArguments
    @ids
    @file
    @argument(
        "--state",
        action="append",
        choices=_STATES,
        metavar="STATE",
        help=f"only those in this state: {', '.join(_STATES)}; may be given again",
    )
    @argument("--since", metavar="SPAN", help="only those created within this time, such as 12h, 7d or 2w")
    @argument("--search", metavar="TEXT", help="only those with this text in id, prompt, error or labels")
    @argument("--expiring", metavar="SPAN", help="only those whose result is deleted within this time")
    @argument("--limit", type=int, metavar="N", help="at most so many")
    @argument("-o", "--output", metavar="NAME", help="keep the DataFrame in this variable as well")
    def aleph_history(self, line: str, local_ns: Mapping[str, Any] | None = None) -> "pd.DataFrame":
        """Show what the ledger knows of this service, the newest first, without asking anybody.

        Example::

            %aleph_history --state failed --since 7d
            df = %aleph_history --search lighthouse
            %aleph_history --expiring 3d
        """
        from aleph_nb.record import State  # noqa: PLC0415, %load_ext stays cheap

        args, silent = self._parse(self.aleph_history, line, local_ns)
        self._check_output(args.output)
        if args.limit is not None and args.limit < 0:
            raise ConfigurationError(f"--limit {args.limit} cannot be used: it is 0 or more.")
        since, expiring = _span("--since", args.since), _span("--expiring", args.expiring)
        named = bool(args.ids or args.file)
        asked = self._asked(self.aleph_history, args, local_ns) if named else None
        if asked is not None:
            self._tell(asked.notes, silent=silent)
        frame = self._session().history(
            asked,
            states=[State(state) for state in args.state or ()] or None,
            since=since,
            search=args.search or "",
            expiring=expiring,
            limit=args.limit,
        )
        if frame.empty and not silent:
            self._tell([_nothing(named or line.strip() != "")], silent=False)
        return self._keep(frame, args.output)

    @line_magic
    @no_var_expand
    @needs_local_scope
    @LazyArguments
    @ids
    @file
    @argument("-y", "--yes", action="store_true", help="do not ask first")
    def aleph_forget(self, line: str, local_ns: Mapping[str, Any] | None = None) -> None:
        """Take tasks, and all that is known of them, out of the ledger. It asks first.

        Example::

            %aleph_forget ee603959-debb-48d1-98c4-a6d1c717eba6
            %aleph_forget $ids --yes
        """
        args, silent = self._parse(self.aleph_forget, line, local_ns)
        asked = self._asked(self.aleph_forget, args, local_ns)
        session = self._session()
        self._tell(asked.notes, silent=silent)
        if not args.yes and not _confirmed(session, len(asked.ids)):
            self._tell(["Nothing is forgotten."], silent=silent)
            return
        gone = session.forget(asked)
        unknown = len(asked.ids) - gone
        said = f"{_tasks(gone)} forgotten."
        if unknown:
            said += f" {unknown} {'was' if unknown == 1 else 'were'} not in the ledger."
        self._tell([said], silent=silent)


def _span(option: str, text: str | None) -> timedelta | None:
    from aleph_nb.words import span  # noqa: PLC0415, %load_ext stays cheap

    read = None if text is None else span(text)
    if text is not None and read is None:
        raise ConfigurationError(f"{option} {text} cannot be used: it is a time such as 90m, 12h, 7d or 2w.")
    return read


def _confirmed(session: "Session", number: int) -> bool:
    what = f"{_tasks(number)}, and all that is known of {'it' if number == 1 else 'them'},"
    said: str | None = None
    whose = "the demo" if session.demo else session.service
    try:
        with suppress(StdinNotImplementedError, EOFError, OSError):
            said = input(f"Take {what} out of the ledger of {whose}? [y/N] ")
    except KeyboardInterrupt as error:
        in_one_line(error, "nothing is forgotten.")
        raise
    if said is None:
        raise ConfigurationError("Nobody can be asked here. To forget all the same: --yes")
    return said.strip().lower() in ("y", "yes")


def _tasks(number: int) -> str:
    return f"{number:,} task" if number == 1 else f"{number:,} tasks"


def _nothing(is_filtered: bool) -> str:
    if is_filtered:
        return "No task matches. %aleph_history without options shows all."
    return "No tasks yet. Paste ids (%aleph_status ID ID), or try the demo: ids = %aleph_demo"
