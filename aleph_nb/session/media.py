"""What of a task's media travels in its card: the demo's clips, thumbnails, and what is embedded."""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aleph_nb import words
from aleph_nb.downloads import Downloads, Fetched
from aleph_nb.pictures import kind_of, shrink, to_data_uri
from aleph_nb.record import Record
from aleph_nb.settings import Settings
from aleph_nb.transport import MediaTooLargeError

if TYPE_CHECKING:
    from aleph_nb.demo import DemoService

__all__ = ["Embedded", "Media"]

_MOST_KEPT = 500  # pictures
_PATIENCE = 0.5  # seconds for a thread to end


@dataclass(frozen=True, slots=True)
class Embedded:
    """What of one record's media goes into its card, and why the rest does not.

    Attributes
    ----------
    uris : dict of str to str
        A data URI for each URL.
    notes : list of str
        A line for each that stays a link.
    """

    uris: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Media:
    """The media of one service's cards. Called with a URL, it returns a data URI, or None.

    Parameters
    ----------
    settings : Settings
        Where the API is.
    demo : DemoService or None
        Its clips travel in their cards: a remote hub's browser cannot reach the kernel's loopback.
    """

    def __init__(self, settings: Settings, demo: "DemoService | None") -> None:
        self._downloads = Downloads(settings)
        self._demo = demo
        self._pictures: dict[str, str] = {}
        self._threads: list[threading.Thread] = []

    def __call__(self, url: str) -> str | None:
        """Return the data URI that stands for a URL; None where the URL itself is to be shown."""
        found = self._demo.media_bytes(url) if self._demo else None
        return to_data_uri(*found) if found else self._pictures.get(url)

    def close(self) -> None:
        """End what is under way."""
        self._downloads.close()
        for thread in self._threads:
            thread.join(_PATIENCE)

    def illustrate(self, urls: Iterable[str], arrived: Callable[[str], None]) -> threading.Thread | None:
        """Fetch thumbnails in a thread of their own, for 5 s at most.

        Parameters
        ----------
        urls : iterable of str
            Where they are; those that are here already are left out.
        arrived : callable
            Called in that thread with each URL whose data URI is here from now on.

        Returns
        -------
        threading.Thread or None
            None where nothing is left to fetch.
        """
        missing = [url for url in dict.fromkeys(urls) if self(url) is None]
        if not missing:
            return None

        def fetch() -> None:
            with closing(self._downloads.pictures(missing)) as found:
                for url, uri in found:
                    self._pictures[url] = uri
                    arrived(url)
            for url in list(self._pictures)[:-_MOST_KEPT]:
                del self._pictures[url]

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=fetch, name="aleph-pictures", daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def embed(
        self, records: Sequence[Record], most: int, arrived: Callable[[Fetched], None]
    ) -> dict[str, Embedded]:
        """Fetch the videos and thumbnails of records, to stand in their cards.

        Parameters
        ----------
        records : sequence of Record
            Those whose media are wanted.
        most : int
            Bytes for one card: the result comes first, then the source if there is room for it.
        arrived : callable
            Called with each that came, or did not.

        Returns
        -------
        dict of str to Embedded
            By task id.
        """
        fetched: dict[str, Fetched] = {}
        urls = [url for record in records for _, url in _media_of(record) if self(url) is None]
        with closing(self._downloads.whole(urls, most)) as found:
            for each in found:
                fetched[each.url] = each
                arrived(each)
        return {record.task_id: _allot(record, fetched, most) for record in records}

    def embeddable(self, records: Iterable[Record]) -> int:
        """Count what `embed` would fetch."""
        return len({url for record in records for _, url in _media_of(record) if self(url) is None})


def _media_of(record: Record) -> list[tuple[str, str]]:
    """Name a record's media, the most wanted first; a result that is past its days is gone."""
    source = [("source video", record.source_video_url)]
    result = [("result video", record.result_video_url), ("thumbnail", record.result_image_url)]
    there = source if record.has_expired(datetime.now(UTC)) else [*result, *source]
    return [(name, url) for name, url in there if url]


def _allot(record: Record, fetched: dict[str, Fetched], most: int) -> Embedded:
    """Fill one card's room."""
    card, room = Embedded(), most
    for name, url in _media_of(record):
        got = fetched.get(url)
        if got is None:
            continue
        uri = None
        if name == "thumbnail":
            uri = shrink(got.content)
        elif len(got.content) <= room and kind_of(got.content).startswith("video/"):
            uri = to_data_uri(kind_of(got.content), got.content)
            room -= len(got.content)
        if uri is not None:
            card.uris[url] = uri
        else:
            card.notes.append(f"The {name} of {record.task_id} stays a link: {_why(got, room, most)}.")
    return card


def _why(got: Fetched, room: int, most: int) -> str:
    size = got.error.size if isinstance(got.error, MediaTooLargeError) else len(got.content)
    if got.error is not None and not isinstance(got.error, MediaTooLargeError):
        return got.error.reason
    if size is not None and size <= room:
        return "what came is neither a video nor a picture"
    told = f"it is {words.size(size)}" if size is not None else f"it is larger than {words.size(most)}"
    left = f", of which {words.size(room)} are left" if room < most else ""
    return f"{told}, and a card takes {words.size(most)}{left} (%config AlephMagics.max_embed_bytes)"
