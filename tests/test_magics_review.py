"""`%aleph_review` in a real shell: what it says, what it keeps, and what it refuses."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from aleph_nb.errors import ConfigurationError, StorageError
from tests.shell import Shell

ID = "ee603959-debb-48d1-98c4-a6d1c717eba6"


@pytest.fixture
def demo(shell: Shell) -> Shell:
    """Return a shell in which the demo runs, and has been asked."""
    shell.good("%config AlephMagics.reviewer = 'ana'")
    shell.good("ids = %aleph_demo\n%aleph_status $ids -q")
    return shell


def told(shell: Shell, line: str) -> str:
    """Return what a verdict comes to, as it is printed."""
    ran = shell.good(f"%aleph_review {line}")
    assert ran.value is None
    assert ran.shown == []
    said = ran.printed.removesuffix("\n")
    assert "\n" not in said
    return said


def test_a_verdict_is_given_shown_and_taken_back(demo: Shell) -> None:
    assert told(demo, ID) == f"{ID}: no verdict"
    assert told(demo, f"{ID} --rating 4 --pick --tag sky") == f"{ID}: 4 stars; picked; tagged sky"
    said = told(demo, f'--tag "late evening" --note "the horizon flickers; it\'s odd" {ID} --reject')
    assert said == f"{ID}: 4 stars; rejected; tagged sky, late evening; 1 note"
    assert told(demo, ID) == said
    assert told(demo, f"{ID} --undo") == (
        f"{ID}: 4 stars; picked; tagged sky. "
        'Taken back: reject; tag late evening; note "the horizon flickers; it\'s odd"'
    )
    assert told(demo, f"{ID} --clear --untag sky --rating 0") == f"{ID}: no verdict"
    assert told(demo, f"{ID} --undo") == (
        f"{ID}: 4 stars; picked; tagged sky. Taken back: no stars; clear; untag sky"
    )
    assert told(demo, f"{ID} --undo") == f"{ID}: no verdict. Taken back: 4 stars; pick; tag sky"
    assert told(demo, f"{ID} --undo") == f"{ID}: no verdict. There was nothing to take back."


def test_an_undo_shows_the_beginning_of_a_long_note_as_one_line(demo: Shell) -> None:
    demo["note"] = "the ridge\nmelts " + "a lot " * 40
    demo.good(f"%aleph_review {ID} --note $note")
    said = told(demo, f"{ID} --undo")
    assert said.startswith(f'{ID}: no verdict. Taken back: note "the ridge melts a lot ')
    assert said.endswith('…"')
    assert len(said) < 200


def test_the_session_has_it_as_a_frame(demo: Shell) -> None:
    demo.good("%aleph_review {ids[0]} --rating 4 --tag sky --tag dusk --note fine")
    demo.good("for task_id in ids[1:3]:\n    %aleph_review $task_id --reject;")
    frame = demo.good("from aleph_nb import current_session\ncurrent_session().reviews()").value
    assert isinstance(frame, pd.DataFrame)
    assert frame["task_id"].tolist() == [demo["ids"][2], demo["ids"][1], demo["ids"][0]]
    assert frame["pick"].tolist() == ["reject", "reject", pd.NA]
    assert frame["tags"].tolist()[2] == ["sky", "dusk"]
    assert frame["notes"].tolist()[2] == [{"time": None, "text": "fine"}]
    assert set(frame["reviewer"]) == {"ana"}
    demo.good("%config AlephMagics.reviewer = 'ben'\n%aleph_review {ids[0]}")
    assert demo.good("current_session().reviews()").value.empty


def test_a_semicolon_is_silent(demo: Shell) -> None:
    assert demo.good(f"%aleph_review {ID} --rating 3;").printed == ""
    assert told(demo, ID) == f"{ID}: 3 stars"


def test_a_task_that_was_never_asked_for_is_told(demo: Shell) -> None:
    printed = demo.good("%aleph_review typo --rating 3").printed
    assert printed.splitlines() == [
        "typo: 3 stars",
        "This task was never asked for. If the id is right: %aleph_status typo",
    ]
    assert told(demo, "typo") == "typo: 3 stars"
    demo.good("%aleph_forget typo --yes")
    assert demo.good("%aleph_review typo").printed.splitlines()[0] == "typo: no verdict"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "required: ID"),
        ("$ids", "takes one task id, and there are 14"),
        (f"{ID} other", "unrecognized arguments: other"),
        (f"{ID} --rating 6", "invalid choice: 6"),
        (f"{ID} --rating good", "invalid int value"),
        (f"{ID} --pick --reject", "--pick and --reject do not go together"),
        (f"{ID} --reject --clear", "--reject and --clear do not go together"),
        (f"{ID} --undo --rating 3", "goes with nothing else"),
        (f"{ID} --tag ''", "tag '' is no text"),
        (f"{ID} --note ''", "the note is empty"),
        (f"{ID} --note fine, but dark", "unrecognized arguments: but dark"),
        (f"{ID} --note melts a lot", '--note "melts a lot". What it takes'),
        (f"{ID} --note fine, but dark --rating 3;", 'in quotes: --note "fine, but dark". What'),
        (f"--tag late evening --note melts a lot {ID}", '--tag "late evening" --note "melts a lot". What'),
        (f"{ID} --note it's too-dark", """--note "it's too-dark". What"""),
        (f"{ID} other", "unrecognized arguments: other. What it takes"),
        (f"{ID} --tag $nothing", "nothing is not defined"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(demo: Shell, line: str, why: str) -> None:
    ran = demo.bad(f"%aleph_review {line}")
    assert isinstance(ran.error, ConfigurationError)
    assert why in ran.printed
    assert ran.printed.strip().count("\n") == 0
    assert told(demo, ID) == f"{ID}: no verdict"


def test_a_verdict_that_is_not_kept_is_an_error(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    shell.good(f"%config AlephMagics.ledger = {str(path)!r}")
    shell.good(f"%aleph_review {ID} --rating 3")
    path.write_bytes(b"no ledger any more, and no database either " * 400)
    ran = shell.bad(f"%aleph_review {ID} --rating 4")
    assert isinstance(ran.error, StorageError)
    assert f"The verdict on {ID} is not kept. The ledger " in ran.printed
    assert ran.printed.strip().count("\n") == 0


def test_hostile_words_are_words(demo: Shell) -> None:
    said = told(demo, f"""{ID} --tag "<img src=x onerror=alert(1)>" --note "<script>alert(1)</script>" """)
    assert said == f"{ID}: tagged <img src=x onerror=alert(1)>; 1 note"


def test_verdicts_lie_in_the_demos_own_ledger(demo: Shell, tmp_path: Path) -> None:
    told(demo, f"{ID} --rating 3")
    with closing(sqlite3.connect(tmp_path / "data" / "aleph_nb" / "demo.sqlite3")) as connection:
        assert connection.execute("select field, value from verdicts").fetchall() == [("rating", "3")]
    demo.good("%aleph_demo --reset;")
    assert demo.good(f"%aleph_review {ID}").printed.startswith(f"{ID}: no verdict")
