"""The desk's modules: their own tests under node, the rules they keep, and what joining makes of them."""

import json
import re
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest

from aleph_nb import words
from aleph_nb.cards.telling import tell
from aleph_nb.dashboard.esm import join, join_modules
from aleph_nb.record import Record, State
from tests.javascript import MODULES, TESTS, node, run_node, without_comments

FILES = sorted(MODULES.glob("*.js"))
MOST_LINES = 300
IMPORT = re.compile(r'^import \{([^{}]*)\} from "\./([\w-]+)\.js";$', re.MULTILINE)
NAME = re.compile(
    r"^(?:export )?(?:async )?(?:function\*? ?|class |const |let |var )([\w$]+|[\[{][^=]*[\]}])", re.MULTILINE
)
HTML = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTMLUnsafe|createContextualFragment|DOMParser"
    r"|srcdoc|\beval\b|new Function\b|\bimport\("
)
URL = re.compile(r"https?://\w|[\"'`]//\w")
NAMESPACE = "http://www.w3.org/"  # of SVG; nothing is fetched from there


def of_each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.name)


def names_of(path: Path) -> list[str]:
    found = NAME.findall(without_comments(path.read_text(encoding="utf-8")))
    return [name for names in found for name in re.findall(r"[\w$]+", names)]


@of_each(sorted(TESTS.glob("*.test.mjs")))
def test_under_node(path: Path) -> None:
    run_node(path.name, "", "--test")


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────


@of_each(FILES)
def test_modules_are_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MOST_LINES


@of_each(FILES)
def test_only_named_imports_of_neighbours_that_are_there_and_used(path: Path) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
    assert len(IMPORT.findall(text)) == len(re.findall(r"\bimport\b(?!\.)", text)), "another kind of import"
    for names, module in IMPORT.findall(text):
        other = (MODULES / f"{module}.js").read_text(encoding="utf-8")
        exported = re.findall(
            r"^export (?:async )?(?:function\*? ?|class |const |let )([\w$]+)", other, re.MULTILINE
        )
        for name in re.findall(r"[\w$]+", names):
            assert name in exported, f"{name} is not exported by {module}.js"
            assert len(re.findall(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text)) > 1, f"{name} is not used"


def test_every_name_of_a_module_is_its_alone() -> None:
    counts = Counter(name for path in FILES for name in names_of(path))
    twice = [name for name, count in counts.items() if count > 1]
    places = {name: [path.name for path in FILES if name in names_of(path)] for name in twice}
    assert places == {}, "joined, these names would meet"


@of_each(FILES)
def test_no_text_becomes_html_or_script(path: Path) -> None:
    assert HTML.findall(without_comments(path.read_text(encoding="utf-8"))) == []


@of_each(FILES)
def test_nothing_comes_from_another_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace(NAMESPACE, "")
    assert URL.findall(without_comments(text)) == []


# ── Joining ──────────────────────────────────────────────────────────────────────────────────────


def test_a_module_stands_behind_those_that_it_imports() -> None:
    texts = {
        "a": 'import { b, c } from "./b.js";\n\nexport function a() {\n  return b + c;\n}\n',
        "b": 'import {\n  d,\n} from "./d.js";\nexport const b = d;\nexport let c = 1;\n',
        "d": "const e = 1;\nexport const d = e;\n",
        "main": 'import { a } from "./a.js";\nexport default { render: a };\n',
    }
    bare = [line for line in join_modules(texts).splitlines() if line and not line.startswith("//")]
    assert bare == [
        "const e = 1;",
        "const d = e;",
        "const b = d;",
        "let c = 1;",
        "function a() {",
        "  return b + c;",
        "}",
        "export default { render: a };",
    ]


def test_comments_of_whole_lines_are_left_out_and_no_more() -> None:
    text = """/** Told
 * in lines. */

// a line
const a = "/* no comment */"; // behind code
  // deeper
  /* one */
const b = /* within */ 1; /** and
  code */ const c = "// none";
"""
    joined = join_modules({"main": text})
    assert joined.splitlines()[1:] == [
        'const a = "/* no comment */"; // behind code',
        "const b = /* within */ 1; /** and",
        '  code */ const c = "// none";',
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('import { b } from "./b.js";\n', "imports b.js, which is not there"),
        ('import { a } from "./a.js";\n', "a circle: a → a"),
        ('import { x as y } from "./main.js";\n', "under another name"),
        ('import x from "./main.js";\n', "cannot be joined: import x"),
        ('import { x } from "https://esm.example/x";\n', "cannot be joined: import"),
        ("export { x };\n", "cannot be joined: export { x }"),
        ("export default 1;\n", "main.js's alone"),
    ],
)
def test_what_joining_cannot_keep_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        join_modules({"a": text, "main": "export const x = 1;\n"})


def test_the_joined_text_is_one_module_that_node_imports(tmp_path: Path) -> None:
    joined = join()
    assert join() is joined
    assert re.search(r"^import\b", joined, re.MULTILINE) is None
    (tmp_path / "desk.mjs").write_text(joined, encoding="utf-8")
    look = (
        'import("./desk.mjs").then((it) => console.log(Object.keys(it) + " " + typeof it.default?.render));'
    )
    done = subprocess.run(  # noqa: S603
        [node(), "-e", look], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    main = MODULES / "main.js"
    assert done.stdout.strip() == ("default function" if main.exists() else "undefined")


# ── What both sides say ──────────────────────────────────────────────────────────────────────────

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS = [
    0,
    0.4,
    1,
    59,
    60,
    61,
    345,
    3599,
    3600,
    5400,
    7200.5,
    86_399,
    86_400,
    158_400,
    259_199,
    259_200,
    950_400,
]
SECONDS += [5_184_000, 9_999_999, 60_000_000, 100_000_000]


def milliseconds(when: datetime) -> float:
    return (when - EPOCH) / timedelta(milliseconds=1)


def test_spans_and_times_are_said_as_python_says_them() -> None:
    spans = [timedelta(seconds=sign * seconds) for seconds in SECONDS for sign in (1, -1)]
    now = milliseconds(NOW)
    asked: list[list[str | float]] = []
    said: list[str] = []
    for span in spans:
        ms = span / timedelta(milliseconds=1)
        asked += [["duration", ms], ["ago", now - ms, now], ["remaining", now + ms, now]]
        asked += [["dayOf", now - ms, now], ["exactTime", now - ms]]
        said += [words.duration(span), words.ago(NOW - span, NOW), words.remaining(NOW + span, NOW)]
        said += [words.date(NOW - span, NOW), words.exact(NOW - span)]
    for number in (
        0,
        1,
        2,
        999,
        1000,
        1204,
        9_949,
        1_000_000,
        1_449_999,
        34_000_000,
        999_499,
        999_500,
        12_345_678_901,
    ):
        asked += [["plural", number, "task"], ["byteSize", number]]
        said += [words.plural(number, "task"), words.size(number)]
    assert json.loads(run_node("tell_words.mjs", json.dumps(asked))) == said


@pytest.mark.parametrize("state", list(State))
def test_a_row_is_told_as_a_card_tells_it(state: State) -> None:
    for days in (0.001, 1, 3, 12.5, 15):
        created = NOW - timedelta(days=days, seconds=345)
        completed = NOW - timedelta(days=days) if state.is_final else None
        record = Record(task_id="a", state=state, create_time=created, complete_time=completed)
        row = {
            "state": str(state),
            "created": milliseconds(created),
            "completed": completed and milliseconds(completed),
            "expires": record.expires_at and milliseconds(record.expires_at),
        }
        (said,) = json.loads(run_node("tell_words.mjs", json.dumps([["tellRow", row, milliseconds(NOW)]])))
        card = tell(record, NOW)
        facts = [(fact.text.removesuffix(": save it"), fact.title, fact.hue) for fact in card.facts]
        assert [tuple(fact.values()) for fact in said["facts"]] == facts
        if said["word"] != "Dies soon":
            assert (said["word"], said["hue"]) == (card.word, card.hue)


def test_a_hundred_thousand_rows_do_not_hold_up_the_desk() -> None:
    took: dict[str, list[float]] = json.loads(run_node("scale.mjs"))
    typical = {name: median(times) for name, times in took.items()}
    print(typical)  # noqa: T201, the figures
    # What is aimed at, in milliseconds; three times as long where much else runs.
    aims = {"rows": 50, "lines": 50, "search": 100, "sort": 100, "counts": 20, "verdict": 5, "fresh": 50}
    for name, aim in aims.items():
        assert typical[name] < 3 * aim, (name, took[name])
