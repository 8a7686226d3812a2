"""`%aleph_login`: a key is typed unseen, checked, used, and kept if that is wanted."""

import getpass
import re
import sys
from typing import Any

from IPython.core.error import StdinNotImplementedError

from aleph_nb.credentials import ApiKey, forget_key, save_key
from aleph_nb.errors import ConfigurationError, in_one_line
from aleph_nb.session import Session

__all__ = ["check_line", "forget", "login"]

_OPTION = "(--save|--forget)"
_TAKEN = re.compile(rf"({_OPTION}?[\s,;])*({_OPTION}|#.*)?")  # all that the line of %aleph_login may hold
_ON_THE_LINE = (
    "%aleph_login takes no key on its line, where the history and the notebook keep it: run it alone, or "
    "with --save or --forget, and type the key when it asks. If that was your key, clear the line, and "
    "better make a new one at https://kie.ai/api-key"
)
_NOTHING_TYPED = "No key was typed, and nothing has changed. Run %aleph_login again."
_NOBODY = "Nobody can be asked for a key here. Set KIE_API_KEY in the environment, or in a .env file."


def check_line(line: str) -> None:
    """Raise where something else than an option stands on the line.

    Raises
    ------
    ConfigurationError
        Without the line: it may hold the key.
    """
    if not _TAKEN.fullmatch(line):
        raise ConfigurationError(_ON_THE_LINE)


def login(shell: Any, session: Session, *, save: bool) -> str:
    """Ask for the key, check it, and use it; return what to tell.

    Raises
    ------
    ConfigurationError
        Nobody can be asked, the service refuses the key, or it cannot be saved.
    """
    key = _ask_for_key(shell)
    where = session.settings.service
    check = session.login(key)
    if check.accepted is False:
        raise ConfigurationError(
            f"{where} refuses this key ({check.reason}). It is not kept. Copy it again from "
            "https://kie.ai/api-key, and run %aleph_login again."
        )
    said = [f"{where} accepts the key." if check.accepted else f"The key was not checked: {check.reason}."]
    said.append("It counts in this kernel.")
    if save and check.accepted:
        save_key(key)
        said[-1] = "It counts in this kernel, and is kept in the keyring for later ones."
    elif save:
        said[-1] = "It counts in this kernel; it is saved only once it is accepted."
    if session.demo:
        said.append("The demo is still the one that is asked, which has its own. To end it: %aleph_demo stop")
    return " ".join(said)


def forget(session: Session) -> str:
    """Forget the key, here and in the keyring; return what to tell."""
    places = forget_key()
    said = f"The key is forgotten in {' and '.join(places)}." if places else "There was no key to forget."
    try:
        left = None if session.demo else session.key_source
    except ConfigurationError as error:
        return f"{said} {error}"
    return f"{said} The one from {left} counts now." if left else said


def _ask_for_key(shell: Any) -> ApiKey:
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
    if interrupted:  # anew, without the frames that may hold a part of it
        interrupt = KeyboardInterrupt()
        in_one_line(interrupt, "no key was typed, and nothing has changed.")
        raise interrupt
    if isinstance(key, str):
        raise ConfigurationError(key)
    return key


def _read_key(typed: str) -> ApiKey | str:
    """Return the key, or why it is none. What was typed stays in this frame."""
    if not typed.strip():
        return _NOTHING_TYPED
    try:
        return ApiKey(typed, "%aleph_login")
    except ConfigurationError as error:
        return str(error)
