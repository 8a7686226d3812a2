"""Completion: what Tab offers on a magic's line, in a real shell and from a real kernel."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import IPython
import pytest
from IPython.core.completer import provisionalcompleter
from jupyter_client.manager import KernelManager

from aleph_nb.ledger import Ledger
from aleph_nb.line import resolve, split
from aleph_nb.magics import AlephMagics
from aleph_nb.session import Session, current_session, existing_session
from aleph_nb.settings import Settings, data_folder
from tests.ledgers import NOW
from tests.ledgers import ids as ids_of_tasks
from tests.shell import Shell

IS_OLD = IPython.version_info < (8, 6)  # it tells a matcher the line alone, and lets jedi's names through
needs_the_cell = pytest.mark.skipif(IS_OLD, reason="before IPython 8.6 a matcher sees the line alone")


@pytest.fixture
def shell(shell: Shell) -> Shell:
    """Return a shell that asks jedi only where we can come before it."""
    shell.ip.Completer.use_jedi &= not IS_OLD
    return shell


@pytest.fixture(params=[False] if IS_OLD else [True, False], ids=["plain"] if IS_OLD else ["jedi", "plain"])
def typist(shell: Shell, request: pytest.FixtureRequest) -> Shell:
    """Return a shell that completes with jedi, and one that does without."""
    shell.ip.Completer.use_jedi = request.param
    return shell


@pytest.fixture
def ids(shell: Shell) -> list[str]:
    """Return the demo's ids, asked for one after the other."""
    shell.good("%config AlephMagics.rate = 0\nids = %aleph_demo\ndf = %aleph_status -q $ids")
    found: list[str] = shell["ids"]
    return found


def complete(shell: Shell, cell: str) -> list[str]:
    """Press Tab at the `|` of a cell; return what the cell then is with each of the completions."""
    before, _, after = cell.partition("|")
    with provisionalcompleter():
        found = list(shell.ip.Completer.completions(before + after, len(before)))
    assert {completion.end for completion in found} <= {len(before)}
    return [before[: completion.start] + completion.text + after for completion in found]


def offered(shell: Shell, cell: str) -> list[str]:
    """Press Tab; return the text that each completion has put before the cursor, from the last blank on."""
    after = cell.partition("|")[2]
    return [text.removesuffix(after).split(" ")[-1] for text in complete(shell, cell)]


# ── Where ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "before",
    [
        "%aleph_status ",
        "df = %aleph_status ",
        "x, y = %aleph_status ",
        "found['a'] = %aleph_status ",
        "found: object = %aleph_status ",
        "for shot in shots:\n    df = %aleph_status ",
        "if True:\n    %aleph_status ",
        "a = 1  # it's one\nb = 'two'\n%aleph_status -q ",
        "%aleph_status one, two; 'three' ",
        "%%aleph_status ",
        "\n%%aleph_status ",
    ],
)
def test_options_are_completed_alone(typist: Shell, before: str) -> None:
    assert complete(typist, f"{before}--fr|") == [f"{before}--fresh"]


def test_lines_behind_the_cursor_are_left_alone(typist: Shell) -> None:
    assert complete(typist, "df = %aleph_status --fr|\ndf.head(')')") == [
        "df = %aleph_status --fresh\ndf.head(')')"
    ]


@needs_the_cell
def test_a_line_that_goes_on_is_completed(typist: Shell) -> None:
    assert complete(typist, "df = %aleph_status -q \\\n  --fr|") == ["df = %aleph_status -q \\\n  --fresh"]
    assert "-q" not in offered(typist, "df = %aleph_status -q \\\n  -|")


def test_without_the_sign_it_is_completed_where_ipython_runs_it(typist: Shell) -> None:
    assert complete(typist, "aleph_status --fr|") == ["aleph_status --fresh"]
    typist["aleph_status"] = 1
    assert "--fresh" not in offered(typist, "aleph_status --fr|")
    del typist.ip.user_ns["aleph_status"]
    typist.ip.automagic = False
    assert "--fresh" not in offered(typist, "aleph_status --fr|")


@pytest.mark.parametrize(
    "cell",
    [
        "# %aleph_status --fr|",
        "a = 1  # b = %aleph_status --fr|",
        "%aleph_status one # --fr|",
        "a = '%aleph_status --fr|'",
        "a == %aleph_status --fr|",
        "a += %aleph_status --fr|",
        "f(a = %aleph_status --fr|)",
        "a %aleph_status --fr|",
        "%time --fr|",
        "%aleph_unheard_of --fr|",
        "%aleph_status {[f --fr|]}",
        "%aleph_status 'one two'--fr|",
        pytest.param("a = '''\n%aleph_status --fr|\n'''", marks=needs_the_cell),
        pytest.param('def f():\n    """Say.\n\n    %aleph_status --fr|', marks=needs_the_cell),
        pytest.param("%%aleph_status\n--fr|", marks=needs_the_cell),
        pytest.param("a = 1\naleph_status --fr|", marks=needs_the_cell),
    ],
)
def test_nothing_is_offered_elsewhere(typist: Shell, cell: str) -> None:
    assert "--fresh" not in offered(typist, cell)


# ── Options and choices ──────────────────────────────────────────────────────────────────────────


def test_every_option_of_every_magic_is_offered(shell: Shell) -> None:
    """As its parser has it, so that a magic that is added later is completed, too."""
    for name, method in AlephMagics.magics["line"].items():
        for action in getattr(AlephMagics, str(method)).parser._actions:
            for option in action.option_strings:
                assert option in offered(shell, f"%{name} {option[:-1]}|"), f"%{name} {option}"
            for choice in map(str, action.choices or ()):
                before = " ".join(action.option_strings[-1:])
                assert choice in offered(shell, f"%{name} {before} {choice[:-1]}|"), f"%{name} {choice}"


@pytest.mark.skipif(IS_OLD, reason="IPython 7 leaves out what does not begin as it was typed")
def test_tags_in_use_are_offered_the_most_used_first(shell: Shell, ids: list[str]) -> None:
    for task_id, tags in zip(ids, (["sky"], ["sky", "late evening"], ["Slow"], ["gone"]), strict=False):
        current_session().review(task_id, tags=tags)
    current_session().review(ids[3], undo=True)
    line = f"%aleph_review {ids[0]} --tag"
    assert complete(shell, f"{line} s|") == [f"{line} sky", f"{line} Slow"]
    assert complete(shell, f"{line} sky --untag la|") == [f'{line} sky --untag "late evening"']
    assert f"{line} gone" not in complete(shell, f"{line} g|")
    assert offered(shell, f"%aleph_review {ids[0]} --rating |") == list("012345")
    assert offered(shell, f"%aleph_review {ids[0][:4]}|") == [ids[0]]


def test_an_option_is_offered_once(shell: Shell) -> None:
    assert "--fresh" in offered(shell, "%aleph_status -|")
    for line in (
        "%aleph_status --fresh -|",
        "%aleph_status one -| --fresh",
        "%aleph_status -q --fresh one -|",
    ):
        assert "--fresh" not in offered(shell, line)
    assert "--quiet" not in offered(shell, "%aleph_status -q -|")
    assert {"-f", "--file"} <= set(offered(shell, "%aleph_status -f shots.csv -|"))


def test_choices_are_offered_alone(typist: Shell) -> None:
    typist["start_time"], typist["stuff"] = 1, 2
    Path("stills").mkdir()
    assert offered(typist, "%aleph_demo st|") == ["start", "stop"]
    assert offered(typist, "%aleph_demo --reset sto|") == ["stop"]
    assert "stop" not in offered(typist, "%aleph_demo start st|")
    assert "start" not in offered(typist, "%aleph_demo --tasks st|")


def test_a_blank_offers_all_that_may_stand_there(typist: Shell) -> None:
    assert set(offered(typist, "%aleph_demo |")) >= {"start", "stop", "--reset", "--tasks"}
    if not IS_OLD:
        assert offered(typist, "%aleph_demo |")[:2] == ["start", "stop"]


# ── Files ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def files() -> list[str]:
    """Make files whose names are not all easy; return them."""
    names = [
        "shots.csv",
        "my shots.csv",
        "it's.txt",
        'a "b".csv',
        "a,b.csv",
        "{x}.csv",
        "#1.csv",
        "sub dir/a.csv",
    ]
    for name in names:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    Path(".hidden.csv").touch()
    return names


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("sh", "shots.csv"),
        ("my", "my shots.csv"),
        ('"my s', "my shots.csv"),
        ("'my s", "my shots.csv"),
        ("it'", "it's.txt"),
        ('"it', "it's.txt"),
        ("a", 'a "b".csv'),
        ("'a ", 'a "b".csv'),
        ("a", "a,b.csv"),
        ('"a,', "a,b.csv"),
        ("'{", "{x}.csv"),
        ('"#', "#1.csv"),
        *[("", name) for name in ("my shots.csv", "it's.txt", 'a "b".csv', "a,b.csv", "{x}.csv", "#1.csv")],
    ],
)
def test_a_file_is_completed_as_the_line_reads_it(
    shell: Shell, files: list[str], typed: str, name: str
) -> None:
    for option in ("-f ", "--file ", "--file="):
        found = complete(shell, f"%aleph_status {option}{typed}|")
        closed = [split(line)[0] for line in found if line[-1] != "/" and not line.endswith(" {x}.csv")]
        assert name in {resolve(tokens, {}, {})[-1].removeprefix("--file=") for tokens in closed}


def test_files_come_alone_and_folders_go_on(typist: Shell, files: list[str]) -> None:
    typist["shot"] = 1
    assert complete(typist, "%aleph_status -f sh|") == ["%aleph_status -f shots.csv"]
    assert complete(typist, "df = %aleph_status -f ./sh| -q") == ["df = %aleph_status -f ./shots.csv -q"]
    assert complete(typist, "%aleph_status -f 'sub|") == ["%aleph_status -f 'sub dir/"]
    assert complete(typist, "%aleph_status -f 'sub dir/|") == ["%aleph_status -f 'sub dir/a.csv'"]
    assert complete(typist, "%aleph_status -f 'my |'") == ["%aleph_status -f 'my shots.csv'"]
    assert complete(typist, '%aleph_status -f "my sh|') == ['%aleph_status -f "my shots.csv"']
    assert complete(typist, "%aleph_status -f .|") == ["%aleph_status -f .hidden.csv"]


def test_the_home_folder_is_read(typist: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "shots.csv").touch()
    assert complete(typist, "%aleph_status -f ~/sh|") == ["%aleph_status -f ~/shots.csv"]


# ── Ids and variables ────────────────────────────────────────────────────────────────────────────


def test_a_known_id_is_completed_in_full(typist: Shell, ids: list[str]) -> None:
    hyphened = next(task_id for task_id in ids if "-" in task_id)
    for length in (4, 9, 14, len(hyphened) - 1):
        assert complete(typist, f"df = %aleph_show {hyphened[:length]}|") == [f"df = %aleph_show {hyphened}"]
    assert complete(typist, f'%aleph_status a,"{hyphened[:9]}|"') == [f'%aleph_status a,"{hyphened}"']
    assert hyphened not in offered(typist, f"%aleph_show {hyphened[:4].upper()}|")
    assert hyphened not in offered(typist, f"%aleph_status --media {hyphened[:4]}|")


def test_ids_come_before_options(shell: Shell, ids: list[str]) -> None:
    found = offered(shell, "%aleph_status |")
    assert set(found[: len(ids)]) == set(ids) or IS_OLD
    assert set(ids) <= set(found)
    assert "--fresh" in found


def test_an_id_that_is_there_is_not_offered_again(shell: Shell, ids: list[str]) -> None:
    first, *others = ids
    for line in (f"%aleph_status {first} |", f"%aleph_status 'a',{first},|", f"%aleph_status | {first}"):
        found = set(offered(shell, line))
        assert first not in found
        assert len([task_id for task_id in others if any(task_id in text for text in found)]) == len(others)


@needs_the_cell
def test_ids_are_completed_in_a_cells_body(typist: Shell, ids: list[str]) -> None:
    first, second = ids[:2]
    cell = f"%%aleph_status -q\n{second}\n  {first[:4]}|\nabc"
    assert complete(typist, cell) == [f"%%aleph_status -q\n{second}\n  {first}\nabc"]
    assert second not in offered(typist, f"%%aleph_status -q\n{second}\n{second[:4]}|")


def test_few_of_many_ids_are_offered_and_quickly(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"{number:06x}-{number}" for number in range(10_000)]
    current_session()
    monkeypatch.setattr(Session, "known_ids", lambda *_: many)
    (match,) = shell.ip.Completer.custom_matchers if not IS_OLD else (None,)
    found = [text for text in offered(shell, "%aleph_status 0|") if text in many]
    assert 20 <= len(found) <= 60
    assert IS_OLD or found == many[: len(found)]
    assert match is None or best_time(match, f"%aleph_status {' '.join(many[:20])} 0") < 0.005


def best_time(match: Any, line: str) -> float:
    from IPython.core.completer import CompletionContext  # noqa: PLC0415, from 8.6 on

    context = CompletionContext(
        token="0", full_text=line, cursor_position=len(line), cursor_line=0, limit=None
    )
    times = []
    for _ in range(20):
        start = time.perf_counter()
        assert match(context)["completions"]
        times.append(time.perf_counter() - start)
    return min(times)


def test_variables_are_completed_behind_their_sign(typist: Shell) -> None:
    typist["shots"], typist["shoot"], typist["_shelf"] = ["a"], len, ["b"]
    assert complete(typist, "%aleph_status $sh|") == ["%aleph_status $shots"]
    assert complete(typist, "df = %aleph_status -q $sh|, b") == ["df = %aleph_status -q $shots, b"]
    assert complete(typist, "%aleph_status $_sh|") == ["%aleph_status $_shelf"]


# ── In a new kernel ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def earlier(shell: Shell) -> list[str]:
    """Let an earlier kernel have asked for many tasks of the service that the shell will ask; return them."""
    many = ids_of_tasks(20_000)
    settings = Settings.load()
    with Ledger.open(str(settings.ledger_place)) as ledger:
        ledger.ask(settings.service, {task_id: {} for task_id in many}, NOW)
        ledger.ask("https://elsewhere.example", {"xyz-1": {}}, NOW)
    assert existing_session() is None
    return many


def test_ids_are_offered_before_there_is_a_session(typist: Shell, earlier: list[str]) -> None:
    assert complete(typist, f"df = %aleph_show {earlier[7][:-1]}|")[-1][:-1] == (
        f"df = %aleph_show {earlier[7][:-1]}"
    )
    assert earlier[7] in offered(typist, f"%aleph_status {earlier[7][:-1]}|")
    assert earlier[7] not in offered(typist, f"%aleph_status {earlier[7]} {earlier[7][:-1]}|")
    assert offered(typist, "%aleph_status xyz|") == []
    found = [text for text in offered(typist, "%aleph_status |") if text in set(earlier)]
    assert 20 <= len(found) <= 60
    assert existing_session() is None


def test_what_is_set_says_which_ledger_and_service(
    shell: Shell, earlier: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALEPH_NB_BASE_URL", "https://elsewhere.example/api")
    assert offered(shell, "%aleph_status xyz|") == ["xyz-1"]
    shell.good("%config AlephMagics.base_url = 'https://api.kie.ai'")
    assert offered(shell, "%aleph_status xyz|") == []
    assert earlier[7] in offered(shell, f"%aleph_status {earlier[7][:-1]}|")
    for elsewhere in ("off", f"{tmp_path}/none.sqlite3", f"sqlite:///{tmp_path}/none.sqlite3?mode=ro"):
        shell.good(f"%config AlephMagics.ledger = '{elsewhere}'")
        assert offered(shell, f"%aleph_status {earlier[7][:-1]}|") == []
    monkeypatch.setenv("ALEPH_NB_RATE", "fast")  # the next call says so
    assert "--fresh" in offered(shell, "%aleph_status |")


@pytest.mark.parametrize("has_session", [False, True])
def test_tab_makes_no_ledger(shell: Shell, has_session: bool) -> None:
    if has_session:
        current_session()
    offered(shell, "%aleph_status ab|")
    assert not data_folder().exists()
    data_folder().mkdir(parents=True)
    path = data_folder() / "ledger.sqlite3"
    path.touch()
    offered(shell, "%aleph_status ab|")
    assert path.read_bytes() == b""


@pytest.mark.parametrize("has_session", [False, True])
@pytest.mark.parametrize("what", ["junk", "locked"])
def test_a_ledger_that_cannot_be_read_offers_nothing_and_says_nothing(
    shell: Shell, earlier: list[str], has_session: bool, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = data_folder() / "ledger.sqlite3"
    if has_session:
        current_session()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        if what == "locked":
            other.execute("begin exclusive")
        else:
            path.write_bytes(b"junk" * 3000)
        start = time.perf_counter()
        assert offered(shell, f"%aleph_status {earlier[7][:-1]}|") == []
        assert time.perf_counter() - start < 2
        assert "--fresh" in offered(shell, "%aleph_status |")
    assert capsys.readouterr() == ("", "")


FIRST_TABS = """
import sys, time
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.Completer.use_jedi = False
shell.run_line_magic("load_ext", "aleph_nb")
heavy = {"pandas", "numpy", "requests", "sqlalchemy", "tornado", "aleph_nb.session"}
print(*heavy & set(sys.modules), "at load")
times = []
for line in ["%aleph_status --fr"] + 9 * ["%aleph_status 0000000000000000000000000000000"]:
    start = time.perf_counter()
    with provisionalcompleter():
        found = [found.text for found in shell.Completer.completions(line, len(line))]
    times.append(time.perf_counter() - start)
print(*heavy & set(sys.modules), "by Tab")
print(len(found), times[1], min(times[2:]))
"""


def test_the_first_tab_is_quick_and_the_next_are_quicker(earlier: list[str]) -> None:
    """The bounds are a few times what was measured, 0.3 s and 5 ms: other tests run beside this one."""
    ran = subprocess.run([sys.executable, "-c", FIRST_TABS], capture_output=True, text=True, check=True)  # noqa: S603
    at_load, by_tab, figures = ran.stdout.splitlines()
    assert at_load.split() == ["at", "load"]
    assert by_tab.split() == ["sqlalchemy", "by", "Tab"]
    count, first, later = figures.split()
    assert int(count) == 16
    assert float(first) < 1.5
    assert float(later) < 0.03
    assert ran.stderr == ""


# ── What it must not do ──────────────────────────────────────────────────────────────────────────


def test_tab_makes_no_session_and_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from IPython.core.completer import provisionalcompleter\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_line_magic('load_ext', 'aleph_nb')\n"
        "assert 'aleph_nb.completion.offers' not in sys.modules\n"
        "shell.Completer.use_jedi = False\n"
        "for line in ('%aleph_status ', '%aleph_status ab', '%aleph_status --fr', '%aleph_status -f '):\n"
        "    with provisionalcompleter():\n"
        "        print(*(found.text for found in shell.Completer.completions(line, len(line))))\n"
        "heavy = {'pandas', 'numpy', 'requests', 'sqlalchemy', 'tornado', 'aleph_nb.session'}\n"
        "print('heavy:', *heavy & set(sys.modules))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.splitlines()[2] == "--fresh"
    assert ran.stdout.splitlines()[-1] == "heavy:"
    assert ran.stderr == ""


def test_whatever_goes_wrong_offers_nothing(
    typist: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    current_session()
    monkeypatch.setattr(Session, "known_ids", lambda *_: 1 / 0)
    for line in ("ab|", "-f no/such/folder/|", "-f ~nobody-at-all/|", "{|", "$a[|", '"{|', "\0|"):
        assert isinstance(complete(typist, f"%aleph_status {line}"), list)
    assert capsys.readouterr() == ("", "")


def test_a_shell_without_a_completer_loads(shell: Shell) -> None:
    shell.good("%unload_ext aleph_nb")
    completer = shell.ip.Completer
    try:
        shell.ip.Completer = None
        shell.good("%load_ext aleph_nb")
        shell.good("%aleph_demo")
        shell.good("%unload_ext aleph_nb")
    finally:
        shell.ip.Completer = completer


# ── Through a kernel ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Lend the blocking client of a real kernel, with the extension loaded and the demo's ids in `ids`."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        cell = "%load_ext aleph_nb\nids = %aleph_demo\ndf = %aleph_status -q {ids[0]}"
        if IS_OLD:
            cell = f"get_ipython().Completer.use_jedi = False\n{cell}"
        reply = client.execute_interactive(cell, timeout=60, output_hook=lambda message: None)
        assert reply["content"]["status"] == "ok"
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_kernel_tells_the_fragment_that_is_replaced(kernel: Any, ids: list[str]) -> None:
    Path("my shots.csv").touch()
    for cell, expected in {
        "df = %aleph_status --fr|": "df = %aleph_status --fresh",
        "a = 1\n%aleph_demo sta| --reset\na": "a = 1\n%aleph_demo start --reset\na",
        f"%aleph_show {ids[0][:4]}|": f"%aleph_show {ids[0]}",
        f"%aleph_show {ids[0][:11]}|": f"%aleph_show {ids[0]}",
        f"🎬 = %aleph_show {ids[0][:11]}|": f"🎬 = %aleph_show {ids[0]}",
        "%aleph_status --file='my s|": "%aleph_status --file='my shots.csv'",
        "%aleph_status $id|": "%aleph_status $ids",
    }.items():
        before, _, after = cell.partition("|")
        said = kernel.complete(before + after, len(before), reply=True, timeout=30)["content"]
        text = before + after
        found = [
            text[: said["cursor_start"]] + match + text[said["cursor_end"] :] for match in said["matches"]
        ]
        assert found == [expected]
