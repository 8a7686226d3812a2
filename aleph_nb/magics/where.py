"""The magics about the service: `%aleph`, `%aleph_login` and `%aleph_demo`."""

import getpass
import re
import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.error import StdinNotImplementedError
from IPython.core.magic import line_magic, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument

from aleph_nb.arguments import LazyArguments
from aleph_nb.errors import ConfigurationError
from aleph_nb.magics.base import Base

if TYPE_CHECKING:
    from aleph_nb.credentials import ApiKey
    from aleph_nb.session import Session

__all__ = ["Where"]

_TAKEN = re.compile(r"(--save|--forget|[\s,;])*(#.*)?")  # all that may stand on the line of %aleph_login
_ON_THE_LINE = (
    "%aleph_login takes no key on its line, where the history and the notebook keep it: run it alone, or "
    "with --save or --forget, and type the key when it asks. If that was your key, clear the line, and "
    "better make a new one at https://kie.ai/api-key"
)
_NOTHING_TYPED = "No key was typed, and nothing has changed. Run %aleph_login again."
_NOBODY = "Nobody can be asked for a key here. Set KIE_API_KEY in the environment, or in a .env file."


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
        if not _TAKEN.fullmatch(line):
            raise ConfigurationError(_ON_THE_LINE)  # without the line: it may hold the key
        args, silent = self._parse(self.aleph_login, line)
        if args.save and args.forget:
            raise ConfigurationError("--save and --forget do not go together. Give one of them.")
        session = self._session()
        said = _forget(session) if args.forget else _login(session, _ask_for_key(self.shell), save=args.save)
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


class _Interrupted(KeyboardInterrupt):
    """An interrupt at the prompt: there is nothing that a traceback would tell."""

    def _render_traceback_(self) -> list[str]:
        return ["Interrupted: no key was typed, and nothing has changed."]


def _ask_for_key(shell: Any) -> "ApiKey":
    """Let somebody type the key, unseen."""
    if not hasattr(shell, "kernel") and not (sys.stdin and sys.stdin.isatty()):
        raise ConfigurationError(_NOBODY)
    interrupted = False
    try:
        key = _read_key(getpass.getpass("Key for the Aleph API (https://kie.ai/api-key): "))
    except StdinNotImplementedError:
        key = _NOBODY
    except EOFError:
        key = _NOTHING_TYPED
    except KeyboardInterrupt:
        interrupted, key = True, ""
    if interrupted:
        raise _Interrupted
    if isinstance(key, str):
        raise ConfigurationError(key)
    return key


def _read_key(typed: str) -> "ApiKey | str":
    """Return the key, or why it is none. What was typed stays in this frame."""
    from aleph_nb.credentials import ApiKey  # noqa: PLC0415, %load_ext stays cheap

    if not typed.strip():
        return _NOTHING_TYPED
    try:
        return ApiKey(typed, "%aleph_login")
    except ConfigurationError as error:
        return str(error)


def _login(session: "Session", key: "ApiKey", *, save: bool) -> str:
    from aleph_nb.credentials import save_key  # noqa: PLC0415, likewise

    where = session.settings.service
    check = session.login(key)
    if check.accepted is False:
        raise ConfigurationError(
            f"{where} refuses this key ({check.reason}). It is not kept. Copy it again from "
            "https://kie.ai/api-key, and run %aleph_login again."
        )
    said = [f"{where} accepts the key." if check.accepted else f"The key was not checked: {check.reason}."]
    said.append("It counts in this kernel.")
    if save:
        save_key(key)
        said[-1] = "It counts in this kernel, and is kept in the keyring for later ones."
    if session.demo:
        said.append("The demo is still the one that is asked, which has its own: %aleph_demo stop")
    return " ".join(said)


def _forget(session: "Session") -> str:
    from aleph_nb.credentials import forget_key  # noqa: PLC0415, likewise

    places = forget_key()
    said = f"The key is forgotten in {' and '.join(places)}." if places else "There was no key to forget."
    left = None if session.demo else session.key_source
    return f"{said} The one from {left} counts now." if left else said


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
