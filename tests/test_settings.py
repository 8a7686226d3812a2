"""The settings: their bounds, where they are taken from, and what is never shown."""

import copy
import dataclasses
import getpass
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb.errors import ConfigurationError
from aleph_nb.settings import Settings, check_setting, shown_url

DEFAULTS = {
    "base_url": "https://api.kie.ai",
    "timeout": 30.0,
    "deadline": 120.0,
    "rate": 9.0,
    "workers": 16,
    "retries": 4,
    "retry_wait": 10.0,
    "poll_interval": 5.0,
    "watch_timeout": 1200.0,
    "max_media": 3,
    "max_embed_bytes": 20 * 10**6,
    "max_media_bytes": 200 * 10**6,
    "ledger": "",
    "reviewer": "",
}
NUMBERS = [name for name in DEFAULTS if name not in ("base_url", "ledger", "reviewer")]
PASSWORD = "hunter2hunter2"


def test_the_defaults_are_the_designs() -> None:
    assert dataclasses.asdict(Settings()) == DEFAULTS
    assert dataclasses.asdict(Settings.load(environ={})) == DEFAULTS
    for name, value in DEFAULTS.items():
        assert type(getattr(Settings(), name)) is type(value)


GOOD: list[tuple[str, Any, Any]] = [
    ("timeout", "0.5", 0.5),
    ("timeout", 86400, 86400.0),
    ("deadline", " 60 ", 60.0),
    ("rate", 0, 0.0),
    ("rate", "0", 0.0),
    ("rate", 10_000, 10_000.0),
    ("rate", "4.5", 4.5),
    ("retry_wait", 0, 0.0),
    ("poll_interval", "0.2", 0.2),
    ("watch_timeout", 60, 60.0),
    ("ledger", "", ""),
    ("ledger", " off ", "off"),
    ("ledger", "tasks.sqlite3", "tasks.sqlite3"),
    ("ledger", Path("tasks.sqlite3"), "tasks.sqlite3"),
    ("ledger", "sqlite:///tasks.sqlite3", "sqlite:///tasks.sqlite3"),
    ("reviewer", "  ", ""),
    ("reviewer", " Ana  Silva ", "Ana Silva"),
    ("reviewer", "ana@example.com", "ana@example.com"),
    ("workers", 1, 1),
    ("workers", "256", 256),
    ("workers", 8.0, 8),
    ("retries", 0, 0),
    ("retries", 100, 100),
    ("max_media", 0, 0),
    ("max_media", "24", 24),
]
NO_NUMBERS: list[Any] = [None, "", "fast", "nan", "inf", [], True, 10**400]
BAD: list[tuple[str, Any]] = [
    ("timeout", 0),
    ("timeout", -1),
    ("timeout", 86_401),
    ("deadline", 0),
    ("poll_interval", 0),
    ("watch_timeout", 86_401),
    ("rate", -0.1),
    ("rate", 10_001),
    ("retry_wait", -1),
    ("retry_wait", 86_401),
    ("workers", 0),
    ("workers", 257),
    ("workers", 1.5),
    ("retries", -1),
    ("retries", 101),
    ("max_media", -1),
    ("max_media", 25),
    *((name, value) for name in NUMBERS for value in NO_NUMBERS),
]


@pytest.mark.parametrize(("name", "value", "taken"), GOOD)
def test_a_number_within_its_bounds_is_taken(name: str, value: Any, taken: Any) -> None:
    for found in (
        check_setting(name, value),
        getattr(Settings(**{name: value}), name),
        getattr(Settings.load({name: value}, {}), name),
        getattr(Settings.load(environ={f"ALEPH_NB_{name.upper()}": str(value)}), name),
    ):
        assert found == taken
        assert type(found) is type(taken)


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_number_outside_its_bounds_is_refused_by_name(name: str, value: Any) -> None:
    for make in (
        lambda: check_setting(name, value),
        lambda: Settings(**{name: value}),
        lambda: Settings.load({name: value}, {}),
    ):
        with pytest.raises(ConfigurationError, match=f"^{name} = .* cannot be used: it is a .*number"):
            make()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (7, "it is a path, a URL of SQLite, or off"),
        (None, "it is a path, a URL of SQLite, or off"),
        ("postgresql://host/name", "PostgreSQL is not possible yet"),
        ("mysql://host/name", "a path, or to off"),
        ("sqlite://two-slashes.sqlite3", "three slashes"),
    ],
)
def test_a_ledger_that_cannot_be_used_is_refused_by_name(value: Any, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^ledger = .* cannot be used.*{why}"):
        check_setting("ledger", value)


@pytest.mark.parametrize("value", [7, None, True, "x" * 101, "a\0b", "half \ud83d"])
def test_a_reviewer_that_cannot_be_used_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^reviewer = .* cannot be used: it is a name"):
        check_setting("reviewer", value)


def test_without_a_reviewer_it_is_the_users_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("No username set in the environment")

    monkeypatch.setenv("LOGNAME", " ana  silva ")
    assert Settings().reviewer_name == "ana silva"
    assert Settings(reviewer="Ben").reviewer_name == "Ben"
    monkeypatch.setattr(getpass, "getuser", nobody)  # as in a container
    assert Settings().reviewer_name == "you"
    assert Settings(reviewer="Ben").reviewer_name == "Ben"


def test_a_ledgers_password_is_not_shown() -> None:
    with pytest.raises(ConfigurationError) as told:
        Settings.load(environ={"ALEPH_NB_LEDGER": f"postgresql://me:{PASSWORD}@host/name"})
    assert PASSWORD not in str(told.value)
    assert "***@host" in str(told.value)


def test_an_unknown_setting_is_told_with_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"no setting 'speed'.*base_url, timeout"):
        check_setting("speed", 1)


# ── Where they are taken from ────────────────────────────────────────────────────────────────────


def test_what_was_chosen_stands_before_the_environment_and_that_before_the_default() -> None:
    environ = {"ALEPH_NB_RATE": "2", "ALEPH_NB_WORKERS": "3", "ALEPH_NB_TIMEOUT": " ", "RATE": "7"}
    found = Settings.load({"rate": 5}, environ)
    assert (found.rate, found.workers, found.timeout) == (5.0, 3, 30.0)


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_setting_is_taken_from_the_environment_and_a_bad_value_names_its_variable(name: str) -> None:
    variable = f"ALEPH_NB_{name.upper()}"
    good = "https://other.example" if name == "base_url" else "7"
    bad = {"ledger": "postgresql://host/name", "reviewer": "x" * 101}.get(name, "fast and loose")
    assert str(getattr(Settings.load(environ={variable: good}), name)).startswith(good)
    with pytest.raises(ConfigurationError, match=variable):
        Settings.load(environ={variable: bad})


# ── The base URL ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "taken", "service"),
    [
        ("https://api.kie.ai", "https://api.kie.ai", "https://api.kie.ai"),
        (" https://api.kie.ai// ", "https://api.kie.ai", "https://api.kie.ai"),
        ("https://API.kie.ai:443/v2/", "https://API.kie.ai:443/v2", "https://api.kie.ai"),
        ("https://proxy.example:8443/kie", "https://proxy.example:8443/kie", "https://proxy.example:8443"),
        ("http://localhost:8000", "http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8000", "http://[::1]:8000", "http://[::1]:8000"),
        (f"https://me:{PASSWORD}@a.example", f"https://me:{PASSWORD}@a.example", "https://a.example"),
    ],
)
def test_a_base_url_is_https_or_this_machine(url: str, taken: str, service: str) -> None:
    found = Settings(base_url=url)
    assert found.base_url == taken
    assert found.service == service


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.kie.ai",
        "ftp://api.kie.ai",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://a b.example",
        "https://a.example/\n",
        "https://a.example:99999",
        "https://a.example:0",
        "https://a.example?x=1",
        "https://a.example/?",
        "https://a.example/#x",
        "https://a.example/#",
        "http://evil.example\\@127.0.0.1",
        "https://[::1",
        None,
        5,
    ],
)
def test_what_is_no_base_url_is_refused(url: Any) -> None:
    if url == "https://a.example/\n":
        assert Settings(base_url=url).base_url == "https://a.example"  # white space at its ends is dropped
        return
    with pytest.raises(ConfigurationError, match=r"^base_url = .* cannot be used: it is a URL such as"):
        Settings(base_url=url)


@pytest.mark.parametrize(
    "url", ["http://api.kie.ai", "http://localhost.evil.example", "http://0.0.0.0:80", "http://10.0.0.1"]
)
def test_the_key_does_not_travel_readable(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"the key would travel readable. Use https"):
        Settings(base_url=url)


@pytest.mark.parametrize(
    "url",
    [
        f"https://me:{PASSWORD}@a.example/x",
        f"https://{PASSWORD}@a.example",
        f"http://me:{PASSWORD}@a.example",
        f"https://me:{PASSWORD}@a.example?x",
        f"https://me:p/{PASSWORD}@a.example",
        f"https://me:p?{PASSWORD}@a.example",
        f"https://me:p#{PASSWORD}@a.example",
        f"https://me:p@{PASSWORD}@a.example",
        f"https://me:{PASSWORD} x@a.example",
        f"me:{PASSWORD}@a.example",
        f"//me:{PASSWORD}@a.example",
        f"https://me:\n{PASSWORD}@a.example",
    ],
)
def test_a_password_is_shown_as_stars(url: str) -> None:
    shown = shown_url(url)
    assert PASSWORD not in shown
    assert "***@" in shown
    try:
        said = f"{Settings(base_url=url)!r} {Settings(base_url=url)} {Settings(base_url=url).service}"
    except ConfigurationError as error:
        said = f"{error} {error!r}"
    assert PASSWORD not in said
    assert "me:" not in said


def test_a_url_without_a_password_is_shown_as_it_is() -> None:
    for url in ("https://api.kie.ai", "http://[::1]:8000/x", "fast"):
        assert shown_url(url) == url


# ── As a value ───────────────────────────────────────────────────────────────────────────────────


def test_settings_are_a_frozen_value() -> None:
    one = Settings(rate=5)
    assert one == Settings(rate=5.0) != Settings()
    assert hash(one) == hash(Settings(rate=5))
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one  # noqa: S301, our own
    assert dataclasses.replace(one, workers=2).workers == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.rate = 6  # type: ignore[misc]
    with pytest.raises(ConfigurationError):
        dataclasses.replace(one, workers=0)
    assert repr(Settings()).startswith("Settings(base_url='https://api.kie.ai', timeout=30.0, ")


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(DEFAULTS)), st.text() | st.floats() | st.integers() | st.none() | st.binary())
def test_any_value_is_taken_or_refused(name: str, value: Any) -> None:
    try:
        found = check_setting(name, value)
    except ConfigurationError:
        return
    assert check_setting(name, found) == found


def test_what_is_chosen_makes_a_bad_value_of_the_environment_harmless() -> None:
    assert Settings.load({"rate": 2}, {"ALEPH_NB_RATE": "fast"}).rate == 2


def test_a_scheme_in_capitals_is_the_same_scheme() -> None:
    assert Settings(base_url="HTTPS://api.kie.ai").base_url == "https://api.kie.ai"
