"""What a review does: the verbs, over the rooms below."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, Self

from aleph_nb.asked import Asked
from aleph_nb.client import Client, Outcome
from aleph_nb.credentials import ApiKey, find_key, use_key
from aleph_nb.ids import read_ids
from aleph_nb.pace import Pace
from aleph_nb.record import Record, State
from aleph_nb.session.known import Known
from aleph_nb.session.login import KeyCheck, check_key
from aleph_nb.session.media import Media
from aleph_nb.settings import Settings, shown_url

if TYPE_CHECKING:
    import pandas as pd

    from aleph_nb.demo import DemoService

__all__ = ["Session"]

Observer = Callable[[Record], None]


class Session:
    """A session of review: the settings, the connections, and what is known of the tasks so far.

    Use it as a context manager, or call `close`.

    Parameters
    ----------
    settings : Settings, optional
        The defaults and the environment if not given.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings.load()
        self._client: Client | None = None
        self._paces: dict[str, Pace] = {}  # a cool-down of one service is none of another's
        self._demo: DemoService | None = None
        self._media: dict[str, Media] = {}  # by base URL: thumbnails still come when another is asked
        self._known: dict[str, Known] = {}

    def __repr__(self) -> str:
        return f"Session(service={self.service!r}, settings={self._settings!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A Session is not pickled: it holds a key and open connections. Make a new one.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections and stop the demo. The session can be used again."""
        self.stop_demo()
        self._drop_client()
        while self._media:
            self._media.popitem()[1].close()

    # ── Where ────────────────────────────────────────────────────────────────────────────────────

    @property
    def settings(self) -> Settings:
        """Where the API is, and how fast it is asked. A new value counts from the next call on.

        The session of the magics has its settings from `%config AlephMagics` and the environment:
        every magic sets them anew.
        """
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        if settings != self._settings:
            self._settings = settings
            self._drop_client()

    @property
    def service(self) -> str:
        """What records and labels belong to: the origin of the base URL, or `demo`."""
        return "demo" if self._demo else self._settings.service

    @property
    def base_url(self) -> str:
        """Where requests go: the demo while it runs, else the settings' base URL."""
        return self._demo.base_url if self._demo else self._settings.base_url

    @property
    def shown_base_url(self) -> str:
        """The base URL as it may be shown."""
        return shown_url(self.base_url)

    @property
    def key_source(self) -> str | None:
        """Where the key was found, in words; None where there is none."""
        key = self._demo_key() or find_key()
        return key.source if key else None

    def login(self, key: ApiKey) -> KeyCheck:
        """Let a key count before all others in this kernel, unless the service refuses it.

        It is checked at the settings' base URL, also while the demo runs, by one call that changes
        nothing.
        """
        check = check_key(key, self._settings)
        if check.accepted is not False:
            use_key(key)
        return check

    # ── The demo ─────────────────────────────────────────────────────────────────────────────────

    @property
    def demo(self) -> "DemoService | None":
        """The demo service, while it runs."""
        return self._demo

    def start_demo(self, *, tasks: int | None = None, reset: bool = False) -> list[str]:
        """Serve the demo on loopback and ask it from now on; where it runs already, it goes on.

        Parameters
        ----------
        tasks : int, optional
            How many tasks it has, up to 10,000; the fourteen fixed ones if not given.
        reset : bool
            Begin its clock anew.

        Returns
        -------
        list of str
            The demo's ids, the same each time.

        Raises
        ------
        ValueError
            It cannot have so many tasks.
        OSError
            It cannot listen.
        """
        from aleph_nb.demo import DemoService  # noqa: PLC0415, tornado is for the demo alone

        demo = self._demo
        if demo is None or tasks not in (None, len(demo.ids)):
            demo = DemoService(tasks=tasks)
            demo.start()  # before the one that runs is stopped: this may fail
            self.stop_demo()
            self._demo = demo
            self._drop_client()
        elif reset:
            demo.reset()
        if reset:
            self._known.pop(self.service, None)
        return demo.ids

    def stop_demo(self) -> bool:
        """Stop the demo and ask the real service again; tell whether it ran."""
        demo, self._demo = self._demo, None
        if demo is None:
            return False
        self._drop_client()
        if demo.base_url in self._media:
            self._media.pop(demo.base_url).close()
        demo.stop()
        return True

    def _demo_key(self) -> ApiKey | None:
        return ApiKey(self._demo.key, "the demo, which has its own") if self._demo else None

    # ── Asking ───────────────────────────────────────────────────────────────────────────────────

    def status(
        self,
        ids: Any,
        fresh: bool = False,  # noqa: ARG002, see below
        *,
        observe: Observer | None = None,
    ) -> list[Record]:
        """Ask what became of tasks.

        Parameters
        ----------
        ids : str, list, Series, DataFrame or Asked
            The tasks, in any way that ids can be given.
        fresh : bool
            Ask again also for what is known to be final. Nothing is served from memory yet, so
            everything is always asked.
        observe : callable, optional
            Called with each record as it arrives.

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
        self.keep_labels(asked.labels)
        outcomes: dict[str, Outcome] = {}
        with closing(self._ready_client().outcomes(asked.ids)) as arriving:
            for outcome in arriving:
                outcomes[outcome.record.task_id] = outcome
                self.known.keep(outcome)
                if observe:
                    observe(outcome.record)
        failures = [outcomes[task_id].error for task_id in asked.ids]
        first = next((error for error in failures if error), None)
        if first is not None and all(failures):
            raise first
        return [outcomes[task_id].record for task_id in asked.ids]

    def _ready_client(self) -> Client:
        if self._client is None:
            settings = self._asked_settings()
            pace = self._paces.setdefault(self.service, Pace(settings.rate))
            pace.rate = settings.rate
            self._client = Client(settings, key=self._demo_key(), pace=pace)
        return self._client

    def _asked_settings(self) -> Settings:
        """Return the settings with the base URL that requests go to."""
        return replace(self._settings, base_url=self._demo.base_url) if self._demo else self._settings

    def _drop_client(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    # ── What is known ────────────────────────────────────────────────────────────────────────────

    @property
    def known(self) -> Known:
        """What this kernel knows of the service that is asked."""
        return self._known.setdefault(self.service, Known())

    def known_ids(self) -> list[str]:
        """Return the ids of this service that were asked for in this kernel, the latest first."""
        return self.known.ids()

    def counts(self) -> dict[State, int]:
        """Return how many tasks of this service are known to this kernel, by state."""
        return self.known.counts()

    def keep_labels(self, labels: Mapping[str, Mapping[str, str]]) -> None:
        """Remember the reviewer's own names for tasks; a frame's own columns are not labels."""
        self.known.keep_labels(labels)

    def labels(self, task_id: str) -> Mapping[str, str]:
        """Return the reviewer's own names for a task."""
        return self.known.labels(task_id)

    def frame(self, records: Iterable[Record]) -> "pd.DataFrame":
        """Make a DataFrame of records, with the reviewer's labels behind its own columns."""
        from aleph_nb.frame import to_frame  # noqa: PLC0415, likewise

        rows = list(records)
        return to_frame(rows, labels={row.task_id: self.labels(row.task_id) for row in rows})

    @property
    def media(self) -> Media:
        """The media of the cards: what of them travels in the notebook."""
        settings = self._asked_settings()
        if settings.base_url not in self._media:
            self._media[settings.base_url] = Media(settings, self._demo)
        media = self._media[settings.base_url]
        media.settings = settings
        return media
