"""What the magics show: cards, a panel, and where you are."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
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

__all__ = ["show_cards", "show_many", "show_where"]

_UNWATCHED = 6.0  # seconds that thumbnails may take where nobody waits
_NOTHING: Mapping[str, Embedded] = MappingProxyType({})


def show_many(session: Session, records: Sequence[Record], limit: int) -> None:
    """Show one task as its card; of many, the first `limit` that succeeded as cards, then one panel."""
    chosen = records if len(records) == 1 and limit else first_cards(records, limit)
    cards = _Cards(session, chosen)
    if len(records) > len(chosen):
        display(Panel(records, cards=limit))
    cards.illustrate()


def show_cards(
    session: Session,
    records: Sequence[Record],
    width: int | None = None,
    embedded: Mapping[str, Embedded] | None = None,
) -> None:
    """Show tasks as cards; with what is embedded, and a line for what is not."""
    _Cards(session, records, width, embedded or {}).illustrate()


class _Cards:
    """Cards that are shown, and shown anew where their thumbnail arrives later."""

    def __init__(
        self,
        session: Session,
        records: Sequence[Record],
        width: int | None = None,
        embedded: Mapping[str, Embedded] = _NOTHING,
    ) -> None:
        self._session = session
        self._media = session.media
        self._width = width
        self._now = datetime.now(UTC)
        self._awaited: dict[str, list[tuple[Record, Any]]] = {}  # by the thumbnail's URL
        for record in records:
            mine = embedded.get(record.task_id, Embedded())
            handle = display(self._card(record, mine.uris), display_id=True)
            url = record.result_image_url
            if url and url not in mine.uris and not record.has_expired(self._now):
                self._awaited.setdefault(url, []).append((record, handle))
            for note in mine.notes:
                display(Note(note))

    def illustrate(self) -> None:
        """Put the thumbnails into the cards when they come. The DataFrame does not wait for them."""
        shell = get_ipython()
        if "text/html" not in shell.display_formatter.active_types:
            return
        thread = self._media.illustrate(self._awaited, self._redraw)
        if thread is not None and not _somebody_watches(shell):
            thread.join(_UNWATCHED)  # whoever runs a notebook unwatched saves it when its last cell ends

    def _redraw(self, url: str) -> None:
        for record, handle in self._awaited[url]:
            handle.update(self._card(record, {}))

    def _card(self, record: Record, uris: Mapping[str, str]) -> Card:
        return Card(
            record,
            labels=self._session.labels(record.task_id),
            width=self._width,
            media=lambda url: uris.get(url) or self._media(url),
            now=self._now,
        )


def _somebody_watches(shell: Any) -> bool:
    """Tell whether there is a person: a front end that can ask for input has one."""
    request: dict[str, Any] = getattr(shell, "get_parent", dict)()
    return bool(request.get("content", {}).get("allow_stdin", True))


def show_where(session: Session, magics: Sequence[str]) -> None:
    """Show where the session stands: version, service, key, pace, what is known, the magics."""
    settings, counts = session.settings, session.counts()
    pace = f"{settings.rate:g} requests a second" if settings.rate else "no limit of requests a second"
    known = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in counts.items())
    rows = [
        ("Version", __version__, ""),
        ("Service", session.shown_base_url, "the demo; %aleph_demo stop ends it" if session.demo else ""),
        ("Key", *_key(session)),
        ("Pace", f"{pace}, up to {words.plural(settings.workers, 'worker')}", "%config AlephMagics"),
        ("Known here", known or "no tasks yet", "" if known else "paste ids, or try the demo: %aleph_demo"),
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
