"""What a review does: the verbs, over the rooms below."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aleph_nb.asked import Asked
from aleph_nb.ids import read_ids
from aleph_nb.record import Record, State
from aleph_nb.session.asking import Observer, ask
from aleph_nb.session.reviewing import Reviewing
from aleph_nb.session.wanted import read_limit, read_since, read_span, read_states
from aleph_nb.session.watching import Watched, watch
from aleph_nb.settings import check_setting

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Session"]


class Session(Reviewing):
    """A session of review: what is asked of a service, and what is known of its tasks.

    Use it as a context manager, or call `close`.

    Parameters
    ----------
    settings : Settings, optional
        The defaults and the environment if not given.
    """

    # ── Asking ───────────────────────────────────────────────────────────────────────────────────

    def status(
        self,
        ids: Any,
        fresh: bool = False,
        *,
        observe: Observer | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> list[Record]:
        """Ask what became of tasks.

        Parameters
        ----------
        ids : str, list, Series, DataFrame or Asked
            The tasks, in any way that ids can be given.
        fresh : bool
            Ask again also for what the ledger has as `succeeded` or `failed`.
        observe : callable, optional
            Called with each record as it arrives.
        meanwhile : callable, optional
            Called about ten times a second while answers are awaited. What it raises ends the call.

        Returns
        -------
        list of Record
            One for each id, in the order given, an id given twice once. A task of which there was
            no answer is a `no_answer`.

        Raises
        ------
        AuthenticationError
            The key was refused. Nothing further is asked.
        AlephError
            There is no key; or not one of the ids got an answer: the first failure.
        """
        asked = ids if isinstance(ids, Asked) else read_ids(ids)
        keeper, client = self._begin("asking")
        keeper.ask(asked.labels)
        return ask(
            asked.ids,
            keeper,
            client,
            fresh=fresh,
            observe=observe or (lambda _: None),
            meanwhile=meanwhile or (lambda: None),
        )

    def watch(
        self, ids: Any = None, timeout: float | None = None, *, observe: Watched | None = None
    ) -> list[Record]:
        """Ask again and again until every task has settled.

        Parameters
        ----------
        ids : str, list, Series, DataFrame or Asked, optional
            The tasks; those of `open_tasks` if not given.
        timeout : float, optional
            Seconds, up to a day; `settings.watch_timeout` if not given.
        observe : callable, optional
            Called about ten times a second with the `Watch` and the time by its clock.

        Returns
        -------
        list of Record
            One for each id, in the order given. After the timeout some may still be running.

        Raises
        ------
        AlephError
            There is no key, or it was refused.
        """
        seconds = None if timeout is None else check_setting("watch_timeout", timeout)
        keeper, client = self._begin("watching", retries=0)  # what fails is asked for again
        if ids is None:
            ids = keeper.open_tasks()[0]
        asked = ids if isinstance(ids, Asked) else read_ids(ids)
        keeper.ask(asked.labels)
        settings, closings = self._settings, self._closings
        return watch(
            asked.ids,
            keeper,
            client,
            interval=settings.poll_interval,
            timeout=settings.watch_timeout if seconds is None else seconds,
            observe=observe or (lambda *_: None),
            is_ended=lambda: self._closings != closings,
        )

    # ── What is known ────────────────────────────────────────────────────────────────────────────

    def open_tasks(self) -> tuple[list[str], int]:
        """Return the tasks that are still looked after, and how many that are not final are left out.

        Those are looked after that were last seen running, or are not final and were first asked for
        within seven days.
        """
        return self.keeper.open_tasks()

    def known_ids(self, prefix: str = "", limit: int = 50) -> list[str]:
        """Return the ids of this service that begin with a text, the one last asked for first.

        This is for somebody who types: a ledger that is locked or cannot be read has none to tell.
        """
        return self.keeper.ids(prefix, limit)

    def counts(self) -> dict[State, int]:
        """Return how many tasks of this service the ledger has, by state."""
        return self.keeper.counts()

    def labels(self, ids: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        """Return the reviewer's own names for tasks, by id."""
        return self.keeper.labels(ids)

    def history(
        self,
        ids: Any = None,
        *,
        states: str | Collection[str] | None = None,
        since: timedelta | datetime | str | None = None,
        search: str = "",
        expiring: timedelta | str | None = None,
        limit: int | None = None,
        reviews: bool = False,
    ) -> "pd.DataFrame":
        """Return what the ledger knows of this service, with no call over the network.

        Parameters
        ----------
        ids : str, list, Series, DataFrame or Asked, optional
            Only these tasks.
        states : State, str or collection of these, optional
            Only those in one of these states.
        since : timedelta, datetime or str, optional
            Only those created since then or, where that is not known, first asked for; "7d" is a week.
        search : str
            Only those whose id, prompt, reason, error or labels hold this text, in whatever case.
        expiring : timedelta or str, optional
            Only those whose result the service deletes within this time; "3d" is three days.
        limit : int, optional
            How many at most.
        reviews : bool
            With the reviewer's verdicts: rating, pick, tags, notes.

        Returns
        -------
        pandas.DataFrame
            As `frame` makes it, the newest first.

        Raises
        ------
        ConfigurationError
            One of these cannot be used.
        StorageError
            The ledger cannot be read.
        """
        from aleph_nb.frame import from_columns  # noqa: PLC0415, pandas is imported when it is needed

        asked = ids if ids is None or isinstance(ids, Asked) else read_ids(ids)
        columns = self.keeper.history(
            ids=None if asked is None else asked.ids,
            states=read_states(states),
            since=read_since(since),
            search=str(search or ""),
            expiring=read_span("expiring", expiring),
            limit=read_limit(limit),
        )
        return from_columns(columns, reviews=self.book.reviews() if reviews else None)

    def remember(self, ids: Any) -> None:
        """Write tasks and their labels into the ledger, without asking what became of them."""
        asked = ids if isinstance(ids, Asked) else read_ids(ids)
        self.keeper.ask(asked.labels)

    def forget(self, ids: Any) -> int:
        """Take tasks, and all that is known of them, out of the ledger; return how many there were.

        Raises
        ------
        StorageError
            They are still there.
        """
        asked = ids if isinstance(ids, Asked) else read_ids(ids)
        return self.keeper.forget(asked.ids)

    def frame(self, records: Iterable[Record], *, reviews: bool = False) -> "pd.DataFrame":
        """Make a DataFrame of records, with the reviewer's labels behind its own columns.

        With `reviews` the reviewer's verdicts stand between them: rating, pick, tags, notes.
        """
        from aleph_nb.frame import to_frame  # noqa: PLC0415, likewise

        rows = list(records)
        ids = [row.task_id for row in rows]
        return to_frame(rows, labels=self.labels(ids), reviews=self.book.reviews(ids) if reviews else None)
