"""What the magics show: cards, a panel, and where you are."""

from collections.abc import Sequence

from IPython.display import display

from aleph_nb import words
from aleph_nb._version import __version__
from aleph_nb.cards import Card, Facts, Panel, first_cards
from aleph_nb.credentials import env_file
from aleph_nb.errors import ConfigurationError
from aleph_nb.record import Record
from aleph_nb.session import Session

__all__ = ["show_cards", "show_many", "show_where"]


def show_many(session: Session, records: Sequence[Record], limit: int) -> None:
    """Show one task as its card; of many, the first `limit` that succeeded as cards, then one panel."""
    chosen = records if len(records) == 1 and limit else first_cards(records, limit)
    show_cards(session, chosen)
    if len(records) > len(chosen):
        display(Panel(records, cards=limit))


def show_cards(session: Session, records: Sequence[Record], width: int | None = None) -> None:
    """Show tasks as cards."""
    for record in records:
        display(Card(record, labels=session.labels(record.task_id), width=width, media=session.media))


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
    return "not set", f"set KIE_API_KEY here or in {env_file()}, or try the demo: %aleph_demo"
