"""The review desk on a page of its own: `tests/desk` plays the kernel's part, no notebook is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from playwright.sync_api import Browser, CDPSession, Locator, Page, ViewportSize, expect

from tests.browser.gates import Gates

WIDE = ViewportSize(width=1400, height=860)

_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
_CURRENT = "document.querySelector('.ad-card[data-current]:not([hidden])')?.dataset.task ?? null"
_LINES = """() => {
  const lines = harness.kernel.sent.filter((each) => each.type === "verdicts").flatMap((each) => each.lines);
  return [...new Map(lines.map((line) => [line.uuid, line])).values()].sort((a, b) => a.at - b.at);
}"""
_REFUSE_STORAGE = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("refused", "SecurityError"); } });
}"""


class DeskPage:
    """A page with one desk on it; `open` before anything else."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.root = page.locator(".aleph-desk")
        self.list = page.locator(".ad-list")
        self.cards = page.locator(".ad-card:not([hidden])")
        self.sign = page.locator(".ad-sign")
        self.status = page.locator(".ad-status")
        page.goto(url)
        page.wait_for_function("window.harness")

    def open(self, *, focus: bool = True, **options: Any) -> Self:
        """Open the desk with the harness's options (count, work, theme, answers, …) and give it the keys."""
        self.page.evaluate("options => { harness.open(options); }", options)
        if options.get("count", 12):
            self.cards.first.wait_for()
            if focus:
                self.list.focus()
        return self.settle()

    def reload(self) -> Self:
        """Load the page anew; nothing is open on it then."""
        self.page.reload()
        self.page.wait_for_function("window.harness")
        return self

    def settle(self) -> Self:
        """Wait until what was asked for is painted."""
        self.page.evaluate(_FRAMES)
        return self

    def press(self, *keys: str) -> Self:
        """Press keys one after the other, each once what the last one did is painted."""
        for key in keys:
            self.page.keyboard.press(key)
            self.settle()
        return self

    @property
    def current(self) -> str | None:
        """The id of the task whose card is painted as the current one."""
        found: str | None = self.page.evaluate(_CURRENT)
        return found

    @property
    def place(self) -> int:
        """The place of the current card in the list, from 1."""
        return int(self.page.locator(".ad-card[data-current]").get_attribute("aria-posinset") or 0)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The verdict lines that the kernel was handed, each once, in their order."""
        found: list[dict[str, Any]] = self.page.evaluate(_LINES)
        return found

    def verdicts(self, count: int) -> list[tuple[str, str, Any]]:
        """Wait for so many lines; gives them as (task_id, field, value)."""
        self.page.wait_for_function(f"count => ({_LINES})().length >= count", arg=count)
        return [(line["task_id"], line["field"], line["value"]) for line in self.lines]

    def count(self) -> int:
        """Count the tasks that the filter leaves."""
        cards = self.cards
        return int(cards.first.get_attribute("aria-setsize") or 0) if cards.count() else 0

    def chip(self, name: str) -> Locator:
        """Give a chip of the toolbar or the filters by its word."""
        return self.page.locator(".ad-chip", has_text=name).first

    def says(self, text: str) -> None:
        """Expect the line of status to say this."""
        expect(self.status).to_have_text(text)

    def listeners(self) -> list[str]:
        """Name every listener on the window and on the document, sorted."""
        session: CDPSession = self.page.context.new_cdp_session(self.page)
        found = []
        for target in ("window", "document"):
            handle = session.send("Runtime.evaluate", {"expression": target})["result"]["objectId"]
            heard = session.send("DOMDebugger.getEventListeners", {"objectId": handle})["listeners"]
            found += [f"{target} {each['type']}" for each in heard]
        session.detach()
        return sorted(found)


@contextmanager
def desk_page(
    browser: Browser, url: str, *, viewport: ViewportSize = WIDE, storage: bool = True
) -> Iterator[DeskPage]:
    """Lend a page in a browser context of its own; page errors and requests elsewhere fail the test."""
    context = browser.new_context(viewport=viewport)
    gates = Gates(context, "desk")
    try:
        if not storage:
            context.add_init_script(_REFUSE_STORAGE)
        context.set_default_timeout(10_000)
        page = context.new_page()
        yield DeskPage(page, url)
        page.evaluate("() => new Promise((done) => setTimeout(done))")
    finally:
        context.close()
    gates.check()
