"""The desk in JupyterLab: from the cell to cards, beside an empty widget and itables; keys, scrolling."""

import importlib.util
import re
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import CDPSession

from tests.benchmarks.ledger import SERVICE, fill
from tests.benchmarks.measure import Figures, Row, Run, as_ratio, difference, interleave
from tests.browser.rig import Notebook, running

__all__ = ["measure"]

_ROUNDS = 4
_SIZE, _LARGE = 10_000, 100_000
_BEGIN, _EMPTY, _DESK, _PEER, _CHANGE, _OTHER = range(6)  # the cells
_KEYS = 60
_FRAMES = 400  # in which the whole gallery is scrolled through
_MOST_MORE = 400.0  # milliseconds beyond an empty widget
_LEAST_QUICKER = 5.0
_MOST_LARGE = 2_000.0
_MOST_JUMP = 100.0
_MOST_KEPT = 50.0
_MOST_HEAP = 3_000_000  # bytes; a megabyte or two come and go

_SEEN = {
    _EMPTY: ".nothing-else",
    _DESK: ".aleph-desk .ad-card:not([hidden])",
    _PEER: ".dataTable tbody tr:nth-child(5)",
}

# From asking for the cell to the frame in which what it shows is laid out, in seconds.
_TIMED = """async ([index, name]) => {
  const { content } = rig.panel();
  rig.select(index);
  content.scrollToItem(index);
  const begun = performance.now();
  rig.execute("notebook:run-cell");
  const node = content.widgets[index].node;
  for (;;) {
    const now = await new Promise((resolve) => requestAnimationFrame(resolve));
    const seen = node.querySelector(`.jp-OutputArea ${name}`)?.offsetWidth > 0;
    if (seen) return (performance.now() - begun) / 1000;
    if (now - begun > 60000) throw new Error(`nothing like ${name}`);
  }
}"""

_SCROLL = """async (frames) => {
  const list = document.querySelector(".aleph-desk .ad-list");
  const isStrip = list.scrollWidth > list.clientWidth + 1;
  const along = isStrip ? ["scrollLeft", "scrollWidth"] : ["scrollTop", "scrollHeight"];
  for (const way of [1, 0]) {
    for (let n = 0; n <= frames; n += 1) {
      list[along[0]] = list[along[1]] * (way ? n : frames - n) / frames;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }
  return list.querySelectorAll(".ad-card").length;
}"""

_ALL_HERE = """() => {
  const said = document.querySelector(".aleph-desk .ad-status")?.textContent ?? "";
  return document.querySelector(".aleph-desk .ad-card") && !said.startsWith("Loading");
}"""

# When a key went down, when its verdict was told to be in the ledger,
# and when the last card was on the screen.
_NOTES = """() => {
  window.notes = { down: 0, kept: [], ended: 0 };
  const remove = Storage.prototype.removeItem;
  Storage.prototype.removeItem = function (name) {
    if (name.startsWith("aleph_nb/")) notes.kept.push(performance.now() - notes.down);
    return remove.call(this, name);
  };
  window.addEventListener("keydown", (event) => {
    notes.down = event.timeStamp;
    const look = () => {
      const card = document.querySelector(".aleph-desk .ad-card[data-current]:not([hidden])");
      if (card?.ariaPosInSet === card?.ariaSetSize && card) notes.ended = performance.now() - event.timeStamp;
      else requestAnimationFrame(look);
    };
    if (event.key === "End") requestAnimationFrame(look);
  }, true);
}"""


def measure() -> list[Row]:
    """Measure it in one page; the peer only where itables is installed."""
    with TemporaryDirectory() as folder, running(Path(folder) / "rig") as rig:
        small, large = Path(folder) / "small.sqlite3", Path(folder) / "large.sqlite3"
        fill(small, _SIZE)
        fill(large, _LARGE)
        with rig.session("lab") as notebook:
            notebook.open(_cells(small, large)).run_cell(_BEGIN, timeout=120)
            rows = _shown(notebook)
            rows += _by_key(notebook)
            rows += _scrolled(notebook)
            notebook.run_cell(_CHANGE)
            rows += _large(notebook)
            for said in notebook.gates.complaints:  # the peer's page errors are no failure of ours
                print(said, file=sys.stderr)
                notebook.gates.expect(re.escape(said))
    return rows


def _cells(small: Path, large: Path) -> list[str]:
    made = (
        "const one = document.createElement('div'); one.className = 'nothing-else'; one.textContent = 'here';"
    )
    echo = (
        "window.echo = () => new Promise((done) => { const begun = performance.now();"
        " const hear = () => { model.off('msg:custom', hear); done((performance.now() - begun) / 1000); };"
        " model.on('msg:custom', hear); model.send('echo'); });"
    )
    empty = f"export default {{ render({{ el, model }}) {{ {made} el.append(one); {echo} }} }}"
    names = [
        "task_id",
        "state",
        "reason",
        "prompt",
        "create_time",
        "complete_time",
        "error_code",
        "result_video_url",
    ]
    peer = "import itables\nitables.init_notebook_mode(all_interactive=False, connected=False)\n"
    return [
        (
            f"import os\n"
            f"os.environ |= {{'ALEPH_NB_LEDGER': {str(small)!r}, 'ALEPH_NB_BASE_URL': {SERVICE!r}}}\n"
            "%load_ext aleph_nb\nfrom aleph_nb import current_session\nimport anywidget\n"
            f"class Empty(anywidget.AnyWidget):\n    _esm = {empty!r}\n"
            "    def __init__(self):\n        super().__init__()\n"
            "        self.on_msg(lambda widget, content, _: widget.send(content))\n"
            f"frame = current_session().history()[{names!r}]\n{peer if _has_peer() else ''}"
        ),
        "Empty()",
        "%aleph_dashboard",
        "itables.show(frame, maxBytes=0)" if _has_peer() else "",
        f"%config AlephMagics.ledger = {str(large)!r}",
        "",
    ]


def _has_peer() -> bool:
    return importlib.util.find_spec("itables") is not None


def _run(notebook: Notebook, index: int) -> Run:
    def run() -> float:
        for other in (_EMPTY, _DESK, _PEER):
            notebook.page.evaluate(
                "index => { rig.select(index); rig.execute('notebook:clear-cell-output'); }", other
            )
        notebook.wait_idle()
        took: float = notebook.page.evaluate(_TIMED, [index, _SEEN[index]])
        notebook.wait_idle()
        if index == _DESK:  # the next round does not wait for the rows of this one
            notebook.page.wait_for_function(_ALL_HERE, timeout=60_000)
        return took

    return run


def _shown(notebook: Notebook) -> list[Row]:
    runs = {"empty": _run(notebook, _EMPTY), "desk": _run(notebook, _DESK)}
    if _has_peer():
        runs["itables"] = _run(notebook, _PEER)
    else:
        print("itables is not installed: pip install itables, and run this again", file=sys.stderr)
    found = interleave(runs, _ROUNDS)
    more = difference(found["desk"], found["empty"])
    rows = [
        Row(what="an empty anywidget, to visible", figures=found["empty"]),
        Row(
            what=f"the desk of {_SIZE:,}, to cards",
            figures=found["desk"],
            against="empty",
            compared=f"{more:+,.0f} ms",
            target=f"at most {_MOST_MORE:+,.0f} ms",
            met=more <= _MOST_MORE,
        ),
    ]
    if "itables" in found:
        ratio = as_ratio(found["itables"], found["desk"])
        rows.append(
            Row(
                what=f"itables with the same {_SIZE:,} rows",
                figures=found["itables"],
                against="the desk",
                compared=f"{ratio:.1f} x",
                target=f"at least {_LEAST_QUICKER:g} x",
                met=ratio >= _LEAST_QUICKER,
            )
        )
    return rows


def _by_key(notebook: Notebook) -> list[Row]:
    """Jump to the end, and judge."""
    page = notebook.page
    _run(notebook, _DESK)()
    page.wait_for_function(f"document.querySelector('.ad-chip b').textContent === '{_SIZE:,}'")
    page.evaluate(_NOTES)
    page.locator(".aleph-desk .ad-card").first.click()
    jumps = []
    for _ in range(_ROUNDS):
        page.keyboard.press("Home")
        page.evaluate("notes.ended = 0")
        page.keyboard.press("End")
        page.wait_for_function("notes.ended > 0")
        jumps.append(page.evaluate("notes.ended / 1000"))
    echoes = []
    for number in range(_KEYS):
        page.keyboard.press(str(number % 5 + 1))
        page.wait_for_function(f"notes.kept.length > {number}")
        echoes.append(page.evaluate("window.echo()"))
    kept = Figures([ms / 1000 for ms in page.evaluate("notes.kept")])
    return [
        Row(what="an empty anywidget's message, to the kernel and back", figures=Figures(echoes)),
        _at_most("jump to the end", Figures(jumps), _MOST_JUMP),
        _at_most("a key, to its verdict in the ledger and told", kept, _MOST_KEPT),
    ]


def _scrolled(notebook: Notebook) -> list[Row]:
    """Scroll through all of it, there and back: neither memory nor messages grow."""
    page = notebook.page
    session = page.context.new_cdp_session(page)
    page.evaluate(_SCROLL, 50)
    page.wait_for_timeout(1000)
    before, messages = _heap(session), page.evaluate(_COUNTING)
    cards = page.evaluate(_SCROLL, _FRAMES)
    page.wait_for_timeout(500)
    grown, said = _heap(session) - before, page.evaluate("() => window.sentMessages") - messages
    print(
        f"scrolled: {cards} cards in the page, heap {grown / 10**6:+.1f} MB, {said} messages", file=sys.stderr
    )
    told = f"{grown / 10**6:+.1f} MB, {said} messages, {cards} cards"
    is_flat = grown < _MOST_HEAP and said < 20 and cards < 200
    return [Row(what=f"scrolling through all {_SIZE:,}", compared=told, target="flat", met=is_flat)]


# Messages to the kernel that the page sends: every one goes through a socket.
_COUNTING = """() => {
  window.sentMessages = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...all) { window.sentMessages += 1; return send.apply(this, all); };
  return 0;
}"""


def _heap(session: CDPSession) -> int:
    session.send("HeapProfiler.collectGarbage")
    found: dict[str, Any] = session.send("Runtime.getHeapUsage")
    return int(found["usedSize"])


def _large(notebook: Notebook) -> list[Row]:
    figures = interleave({"large": _run(notebook, _DESK)}, _ROUNDS)["large"]
    return [_at_most(f"the desk of {_LARGE:,}, to cards", figures, _MOST_LARGE)]


def _at_most(what: str, figures: Figures, most: float) -> Row:
    met = median(figures.seconds) * 1000 <= most
    return Row(what=what, figures=figures, target=f"at most {most:,.0f} ms", met=met)
