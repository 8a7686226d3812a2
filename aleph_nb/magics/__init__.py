"""The line magics: parse, call one verb of the session, show one view. No business here."""

from typing import Any

from aleph_nb.magics.asking import Asking
from aleph_nb.magics.keeping import Keeping
from aleph_nb.magics.opening import Opening
from aleph_nb.magics.reviewing import Reviewing
from aleph_nb.magics.showing import Showing
from aleph_nb.magics.where import Where

__all__ = ["AlephMagics"]


class AlephMagics(Where, Showing, Keeping, Reviewing, Opening):
    """See what became of Runway Aleph tasks."""

    registered = True
    magics = {  # noqa: RUF012, IPython's
        which: {
            name: method
            for kind in (Where, Asking, Showing, Keeping, Reviewing, Opening)
            for name, method in kind.magics[which].items()
        }
        for which in ("line", "cell")
    }
    profile: Any = None  # what the shell's own configuration says of us, to be put back at unload
