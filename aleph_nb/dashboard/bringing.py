"""Where a clip's bytes come from: what is held here, the demo, or the web, without the key."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aleph_nb import words
from aleph_nb.dashboard.pieces import Clip, NoClipError
from aleph_nb.downloads import Downloads, Fetched
from aleph_nb.pictures import kind_of
from aleph_nb.session import Session
from aleph_nb.transport import MediaTooLargeError
from aleph_nb.values import is_loopback

__all__ = ["HELD", "Bringer"]

HELD = "kernel:"
"""How the URL of a clip begins that is nowhere but in the kernel, or in a file that it reads."""

_WHOLE = 900.0  # seconds for a whole clip; a silence ends it much sooner
_COLUMNS = ("source_video_url", "result_video_url")
_SETTING = "(%config AlephMagics.max_media_bytes)"


class Bringer:
    """Brings the clips of a desk's rows or of a player, and no others.

    Parameters
    ----------
    session : Session
        Whose settings count. Unless its service is on this machine itself, nothing is fetched from a
        private network.
    at_hand : callable, optional
        Takes a URL and returns the MIME type and the content of what need not be fetched, or None.
    """

    def __init__(
        self, session: Session, at_hand: Callable[[str], tuple[str, bytes] | None] = lambda _: None
    ) -> None:
        self._session = session
        self._at_hand = at_hand
        self._downloads = Downloads(private=is_loopback(urlsplit(session.base_url).hostname))
        self._known: set[int] = set()  # by their hashes: a desk may have a hundred thousand rows
        self._held: dict[str, bytes | Path | str] = {}  # by URL; a text is another URL, of what is at hand

    def __call__(self, clip: Clip, meanwhile: Callable[[], None]) -> tuple[str, bytes]:
        """Bring a clip; see `Bring`."""
        if hash(clip.url) not in self._known and clip.url not in self._held:
            raise NoClipError("It belongs to no task that is shown here")
        most = self._session.settings.max_media_bytes
        content = self._content(clip, most, meanwhile)
        if len(content) > most:
            raise NoClipError(_too_large(len(content), most))
        kind = kind_of(content)
        if not kind.startswith("video/"):
            raise NoClipError("What came is no video")
        return kind, content

    def learn(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Take note of the clips of rows."""
        for name in _COLUMNS:
            self._known.update(hash(url) for url in columns[name] if url)

    def know(self, url: str) -> None:
        """Take note of a clip."""
        self._known.add(hash(url))

    def hold(self, content: bytes | Path) -> str:
        """Hold a clip, or where its file is; return the URL that stands for it."""
        return self._name(content)

    def stand_in(self, url: str) -> str:
        """Take note of a clip; return the URL itself, or one that stands for what is at hand alone."""
        if self._at_hand(url) is not None:
            return self._name(url)
        self.know(url)
        return url

    def close(self) -> None:
        """End what is under way, and hold nothing more."""
        self._downloads.close()
        self._held.clear()

    def _name(self, held: bytes | Path | str) -> str:
        url = f"{HELD}{len(self._held)}"
        self._held[url] = held
        return url

    def _content(self, clip: Clip, most: int, meanwhile: Callable[[], None]) -> bytes:
        held = self._held.get(clip.url, clip.url)
        if isinstance(held, bytes):
            return held
        if isinstance(held, Path):
            return _read(held, most)
        if found := self._at_hand(held):
            return found[1]
        if held is not clip.url:
            raise NoClipError("The demo has it no more, or has stopped")
        return self._fetched(clip, most, meanwhile)

    def _fetched(self, clip: Clip, most: int, meanwhile: Callable[[], None]) -> bytes:
        stall = self._session.settings.timeout
        with closing(
            self._downloads.whole(
                [clip.url], most, timeout=_WHOLE, stall=stall, came=clip.came, meanwhile=meanwhile
            )
        ) as found:
            got = next(found, None)
        if got is None:
            raise NoClipError("It was ended")
        if got.error is not None:
            raise NoClipError(_why(got, most))
        return got.content


def _read(path: Path, most: int) -> bytes:
    why = ""
    try:
        size = path.stat().st_size
        if size <= most:
            return path.read_bytes()
        why = _too_large(size, most)
    except OSError as error:
        why = f"{path.name} cannot be read: {(error.strerror or type(error).__name__).lower()}"
    raise NoClipError(why)


def _why(got: Fetched, most: int) -> str:
    if isinstance(got.error, MediaTooLargeError):
        return _too_large(got.error.size, most)
    reason = got.error.reason if got.error else ""
    return reason[:1].upper() + reason[1:]


def _too_large(size: int | None, most: int) -> str:
    told = f"It is {words.size(size)}" if size is not None else "It is larger than that"
    return f"{told}, and {words.size(most)} may come through the kernel {_SETTING}"
