"""`Player`: two clips on one frame, alone in a cell."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display
from traitlets import Bytes

from aleph_nb.cards import Fold
from aleph_nb.cards.markup import clean, shorten
from aleph_nb.dashboard.bringing import Bringer
from aleph_nb.dashboard.clips import Clips
from aleph_nb.dashboard.front import Front
from aleph_nb.dashboard.opened import let_go, take_place
from aleph_nb.dashboard.pieces import Pieces, asked_piece
from aleph_nb.dashboard.sides import Given, Side, about, is_task, read_fps, short_id, side_of
from aleph_nb.errors import ConfigurationError
from aleph_nb.record import Record
from aleph_nb.session import Session, current_session

__all__ = ["Player"]

_A_MOMENT = 0.3  # seconds that a thumbnail is waited for
_LONGEST_NAME = 60
_TAKES = ("Take 1", "Take 2")


class Player(Front):
    """Plays a result beside its source, or two clips of any origin, on one frame.

    It stays with the service that the session had when it was made.

    Parameters
    ----------
    result : str, Path, bytes or Record
        An http(s) URL, a file, a clip's bytes, a task id or its record; a task's result is meant.
    source : str, Path, bytes or Record, optional
        What it is compared with, likewise. A task given alone is compared with its own source.
    fps : float or (float, float), optional
        Frames a second, of both or of source and result; else they are read from the clips.
    session : Session, optional
        Who asks for tasks; the one that the magics use if not given.

    Raises
    ------
    ConfigurationError
        There is nothing to play, or a file is not there.
    AlephError
        A task could not be asked for.

    Attributes
    ----------
    pair : bytes
        What is played, as JSON: the browser has it at once, also while a cell runs. Where the state of
        widgets is saved, no text of the service stands in it, or in a page made of it, as it is.
    """

    pair = Bytes().tag(sync=True)

    def __init__(
        self,
        result: Given | None = None,
        source: Given | None = None,
        *,
        fps: float | Sequence[float | None] | None = None,
        session: Session | None = None,
    ) -> None:
        session = session or current_session()
        rates = read_fps(fps)
        result, source = _records(session, result, source)
        self._session = session
        self._bringer = Bringer(session, Clips(session.demo).get) if session.demo else Bringer(session)
        self._pieces = Pieces(self._bringer, self.send)
        self.sides = _sides(session, result, source, self._bringer, rates)
        super().__init__(self._hear, view="player", pair=json.dumps(self._pair()).encode())
        self._is_closed = False
        take_place(self)
        if hasattr(self.comm, "on_close"):
            self.comm.on_close(lambda _: self.close())

    def close(self) -> None:
        """Let go of everything."""
        if getattr(self, "_is_closed", True):  # True where it was never whole
            return
        self._is_closed = True
        let_go(self)
        self._pieces.close()
        self._bringer.close()
        self.uncount()
        self.layout.close()
        super().close()

    # ── Shown ────────────────────────────────────────────────────────────────────────────────────

    @property
    def title(self) -> str:
        """What is played, in a line."""
        if len(self._tasks) == 1:
            (record,) = self._tasks.values()
            return about(record)
        return " · ".join(side.about for side in self.sides if side)

    def __repr__(self) -> str:
        shown = " beside ".join(f"{side.name} ({side.about})" for side in reversed(self.sides) if side)
        return f"Player, closed: {shown}" if self._is_closed else f"Player: {shown}"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return what shows the widget; one that is closed has no line to its page any more."""
        if self._is_closed:
            return {"text/plain": repr(self)}, {}
        return super()._repr_mimebundle_(**kwargs)

    def _ipython_display_(self, **_: Any) -> None:
        """Show the widget, and below it the face that is there without a kernel."""
        if self._is_closed:
            display({"text/plain": repr(self)}, raw=True)
            return
        data, metadata = self._repr_mimebundle_() or ({}, {})
        display({**data, "text/plain": repr(self)}, metadata=metadata, raw=True)
        self._show_face()

    @property
    def _tasks(self) -> dict[str, Record]:
        return {side.record.task_id: side.record for side in self.sides if side and side.record}

    def _show_face(self) -> None:
        """Show the face, and again where its thumbnails come later."""
        now, shell = datetime.now(UTC), get_ipython()
        if shell is None or "text/html" not in shell.display_formatter.active_types:
            display(self._face())
            return
        alive = [record for record in self._tasks.values() if not record.has_expired(now)]
        urls = [record.result_image_url for record in alive if record.result_image_url]
        shown: list[str] = []
        publisher = shell.display_pub  # a later cell may have another for a while, as %%capture

        def again(_: str) -> None:
            if shown:
                face = self._face()
                data = {"text/plain": face.text, "text/html": str(face.html)}
                publisher.publish(data, {}, transient={"display_id": shown[0]}, update=True)

        thread = self._session.media.illustrate(urls, again)
        if thread is not None:
            thread.join(_A_MOMENT)
        shown.append(display(self._face(), display_id=True).display_id)

    def _face(self) -> Fold:
        records = self._tasks
        labels = self._session.labels(list(records)) if records else {}
        clips = [(side.name, side.about, side.link) for side in self.sides if side and not side.record]
        return Fold(
            heading=f"Player: {self.title}",
            clips=clips,
            records=list(records.values()),
            labels=labels,
            media=self._session.media if records else None,
        )

    # ── What happens ─────────────────────────────────────────────────────────────────────────────

    def _hear(self, content: Any) -> None:
        if not isinstance(content, Mapping):
            return
        match content.get("type"):
            case "hello":
                self.send({"type": "pair", **self._pair()})
            case "clip" if asked := asked_piece(content):
                self._pieces.ask(*asked)
            case "clip_done":
                self._pieces.done(content.get("url"))

    def _pair(self) -> dict[str, Any]:
        sides = [side.as_dict() if side else None for side in self.sides]
        return {"title": self.title, "sides": sides, "offset": 0}


def _records(
    session: Session, result: Given | None, source: Given | None
) -> tuple[Given | None, Given | None]:
    """Ask for the tasks whose ids were given; a text that is no id stays as it is."""
    ids = [given for given in (result, source) if is_task(given)]
    found = {record.task_id: record for record in session.status(ids)} if ids else {}

    def record(given: Given | None) -> Given | None:
        return found.get(given.strip(), given) if isinstance(given, str) else given

    return record(result), record(source)


def _sides(
    session: Session,
    result: Given | None,
    source: Given | None,
    bringer: Bringer,
    rates: tuple[float | None, float | None],
) -> tuple[Side | None, Side | None]:
    """Make the source's side and the result's."""
    if result is None and source is None:
        raise ConfigurationError("There is nothing to play: Player(result=…, source=…).")
    names = _names(session, result, source)
    sides = [
        None if given is None else side_of(given, name, bringer)
        for given, name in ((source, names[0]), (result, names[1]))
    ]
    if source is None and isinstance(result, Record) and result.source_video_url:
        sides[0] = side_of(result, names[0], bringer, of="source")
    left, right = (side and replace(side, fps=rate) for side, rate in zip(sides, rates, strict=True))
    return left, right


def _label(mine: Mapping[str, str], other: Mapping[str, str]) -> str:
    """Return those of a take's labels that the other has not."""
    told = " · ".join(clean(value) for name, value in mine.items() if value and other.get(name) != value)
    return shorten(told, _LONGEST_NAME)


def _names(session: Session, result: Given | None, source: Given | None) -> tuple[str, str]:
    """Name the sides; two takes by their labels, where these tell them apart."""
    takes = [each for each in (source, result) if isinstance(each, Record)]
    if len(takes) < len(_TAKES):
        return "Source", "Result"
    labels = session.labels([take.task_id for take in takes])
    first, second = (labels.get(take.task_id, {}) for take in takes)
    told = _label(first, second), _label(second, first)
    if all(told):
        return told
    named = [f"{take} · {short_id(each.task_id)}" for take, each in zip(_TAKES, takes, strict=True)]
    return named[0], named[1]
