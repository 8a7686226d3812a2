"""The magic about verdicts: `%aleph_review`."""

from collections.abc import Mapping
from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument

from aleph_nb.arguments import LazyArguments
from aleph_nb.errors import ConfigurationError
from aleph_nb.line import Value
from aleph_nb.magics.base import Base

__all__ = ["Reviewing"]

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
        args, silent = self._parse(self.aleph_review, line, local_ns)
        picks = [name for name in _PICKS if getattr(args, name)]
        if len(picks) > 1:
            raise ConfigurationError(f"--{picks[0]} and --{picks[1]} do not go together. Give one of them.")
        session = self._session()
        task_id = _one_id(args.task)
        is_known = session.book.knows(task_id)
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
        if not is_known:
            said.append(f"This task was never asked for. If the id is right: %aleph_status {task_id}")
        self._tell(said, silent=silent)


def _one_id(token: str) -> str:
    from aleph_nb.ids import read_ids  # noqa: PLC0415, %load_ext stays cheap

    asked = read_ids(token.value if isinstance(token, Value) else token)
    if len(asked.ids) != 1:
        raise ConfigurationError(f"%aleph_review takes one task id, and there are {len(asked.ids)}.")
    return asked.ids[0]
