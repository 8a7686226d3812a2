"""What the magics show: cards, a panel, and where you are."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from threading import Lock, Thread
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from aleph_nb import words
from aleph_nb._version import __version__
from aleph_nb.cards import Card, Facts, Note, Panel, first_cards
from aleph_nb.credentials import env_file
from aleph_nb.errors import ConfigurationError
from aleph_nb.record import Record
from aleph_nb.session import Embedded, Session

__all__ = ["Cards", "show_many", "show_where", "shows_html"]

_A_MOMENT = 0.3  # seconds
_DEMO = ", or try the demo: %aleph_demo"
_UNWATCHED = 6.0  # seconds that thumbnails may take where nobody watches


def show_many(session: Session, records: Sequence[Record], limit: int) -> None:
    """Show one task as its card; of many, the first `limit` that succeeded as cards, then one panel."""
    now = datetime.now(UTC)
    chosen = records if len(records) == 1 and limit else first_cards(records, limit, now)
    cards = Cards(session, now)
    cards.fetch_thumbnails(chosen)
    for record in chosen:
        cards.show(record)
    if len(records) > len(chosen):
        names = session.labels(record.task_id for record in records)
        display(Panel(records, cards=limit, labels=lambda task_id: names.get(task_id, {}), now=now))
    cards.finish()


class Cards:
    """Cards that are shown, and shown anew where their thumbnail comes later.

    To be shown anew lets a video that plays begin again. So thumbnails have a moment before their
    cards are shown, which most hosts need; and where one host was slower, the next cards do without.

    Parameters
    ----------
    session : Session
        Whose records and media they are.
    now : datetime, optional
        The moment that ages are counted from.
    width : int, optional
        As a card's.
    """

    def __init__(self, session: Session, now: datetime | None = None, width: int | None = None) -> None:
        self._session = session
        self._media = session.media
        self._now = now or datetime.now(UTC)
        self._width = width
        self._shell = get_ipython()
        self._publisher = self._shell.display_pub  # a later cell may have another for a while, as %%capture
        self._thread: Thread | None = None
        self._showing = Lock()
        self._awaited: dict[str, list[tuple[str, Callable[[], Card]]]] = {}  # by the thumbnail's URL

    def fetch_thumbnails(self, records: Iterable[Record]) -> None:
        """Fetch the thumbnails of what is to be shown; the next cell does not wait for them."""
        if not shows_html(self._shell) or not isinstance(self._publisher, self._shell.display_pub_class):
            return
        alive = (record for record in records if not record.has_expired(self._now))
        urls = [record.result_image_url for record in alive if record.result_image_url]
        self._thread = self._media.illustrate(urls, self._redraw)
        if self._thread is not None and not self._media.is_slow:
            self._thread.join(_A_MOMENT)
            self._media.is_slow = self._thread.is_alive()

    def show(self, record: Record, embedded: Embedded | None = None) -> None:
        """Show a record's card; with what is embedded, a line for what is not."""
        uris = embedded.uris if embedded else {}
        make = partial(
            Card,
            record,
            labels=self._session.labels([record.task_id]).get(record.task_id, {}),
            width=self._width,
            media=lambda url: uris.get(url) or self._media(url),
            now=self._now,
        )
        with self._showing:  # a thumbnail that comes just now is in the card, or finds it awaited
            url = record.result_image_url
            is_awaited = self._thread is not None and url is not None and self._media(url) is None
            handle = display(make(), display_id=True)
            if is_awaited:
                self._awaited.setdefault(str(url), []).append((handle.display_id, make))
        for note in embedded.notes if embedded else ():
            display(Note(note))

    def finish(self) -> None:
        """Where nobody watches, wait for the thumbnails: the notebook is saved when its last cell ends."""
        if self._thread is not None and not _somebody_watches(self._shell):
            with suppress(KeyboardInterrupt):  # which ends the waiting, and nothing else
                self._thread.join(_UNWATCHED)

    def _redraw(self, url: str) -> None:
        with self._showing:
            awaited = self._awaited.pop(url, [])
        for display_id, make in awaited:
            data, metadata = self._shell.display_formatter.format(make())
            transient = {"display_id": display_id}
            self._publisher.publish(data, metadata, transient=transient, update=True)


def shows_html(shell: Any) -> bool:
    """Tell whether the front end shows more than text."""
    return "text/html" in shell.display_formatter.active_types


def _somebody_watches(shell: Any) -> bool:
    """Tell whether there is a person: a front end that can ask for input has one."""
    request: dict[str, Any] = getattr(shell, "get_parent", dict)()
    return bool(request.get("content", {}).get("allow_stdin", True))


def show_where(session: Session, magics: Sequence[str]) -> None:
    """Show where the session stands: version, service, key, pace, what is known, the magics."""
    settings, ledger = session.settings, session.keeper.shown
    counts = session.counts()  # behind it, and silent about what it tells
    pace = f"{settings.rate:g} requests a second" if settings.rate else "no limit of requests a second"
    known = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in counts.items())
    rows = [
        ("Version", __version__, ""),
        ("Service", session.shown_base_url, "the demo; %aleph_demo stop ends it" if session.demo else ""),
        ("Key", *_key(session)),
        ("Pace", f"{pace}, up to {words.plural(settings.workers, 'worker')}", session.shared_pace),
        ("Ledger", ledger, "%config AlephMagics.ledger" if not session.demo else ""),
        (
            "Tasks",
            known or "no tasks yet",
            "" if known else "paste ids (%aleph_status ID ID)" + _DEMO * (session.demo is None),
        ),
        ("Magics", "  ".join(f"%{name}" for name in magics), "each tells more with a ? behind it"),
    ]
    display(Facts("aleph_nb", rows))


def _key(session: Session) -> tuple[str, str]:
    """Say whether there is a key and from where, never a character of it."""
    try:
        source = session.key_source
    except ConfigurationError as error:
        return "cannot be used", str(error)
    if source:
        return f"from {source}", ""
    return (
        "not set",
        f"%aleph_login asks for it; or set KIE_API_KEY here or in {env_file()}; or try %aleph_demo",
    )
