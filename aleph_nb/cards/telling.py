"""What there is to say about a record at a moment: one reading of it, for every face."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aleph_nb import words
from aleph_nb.cards.markup import clean, shorten
from aleph_nb.errors import code_meaning, remedy
from aleph_nb.record import Record, State

__all__ = ["Fact", "Telling", "first_cards", "sentence", "tell"]

SOON = timedelta(days=3)
"""A result that has less than this to live needs a look."""

_MESSAGE_LIMIT = 600
_FINE = (0, 200)  # codes that say nothing about a failure
_REFUSED = (400, 422)  # what was asked for was refused: the same again will be refused again

_HEADS = {
    State.in_progress: ("Running", "running"),
    State.succeeded: ("Succeeded", "green"),
    State.failed: ("Failed", "red"),
    State.not_found: ("Not found", "grey"),
    State.unknown: ("Unknown", "grey"),
    State.no_answer: ("No answer", "grey"),
}
_MISSING = (
    "Check the id; a task just created may take half a minute to appear; "
    "the service forgets tasks after two months."
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A few words for the line of facts, the exact times behind them, and their colour."""

    text: str
    title: str = ""
    hue: str = "quiet"


@dataclass(frozen=True, slots=True)
class Telling:
    """A record in words.

    Attributes
    ----------
    word, hue : str
        The state in a word, "Expired" and "Dies soon" included, and its colour's name.
    facts : tuple of Fact
        How long, when, and how long the result still lives.
    reason, advice : str
        What happened, in sentences, and what to do about it; "" where the word says all.
    brief : str
        The reason in one short sentence, for a line of a panel.
    rank : int
        How urgent a look is, 0 first; -1 where none is needed.
    """

    word: str
    hue: str
    facts: tuple[Fact, ...] = ()
    reason: str = ""
    advice: str = ""
    brief: str = ""
    rank: int = -1


def tell(record: Record, now: datetime) -> Telling:
    """Say what became of a record, as of `now`."""
    if record.state is State.succeeded:
        return _succeeded(record, now)
    word, hue = _HEADS[record.state]
    facts = _facts(record, now)
    if record.state is State.in_progress:
        return Telling(word, hue, facts, advice="%aleph_watch waits until it is done.")
    if record.state is State.failed:
        return Telling(word, hue, facts, _failure(record), _after_failure(record), _failure_brief(record), 1)
    told = sentence(clean(record.reason))
    if record.state is State.not_found:
        reason = "The service knows no such task."
        return Telling(word, hue, facts, reason, _MISSING, reason, 3)
    if record.state is State.unknown:
        reason = f"The answer does not say what became of it: {told}" if told else "The answer does not say."
        advice = "Run the cell again; if it stays so, ask the service about this id."
        return Telling(word, hue, facts, reason, advice, reason, 2)
    reason = told or "The service did not answer."
    return Telling(word, hue, facts, reason, _after_silence(record), shorten(reason, 200), 4)


def first_cards(records: Sequence[Record], limit: int, now: datetime | None = None) -> list[Record]:
    """Pick those that are shown as cards: the first `limit` that succeeded and have not expired."""
    now = now or datetime.now(UTC)
    fit = (r for r in records if r.state is State.succeeded and not r.has_expired(now))
    return [record for record, _ in zip(fit, range(limit), strict=False)]


def sentence(text: str) -> str:
    """End a text as a sentence ends."""
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def _succeeded(record: Record, now: datetime) -> Telling:
    facts = _facts(record, now)
    note = sentence(clean(record.reason))
    until = record.expires_at
    if until is None:
        return Telling("Succeeded", "green", facts, note)
    title = f"until {words.exact(until)}"
    if record.has_expired(now):
        gone = f"The service deleted this result on {words.date(until, now)}."
        facts = (*facts, Fact(f"deleted {words.ago(until, now)}", title))
        again = "Create the task again if it is needed."
        return Telling("Expired", "grey", facts, f"{gone} {note}".strip(), again, gone, 5)
    left = words.remaining(until, now)
    if until - now < SOON:
        dies = f"The service deletes this result in {left}."
        keep = "Keep it: save the video, or %aleph_show --embed."
        facts = (*facts, Fact(f"{dies.removesuffix('.')}: save it", title, "amber"))
        return Telling("Succeeded", "green", facts, note, keep, dies, 0)
    return Telling("Succeeded", "green", (*facts, Fact(f"result lives {left}", title, "read")), note)


def _facts(record: Record, now: datetime) -> tuple[Fact, ...]:
    """How long it took or has run, and when that was."""
    created, completed = record.create_time, record.complete_time
    title = f"created {words.exact(created)}" if created else ""
    if record.state is State.in_progress:
        return (Fact(f"{words.duration(now - created)} so far", title),) if created else ()
    if completed:
        title = f"{title}, completed {words.exact(completed)}".removeprefix(", ")
    facts = []
    if record.elapsed is not None:
        how = "took" if record.state is State.succeeded else "after"
        facts.append(Fact(f"{how} {words.duration(record.elapsed)}", title))
    if when := completed or created:
        facts.append(Fact(words.ago(when, now), title))
    return tuple(facts)


def _failure(record: Record) -> str:
    """Tell the code and its meaning, then the service's own words; else what the state's table says."""
    code, message = _told(record)
    meaning = code_meaning(code) if code is not None else ""
    parts = []
    if code is not None:
        parts.append(sentence(f"{code}: {meaning}" if meaning else f"Error {code}"))
    if message:
        parts.append(f"The service says: {sentence(shorten(message, _MESSAGE_LIMIT))}")
    return " ".join(parts) or sentence(_upper(clean(record.reason) or "generation failed"))


def _failure_brief(record: Record) -> str:
    code, message = _told(record)
    what = shorten(message, 200) or (code_meaning(code) if code is not None else "") or clean(record.reason)
    return sentence(f"{code}: {what}" if code is not None else _upper(what or "generation failed"))


def _told(record: Record) -> tuple[int | None, str]:
    """Give the error of the record: its code, where that says anything, and its message."""
    code = None if record.error_code in _FINE else record.error_code
    return code, clean(record.error_message)


def _after_failure(record: Record) -> str:
    if record.error_code in _REFUSED:
        return "Change the prompt or the source, and create the task again."
    if record.error_code == 402:  # noqa: PLR2004 - the service's code for credits
        return "Top up the account and create the task again."
    if record.error_code == 451:  # noqa: PLR2004 - the service's code for media it cannot fetch
        return "Check that the source opens without signing in, and create the task again."
    return "Create the task again; if it fails again, change the prompt or the source."


def _after_silence(record: Record) -> str:
    well = "The task itself may be well"
    if record.code is None:
        return f"{well}: run the cell again."
    if record.code in _FINE:
        return f"{well}: run the cell again; if it stays so, check base_url."
    return f"{well}. {remedy(record.code)}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
