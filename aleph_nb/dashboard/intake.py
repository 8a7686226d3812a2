"""What the browser says: read with care, bounded, and done. A failure becomes a line of status."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aleph_nb.asked import Asked
from aleph_nb.dashboard.asking import Asking
from aleph_nb.dashboard.clips import Clips
from aleph_nb.dashboard.details import details_of
from aleph_nb.dashboard.outgoing import Outgoing
from aleph_nb.dashboard.pieces import Pieces, asked_piece
from aleph_nb.dashboard.shelf import Shelf
from aleph_nb.dashboard.watching import Watching
from aleph_nb.dashboard.work import Worker
from aleph_nb.errors import AlephError, StorageError
from aleph_nb.ids import read_ids

__all__ = ["Intake"]

_MOST_LINES = 500  # verdicts in a message
_MOST_IDS = 10_000
_MOST_TEXT = 2_000_000  # characters
_MOST_URLS = 64
_LONGEST_ID = 10_000
_LONGEST_UUID = 100
_MOST_LABELS = 50  # of a task
_LONGEST_LABEL = 2_000


class Intake:
    """Reads the messages of a desk's front end, and does what they say.

    Parameters
    ----------
    shelf, out, worker, asking, watching
        The parts of the desk.
    clips : Clips or None
        Where media travel as bytes.
    pieces : Pieces
        Clips that the browser cannot load itself.
    begin : callable
        Tells everything; it is given the round of the beginning that the page shows, or None.
    """

    def __init__(
        self,
        *,
        shelf: Shelf,
        out: Outgoing,
        worker: Worker,
        asking: Asking,
        watching: Watching,
        clips: Clips | None,
        pieces: Pieces,
        begin: Callable[[object], None],
    ) -> None:
        self._shelf = shelf
        self._out = out
        self._worker = worker
        self._asking = asking
        self._watching = watching
        self._clips = clips
        self._pieces = pieces
        self.own: set[str] = set()  # the uuids of lines that are being handed over here
        self._does: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "hello": lambda content: begin(content.get("round")),
            "verdicts": self._verdicts,
            "add": self._add,
            "refresh": self._refresh,
            "watch": self._watch,
            "media": self._media,
            "clip": self._clip,
            "clip_done": lambda content: self._pieces.done(content.get("url")),
            "details": self._details,
        }

    def hear(self, content: Any) -> None:
        """Do what a message says; tell what keeps it from that."""
        try:
            kind = content.get("type") if isinstance(content, Mapping) else None
            does = self._does.get(kind, _refuse) if isinstance(kind, str) else _refuse
            does(content)
        except _RefusedError as error:
            self._out.say(f"The desk sent {error}. Reload the page and run the cell again.", "error")
        except AlephError as error:
            self._out.say(str(error), "error")
        except Exception as error:  # noqa: BLE001, nothing ends in a log that nobody opens
            self._out.say(f"The desk failed: {type(error).__name__}: {error}", "error")

    # ── Verdicts ─────────────────────────────────────────────────────────────────────────────────

    def _verdicts(self, content: Mapping[str, Any]) -> None:
        lines = _list(content, "lines", _MOST_LINES)
        uuids = [uuid for uuid in map(_uuid_of, lines) if uuid]
        self.own = set(uuids)
        try:
            handed = self._shelf.book.judge([self._completed(line) for line in lines])
        except StorageError as error:
            self._out.not_kept(uuids, str(error))
            return
        finally:
            self.own = set()
        if handed.kept:
            self._out.kept([line.uuid for line in handed.kept])
        if handed.refused:
            self._out.refused(line for line in handed.refused if line.uuid)
            if lost := [line for line in handed.refused if not line.uuid]:
                self._out.say(f"A verdict cannot be used: {lost[0].why}.", "error")

    def _completed(self, line: Any) -> Any:
        """Say of a line what the desk knows: whose it is, and of which service."""
        if not isinstance(line, Mapping):
            return line
        return {"reviewer": self._shelf.reviewer, **line, "service": self._shelf.service}

    # ── Tasks ────────────────────────────────────────────────────────────────────────────────────

    def _add(self, content: Mapping[str, Any]) -> None:
        asked = self._named(content) if "ids" in content else _pasted(content)
        if len(asked.ids) > _MOST_IDS:
            asked = asked.first(_MOST_IDS)
            asked.tell(f"More than {_MOST_IDS:,} ids at once: the first {_MOST_IDS:,} are added.")
        if not asked.ids:
            asked.tell("There is no task id in what was given.")
        why = self._shelf.elsewhere
        if why:
            self._out.say(why, "error")
        taken = [] if why else asked.ids
        self._out.send({"type": "added", "ids": taken, "notes": [why] if why else asked.notes})
        if taken:
            self._worker.do(lambda: self._asking.add(asked))

    @staticmethod
    def _named(content: Mapping[str, Any]) -> Asked:
        asked, labels = Asked(), content.get("labels")
        for task_id in _ids(content):
            names = labels.get(task_id) if isinstance(labels, Mapping) else None
            asked.add(task_id, _labels(names))
        return asked

    def _refresh(self, content: Mapping[str, Any]) -> None:
        ids = None
        if content.get("ids") is not None:
            ids = [task_id for task_id in _ids(content) if task_id in self._shelf]
        self._worker.do(lambda: self._asking.refresh(ids))

    def _watch(self, content: Mapping[str, Any]) -> None:
        on = content.get("on")
        if not isinstance(on, bool):
            raise _RefusedError("a watch that is neither on nor off")
        self._watching.turn(on=on)

    def _media(self, content: Mapping[str, Any]) -> None:
        urls = [url for url in _list(content, "urls", _MOST_URLS) if isinstance(url, str)]
        if self._clips is None:
            raise _RefusedError("a request for media that the browser fetches itself")
        for told, buffers in self._clips.messages(urls):
            self._out.send(told, buffers)

    def _clip(self, content: Mapping[str, Any]) -> None:
        asked = asked_piece(content)
        if asked is None:
            raise _RefusedError("a request for a clip that cannot be read")
        self._pieces.ask(*asked)

    def _details(self, content: Mapping[str, Any]) -> None:
        task_id = content.get("task_id")
        if not isinstance(task_id, str) or not self._shelf.has(task_id):
            raise _RefusedError("a request for a task that it does not have")
        self._out.send(details_of(task_id, self._shelf.record(task_id), datetime.now(UTC)))


class _RefusedError(Exception):
    """What was sent cannot be used."""


def _refuse(_: Any) -> None:
    raise _RefusedError("a message that this version does not know")


def _list(content: Mapping[str, Any], name: str, most: int) -> list[Any]:
    values = content.get(name)
    if not isinstance(values, list) or len(values) > most:
        raise _RefusedError(f"{name} that are no list, or more than {most:,}")
    return values


def _ids(content: Mapping[str, Any]) -> list[str]:
    ids = _list(content, "ids", 10 * _MOST_IDS)
    return [each for each in ids if isinstance(each, str) and 0 < len(each) <= _LONGEST_ID]


def _labels(names: Any) -> dict[str, str]:
    """Return the reviewer's own names for a task, as many as there is room for."""
    if not isinstance(names, Mapping):
        return {}
    texts = ((name, text) for name, text in names.items() if isinstance(name, str) and isinstance(text, str))
    return {
        name[:_LONGEST_LABEL]: text[:_LONGEST_LABEL]
        for (name, text), _ in zip(texts, range(_MOST_LABELS), strict=False)
    }


def _pasted(content: Mapping[str, Any]) -> Asked:
    text = content.get("text")
    if not isinstance(text, str) or len(text) > _MOST_TEXT:
        raise _RefusedError(f"a text that is none, or has more than {_MOST_TEXT:,} characters")
    return read_ids(text)


def _uuid_of(line: Any) -> str:
    uuid = line.get("uuid") if isinstance(line, Mapping) else None
    return uuid if isinstance(uuid, str) and len(uuid) <= _LONGEST_UUID else ""
