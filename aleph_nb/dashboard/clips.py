"""The demo's thumbnails and clips as bytes: a browser elsewhere cannot reach the kernel's loopback."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aleph_nb.dashboard.feed import Message

if TYPE_CHECKING:
    from aleph_nb.demo import DemoService

__all__ = ["Clips"]

_COLUMNS = ("source_video_url", "result_video_url", "result_image_url")
_ELSEWHERE = "it belongs to no task of this desk"
_GONE = "the demo has it no more, or has stopped"


class Clips:
    """Hands out the media of a desk's rows, and of nothing else.

    Parameters
    ----------
    demo : DemoService
        Who has them.
    """

    def __init__(self, demo: "DemoService") -> None:
        self._demo = demo
        self._urls: set[str] = set()

    def learn(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Take note of the URLs of rows."""
        for name in _COLUMNS:
            self._urls.update(url for url in columns[name] if url)

    def get(self, url: str) -> tuple[str, bytes] | None:
        """Return the MIME type and the content; None where there is none.

        A desk stays open while the demo is started again, at another port.
        """
        try:
            path = urlsplit(url).path
        except ValueError:
            return None
        return self._demo.media_bytes(self._demo.base_url + path)

    def messages(self, urls: Iterable[str]) -> Iterator[Message]:
        """Make the messages that answer a request."""
        for url in urls:
            found = self.get(url) if url in self._urls else None
            if found is None:
                why = _GONE if url in self._urls else _ELSEWHERE
                yield {"type": "media", "url": url, "error": why}, []
            else:
                kind, content = found
                yield {"type": "media", "url": url, "kind": kind}, [content]
