"""The magics that ask about tasks: `%aleph_status` and `%aleph_show`."""

from argparse import Namespace
from collections.abc import Mapping
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_cell_magic, line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument
from IPython.display import display

from aleph_nb.arguments import LazyArguments
from aleph_nb.errors import ConfigurationError, in_one_line
from aleph_nb.magics.base import Base, file, ids
from aleph_nb.settings import MOST_CARDS, check_setting

if TYPE_CHECKING:
    import pandas as pd

    from aleph_nb.asked import Asked
    from aleph_nb.downloads import Fetched
    from aleph_nb.record import Record
    from aleph_nb.session import Session
    from aleph_nb.views import Cards

__all__ = ["Asking"]

_MUCH = 50 * 10**6  # bytes of videos in one cell, from which on it is told


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

        As a cell magic it takes the ids from the cell's body.

        Example::

            df = %aleph_status ee603959-debb-48d1-98c4-a6d1c717eba6
            df = %aleph_status $ids
            df = %aleph_status -f shots.csv --media 1
        """
        from aleph_nb.views import show_many  # noqa: PLC0415, %load_ext stays cheap

        args, silent = self._parse(self.aleph_status, line, local_ns)
        if args.output is not None and (not args.output.isidentifier() or iskeyword(args.output)):
            raise ConfigurationError(f"-o {args.output} is no name of a variable. Use letters, digits and _.")
        limit = None if args.media is None else check_setting("max_media", args.media)
        asked = self._asked(self.aleph_status, args, local_ns, cell)
        session = self._session()
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
    @argument("--embed", action="store_true", help="put the videos themselves into the notebook")
    @argument("--width", type=int, metavar="PX", help="the cards' largest width in pixels")
    def aleph_show(self, line: str, local_ns: Mapping[str, Any] | None = None) -> None:
        """Show tasks as cards: the result beside its source, prompt, times, and how long it lives.

        Example::

            %aleph_show ee603959-debb-48d1-98c4-a6d1c717eba6 --width 700
            %aleph_show $ids --embed
        """
        args, silent = self._parse(self.aleph_show, line, local_ns)
        if args.width is not None and args.width < 1:
            raise ConfigurationError(f"--width {args.width} cannot be used: it is a number of pixels.")
        asked = self._asked(self.aleph_show, args, local_ns)
        left = len(asked.ids) - MOST_CARDS
        if left > 0:
            asked = asked.first(MOST_CARDS)
            asked.tell(f"{left} more are not shown: name fewer ids for their cards.")
        session = self._session()
        records = self._fetch(session, asked, args, silent=silent)
        if not silent:
            self._show(session, records, args)

    # ── Fetch ────────────────────────────────────────────────────────────────────────────────────

    def _fetch(self, session: "Session", asked: "Asked", args: Namespace, *, silent: bool) -> "list[Record]":
        """Fetch with a bar; whatever ends it early, the answers that did arrive are shown first."""
        from aleph_nb.progress import Progress  # noqa: PLC0415, %load_ext stays cheap
        from aleph_nb.record import State  # noqa: PLC0415, likewise

        if session.demo and not set(asked.ids) <= set(session.demo.ids):
            asked.tell(
                "The demo was asked, which knows its own tasks alone. For the real service: %aleph_demo stop"
            )
        if not silent:
            print(*asked.notes, sep="\n", end="\n" if asked.notes else "")  # noqa: T201, likewise
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

    def _show(self, session: "Session", records: "list[Record]", args: Namespace) -> None:
        from aleph_nb.views import Cards, shows_html  # noqa: PLC0415, %load_ext stays cheap

        cards = Cards(session, width=args.width)
        if args.embed and not shows_html(self.shell):
            print("Nothing is embedded: text is all that is shown here.")  # noqa: T201, likewise
        elif args.embed:
            self._show_embedded(session, records, cards)
            return
        cards.fetch_thumbnails(records)
        for record in records:
            cards.show(record)
        cards.finish()

    def _show_embedded(self, session: "Session", records: "list[Record]", cards: "Cards") -> None:
        """Show each card as soon as its media are here, below one bar; those of an interrupt hold links."""
        from aleph_nb.progress import Progress  # noqa: PLC0415, %load_ext stays cheap

        number = session.media.embeddable(records)
        progress = Progress(
            number, in_terminal=False, hidden=number == 0, unit="file", failure="not embedded"
        )
        most, size, left = session.settings.max_embed_bytes, 0, list(records)

        def arrived(fetched: "Fetched") -> None:
            progress.arrived(failed=fetched.error is not None)

        try:
            with progress:
                for record, embedded in session.media.embed(records, most, arrived):
                    cards.show(record, embedded)
                    left.remove(record)
                    size += embedded.size
        except KeyboardInterrupt as error:
            for record in left:
                cards.show(record)
            in_one_line(error, "ended before all media had come. The cards without them hold links.")
            raise
        if size > _MUCH:
            print(f"The videos of this cell are {size / 10**6:,.0f} MB; the notebook grows by a third more.")  # noqa: T201

    def _show_part(
        self, session: "Session", asked: "Asked", arrived: "list[Record]", name: str | None, *, silent: bool
    ) -> None:
        """Show, and keep where that was asked for, the rows of the answers that did arrive."""
        from aleph_nb.record import State  # noqa: PLC0415, %load_ext stays cheap

        place = {task_id: number for number, task_id in enumerate(asked.ids)}
        answers = [record for record in arrived if record.state is not State.no_answer]
        answers.sort(key=lambda record: place[record.task_id])
        if not answers:
            return
        frame = self._keep(session.frame(answers), name)
        if not silent:
            kept = f" They are kept in {name}." if name else ""
            print(f"{len(answers)} of {len(asked.ids)} arrived.{kept}")  # noqa: T201, likewise
            display(frame)
