"""The verbs of a session about verdicts."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from aleph_nb.asked import Asked
from aleph_nb.errors import ConfigurationError
from aleph_nb.ids import read_ids
from aleph_nb.review import Review
from aleph_nb.session.book import Book, Handed, parts_of
from aleph_nb.session.serving import Serving

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Reviewing"]


class Reviewing(Serving):
    """A session that takes verdicts and says what came of them."""

    @property
    def book(self) -> Book:
        """The verdicts on the tasks of this service, by the reviewer of the settings."""
        return Book(self.keeper, self._settings.reviewer_name)

    def review(
        self,
        task_id: Any,
        *,
        rating: int | None = None,
        pick: str | None = None,
        tags: str | Iterable[str] = (),
        untags: str | Iterable[str] = (),
        note: str | None = None,
        time: float | None = None,
        undo: bool = False,
    ) -> Review:
        """Give a verdict on a task, and return all that counts by now; without any, only return it.

        Parameters
        ----------
        task_id : str
            The task. One that was never asked for is written down as one that was.
        rating : int, optional
            1 to 5; 0 takes it away.
        pick : str, optional
            "pick" or "reject"; "clear" takes either away.
        tags, untags : str or iterable of str
            Tags to add, and to take away.
        note : str, optional
            The text of a new note.
        time : float, optional
            The second of the result that the note is about.
        undo : bool
            Take back what this reviewer gave last on this task: all of one call. Again, and what was
            given before it is taken back. It goes with nothing else.

        Raises
        ------
        ConfigurationError
            A value cannot be used, or it is not one task; nothing is written then.
        StorageError
            The verdict is not kept: the ledger cannot be written.
        """
        one = _one(task_id)
        parts = parts_of(rating=rating, pick=pick, tags=tags, untags=untags, note=note, time=time, undo=undo)
        return self.book.give(one, parts, undo=undo)

    def judge(self, lines: Iterable[Any]) -> Handed:
        """Take lines of the verdict log that were written elsewhere, as in a browser.

        Parameters
        ----------
        lines : iterable
            Each as `Verdict.as_dict` writes it. One that is handed over twice counts once.

        Returns
        -------
        Handed
            Which of them are kept, and which are refused, and why.

        Raises
        ------
        StorageError
            They cannot be written, and none of them is.
        """
        return self.book.judge(lines)

    def reviews(self, ids: Any = None) -> "pd.DataFrame":
        """Return what the reviewer of the settings says of tasks.

        Parameters
        ----------
        ids : str, list, Series, DataFrame or Asked, optional
            Only these tasks, in this order; all of this service if not given, the latest first.

        Returns
        -------
        pandas.DataFrame
            A row for each task with a verdict: task_id, rating (`Int64`), pick ("pick", "reject" or
            NA), tags (a list), notes (a list of `{"time": seconds or None, "text": str}`), reviewer,
            reviewed_at.

        Raises
        ------
        StorageError
            The ledger cannot be read.
        """
        from aleph_nb.frame import reviews_frame  # noqa: PLC0415, pandas is imported when it is needed

        asked = ids if ids is None or isinstance(ids, Asked) else read_ids(ids)
        return reviews_frame(self.book.reviews(None if asked is None else asked.ids).values())

    def tags(self) -> list[str]:
        """Return the tags in use, the most used first.

        Raises
        ------
        StorageError
            The ledger cannot be read.
        """
        return self.book.tags()


def _one(task_id: Any) -> str:
    ids = (task_id if isinstance(task_id, Asked) else read_ids(task_id)).ids
    if len(ids) != 1:
        raise ConfigurationError(f"A verdict is on one task, and {len(ids)} ids were given. Name one.")
    return ids[0]
