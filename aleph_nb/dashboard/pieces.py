"""Clips that a browser cannot load itself, in pieces over the widget's comm, each as it is asked for.

The browser pulls, so that no more is under way than it takes, and a kernel that runs a cell sends nothing
behind its back.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aleph_nb.dashboard.later import Later

__all__ = ["PIECE", "Bring", "Clip", "NoClipError", "Pieces", "asked_piece"]

PIECE = 512 * 2**10
"""Bytes of one piece: messages stay small beside what else travels."""

_MOST = 2  # clips that are held or fetched at a time
_UNASKED = 60.0  # seconds after which a clip is let go of
_UNASKED_AND_AWAITED = 10.0  # likewise, where another waits for its place
_TIDY = 2.0  # seconds between two looks
_TWICE = 0.25  # seconds: what waited while a cell ran is asked for several times at once
_BETWEEN, _SIGN_OF_LIFE = 0.2, 1.0  # seconds between two words of progress, at least and at most
_LONGEST_URL = 20_000
_LARGEST = 2**40  # bytes
_PATIENCE = 1.0  # seconds that closing waits for the threads


class NoClipError(Exception):
    """There is no clip; the message says why, as a person is told."""


class _EndedError(Exception):
    """Nobody wants it any more."""


@dataclass(slots=True)
class Clip:
    """A clip that is asked for: what has come of it, and who waits for which piece.

    Attributes
    ----------
    got, size : int or None
        Bytes that have come to the kernel, of how many; None while that is not known.
    """

    url: str = field(repr=False)
    got: int = 0
    size: int | None = None
    kind: str = ""
    content: bytes | None = field(default=None, repr=False)
    thread: threading.Thread | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    asked: float = 0.0  # when, the last time
    wanted: set[int] = field(default_factory=set)  # where pieces begin that are sent once it is here
    sent: dict[int, float] = field(default_factory=dict)  # when, the last time

    def came(self, got: int, size: int | None) -> None:
        """Note how far it is."""
        self.got, self.size = got, size


Bring = Callable[[Clip, Callable[[], None]], tuple[str, bytes]]
"""Brings a clip's MIME type and its bytes, and calls meanwhile what it was handed; raises NoClipError."""

Message = tuple[dict[str, Any], list[bytes]]


class Pieces:
    """Hands out clips in pieces, holds at most two of them, and lets go.

    Parameters
    ----------
    bring : callable
        Fetches a clip, in a thread of its own.
    send : callable
        Takes a message and its buffers, in whatever thread.
    """

    def __init__(self, bring: Bring, send: Callable[[Mapping[str, Any], list[bytes]], None]) -> None:
        self._bring = bring
        self._send = send
        self._lock = threading.Lock()
        self._clips: dict[str, Clip] = {}  # the one asked for last at the end
        self._is_closed = False
        self._later = Later(self._tidy, pause=_TIDY, delay=_TIDY)

    def ask(self, url: str, at: int) -> None:
        """Send a piece, or first fetch the clip, in turn where two are held already."""
        with self._lock:
            if self._is_closed:
                return
            clip = self._clips.pop(url, None) or Clip(url)
            self._clips[url] = clip
            clip.asked = time.monotonic()
            if clip.content is None:
                clip.wanted.add(at)
            messages = [_fetching(clip)] if clip.content is None else _pieces(clip, [at])
        self._tell(messages)
        self._begin()
        self._later.soon()

    def done(self, url: Any) -> None:
        """Let go of a clip."""
        with self._lock:
            clip = self._clips.pop(url, None) if isinstance(url, str) else None
        if clip is not None:
            clip.ended.set()
            self._begin()

    def close(self) -> None:
        """Let go of all clips, and wait a moment for the threads."""
        with self._lock:
            self._is_closed = True
            clips = list(self._clips.values())
            self._clips.clear()
        for clip in clips:
            clip.ended.set()
        self._later.close()
        end = time.monotonic() + _PATIENCE
        for clip in clips:
            if clip.thread is not None and clip.thread is not threading.current_thread():
                clip.thread.join(max(0.0, end - time.monotonic()))

    def _tell(self, messages: list[Message]) -> None:
        for told, buffers in messages:
            self._send(told, buffers)

    # ── In turn ──────────────────────────────────────────────────────────────────────────────────

    def _begin(self) -> None:
        """Fetch what waits while there is room, the latest wish first."""
        with self._lock:
            under_way = [clip for clip in self._clips.values() if clip.thread is not None]
            waiting = [clip for clip in reversed(self._clips.values()) if clip.thread is None]
            begun = waiting[: max(_MOST - len(under_way), 0)]
            for clip in begun:
                clip.thread = threading.Thread(
                    target=self._fetch, args=(clip,), name="aleph-desk-clip", daemon=True
                )
                clip.thread.start()

    def _tidy(self) -> None:
        """Let go of what nobody asks for any more."""
        now = time.monotonic()
        with self._lock:
            is_awaited = any(clip.thread is None for clip in self._clips.values())
            patience = _UNASKED_AND_AWAITED if is_awaited else _UNASKED
            idle = [
                clip
                for clip in self._clips.values()
                if clip.content is not None and now - clip.asked > patience
            ]
            for clip in idle:
                del self._clips[clip.url]
            is_left = bool(self._clips)
        self._begin()
        if is_left:
            self._later.soon()

    # ── One clip ─────────────────────────────────────────────────────────────────────────────────

    def _fetch(self, clip: Clip) -> None:
        """Bring a clip, in its thread, and send what was asked for meanwhile."""
        try:
            kind, content = self._bring(clip, self._reporter(clip))
            messages = self._here(clip, kind, content)
        except _EndedError:
            return
        except NoClipError as error:
            messages = self._failed(clip, str(error))
        except Exception as error:  # noqa: BLE001, nothing ends in a log that nobody opens
            messages = self._failed(clip, f"The kernel failed: {type(error).__name__}: {error}")
        self._begin()
        self._tell(messages)

    def _reporter(self, clip: Clip) -> Callable[[], None]:
        told, told_at = -1, float("-inf")

        def report() -> None:
            nonlocal told, told_at
            if clip.ended.is_set():
                raise _EndedError
            passed = time.monotonic() - told_at
            if passed >= (_BETWEEN if clip.got != told else _SIGN_OF_LIFE):
                told, told_at = clip.got, time.monotonic()
                self._tell([_fetching(clip)])

        return report

    def _here(self, clip: Clip, kind: str, content: bytes) -> list[Message]:
        with self._lock:
            if clip.ended.is_set():
                return []
            clip.kind, clip.content = kind, content
            clip.asked = time.monotonic()
            return _pieces(clip, sorted(clip.wanted))

    def _failed(self, clip: Clip, why: str) -> list[Message]:
        with self._lock:
            if clip.ended.is_set():
                return []
            if self._clips.get(clip.url) is clip:
                del self._clips[clip.url]
        return [({"type": "clip", "url": clip.url, "state": "failed", "why": why}, [])]


def asked_piece(content: Mapping[str, Any]) -> tuple[str, int] | None:
    """Read a browser's request for a piece: of which clip, and where it begins; None for what is none."""
    url, at = content.get("url"), content.get("at")
    if not isinstance(url, str) or len(url) > _LONGEST_URL or isinstance(at, bool):
        return None
    return (url, at) if isinstance(at, int) and 0 <= at < _LARGEST else None


def _fetching(clip: Clip) -> Message:
    return {"type": "clip", "url": clip.url, "state": "fetching", "got": clip.got, "size": clip.size}, []


def _pieces(clip: Clip, places: list[int]) -> list[Message]:
    """Make the messages of pieces; one that was sent a moment ago is on its way."""
    content, now, made = clip.content or b"", time.monotonic(), []
    for at in places:
        if now - clip.sent.get(at, float("-inf")) < _TWICE:
            continue
        clip.sent[at] = now
        piece = content[at : at + PIECE]
        told = {
            "type": "clip",
            "url": clip.url,
            "state": "chunk",
            "at": at,
            "size": len(content),
            "kind": clip.kind,
            "done": at + len(piece) >= len(content),
        }
        made.append((told, [piece]))
    return made
