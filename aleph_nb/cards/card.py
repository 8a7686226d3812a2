"""One record as a card."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from aleph_nb.cards import style
from aleph_nb.cards.face import Face
from aleph_nb.cards.markup import VERBATIM, Html, clean, cut_at, shorten, tag, web_url
from aleph_nb.cards.stage import Media, stage
from aleph_nb.cards.telling import Fact, Telling, tell
from aleph_nb.record import Record, State

__all__ = ["Card"]

_FOLD = 200  # characters of a prompt that show while it is folded
_PROMPT_LIMIT = 4000
_LABEL_LIMIT = 80
_NAME_LIMIT = 40  # of a label's name
_NARROWEST = 240
_ANSWERED = (State.in_progress, State.succeeded, State.failed, State.unknown)
_NO_LABELS: Mapping[str, str] = MappingProxyType({})


class Card(Face):
    """One record: its media, its prompt, one line of facts, its id.

    Parameters
    ----------
    record : Record
        What to show.
    labels : mapping of str to str
        The reviewer's own names for it (shot, version).
    width : int, optional
        At most so many pixels wide; 1034 where it is not given. Narrower pages make it narrower.
    media : callable, optional
        Takes a URL and returns a data URI to show in its place, or None for the URL itself.
    now : datetime, optional
        The moment that ages are counted from; the present where it is not given.
    preload : str
        What its players load before they play: "metadata", or "none" where nobody sees them at first.
    """

    def __init__(
        self,
        record: Record,
        *,
        labels: Mapping[str, str] = _NO_LABELS,
        width: int | None = None,
        media: Media | None = None,
        now: datetime | None = None,
        preload: str = "metadata",
    ) -> None:
        self._preload = preload
        self.record = record
        self._labels = [
            (shorten(clean(name), _NAME_LIMIT), shorten(clean(value), _LABEL_LIMIT))
            for name, value in labels.items()
        ]
        self._width = max(width, _NARROWEST) if width else style.WIDEST
        self._media = media
        self._now = now or datetime.now(UTC)

    @property
    def text(self) -> str:
        """Four lines: id, state and facts; the prompt; the result's URL; the source's."""
        told = tell(self.record, self._now)
        labels = [f"{name} {value}".strip() for name, value in self._labels if value]
        head = [told.word, *(fact.text for fact in told.facts), *labels]
        expired = self.record.has_expired(self._now)
        result = None if expired else web_url(self.record.result_video_url)
        source = web_url(self.record.source_video_url)
        lines = [
            f"{clean(self.record.task_id)}  {' · '.join(head)}",
            shorten(clean(self.record.prompt), _FOLD) or self._no_prompt,
            f"{told.reason} {_advice(told)}".strip(),
            f"result  {clean(result)}" if result else "",
            f"source  {clean(source)}" if source else "",
        ]
        return "\n".join(line for line in lines if line)

    @property
    def html(self) -> Html:
        """The card."""
        told = tell(self.record, self._now)
        body = [
            self._prompt(),
            self._label_line(),
            _explanation(told),
            self._facts(told),
        ]
        inside = tag("div", *(part for part in body if part), class_=VERBATIM, style="padding:14px 16px")
        media = stage(self.record, self._now, self._media, self._preload)
        look = style.join(style.FRAME, f"max-width:{self._width}px")
        return tag("div", *([media] if media else []), inside, class_="aleph-card", style=look)

    @property
    def _no_prompt(self) -> str:
        return "No prompt in the answer" if self.record.state in _ANSWERED else ""

    def _prompt(self) -> Html | None:
        look = style.join(
            "font-size:14px;line-height:20px;margin:0 0 8px;white-space:pre-line", style.ink("read")
        )
        prompt = shorten(clean(self.record.prompt, lines=True), _PROMPT_LIMIT)
        if not prompt:
            quiet = style.join("font-size:14px;line-height:20px;margin:0 0 8px", style.ink("quiet"))
            return tag("div", self._no_prompt, style=quiet) if self._no_prompt else None
        if len(prompt) <= _FOLD:
            return tag("div", prompt, dir_="auto", style=look)
        # The rest goes on where the summary stops, so that nothing is read twice.
        at = cut_at(prompt, _FOLD)
        more = tag("span", " …", title="Show the whole prompt", style=style.ink("accent"))
        summary = tag("summary", prompt[:at].rstrip(), more, style="cursor:pointer")
        return tag("details", summary, tag("div", prompt[at:].lstrip()), dir_="auto", style=look)

    def _label_line(self) -> Html | None:
        shown = [
            tag("span", f"{name} ", tag("span", value, style=style.ink("read")), style="margin:0 16px 0 0")
            for name, value in self._labels
            if value
        ]
        return tag("div", *shown, style=style.join("margin:0 0 6px", style.ink("quiet"))) if shown else None

    def _facts(self, told: Telling) -> Html:
        spaced = "display:inline-block;margin:0 16px 0 0"
        state = tag("span", told.word, style=style.join(spaced, "font-weight:600", style.ink(told.hue)))
        facts = [_fact(fact, spaced) for fact in told.facts]
        task_id = tag(
            "span", clean(self.record.task_id), style="display:inline-block;max-width:100%;margin:0 16px 0 0"
        )
        # A float, so that it stands at the right end of the line, or drops below where there is no room.
        right = tag(
            "span",
            task_id,
            " ",
            *self._link(),
            style=style.join("float:right;max-width:100%;margin:0 -16px 0 0", style.ink("quiet")),
        )
        spread = [part for fact in (state, *facts) for part in (fact, " ")]
        return tag("div", *spread, right, style="overflow:hidden")

    def _link(self) -> list[Html]:
        """Link to the video that is there: the result, else the source."""
        expired = self.record.has_expired(self._now)
        result = None if expired else web_url(self.record.result_video_url)
        url = result or web_url(self.record.source_video_url)
        if url is None:
            return []
        look = style.join(
            "display:inline-block;margin:0 16px 0 0;text-decoration:none;white-space:nowrap",
            style.ink("accent"),
        )
        words = "Open video ↗" if result else "Open source ↗"
        return [tag("a", words, href=url, target="_blank", rel="noopener", style=look)]


def _fact(fact: Fact, spaced: str) -> Html:
    return tag("span", fact.text, title=fact.title or None, style=style.join(spaced, style.ink(fact.hue)))


def _advice(told: Telling) -> str:
    """Tell what to do, but where a fact of the card says it already."""
    return "" if told.rank == 0 else told.advice


def _explanation(told: Telling) -> Html | None:
    """Tell what happened and what to do, where the state's word does not say it all."""
    advice = _advice(told)
    if not told.reason and not advice:
        return None
    parts = [tag("span", told.reason)] if told.reason else []
    if advice:
        parts.append(tag("span", f" {advice}" if parts else advice, style=style.ink("read")))
    return tag("div", *parts, style=style.join("margin:0 0 6px", style.ink("quiet")))
