"""The line magics: parse, call one verb of the session, show one view. No business here."""

from typing import Any

from aleph_nb.magics.asking import Asking
from aleph_nb.magics.where import Where

__all__ = ["AlephMagics"]


class AlephMagics(Where, Asking):
    """See what became of Runway Aleph tasks."""

    registered = True
    magics = {kind: Where.magics[kind] | Asking.magics[kind] for kind in ("line", "cell")}  # noqa: RUF012, IPython's
    profile: Any = None  # what the shell's own configuration says of us, to be put back at unload
