"""What `%load_ext` adds to a shell, and `%unload_ext` takes away again."""

import sys
from copy import deepcopy
from types import FrameType
from typing import Any

from aleph_nb.completion import install, uninstall
from aleph_nb.magics import AlephMagics
from aleph_nb.semicolon import show_semicolon

__all__ = ["load", "unload"]


def load(shell: Any) -> None:
    """Add the magics, their completion and the transformer; where they are, nothing changes."""
    if AlephMagics.__name__ in shell.magics_manager.registry:
        return
    profile = deepcopy(shell.config.get(AlephMagics.__name__))
    shell.register_magics(AlephMagics)
    ours = shell.magics_manager.registry[AlephMagics.__name__]
    ours.profile = profile
    install(shell, ours)
    shell.input_transformers_post.append(show_semicolon)


def unload(shell: Any) -> None:
    """Take away all that `load` and the magics brought.

    `%reload_ext` unloads and loads again; then everything stays: the settings, the labels, the demo.
    """
    if _is_reload():
        return
    ours = shell.magics_manager.registry.pop(AlephMagics.__name__, None)
    if ours is None:
        return
    dashboard = sys.modules.get("aleph_nb.dashboard")
    if dashboard is not None:  # it writes to the session's ledger once more
        dashboard.close_all()
    session = sys.modules.get("aleph_nb.session")  # imported by the first call that needed one
    if session is not None:
        session.close_current_session()
    uninstall(shell)
    for kind, magics in ours.magics.items():
        for name in magics:
            shell.magics_manager.magics[kind].pop(name, None)
    for added_to, added in ((shell.configurables, ours), (shell.input_transformers_post, show_semicolon)):
        if added in added_to:  # unless somebody else took it away
            added_to.remove(added)
    _restore_config(shell, ours.profile)


def _restore_config(shell: Any, profile: Any) -> None:
    """Put back what a profile says of us: `%config` writes into the config of everything there is."""
    for configurable in shell.configurables:
        if profile is None:
            configurable.config.pop(AlephMagics.__name__, None)
        elif AlephMagics.__name__ in configurable.config:
            configurable.config[AlephMagics.__name__] = deepcopy(profile)


def _is_reload() -> bool:
    frame: FrameType | None = sys._getframe()  # noqa: SLF001, nothing else tells the two apart
    while frame is not None and frame.f_code.co_name != "reload_extension":
        frame = frame.f_back
    return frame is not None
