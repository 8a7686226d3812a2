"""The magics, in a real shell, against the demo and against a server that misbehaves."""

import _thread
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from aleph_nb import current_session
from aleph_nb.errors import AuthenticationError, ConfigurationError, RateLimitError
from aleph_nb.frame import COLUMNS
from aleph_nb.pace import cache_folder
from tests.faults import FaultServer, Reply, refuse, running
from tests.keys import KEY
from tests.shell import Shell

FIRST = "ee603959-debb-48d1-98c4-a6d1c717eba6"


@pytest.fixture
def faulty(shell: Shell, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """Point the shell's session at the fault server, without pauses."""
    monkeypatch.setenv("KIE_API_KEY", KEY)
    monkeypatch.setenv("ALEPH_NB_BASE_URL", server.base_url)
    for setting in ("rate = 0", "retries = 0", "timeout = 2", "retry_wait = 0"):
        shell.good(f"%config AlephMagics.{setting}")
    return server


def asked(server: FaultServer) -> list[str]:
    return [str(seen.task_id) for seen in server.requests]


# ── %aleph and %aleph_demo ───────────────────────────────────────────────────────────────────────


def test_aleph_says_where_you_are_without_a_key(shell: Shell) -> None:
    text = shell.good("%aleph").texts[0]
    assert "https://api.kie.ai" in text
    assert "not set" in text
    assert "%aleph_demo" in text
    assert "9 requests a second" in text


def test_aleph_says_where_the_key_is_from_and_not_a_character_of_it(
    shell: Shell, faulty: FaultServer
) -> None:
    shell.good("%aleph_status a b -q")
    ran = shell.good("%aleph")
    assert "from KIE_API_KEY in the environment" in ran.texts[0]
    assert "2 succeeded" in ran.texts[0]
    assert KEY[:4] not in ran.everything


def test_aleph_says_whether_kernels_share_the_pace(shell: Shell, faulty: FaultServer) -> None:
    assert "kernels with one key share it" in shell.good("%aleph").texts[0]
    shell.good("%aleph_status a -q")
    assert "kernels with one key share it" in shell.good("%aleph").texts[0]
    shell.good("%aleph_demo")
    assert "kernels" not in shell.good("%aleph").texts[0]


@pytest.mark.parametrize("is_asked_before", [False, True])
def test_aleph_says_why_a_kernel_keeps_the_pace_alone(
    shell: Shell, faulty: FaultServer, is_asked_before: bool
) -> None:
    cache_folder().parent.mkdir(parents=True, exist_ok=True)
    cache_folder().touch()  # a file in its place
    if is_asked_before:
        assert list(shell.good("%aleph_status a -q").value.state) == ["succeeded"]
    said = " ".join(shell.good("%aleph").texts[0].split())
    assert f"of this kernel alone: the cache folder {cache_folder()} does not serve (File exists)" in said
    assert asked(faulty) == ["a"] * is_asked_before


def test_the_demo_runs_once_and_gives_the_same_ids(shell: Shell) -> None:
    first = shell.good("ids = %aleph_demo")
    assert "df = %aleph_status $ids" in first.printed
    shell.good("again = %aleph_demo")
    assert shell["ids"] == shell["again"]
    assert shell["ids"][0] == FIRST
    shell.good("%aleph_demo stop")
    assert "was not running" in shell.good("%aleph_demo stop").printed
    assert "no key" in str(shell.bad("%aleph_status $ids").error)


def test_the_demo_has_as_many_tasks_as_are_asked_for(shell: Shell) -> None:
    shell.good("ids = %aleph_demo --tasks 50")
    assert len(set(shell["ids"])) == 50
    assert shell.good("%aleph_demo").value == shell["ids"]  # it goes on as it is
    assert len(shell.good("%aleph_demo --tasks 5").value) == 5
    assert isinstance(shell.bad("%aleph_demo --tasks 0").error, ConfigurationError)


def test_reset_begins_the_demos_clock_anew(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.good("ids = %aleph_demo")
    demo = current_session().demo
    assert demo is not None
    monkeypatch.setattr(demo, "_clock", lambda: datetime.now(UTC) + timedelta(minutes=1))
    shell.good("%config AlephMagics.rate = 0")
    assert set(shell.good("%aleph_status -q {ids[6]}").value.state) == {"succeeded"}
    shell.good("%aleph_demo --reset")
    assert set(shell.good("%aleph_status -q {ids[6]}").value.state) == {"in_progress"}


def test_the_demos_cards_carry_their_clips(shell: Shell) -> None:
    shell.good("ids = %aleph_demo")
    html = shell.good("%aleph_status {ids[0]}").html
    assert html.count('src="data:video/mp4;base64,') == 2
    assert 'src="http' not in html


# ── %aleph_status ────────────────────────────────────────────────────────────────────────────────


def test_a_row_for_each_id_in_the_order_given(shell: Shell, faulty: FaultServer) -> None:
    faulty.script("slow", Reply(body=running("slow"), delay=0.2))
    frame = shell.good("df = %aleph_status slow b, c;b 'd'").printed
    frame = shell["df"]
    assert type(frame) is pd.DataFrame
    assert list(frame.task_id) == ["slow", "b", "c", "d"]
    assert tuple(frame.columns) == COLUMNS
    assert isinstance(frame.index, pd.RangeIndex)
    assert list(frame.state) == ["in_progress", "succeeded", "succeeded", "succeeded"]


def test_the_frame_is_the_cells_value(shell: Shell, faulty: FaultServer) -> None:
    ran = shell.good("%aleph_status a")
    assert list(ran.value.task_id) == ["a"]


def test_one_task_is_shown_as_its_card_whatever_became_of_it(shell: Shell, faulty: FaultServer) -> None:
    faulty.script("a", Reply(body=running("a")))
    ran = shell.good("%aleph_status a")
    assert len(ran.shown) == 1
    assert "Running" in ran.texts[0]


def test_many_tasks_are_a_few_cards_and_one_panel(shell: Shell, faulty: FaultServer) -> None:
    faulty.script("bad", refuse(500))
    ran = shell.good("%aleph_status a b c d bad")
    html = ran.shown[-4:]
    assert [bundle["text/html"].count("<video") for bundle in html] == [2, 2, 2, 0]
    assert "1 needs a look" in html[-1]["text/plain"]
    assert "bad" in html[-1]["text/plain"]


@pytest.mark.parametrize(("options", "cards"), [("--media 1", 1), ("--media 0", 0), ("--media=5", 4)])
def test_media_says_how_many_cards(shell: Shell, faulty: FaultServer, options: str, cards: int) -> None:
    assert shell.good(f"%aleph_status a b {options} c d").html.count("<video") == 2 * cards


def test_max_media_counts_from_the_next_call_on(shell: Shell, faulty: FaultServer) -> None:
    shell.good("%config AlephMagics.max_media = 1")
    assert shell.good("%aleph_status a b c").html.count("<video") == 2


def test_quiet_is_quiet(shell: Shell, faulty: FaultServer) -> None:
    ran = shell.good("%aleph_status a b -q")
    assert ran.shown == []
    assert list(ran.value.task_id) == ["a", "b"]


def test_a_semicolon_shows_nothing_and_is_still_assigned(shell: Shell, faulty: FaultServer) -> None:
    ran = shell.good("%aleph_status a b a;")
    assert (ran.shown, ran.printed, ran.value) == ([], "", None)
    ran = shell.good("df = %aleph_status a b a;")
    assert (ran.shown, ran.printed) == ([], "")
    assert list(shell["df"].task_id) == ["a", "b"]


def test_output_keeps_the_frame_in_a_variable_as_well(shell: Shell, faulty: FaultServer) -> None:
    ran = shell.good("%aleph_status -o kept a")
    assert ran.shown
    assert shell["kept"] is ran.value
    bad = shell.bad("%aleph_status -o 1x a")
    assert "no name of a variable" in str(bad.error)


def test_a_cells_body_holds_ids(shell: Shell, faulty: FaultServer) -> None:
    ran = shell.good('%%aleph_status -q x\n"a"\nb, c;  # a comment\n\n# all\nd;')
    assert list(ran.value.task_id) == ["x", "a", "b", "c", "d"]


def test_a_cells_body_may_name_a_variable_or_be_a_table(shell: Shell, faulty: FaultServer) -> None:
    shell["ids"] = ["a", "b"]
    assert list(shell.good("%%aleph_status -q\n$ids c").value.task_id) == ["a", "b", "c"]
    ran = shell.good("%%aleph_status -q\nshot\tTask ID\n12a\ta\n12b\tb")
    assert list(ran.value["shot"]) == ["12a", "12b"]


def test_variables_of_the_notebook_and_of_the_calling_function(shell: Shell, faulty: FaultServer) -> None:
    shell["frame"] = pd.DataFrame({"Task ID": ["a", "b"], "shot": ["1", pd.NA]})
    shell["series"] = pd.Series(["c", None, "d"])
    ran = shell.good("%aleph_status -q $frame $series {['e']}")
    assert list(ran.value.task_id) == ["a", "b", "c", "d", "e"]
    assert ran.value["shot"].tolist()[:2] == ["1", pd.NA]
    shell.good("def ask():\n    mine = 'z'\n    df = %aleph_status -q $mine\n    return df")
    assert list(shell.good("ask()").value.task_id) == ["z"]


def test_a_variable_that_is_not_defined_is_an_error(shell: Shell, faulty: FaultServer) -> None:
    ran = shell.bad("%aleph_status $nope")
    assert isinstance(ran.error, ConfigurationError)
    assert "nope is not defined" in ran.printed
    assert asked(faulty) == []


def test_a_file_with_labels(shell: Shell, faulty: FaultServer, tmp_path: Path) -> None:
    file = tmp_path / "my shots.csv"
    file.write_text("\ufeffshot;task_id;state\n12a;a;x\n12b;b;y\n;;\n12a;a;\n", encoding="utf-8")
    ran = shell.good(f'%aleph_status -f "{file}"')
    assert list(ran.value.columns) == [*COLUMNS, "shot"]
    assert list(ran.value["shot"]) == ["12a", "12b"]
    assert "12a" in ran.texts[-2] + ran.texts[-1]
    assert "asked for once: a" in ran.printed
    assert "1 row has no id" in ran.printed
    shell["path"] = file
    assert list(shell.good("%aleph_status -q -f $path").value.task_id) == ["a", "b"]
    again = shell.good("%aleph_status a -q").value
    assert list(again["shot"]) == ["12a"]  # labels are kept for this kernel


def test_ids_that_nobody_named(shell: Shell, faulty: FaultServer) -> None:
    ran = shell.bad("%aleph_status")
    assert "Name some" in str(ran.error)
    assert "%aleph_demo" in str(ran.error)
    shell["none"] = []
    assert len(shell.good("%aleph_status $none").value) == 0


def test_options_are_neither_guessed_nor_abbreviated(shell: Shell, faulty: FaultServer) -> None:
    ran = shell.bad("%aleph_status a --quie")
    assert isinstance(ran.error, ConfigurationError)
    assert "--quie" in ran.printed
    assert "%aleph_status?" in ran.printed
    assert ran.printed.strip().count("\n") == 0


def test_a_spreadsheets_number_is_told_and_has_its_row(shell: Shell, faulty: FaultServer) -> None:
    faulty.script("1.2E+31", Reply(body={"code": 200, "msg": "success", "data": None}))
    ran = shell.good("%aleph_status 1.2E+31 a")
    assert "spreadsheet" in ran.printed
    assert list(ran.value.state) == ["not_found", "succeeded"]


def test_progress_of_many_ids_is_one_display_that_ends_as_a_line(shell: Shell, faulty: FaultServer) -> None:
    shell.ip.kernel = object()  # as a notebook's shell has one
    try:
        ids = " ".join(f"id{n}" for n in range(30))
        faulty.default = lambda task_id: Reply(body=running(task_id), delay=0.05)
        ran = shell.good(f"%aleph_status {ids} --media 0")
    finally:
        del shell.ip.kernel
    bars = [text for text in ran.texts if " of 30" in text]
    assert bars[0].startswith("0 of 30")
    assert bars[-1].startswith("30 of 30")
    assert shell.good("%aleph_status id1").texts[0].startswith("id1")


def test_an_interrupt_shows_what_arrived_and_is_raised(shell: Shell, faulty: FaultServer) -> None:
    faulty.script("slow", Reply(hang=True))
    threading.Timer(0.5, _thread.interrupt_main).start()
    ran = shell.bad("%aleph_status a slow b -o part")
    assert isinstance(ran.error, KeyboardInterrupt)
    assert list(shell["part"].task_id) == ["a", "slow", "b"]
    assert list(shell["part"].state) == ["succeeded", "no_answer", "succeeded"]
    assert shell["part"].reason[1] == "the call ended before it answered"
    assert "2 of 3 arrived" in ran.printed
    assert ran.texts[-1].startswith(" ")  # the frame
    assert not [t for t in threading.enumerate() if t.name.startswith("aleph-") and not t.daemon]


def test_a_refused_key_ends_the_batch_and_shows_what_arrived(shell: Shell, faulty: FaultServer) -> None:
    shell.good("%config AlephMagics.workers = 1")
    faulty.script("b", refuse(401))
    ran = shell.bad("%aleph_status a b c")
    assert isinstance(ran.error, AuthenticationError)
    assert asked(faulty) == ["a", "b"]
    assert "1 of 3 arrived" in ran.printed
    assert "KIE_API_KEY" in ran.printed


def test_where_nobody_answers_the_first_failure_is_raised(shell: Shell, faulty: FaultServer) -> None:
    faulty.default = lambda task_id: refuse(429)
    ran = shell.bad("%aleph_status a b")
    assert isinstance(ran.error, RateLimitError)
    assert "task a" in str(ran.error)
    assert [line for line in ran.printed.splitlines() if "Traceback" in line] == []


# ── %aleph_show ──────────────────────────────────────────────────────────────────────────────────


def test_show_shows_cards_alone(shell: Shell, faulty: FaultServer) -> None:
    ran = shell.good("%aleph_show a b --width 700")
    assert ran.value is None
    assert len(ran.shown) == 2
    assert "700px" in ran.html
    assert shell.good("%aleph_show a;").shown == []


def test_show_bounds_the_cards_of_a_page(shell: Shell, faulty: FaultServer) -> None:
    shell["ids"] = [f"id{n}" for n in range(40)]
    ran = shell.good("%aleph_show $ids")
    assert ran.html.count("<video") == 48
    assert "16 more" in ran.printed
    assert len(faulty.requests) == 24
    assert len(shell.good("%aleph_history").value) == 40


# ── Help ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["aleph", "aleph_demo", "aleph_show", "aleph_status"])
def test_every_magic_has_help_with_an_example(shell: Shell, name: str) -> None:
    help_text = str(shell.ip.object_inspect(f"%{name}")["docstring"])
    assert "Example" in help_text
    assert f"%{name}" in help_text.split("Example")[1]


def test_a_bad_value_of_the_environment_is_an_error_at_the_next_call(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALEPH_NB_RATE", "fast")
    assert "ALEPH_NB_RATE" in str(shell.bad("%aleph_status a").error)


def test_json_may_stand_in_a_cells_body(shell: Shell, faulty: FaultServer) -> None:
    body = json.dumps([{"taskId": "a", "note": None}, {"taskId": "b"}])
    assert list(shell.good(f"%%aleph_status -q\n{body}").value.task_id) == ["a", "b"]


# ── What a newcomer gets wrong ───────────────────────────────────────────────────────────────────


def test_ids_of_ones_own_that_the_demo_is_asked_for(shell: Shell) -> None:
    shell.good("ids = %aleph_demo")
    assert "%aleph_demo stop" in shell.good("%aleph_status 11111111-2222-4333-8444-555555555555").printed
    assert "%aleph_demo stop" not in shell.good("%aleph_status $ids").printed


def test_a_demo_that_cannot_start_leaves_the_one_that_runs(shell: Shell) -> None:
    shell.good("ids = %aleph_demo")
    shell.good("%aleph_status -q {ids[0]}")
    before = shell.good("%aleph").texts
    assert "from 1 to 10000" in str(shell.bad("%aleph_demo --tasks -5").error)
    assert shell.good("%aleph").texts == before


def test_a_variable_without_its_sign(shell: Shell, faulty: FaultServer) -> None:
    shell["ids"] = ["a", "b"]
    assert "write $ids" in shell.good("%aleph_status ids").printed
    ran = shell.good("%aleph_status ids[0]")
    assert "write {ids[0]}" in ran.printed
    assert list(ran.value.task_id) == ["ids[0]"]
    assert "variable" not in shell.good("%aleph_status $ids idsy").printed


def test_a_variable_anywhere_in_a_cells_body(shell: Shell, faulty: FaultServer) -> None:
    shell["ids"] = ["a", "b"]
    assert list(shell.good("%%aleph_status -q\nc, $ids {ids[0] + 'x'}").value.task_id) == [
        "c",
        "a",
        "b",
        "ax",
    ]


def test_a_column_is_named_in_braces(shell: Shell) -> None:
    ran = shell.bad('%aleph_status $table["Aleph Job"]')
    assert 'Write {table["Aleph Job"]}' in str(ran.error)


def test_an_interrupt_is_one_line(shell: Shell, faulty: FaultServer) -> None:
    faulty.default = lambda task_id: Reply(hang=True)
    threading.Timer(0.4, _thread.interrupt_main).start()
    ran = shell.bad("%aleph_status a b;")
    assert type(ran.error) is KeyboardInterrupt
    assert ran.printed.strip().count("\n") == 0
    assert "Run the cell again" in ran.printed


def test_aleph_stands_also_with_a_key_that_cannot_be_used(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIE_API_KEY", "your key here")
    text = shell.good("%aleph").texts[0]
    assert "cannot be used" in text
    assert "your key" not in text


def test_a_missing_key_names_the_file_that_was_looked_for(shell: Shell) -> None:
    assert str(Path.cwd() / ".env") in str(shell.bad("%aleph_status a").error)
    assert str(Path.cwd() / ".env") in shell.good("%aleph").texts[0]


def test_show_without_ids_speaks_of_itself(shell: Shell) -> None:
    assert "%aleph_show $ids" in str(shell.bad("%aleph_show").error)


def test_an_empty_list_is_told(shell: Shell, faulty: FaultServer) -> None:
    shell["none"] = []
    assert "no task id" in shell.good("%aleph_status $none").printed


def test_two_files_are_both_read(shell: Shell, faulty: FaultServer, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(f"{name}1 {name}2", encoding="utf-8")
    shell["folder"] = tmp_path
    ran = shell.good("%aleph_status -q -f {folder}/a.txt x -f {folder}/b.txt")
    assert list(ran.value.task_id) == ["x", "a1", "a2", "b1", "b2"]


@pytest.mark.parametrize(
    "cell", ["%aleph_status a --media 30", "%aleph_status a --media -1", "%aleph_show a --width -3"]
)
def test_a_number_out_of_bounds_is_refused(shell: Shell, faulty: FaultServer, cell: str) -> None:
    assert isinstance(shell.bad(cell).error, ConfigurationError)
    assert asked(faulty) == []


def test_show_tells_what_is_odd_and_shows_what_arrived(shell: Shell, faulty: FaultServer) -> None:
    assert "asked for once: a" in shell.good("%aleph_show a a").printed
    faulty.script("slow", Reply(hang=True))
    threading.Timer(0.5, _thread.interrupt_main).start()
    ran = shell.bad("%aleph_show a slow")
    assert "1 of 2 arrived" in ran.printed
    assert "Traceback" not in ran.printed
