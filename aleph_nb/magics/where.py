"""The magics about the service: `%aleph`, `%aleph_login` and `%aleph_demo`."""

from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument

from aleph_nb.arguments import LazyArguments
from aleph_nb.errors import ConfigurationError
from aleph_nb.magics.base import Base

if TYPE_CHECKING:
    from aleph_nb.session import Session

__all__ = ["Where"]


@magics_class
class Where(Base):
    """Say where requests go, and change it."""

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
    @LazyArguments
    @argument("--save", action="store_true", help="keep the key in the keyring, for later kernels")
    @argument("--forget", action="store_true", help="forget the key, here and in the keyring")
    def aleph_login(self, line: str) -> None:
        """Ask for the key, check it by one call that changes nothing, and use it in this kernel.

        It is typed into a field that hides it, never written on the line.

        Example::

            %aleph_login
            %aleph_login --save
        """
        from aleph_nb.login import check_line, forget, login  # noqa: PLC0415, %load_ext stays cheap

        check_line(line)
        args, silent = self._parse(self.aleph_login, line)
        if args.save and args.forget:
            raise ConfigurationError("--save and --forget do not go together. Give one of them.")
        session = self._session()
        said = forget(session) if args.forget else login(self.shell, session, save=args.save)
        if not silent:
            print(said)  # noqa: T201, a magic speaks to its reader

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
