"""What may stand at the cursor: options, choices, files, variables, and the ids that are known."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from types import ModuleType
from typing import Any

from aleph_nb.completion.place import Place, Unfinished, find_place, read_unfinished
from aleph_nb.completion.writing import find_files, write
from aleph_nb.errors import ConfigurationError
from aleph_nb.line import split

__all__ = ["Offer", "Offers", "find_offers"]

_MOST_IDS = 50
_FILE = "FILE"  # the metavar of what takes a file's name
_TAG = "TAG"  # likewise, a tag
_REPEATABLE = ("_AppendAction", "_AppendConstAction", "_CountAction", "_ExtendAction")


@dataclass(frozen=True, slots=True)
class Offer:
    """One completion: what it writes in the fragment's place, and a word for what it is."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Offers:
    """The fragment before the cursor, and what may take its place, best first."""

    fragment: str
    offers: list[Offer]

    def for_token(self, token: str) -> list[str]:
        """Write the completions for a completer that cuts the text elsewhere, and replaces `token`."""
        texts = [offer.text for offer in self.offers]
        if not self.fragment.endswith(token):
            return [token.removesuffix(self.fragment) + text for text in texts]
        head = self.fragment.removesuffix(token)
        return [text.removeprefix(head) for text in texts if text.startswith(head)]


def find_offers(shell: Any, magics: Any, text: str, row: int, column: int) -> Offers | None:
    """Find what completes the line at the cursor; None where it is not ours to complete.

    Parameters
    ----------
    shell : InteractiveShell
        Whose variables are offered behind a `$`.
    magics : Magics
        The instance whose magics count.
    text : str
        The cell.
    row, column : int
        The cursor's, from 0.
    """
    automagic: frozenset[str] = frozenset()
    if getattr(shell, "automagic", False):
        automagic = frozenset(magics.magics["line"]).difference(shell.user_ns)
    place = find_place(text, row, column, magics.magics, automagic)
    typed = read_unfinished(place.before) if place else None
    if place is None or typed is None:
        return None
    offers = list(_offers(shell, magics, place, typed))
    return Offers(typed.quote + typed.text, offers) if offers else None


def _offers(shell: Any, magics: Any, place: Place, typed: Unfinished) -> Iterator[Offer]:
    actions = place.magic.parser._actions  # noqa: SLF001, argparse tells them nowhere else
    options = {name: action for action in actions for name in action.option_strings}
    used, takes, given = _read_tokens(typed.tokens, options)
    if typed.option:
        takes = options.get(typed.option)
        if takes is None:
            return
    if typed.text.startswith("$") and not typed.quote:
        yield from _variables(shell, typed.text)
    elif takes is not None:
        yield from _values(takes, magics, place, typed)
    elif typed.text.startswith("-") and not typed.quote:
        yield from _flags(place, typed, options, used)
    else:
        yield from _positional(actions, given, magics, place, typed)
        if not typed.text and not typed.quote:
            yield from _flags(place, typed, options, used)


def _read_tokens(tokens: list[str], options: dict[str, Any]) -> tuple[set[Any], Any, int]:
    """Return the options that are used, the one whose value is due, and how many positionals there are."""
    used: set[Any] = set()
    takes, given = None, 0
    for token in tokens:
        name, equals, _ = token.partition("=")
        if takes is not None:
            takes = None
        elif name in options:
            used.add(options[name])
            takes = options[name] if options[name].nargs != 0 and not equals else None
        else:
            given += 1
    return used, takes, given


def _flags(place: Place, typed: Unfinished, options: dict[str, Any], used: set[Any]) -> Iterator[Offer]:
    if place.in_body:
        return
    with suppress(ConfigurationError):  # what is behind the cursor may be unfinished, too
        used = used | _read_tokens(split(place.after)[0], options)[0]
    for name, action in options.items():
        is_spare = not typed.text and name != action.option_strings[-1]  # its short form
        may_stand = action not in used or type(action).__name__ in _REPEATABLE
        if may_stand and not is_spare and name.startswith(typed.text):
            yield Offer(name, "option")


def _positional(
    actions: Iterable[Any], given: int, magics: Any, place: Place, typed: Unfinished
) -> Iterator[Offer]:
    for action in actions:
        if action.option_strings:
            continue
        if action.nargs in (argparse.ZERO_OR_MORE, argparse.ONE_OR_MORE) or given == 0:
            yield from _values(action, magics, place, typed)
            return
        given -= 1


def _values(action: Any, magics: Any, place: Place, typed: Unfinished) -> Iterator[Offer]:
    if action.choices is not None:
        choices = map(str, action.choices)
        yield from _written((name for name in choices if name.startswith(typed.text)), "choice", place, typed)
    elif action.metavar == _FILE:
        for path in find_files(typed.text):
            yield from _written([path], "path", place, typed, goes_on=path.endswith("/"))
    elif action.metavar == _TAG:
        yield from _written(_tags(typed.text), "tag", place, typed)
    elif not action.option_strings:
        yield from islice(_written(_ids(magics, place, typed), "id", place, typed), _MOST_IDS)


def _written(
    texts: Iterable[str], kind: str, place: Place, typed: Unfinished, *, goes_on: bool = False
) -> Iterator[Offer]:
    """Write values such that the line reads them back; an end of the quote that is there is left to be it."""
    is_closed = bool(typed.quote) and place.after.startswith(typed.quote)
    for text in texts:
        written = write(text, typed.quote, closed=not (goes_on or is_closed))
        if written is not None:
            yield Offer(written, kind)


def _ids(magics: Any, place: Place, typed: Unfinished) -> Iterator[str]:
    """Give the known ids that begin with what is typed, and are not on the line yet."""
    known = _known_ids(magics, typed.text)
    before = place.before.removesuffix(typed.text)
    there = f"{before} {place.after} {place.elsewhere}"
    for mark in ",;\"'":
        there = there.replace(mark, " ")
    named = set(there.split())
    yield from (task_id for task_id in known if task_id not in named)


def _known_ids(magics: Any, prefix: str) -> list[str]:
    """Ask the session; where there is none, as in a new kernel, look into the ledger that it would have."""
    session = _session()
    if session is not None:
        found: list[str] = session.known_ids(prefix, 2 * _MOST_IDS)
        return found
    from aleph_nb.ledger.glance import glance  # noqa: PLC0415, with the first Tab that needs it

    with suppress(ConfigurationError):  # of the environment: the next call tells it
        settings = magics.load_settings()
        return glance(settings.ledger_place, settings.service, prefix, 2 * _MOST_IDS)
    return []


def _tags(typed: str) -> Iterator[str]:
    """Give the tags in use that begin with what is typed, in whatever case."""
    session = _session()
    if session is not None:
        yield from (tag for tag in session.tags() if tag.casefold().startswith(typed.casefold()))


def _session() -> Any:
    module = sys.modules.get("aleph_nb.session")  # imported by the first call that needed one
    return module.existing_session() if module else None


def _variables(shell: Any, typed: str) -> Iterator[Offer]:
    """Give the variables that may hold ids or a text: no function, no module, nothing of IPython's own."""
    hidden = getattr(shell, "user_ns_hidden", {})
    for name, value in list(shell.user_ns.items()):
        is_private = name.startswith("_") and not typed.startswith("$_")
        is_value = not (callable(value) or isinstance(value, ModuleType))
        if name.startswith(typed[1:]) and is_value and not is_private and name not in hidden:
            yield Offer(f"${name}", "variable")
