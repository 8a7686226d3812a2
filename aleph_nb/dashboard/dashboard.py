"""`Dashboard`: the desk and the table, bound to the service and the ledger that they were opened with."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IPython.display import display
from ipywidgets import HTML, Label, Tab, VBox

from aleph_nb import words
from aleph_nb.asked import Asked
from aleph_nb.dashboard.asking import Asking
from aleph_nb.dashboard.bringing import Bringer
from aleph_nb.dashboard.clips import Clips
from aleph_nb.dashboard.desk import Desk
from aleph_nb.dashboard.elsewhere import Elsewhere
from aleph_nb.dashboard.face import StaticFace
from aleph_nb.dashboard.intake import Intake
from aleph_nb.dashboard.later import Later
from aleph_nb.dashboard.opened import let_go, take_place
from aleph_nb.dashboard.outgoing import Outgoing
from aleph_nb.dashboard.pieces import Pieces
from aleph_nb.dashboard.shelf import Shelf
from aleph_nb.dashboard.table import MOST_ROWS, table_html, table_line
from aleph_nb.dashboard.watching import Watching
from aleph_nb.dashboard.work import Worker
from aleph_nb.errors import AlephError, ConfigurationError
from aleph_nb.ids import read_ids
from aleph_nb.review import Verdict
from aleph_nb.session import Session, current_session

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Dashboard"]

_DESK, _TABLE = 0, 1  # the tabs
_WIDGET = "application/vnd.jupyter.widget-view+json"
_FACE_PAUSE, _FACE_DELAY = 5.0, 1.0  # seconds
_TABLE_PAUSE, _TABLE_DELAY = 2.0, 0.2
_UNSEEN = 0.7  # seconds without a view, after which nobody looks; a cell that is moved has none for a moment


class Dashboard(Tab):
    """The review desk: a widget with the desk and the table.

    It stays with the service and the ledger that the session had when it was made. What takes time is
    done in a thread, so that cells run meanwhile.

    Parameters
    ----------
    ids : str, list, Series, DataFrame or Asked, optional
        The tasks; all that the ledger knows of the service if not given.
    session : Session, optional
        Who asks; the one that the magics use if not given.
    """

    def __init__(self, ids: Any = None, *, session: Session | None = None) -> None:
        session = session or current_session()
        asked = ids if ids is None or isinstance(ids, Asked) else read_ids(ids)
        self._shelf = shelf = Shelf(session, asked)
        if asked is not None:
            shelf.keeper.ask(asked.labels)  # whatever happens from here on, they are in the ledger
        self._clips = Clips(session.demo) if session.demo is not None else None
        self._bringer = Bringer(session, self._clips.get) if self._clips else Bringer(session)
        self._out = Outgoing(shelf, self._tell_page, self._clips, self._learn)
        self.desk = Desk(self._hear, beginning=self._out.beginning()[0])
        self._pieces = Pieces(self._bringer, self._out.send)
        self._worker = Worker(self._failed)
        parts = (session, shelf, self._worker, self._out, self._rows_changed)
        self._asking, self._watching = Asking(*parts), Watching(*parts)
        self._intake = Intake(
            shelf=shelf,
            out=self._out,
            worker=self._worker,
            asking=self._asking,
            watching=self._watching,
            clips=self._clips,
            pieces=self._pieces,
            begin=self._begin,
        )
        self._elsewhere = Elsewhere(shelf, self._worker, self._out, self._rows_changed, self._safely)
        self._face = StaticFace(shelf, session.media, self._clips)
        self._face_later = Later(self._safely(self._face.update), pause=_FACE_PAUSE, delay=_FACE_DELAY)
        self._table_later = Later(self._safely(self._draw_table), pause=_TABLE_PAUSE, delay=_TABLE_DELAY)
        self._unseen_later = Later(self._safely(self._nobody_looks), pause=0, delay=_UNSEEN)
        self._table_line, self._table = Label(layout={"flex": "0 0 auto"}), HTML(layout={"flex": "0 0 auto"})
        self._table.add_class("jp-RenderedHTMLCommon")  # JupyterLab's own look of a DataFrame
        table = VBox([self._table_line, self._table], layout={"max_height": "690px", "overflow": "auto"})
        super().__init__(children=[self.desk, table])
        self.set_title(_DESK, "Desk")
        self.set_title(_TABLE, "Table")
        self._is_closed = False
        self._take_place(asked)

    def _take_place(self, asked: Asked | None) -> None:
        """Take the place of the cell's earlier desk, listen, and tell the browser everything."""
        take_place(self)
        self._shelf.keeper.listeners.append(self._judged)
        self._elsewhere.listen()
        self.observe(lambda _: self._safely(self._draw_table)(), "selected_index")
        self.desk.observe(self._views_changed, "_view_count")
        for widget in (self, self.desk):
            if hasattr(widget.comm, "on_close"):
                widget.comm.on_close(lambda _: self.close())
        if asked is not None:
            self._worker.do(self._asking.ask_first)

    def _begin(self, round_: object) -> None:
        """Tell a page everything; one that shows the beginning already, what is beyond it."""
        self.desk.beginning = []
        if self._out.go_on(round_) or self._out.begin():
            self._worker.do(self._asking.rest)

    def close(self) -> None:
        """End what is under way, write the static face a last time, and close the widgets."""
        if getattr(self, "_is_closed", True):  # True where it was never whole
            return
        self._is_closed = True
        let_go(self)
        if self._judged in self._shelf.keeper.listeners:
            self._shelf.keeper.listeners.remove(self._judged)
        self._elsewhere.close()
        self._worker.close()
        self._pieces.close()
        self._bringer.close()
        for later in (self._unseen_later, self._table_later, self._face_later):
            later.close()
        self.desk.uncount()  # else its views count themselves out, over a line that is closed
        _, table = self.children
        for widget in (self.desk, *table.children, table):
            _close_parts(widget)
            widget.close()
        _close_parts(self)
        super().close()

    # ── In code ──────────────────────────────────────────────────────────────────────────────────

    @property
    def frame(self) -> "pd.DataFrame":
        """The tasks with their verdicts as they are now, the newest first.

        Raises
        ------
        StorageError
            The ledger cannot be read.
        """
        return self._shelf.frame(self._shelf.book.reviews())

    @property
    def selected(self) -> str | None:
        """The id of the task that is chosen in the desk; None for none. A new one moves the desk."""
        return self.desk.selected or None

    @selected.setter
    def selected(self, task_id: str | None) -> None:
        if task_id and not self._shelf.has(task_id):
            raise ConfigurationError(f"The desk has no task {task_id}. Its tasks are in dashboard.frame.")
        self.desk.selected = task_id or ""

    def reviews(self) -> "pd.DataFrame":
        """Return the verdicts, a row for each task that has one; as `Session.reviews`.

        Raises
        ------
        StorageError
            The ledger cannot be read.
        """
        return self._shelf.reviews_frame()

    # ── Shown ────────────────────────────────────────────────────────────────────────────────────

    def __repr__(self) -> str:
        if self._is_closed:
            return f"Dashboard of {self._shelf.service}, closed"
        reviewed = len(self._shelf.reviews())
        told = f"{words.plural(self._shelf.total, 'task')} of {self._shelf.service}, {reviewed:,} reviewed"
        return f"Dashboard: {told}. In code: .frame, .selected, .reviews()"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._bundle()

    def _bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what shows the widget; Colab's part of it is the desk's own."""
        if self._is_closed:
            return {"text/plain": repr(self)}, {}
        theirs = self.desk._repr_mimebundle_() or ({}, {})
        metadata = theirs[1] if isinstance(theirs, tuple) else {}
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"text/plain": repr(self), _WIDGET: view}, metadata

    def _ipython_display_(self, **_: Any) -> None:
        """Show the widget, and below it the face that is there without a kernel."""
        data, metadata = self._bundle()
        display(data, metadata=metadata, raw=True)
        if not self._is_closed:
            self._face.show()
            self._face_later.done()

    # ── What happens ─────────────────────────────────────────────────────────────────────────────

    def _hear(self, content: Any) -> None:
        self._intake.hear(content)

    def _tell_page(self, told: Mapping[str, Any], buffers: list[bytes]) -> None:
        self.desk.send(told, buffers)

    def _learn(self, columns: Mapping[str, Sequence[Any]]) -> None:
        for learner in (self._clips, self._bringer):
            if learner is not None:
                learner.learn(columns)

    def _failed(self, error: Exception) -> None:
        if not self._is_closed:
            told = str(error) if isinstance(error, AlephError) else f"{type(error).__name__}: {error}"
            self._out.say(f"The desk failed: {told}", "error")

    def _safely(self, action: Callable[[], None]) -> Callable[[], None]:
        """Return what does it, and tells of a failure in the line of status."""

        def run() -> None:
            try:
                action()
            except Exception as error:  # noqa: BLE001, nothing ends in a log that nobody opens
                self._failed(error)

        return run

    def _rows_changed(self) -> None:
        self._face_later.soon()
        if self.selected_index == _TABLE:
            self._table_later.soon()

    def _judged(self, lines: Sequence[Verdict]) -> None:
        """Take in verdicts that are in the ledger now; show those that were given elsewhere."""

        def take() -> None:
            new = self._shelf.heard(lines)
            if elsewhere := [line for line in new if line.uuid not in self._intake.own]:
                self._out.lines(elsewhere)
            if new:
                self._rows_changed()

        self._safely(take)()

    def _views_changed(self, change: Mapping[str, Any]) -> None:
        if not change["new"]:
            self._unseen_later.soon()

    def _nobody_looks(self) -> None:
        """End what is under way where the cell's output was cleared."""
        if not self.desk.views and self._worker.is_busy:
            self._worker.stop()
            self._watching.turn(on=False)

    def _draw_table(self) -> None:
        if self.selected_index != _TABLE or self._is_closed:
            return
        try:
            frame = self._shelf.frame(self._shelf.reviews(), MOST_ROWS)
            line, html = table_line(len(frame), self._shelf.total), table_html(frame)
        except AlephError as error:
            line, html = str(error), ""
        self._table_line.value, self._table.value = line, html


def _close_parts(widget: Any) -> None:
    """Close the small widgets that come with a widget, and stay behind when it closes."""
    for name in ("layout", "style"):
        if widget.has_trait(name):
            getattr(widget, name).close()
