"""What of a task's media travels in its card: the demo's clips, thumbnails, and what is embedded."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aleph_nb import words
from aleph_nb.downloads import LARGEST_PICTURE, Downloads, Fetched
from aleph_nb.errors import TransportError
from aleph_nb.pictures import kind_of, shrink, to_data_uri, why_not
from aleph_nb.record import Record
from aleph_nb.settings import Settings
from aleph_nb.transport import MediaTooLargeError
from aleph_nb.values import is_loopback

if TYPE_CHECKING:
    from aleph_nb.demo import DemoService

__all__ = ["Embedded", "Media"]

_MOST_KEPT = 500  # pictures
_MOST_TRIES = 2  # for a picture that cannot be had
_PATIENCE = 0.5  # seconds for all threads to end
_THUMBNAIL = "thumbnail"
_SOURCE = "source video"


@dataclass(frozen=True, slots=True)
class Embedded:
    """What of one record's media goes into its card, and why the rest does not.

    Attributes
    ----------
    uris : dict of str to str
        A data URI for each URL.
    notes : list of str
        A line for each that stays a link.
    size : int
        Bytes of the videos.
    """

    uris: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    size: int = 0


class Media:
    """The media of one service's cards. Called with a URL, it returns a data URI, or None.

    Parameters
    ----------
    settings : Settings
        Of which `base_url`, `timeout` and `deadline` count. Unless that is on this machine itself,
        nothing is fetched from a private network.
    demo : DemoService or None
        Its clips travel in their cards: a remote hub's browser cannot reach the kernel's loopback.

    Attributes
    ----------
    settings : Settings
        As given; may be set anew, but for the base URL.
    is_slow : bool
        Whether thumbnails were waited for, and took longer than one waits.
    """

    def __init__(self, settings: Settings, demo: "DemoService | None") -> None:
        self.settings = settings
        self.is_slow = False
        self._downloads = Downloads(private=is_loopback(urlsplit(settings.base_url).hostname))
        self._demo = demo
        self._lock = threading.Lock()
        self._pictures: dict[str, str] = {}
        self._failed: dict[str, int] = {}  # how often, by URL
        self._threads: list[threading.Thread] = []

    def __call__(self, url: str) -> str | None:
        """Return the data URI that stands for a URL; None where the URL itself is to be shown."""
        found = self._demo.media_bytes(url) if self._demo else None
        return to_data_uri(*found) if found else self._pictures.get(url)

    def close(self) -> None:
        """End what is under way."""
        self._downloads.close()
        end = time.monotonic() + _PATIENCE
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))

    def illustrate(self, urls: Iterable[str], arrived: Callable[[str], None]) -> threading.Thread | None:
        """Fetch thumbnails in a thread of their own, for 5 s at most.

        Parameters
        ----------
        urls : iterable of str
            Where they are. Those that are here already, or could not be had twice, are left out.
        arrived : callable
            Called in that thread with each URL whose data URI is here from now on.

        Returns
        -------
        threading.Thread or None
            None where nothing is left to fetch.
        """
        missing = [
            url for url in dict.fromkeys(urls) if self._failed.get(url, 0) < _MOST_TRIES and self(url) is None
        ]
        if not missing:
            return None

        def fetch() -> None:
            with closing(self._downloads.pictures(missing)) as found:
                for url, uri in found:
                    self._keep(url, uri)
                    if uri is not None:
                        arrived(url)

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=fetch, name="aleph-pictures", daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _keep(self, url: str, uri: str | None) -> None:
        with self._lock:
            if uri is None:
                self._failed[url] = self._failed.get(url, 0) + 1
                return
            self._pictures[url] = uri
            if len(self._pictures) > _MOST_KEPT:
                del self._pictures[next(iter(self._pictures))]

    def embeddable(self, records: Iterable[Record]) -> int:
        """Count the files that `embed` has to fetch for these records."""
        return sum(self(url) is None for record in records for _, url in _media_of(record))

    def embed(
        self, records: Iterable[Record], most: int, arrived: Callable[[Fetched], None]
    ) -> Iterator[tuple[Record, Embedded]]:
        """Fetch the videos and thumbnails of records, to stand in their cards, one card after another.

        Parameters
        ----------
        records : iterable of Record
            Whose media are wanted.
        most : int
            Bytes of the videos of a card: the result comes first, then the source if there is room.
        arrived : callable
            Called with each file that came, or did not.

        Yields
        ------
        tuple of Record and Embedded
            In the order given, each as soon as it is whole.
        """
        source: Fetched | None = None  # takes of one source follow each other
        for record in records:
            card, room = Embedded(), most
            for name, url in _media_of(record):
                if self(url) is not None:
                    continue
                held = source if source is not None and source.url == url else None
                got = held or self._whole(url, LARGEST_PICTURE if name == _THUMBNAIL else room)
                arrived(got)
                uri = shrink(got.content) if name == _THUMBNAIL else _as_video(got.content, room)
                if uri is None:
                    why = _why(got, name, room, most)
                    card.notes.append(f"The {name} of {record.task_id} stays a link: {why}.")
                    continue
                card.uris[url] = uri
                room -= 0 if name == _THUMBNAIL else len(got.content)
                source = got if name == _SOURCE else source
            yield record, replace(card, size=most - room)

    def _whole(self, url: str, most: int) -> Fetched:
        timeout, stall = self.settings.deadline, self.settings.timeout
        with closing(self._downloads.whole([url], most, timeout=timeout, stall=stall)) as found:
            return next(found, Fetched(url, error=TransportError("It was ended.", "it was ended")))


def _media_of(record: Record) -> list[tuple[str, str]]:
    """Name a record's media, the most wanted first; a result that is past its days is gone."""
    source = [(_SOURCE, record.source_video_url)]
    result = [("result video", record.result_video_url), (_THUMBNAIL, record.result_image_url)]
    there = source if record.has_expired(datetime.now(UTC)) else [*result, *source]
    return [(name, url) for name, url in there if url]


def _as_video(content: bytes, room: int) -> str | None:
    kind = kind_of(content)
    return to_data_uri(kind, content) if kind.startswith("video/") and len(content) <= room else None


def _why(got: Fetched, name: str, room: int, most: int) -> str:
    if isinstance(got.error, MediaTooLargeError) or (name != _THUMBNAIL and len(got.content) > room):
        size = got.error.size if isinstance(got.error, MediaTooLargeError) else len(got.content)
        told = f"it is {words.size(size)}" if size is not None else f"it is larger than {words.size(room)}"
        if name == _THUMBNAIL:
            return told
        left = f", of which {words.size(room)} are left" if room < most else ""
        return f"{told}, and a card takes {words.size(most)}{left} (%config AlephMagics.max_embed_bytes)"
    if got.error is not None:
        return got.error.reason
    return why_not(got.content) if name == _THUMBNAIL else "what came is no video"
