"""Media of tasks, fetched without the key: thumbnails for cards, and whole videos to embed."""

import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from aleph_nb.errors import TransportError
from aleph_nb.pictures import shrink
from aleph_nb.pool import work_off
from aleph_nb.transport import Came, MediaTransport

__all__ = ["LARGEST_PICTURE", "Downloads", "Fetched"]

Result = TypeVar("Result")

_FOR_PICTURES = 5.0  # seconds, for all of them together
LARGEST_PICTURE = 8 * 10**6
"""Bytes of a thumbnail, before it is made small."""

_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Fetched:
    """What fetching a URL came to: its bytes, or the error."""

    url: str = field(repr=False)
    content: bytes = field(default=b"", repr=False)
    error: TransportError | None = None


class Downloads:
    """Fetches media, many at once, with no key and no cookie.

    Parameters
    ----------
    private : bool
        Whether private, link-local and loopback addresses may be fetched from. A URL is the service's
        word, and the kernel may stand inside a network that the service should not reach.
    """

    def __init__(self, *, private: bool) -> None:
        self._lock = threading.Lock()
        self._calls: set[threading.Event] = set()  # under way
        self._closed = False
        self._transport = MediaTransport(private=private, connections=_CONNECTIONS)

    def __repr__(self) -> str:
        return f"Downloads({self._transport!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Downloads are not pickled: they hold open connections. Make new ones.")

    def close(self) -> None:
        """Close all connections; what is under way ends, and nothing is begun any more."""
        with self._lock:
            self._closed = True
            calls = list(self._calls)
        for stop in calls:
            stop.set()
        self._transport.close()

    def pictures(self, urls: Iterable[str]) -> Generator[tuple[str, str | None], None, None]:
        """Fetch thumbnails, all at once, and make each a small data URI.

        Parameters
        ----------
        urls : iterable of str
            Where they are.

        Yields
        ------
        tuple of str and str or None
            A URL and the data URI, as they come; None for one that cannot be had within 5 s in all.
        """
        end = time.monotonic() + _FOR_PICTURES

        def fetch(url: str, stop: threading.Event) -> tuple[str, str | None]:
            def wanted() -> bool:
                return not stop.is_set() and time.monotonic() < end

            left = max(end - time.monotonic(), 0.001)
            got = self._fetch(url, LARGEST_PICTURE, left, left, stop)
            return url, shrink(got.content, wanted)

        return self._all(fetch, urls)

    def whole(
        self,
        urls: Iterable[str],
        most: int,
        *,
        timeout: float,
        stall: float,
        came: Came = lambda *_: None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Generator[Fetched, None, None]:
        """Fetch media as they are.

        Parameters
        ----------
        urls : iterable of str
            Where they are.
        most : int
            Bytes; what is larger comes as a `MediaTooLargeError`.
        timeout, stall : float
            Seconds for a whole one, and for a silence.
        came : callable
            Called in the thread that fetches with how many bytes have come, of how many (None where
            the server does not say).
        meanwhile : callable
            Called about ten times a second while they are waited for. What it raises ends the call.

        Yields
        ------
        Fetched
            One for each URL, as they come.
        """
        return self._all(
            lambda url, stop: self._fetch(url, most, timeout, stall, stop, came=came), urls, meanwhile
        )

    def _all(
        self,
        fetch: Callable[[str, threading.Event], Result],
        urls: Iterable[str],
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Generator[Result, None, None]:
        def watch() -> None:
            self._transport.shut_overdue()
            meanwhile()

        stop = threading.Event()
        with self._lock:
            if self._closed:
                return
            self._calls.add(stop)
        try:
            with closing(
                work_off(
                    lambda url: fetch(url, stop),
                    list(dict.fromkeys(urls)),
                    workers=_CONNECTIONS,
                    stop=stop,
                    watch=watch,
                    abort=lambda: self._transport.shut(stop),
                )
            ) as results:
                yield from results
        finally:
            with self._lock:
                self._calls.discard(stop)

    def _fetch(
        self,
        url: str,
        most: int,
        timeout: float,
        stall: float,
        stop: threading.Event,
        *,
        came: Came = lambda *_: None,
    ) -> Fetched:
        try:
            content = self._transport.get(
                url, most=most, timeout=timeout, stall=stall, about="the media", stop=stop, came=came
            )
        except TransportError as error:
            return Fetched(url, error=error.with_traceback(None))
        return Fetched(url, content)
