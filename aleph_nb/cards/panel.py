"""Many records as one panel: a line of counts, and a row for each that needs a look."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from aleph_nb import words
from aleph_nb.cards import style
from aleph_nb.cards.face import Face
from aleph_nb.cards.markup import VERBATIM, Html, clean, shorten, tag
from aleph_nb.cards.telling import Telling, first_cards, tell
from aleph_nb.record import Record, State

__all__ = ["Panel"]

_MOST_ROWS = 20
_PROMPT_LIMIT = 120
_ID_SHOWN = 8
_DIES = "Dies soon"

Told = tuple[Record, Telling]


class Panel(Face):
    """What became of many records, but for those that already stand there as cards.

    Parameters
    ----------
    records : sequence of Record
        All that were asked for.
    cards : int
        How many of them were shown as cards: `first_cards(records, cards)` are left out.
    labels : callable
        Returns the reviewer's own names for a task.
    now : datetime, optional
        The moment that ages are counted from; the present where it is not given.
    """

    def __init__(
        self,
        records: Sequence[Record],
        *,
        cards: int = 0,
        labels: Callable[[str], Mapping[str, str]] = lambda _: {},
        now: datetime | None = None,
    ) -> None:
        self._labels = labels
        self._now = now or datetime.now(UTC)
        shown = {id(record) for record in first_cards(records, cards, self._now)}
        rest = [record for record in records if id(record) not in shown]
        told = [(record, tell(record, self._now)) for record in rest]
        urgent = [pair for pair in told if pair[1].rank >= 0]
        self._urgent, self._more = _shared_out(urgent)
        self._counts = self._count(told, len(urgent), shown=len(shown))

    @property
    def text(self) -> str:
        """The counts, then two lines for each that needs a look."""
        lines = [self._counts]
        for record, told in self._urgent:
            prompt = shorten(clean(record.prompt), _PROMPT_LIMIT)
            lines.append(f"{_word(told):<10} {clean(record.task_id)}  {prompt}".rstrip())
            named = self._named(record)
            lines.append(f"{'':<10} {f'{named}. ' if named else ''}{_line(told)}")
        return "\n".join([*lines, *self._cut_off()])

    @property
    def html(self) -> Html:
        """The frame with its rows."""
        quiet = style.join("padding:8px 16px", style.ink("quiet"))
        parts = [tag("div", self._counts, style=quiet)]
        parts += [self._row(record, told) for record, told in self._urgent]
        parts += [
            tag("div", line, style=style.join(quiet, style.border("border-top"))) for line in self._cut_off()
        ]
        look = style.join(style.FRAME, f"max-width:{style.WIDEST}px")
        return tag("div", *parts, class_=f"aleph-panel {VERBATIM}", style=look)

    @staticmethod
    def _count(told: list[tuple[Record, Telling]], urgent: int, *, shown: int) -> str:
        if shown and not told:
            return f"{words.plural(shown, 'task')}: shown above"
        calm = Counter(record.state for record, what in told if what.rank < 0)
        parts = words.counts(
            [
                (calm[State.succeeded], "succeeded"),
                (calm[State.in_progress], "running"),
                (urgent, "needs a look" if urgent == 1 else "need a look"),
            ]
        )
        head = f"{len(told):,} more" if shown else words.plural(len(told), "task")
        return f"{head}: {parts}" if parts else head

    def _cut_off(self) -> list[str]:
        """Those that found no room: the table has them all."""
        if not self._more:
            return []
        number = sum(self._more.values())
        named = (
            (count, "die soon" if word == _DIES and count > 1 else word) for word, count in self._more.items()
        )
        kinds = words.counts((count, word[:1].lower() + word[1:]) for count, word in named)
        return [f"{number:,} more need a look: {kinds}. The table has them all"]

    def _named(self, record: Record) -> str:
        labels = self._labels(record.task_id)
        shown = (f"{clean(name)} {clean(value)}" for name, value in labels.items() if value)
        return shorten(" · ".join(shown), _PROMPT_LIMIT)

    def _row(self, record: Record, told: Telling) -> Html:
        task_id = clean(record.task_id)
        short = task_id if len(task_id) <= _ID_SHOWN + 1 else f"{task_id[:_ID_SHOWN]}…"
        prompt = shorten(clean(record.prompt), _PROMPT_LIMIT)
        cell = "display:table-cell;vertical-align:top"
        hue = "amber" if told.rank == 0 else told.hue
        main = [tag("div", prompt, dir_="auto", style="font-size:13px")] if prompt else []
        if named := self._named(record):
            main.append(tag("div", named, dir_="auto", style=style.ink("read")))
        main.append(tag("div", _line(told), style=style.ink("quiet")))
        row = tag(
            "div",
            tag("div", _word(told), style=style.join(cell, "width:88px;font-weight:600", style.ink(hue))),
            tag("div", *main, style=style.join(cell, "padding:0 16px 0 0")),
            tag(
                "div",
                short,
                title=task_id,
                style=style.join(cell, "width:76px;text-align:right;white-space:nowrap", style.ink("quiet")),
            ),
            style="display:table;table-layout:fixed;width:100%",
        )
        return tag("div", row, style=style.join("padding:8px 16px", style.border("border-top")))


def _shared_out(urgent: list[Told]) -> tuple[list[Told], dict[str, int]]:
    """Choose the rows that there is room for, the most urgent kind first; and count the others by kind.

    Each kind has its share, so that many that die soon do not hide the one that failed.
    """
    kinds: dict[int, list[Told]] = {}
    for pair in sorted(urgent, key=lambda pair: pair[1].rank):
        kinds.setdefault(pair[1].rank, []).append(pair)
    shares = dict.fromkeys(kinds, 0)
    room = min(_MOST_ROWS, len(urgent))
    while room:
        for rank, pairs in kinds.items():
            if room and shares[rank] < len(pairs):
                shares[rank] += 1
                room -= 1
    rows = [pair for rank, pairs in kinds.items() for pair in pairs[: shares[rank]]]
    left = {_word(pairs[0][1]): len(pairs) - shares[rank] for rank, pairs in kinds.items()}
    return rows, {word: count for word, count in left.items() if count}


def _word(told: Telling) -> str:
    return _DIES if told.rank == 0 else told.word


def _line(told: Telling) -> str:
    return f"{told.brief} {told.advice}".strip()
