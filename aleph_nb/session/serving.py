"""Who is asked, and with what: settings, key, connections, ledger, demo."""

import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn, Self
from weakref import WeakSet

from aleph_nb.client import Client
from aleph_nb.credentials import ApiKey, find_key, use_key
from aleph_nb.errors import ConfigurationError
from aleph_nb.pace import Pace, cache_folder
from aleph_nb.session.keeper import Keeper
from aleph_nb.session.login import KeyCheck, check_key
from aleph_nb.session.media import Media
from aleph_nb.settings import Settings, data_folder, shown_url

if TYPE_CHECKING:
    from aleph_nb.demo import DemoService

__all__ = ["Serving"]


class Serving:
    """The service that is asked, and all that is held open for it.

    Use it as a context manager, or call `close`.

    Parameters
    ----------
    settings : Settings, optional
        The defaults and the environment if not given.

    Attributes
    ----------
    tell : callable
        Takes a line for the reader, as of a ledger that cannot be written; a warning if not set.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings.load()
        # By what they are for: calls of several threads may go on at once.
        self._clients: dict[str, Client] = {}
        self._retired: WeakSet[Client] = WeakSet()  # which calls that began earlier may still use
        self._lock = threading.RLock()  # over the clients
        self._paces: dict[str, Pace] = {}  # a cool-down of one service is none of another's
        self._demo: DemoService | None = None
        self._media: dict[str, Media] = {}  # by base URL: thumbnails still come when another is asked
        self._keepers: dict[str, Keeper] = {}
        self._closings = 0  # how often it was closed: a watch of before ends
        self.tell: Callable[[str], None] = _warn

    def __repr__(self) -> str:
        return f"{type(self).__name__}(service={self.service!r}, settings={self._settings!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A session is not pickled: it holds a key and open connections. Make a new one.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, stop the demo, end watches. The session can be used again."""
        self._closings += 1
        self.stop_demo()
        self._close_clients()
        for keeper in list(self._keepers.values()):
            keeper.close()  # it stays: what it cannot write is not lost
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
            with self._lock:
                while self._clients:
                    self._retire(self._clients.popitem()[1])

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
        key = _key_of(self._demo) or find_key()
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
            self._close_clients()
        elif reset:
            demo.reset()
        if reset:
            self.keeper.clear()
        return demo.ids

    def stop_demo(self) -> bool:
        """Stop the demo and ask the real service again; tell whether it ran."""
        demo, self._demo = self._demo, None
        if demo is None:
            return False
        self._close_clients()
        if demo.base_url in self._media:
            self._media.pop(demo.base_url).close()
        demo.stop()
        return True

    # ── What is held open ────────────────────────────────────────────────────────────────────────

    def _begin(self, purpose: str, *, retries: int | None = None) -> tuple[Keeper, Callable[[], Client]]:
        """Return the ledger for a call, and what makes its client ready.

        Both are of the service that is asked now, whatever another thread has asked by then: an answer
        of one service is none of another's. How fast it is asked may change.

        Parameters
        ----------
        purpose : str
            What the client is for.
        retries : int, optional
            Tries after the first; as in the settings if not given.
        """
        demo, settings = self._demo, self._settings
        base_url = demo.base_url if demo else settings.base_url

        def client() -> Client:
            asked = replace(self._settings, base_url=base_url)
            return self._ready_client(
                purpose, asked if retries is None else replace(asked, retries=retries), demo
            )

        return self._keeper_of(demo, settings), client

    def _ready_client(self, purpose: str, settings: Settings, demo: "DemoService | None") -> Client:
        with self._lock:
            client = self._clients.get(purpose)
            if client is None or client.settings != settings:
                if client is not None:
                    self._retire(client)
                pace = self._pace_of("demo" if demo else settings.service)
                client = Client(settings, key=_key_of(demo), pace=pace, is_alone=demo is not None)
                self._clients[purpose] = client
            return client

    @property
    def shared_pace(self) -> str:
        """Whether kernels with the same key keep the pace together, in words; "" where there is no key."""
        if self._demo:
            return ""
        pace = self._pace_of(self._settings.service)
        with suppress(ConfigurationError):
            key = find_key()
            if key is not None and not pace.shared:
                pace.share(key.reveal, self._settings.service)
        if pace.why_alone:
            return (
                f"of this kernel alone: the cache folder {cache_folder()} does not serve ({pace.why_alone})"
            )
        return "kernels with one key share it" if pace.shared else ""

    def _pace_of(self, service: str) -> Pace:
        pace = self._paces.setdefault(service, Pace(self._settings.rate))
        pace.rate = self._settings.rate
        return pace

    def _asked_settings(self) -> Settings:
        """Return the settings with the base URL that requests go to."""
        return replace(self._settings, base_url=self._demo.base_url) if self._demo else self._settings

    def _retire(self, client: Client) -> None:
        self._retired.add(client)
        client.retire()

    def _close_clients(self) -> None:
        with self._lock:
            clients = [*self._clients.values(), *self._retired]
            self._clients.clear()
            self._retired.clear()
        for client in clients:
            client.close()

    @property
    def keeper(self) -> Keeper:
        """The ledger of the service that is asked; the demo has its own."""
        return self._keeper_of(self._demo, self._settings)

    def _keeper_of(self, demo: "DemoService | None", settings: Settings) -> Keeper:
        service = "demo" if demo else settings.service
        where = data_folder() / "demo.sqlite3" if demo else settings.ledger_place
        keeper = self._keepers.setdefault(f"{service} {where}", Keeper(where, service, self._tell))
        keeper.base_url = demo.base_url if demo else ""
        for other in list(self._keepers.values()):
            if other is not keeper and other.service == keeper.service and where is not None:
                keeper.take_over(other.hand_over())
        return keeper

    @property
    def media(self) -> Media:
        """The media of the cards: what of them travels in the notebook."""
        settings = self._asked_settings()
        if settings.base_url not in self._media:
            self._media[settings.base_url] = Media(settings, self._demo)
        media = self._media[settings.base_url]
        media.settings = settings
        return media

    def _tell(self, line: str) -> None:
        self.tell(line)  # which may be another by then


def _key_of(demo: "DemoService | None") -> ApiKey | None:
    return ApiKey(demo.key, "the demo, which has its own") if demo else None


def _warn(line: str) -> None:
    warnings.warn(line, stacklevel=2)
