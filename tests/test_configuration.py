"""`%config AlephMagics`: what it shows, takes and refuses."""

from dataclasses import fields

import pytest

from aleph_nb.settings import Settings
from tests.shell import Shell, real_shell


def test_it_shows_every_setting_with_what_counts(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEPH_NB_WORKERS", "3")
    text = shell.good("%config AlephMagics").printed
    for declared in fields(Settings):
        assert f"AlephMagics.{declared.name}" in text
        assert declared.metadata["about"].split()[0] in text
    assert shell.good("%config AlephMagics.workers").value == 3


def test_what_is_chosen_counts_before_the_environment(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEPH_NB_RATE", "3")
    assert "3 requests a second" in shell.good("%aleph").texts[0]
    shell.good("%config AlephMagics.rate = 9")  # the default, but chosen
    assert "9 requests a second" in shell.good("%aleph").texts[0]


@pytest.mark.parametrize(
    ("setting", "value", "old"),
    [
        ("rate", "'fast'", "9.0"),
        ("workers", "0", "16"),
        ("workers", "True", "16"),
        ("timeout", "float('nan')", "30.0"),
        ("base_url", "'http://example.com'", "'https://api.kie.ai'"),
        ("base_url", "'https://me:pass@example.com'", "'https://api.kie.ai'"),
    ],
)
def test_a_refused_value_keeps_the_old_one_and_says_so(
    shell: Shell, setting: str, value: str, old: str
) -> None:
    ran = shell.good(f"%config AlephMagics.{setting} = {value}")
    assert f"AlephMagics.{setting} stays {old}" in ran.printed
    assert ran.printed.count("\n") == 1
    assert ":pass@" not in ran.printed
    assert repr(shell.good(f"%config AlephMagics.{setting}").value) == old


def test_a_refused_value_does_not_come_back_at_the_next_load(shell: Shell) -> None:
    shell.good("%config AlephMagics.rate = 'fast'")
    ran = shell.good("%unload_ext aleph_nb\n%load_ext aleph_nb")
    assert ran.printed == ""


def test_a_refused_value_of_a_profile_is_dropped_at_load_with_a_line() -> None:
    with real_shell() as shell:
        shell.ip.config.AlephMagics.rate = "fast"
        shell.ip.config.AlephMagics.workers = 4
        ran = shell.good("%load_ext aleph_nb")
        assert "AlephMagics.rate stays 9.0" in ran.printed
        assert shell.good("%config AlephMagics.workers").value == 4


def test_an_address_is_a_reviewer_and_no_password(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.good("%config AlephMagics.reviewer = 'ana@example.com'")
    assert shell.good("%config AlephMagics.reviewer").value == "ana@example.com"
    assert "reviewer='ana@example.com'" in repr(Settings(reviewer="ana@example.com"))


def test_a_password_of_the_environment_is_not_shown(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEPH_NB_BASE_URL", "https://me:hush-hush@example.com")
    for cell in ("%config AlephMagics", "%config AlephMagics.base_url", "%aleph"):
        ran = shell.good(cell)
        assert "example.com" in ran.everything
        assert "hush" not in ran.everything
