"""Media of tasks, fetched without the key: thumbnails for cards, and whole videos to embed."""

import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit
from weakref import WeakSet

from aleph_nb.errors import TransportError
from aleph_nb.pictures import shrink
from aleph_nb.pool import work_off
from aleph_nb.settings import Settings
from aleph_nb.transport import MediaTransport
from aleph_nb.values import is_loopback

__all__ = ["Downloads", "Fetched"]

Result = TypeVar("Result")

_FOR_PICTURES = 5.0  # seconds, for all of them together
_LARGEST_PICTURE = 8 * 10**6  # bytes, before it is made small
_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Fetched:
    """What fetching a URL came to: its bytes, or the error."""

    url: str
    content: bytes = b""
    error: TransportError | None = None


class Downloads:
    """Fetches media, many at once, with no key and no cookie.

    Unless the base URL is on this machine itself, nothing is fetched from a private, link-local or
    loopback address: a URL is the service's word, and the kernel may stand inside a network that the
    service should not reach.

    Parameters
    ----------
    settings : Settings
        Where the API is, and how long a silence and a whole download may last.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stops: WeakSet[threading.Event] = WeakSet()  # of the calls under way
        self._transport = MediaTransport(
            private=is_loopback(urlsplit(settings.base_url).hostname), connections=_CONNECTIONS
        )

    def __repr__(self) -> str:
        return f"Downloads({self._transport!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Downloads are not pickled: they hold open connections. Make new ones.")

    def close(self) -> None:
        """Close all connections; what is under way ends, and starts nothing more."""
        for stop in list(self._stops):
            stop.set()
        self._transport.close()

    def pictures(self, urls: Iterable[str]) -> Generator[tuple[str, str], None, None]:
        """Fetch thumbnails, all at once, and make each a small data URI.

        Parameters
        ----------
        urls : iterable of str
            Where they are.

        Yields
        ------
        tuple of str and str
            A URL and the data URI, as they come. Of one that cannot be had within 5 s in all, nothing
            comes.
        """
        end = time.monotonic() + _FOR_PICTURES

        def fetch(url: str, stop: threading.Event) -> tuple[str, str | None]:
            left = max(end - time.monotonic(), 0.001)
            return url, shrink(self._fetch(url, _LARGEST_PICTURE, left, stop).content)

        with closing(self._all(fetch, urls)) as found:
            for url, uri in found:
                if uri is not None:
                    yield url, uri

    def whole(self, urls: Iterable[str], most: int) -> Generator[Fetched, None, None]:
        """Fetch media as they are.

        Parameters
        ----------
        urls : iterable of str
            Where they are.
        most : int
            Bytes; what is larger comes as a `MediaTooLargeError`.

        Yields
        ------
        Fetched
            One for each URL, as they come.
        """
        with closing(
            self._all(lambda url, stop: self._fetch(url, most, self._settings.deadline, stop), urls)
        ) as found:
            yield from found

    def _all(
        self, fetch: Callable[[str, threading.Event], Result], urls: Iterable[str]
    ) -> Generator[Result, None, None]:
        stop = threading.Event()
        self._stops.add(stop)
        return work_off(
            lambda url: fetch(url, stop),
            list(dict.fromkeys(urls)),
            workers=_CONNECTIONS,
            stop=stop,
            watch=self._transport.shut_overdue,
            abort=lambda: self._transport.shut(stop),
        )

    def _fetch(self, url: str, most: int, timeout: float, stop: threading.Event) -> Fetched:
        try:
            reply = self._transport.get(
                url,
                most=most,
                timeout=timeout,
                stall=min(self._settings.timeout, timeout),
                about="the media",
                stop=stop,
            )
        except TransportError as error:
            return Fetched(url, error=error.with_traceback(None))
        return Fetched(url, reply.content)
