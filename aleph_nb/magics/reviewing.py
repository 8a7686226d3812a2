"""The magic about verdicts: `%aleph_review`."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument

from aleph_nb.arguments import LazyArguments
from aleph_nb.errors import ConfigurationError, StorageError
from aleph_nb.line import Value
from aleph_nb.magics.base import Base

if TYPE_CHECKING:
    from aleph_nb.review import Verdict
    from aleph_nb.session.book import Book

__all__ = ["Reviewing"]

_BARE = re.compile(
    r"""(--(?:note|tag|untag))[ =]+([^\s"'-][^"]*?)\s*(?=\s--?[a-z]|;?\s*$)"""
)  # no quotes yet
_ID = re.compile(r"\s+(?:[$\{]\S*|[0-9a-f-]{32,})$")  # behind a text
_LONGEST_TOLD = 60  # characters of a note
_PICKS = ("pick", "reject", "clear")


@magics_class
class Reviewing(Base):
    """Take verdicts."""

    @line_magic
    @no_var_expand
    @needs_local_scope
    @LazyArguments
    @argument("task", metavar="ID", help="the task; $name and {expression} stand for one, too")
    @argument("--rating", type=int, choices=range(6), metavar="N", help="1 to 5 stars; 0 takes them away")
    @argument("--pick", action="store_true", help="pick it")
    @argument("--reject", action="store_true", help="reject it")
    @argument("--clear", action="store_true", help="neither pick nor reject it")
    @argument(
        "--tag", action="append", default=[], metavar="TAG", help="add a tag, in quotes if it has blanks"
    )
    @argument("--untag", action="append", default=[], metavar="TAG", help="take a tag away")
    @argument("--note", metavar="TEXT", help="add a note, in quotes")
    @argument("--undo", action="store_true", help="take back what you gave last on this task")
    def aleph_review(self, line: str, local_ns: Mapping[str, Any] | None = None) -> None:
        """Give a verdict on a task, and say what counts by now. Without options it only says it.

        Verdicts are kept in the ledger: `current_session().reviews()` has them as a DataFrame.

        Example::

            %aleph_review ee603959-debb-48d1-98c4-a6d1c717eba6 --rating 4 --pick --tag sky
            %aleph_review {ids[0]} --note "the horizon flickers"
            %aleph_review {ids[0]} --undo
        """
        args, silent = self._parse(self.aleph_review, line, local_ns, _quoted)
        picks = [name for name in _PICKS if getattr(args, name)]
        if len(picks) > 1:
            raise ConfigurationError(f"--{picks[0]} and --{picks[1]} do not go together. Give one of them.")
        session = self._session()
        task_id = _one_id(args.task)
        is_known = session.book.knows(task_id)
        last = _last(session.book, task_id) if args.undo else []
        review = session.review(
            task_id,
            rating=args.rating,
            pick=picks[0] if picks else None,
            tags=args.tag,
            untags=args.untag,
            note=args.note,
            undo=args.undo,
        )
        said = [f"{task_id}: {review}"]
        if args.undo:
            taken = "; ".join(_in_words(each) for each in last)
            said[0] += f". Taken back: {taken}" if taken else ". There was nothing to take back."
        if not is_known:
            said.append(f"This task was never asked for. If the id is right: %aleph_status {task_id}")
        self._tell(said, silent=silent)


def _one_id(token: str) -> str:
    from aleph_nb.ids import read_ids  # noqa: PLC0415, %load_ext stays cheap

    asked = read_ids(token.value if isinstance(token, Value) else token)
    if len(asked.ids) != 1:
        raise ConfigurationError(f"%aleph_review takes one task id, and there are {len(asked.ids)}.")
    return asked.ids[0]


def _quoted(line: str) -> str:
    """Say how texts are written that have blanks, and no quotes around them; "" where there are none."""
    texts = [(option, _ID.sub("", text)) for option, text in _BARE.findall(line)]
    shown = [f'{option} "{text}"' for option, text in texts if re.search(r"\s", text)]
    return f"A text with blanks stands in quotes: {' '.join(shown)}. " if shown else ""


def _last(book: "Book", task_id: str) -> "list[Verdict]":
    """Return what an undo will take back; where the ledger cannot be read, the undo itself tells it."""
    try:
        return book.log([task_id]).last(task_id, book.reviewer)
    except StorageError:
        return []


def _in_words(line: "Verdict") -> str:
    from aleph_nb.cards.markup import clean, shorten  # noqa: PLC0415, %load_ext stays cheap
    from aleph_nb.words import plural  # noqa: PLC0415, likewise

    match line.field:
        case "rating":
            return plural(int(str(line.value)), "star") if line.value else "no stars"
        case "pick":
            return str(line.value or "clear")
        case "note":
            return f'note "{shorten(clean(getattr(line.value, "text", "")), _LONGEST_TOLD)}"'
    return f"{line.field} {line.value}"
