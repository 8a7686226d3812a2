"""The line magics: parse, call one verb of the session, show one view. No business here."""

from typing import Any

from IPython.core.magic import magics_class

from aleph_nb.magics.asking import Asking
from aleph_nb.magics.where import Where

__all__ = ["AlephMagics"]


@magics_class  # takes up what the decorators of the classes below have noted since the last one
class AlephMagics(Where, Asking):
    """See what became of Runway Aleph tasks."""

    profile: Any = None  # what the shell's own configuration says of us, to be put back at unload
