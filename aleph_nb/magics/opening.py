"""The magic that opens the review desk: `%aleph_dashboard`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from aleph_nb.arguments import LazyArguments
from aleph_nb.magics.base import Base, file, ids

if TYPE_CHECKING:
    from aleph_nb.dashboard import Dashboard

__all__ = ["Opening"]


@magics_class
class Opening(Base):
    """Open the desk."""

    @line_magic
    @no_var_expand
    @needs_local_scope
    @LazyArguments
    @ids
    @file
    def aleph_dashboard(self, line: str, local_ns: Mapping[str, Any] | None = None) -> "Dashboard":
        """Open the review desk, and return it: look at results beside their sources, and judge them by key.

        Without ids it holds all that the ledger knows of this service. With ids it holds these, and asks
        for them in the background.

        Example::

            desk = %aleph_dashboard $ids
            %aleph_dashboard -f shots.csv
            desk.frame                          # in a later cell: the tasks, with your verdicts
        """
        from aleph_nb.dashboard import Dashboard  # noqa: PLC0415, %load_ext stays cheap

        args, silent = self._parse(self.aleph_dashboard, line, local_ns)
        session = self._session()
        asked = self._asked(self.aleph_dashboard, args, local_ns) if args.ids or args.file else None
        if asked is not None:
            self._tell(asked.notes, silent=silent)
        return Dashboard(asked, session=session)
