"""The magic that shows tasks as cards alone: `%aleph_show`."""

from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument

from aleph_nb.arguments import LazyArguments
from aleph_nb.errors import ConfigurationError, in_one_line
from aleph_nb.magics.asking import Asking
from aleph_nb.magics.base import file, ids
from aleph_nb.settings import MOST_CARDS

if TYPE_CHECKING:
    from aleph_nb.dashboard import Player
    from aleph_nb.downloads import Fetched
    from aleph_nb.record import Record
    from aleph_nb.session import Session
    from aleph_nb.views import Cards

__all__ = ["Showing"]

_MOST_COMPARED = 2
_MUCH = 50 * 10**6  # bytes of videos in one cell, from which on it is told


@magics_class
class Showing(Asking):
    """Show tasks."""

    @line_magic
    @no_var_expand
    @needs_local_scope
    @LazyArguments
    @ids
    @file
    @argument("--embed", action="store_true", help="put the videos themselves into the notebook")
    @argument("--width", type=int, metavar="PX", help="the cards' largest width in pixels")
    @argument(
        "--compare",
        action="store_true",
        help="open the player: a result on one frame with its source, or the results of two tasks",
    )
    def aleph_show(self, line: str, local_ns: Mapping[str, Any] | None = None) -> "Player | None":
        """Show tasks as cards: the result beside its source, prompt, times, and how long it lives.

        With --compare, play one task's result on one frame with its source, or two tasks' results with
        each other, and return the Player.

        Example::

            %aleph_show ee603959-debb-48d1-98c4-a6d1c717eba6 --width 700
            %aleph_show $ids --embed
            %aleph_show --compare ee603959-debb-48d1-98c4-a6d1c717eba6
        """
        args, silent = self._parse(self.aleph_show, line, local_ns)
        if args.width is not None and args.width < 1:
            raise ConfigurationError(f"--width {args.width} cannot be used: it is a number of pixels.")
        asked = self._asked(self.aleph_show, args, local_ns)
        if args.compare:
            _check_compared(args, len(asked.ids))
        session = self._session()
        left = len(asked.ids) - MOST_CARDS
        if left > 0:
            session.remember(asked)
            asked = asked.first(MOST_CARDS)
            asked.tell(f"{left} more are not shown: name fewer ids for their cards.")
        records = self._fetch(session, asked, args, silent=silent)
        if args.compare and any(record.result_video_url or record.source_video_url for record in records):
            return self._compare(session, records)
        if not silent:
            self._show(session, records, args)
        return None

    @staticmethod
    def _compare(session: "Session", records: "list[Record]") -> "Player":
        from aleph_nb.dashboard import Player  # noqa: PLC0415, %load_ext stays cheap

        first, second = records[0], records[1] if len(records) > 1 else None
        if second is None:
            return Player(first, session=session)
        return Player(second, first, session=session)

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


def _check_compared(args: Namespace, count: int) -> None:
    """Refuse what `--compare` does not go with.

    Raises
    ------
    ConfigurationError
        There are more tasks than two, or options that are for cards.
    """
    if count > _MOST_COMPARED:
        raise ConfigurationError(
            f"--compare takes one task, whose result is played beside its source, or two; {count} are named."
        )
    if args.embed or args.width is not None:
        raise ConfigurationError("--embed and --width are for cards. Leave them out with --compare.")
