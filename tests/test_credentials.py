"""The key: where it is found, what is stripped and refused, and that it shows itself to nobody."""

import copy
import json
import pickle
import string
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aleph_nb.credentials import KEY_NAMES, ApiKey, find_key, use_key
from aleph_nb.errors import ConfigurationError
from tests.keyrings import Memory, using

SECRET = "7f3c9a1e5b8d2f4460a7c3e9d1b5f802"


def found(environ: dict[str, str], folder: Path) -> str | None:
    key = find_key(environ, folder)
    return f"{key.reveal()} {key.source}" if key else None


# ── Where it is found ────────────────────────────────────────────────────────────────────────────


def test_the_order_of_the_sources(tmp_path: Path) -> None:
    assert KEY_NAMES == ("KIE_API_KEY", "KIE_AI_API_KEY")
    with using(Memory()) as keyring:
        assert found({}, tmp_path) is None
        keyring.entries["aleph_nb", "KIE_API_KEY"] = "sixth"
        assert found({}, tmp_path) == "sixth the keyring"
        env = tmp_path / ".env"
        env.write_text("KIE_AI_API_KEY=fifth\n")
        assert found({}, tmp_path) == "fifth KIE_AI_API_KEY in .env"
        env.write_text("KIE_AI_API_KEY=fifth\nKIE_API_KEY=fourth\n")
        assert found({}, tmp_path) == "fourth KIE_API_KEY in .env"
        environ = {"KIE_AI_API_KEY": "third"}
        assert found(environ, tmp_path) == "third KIE_AI_API_KEY in the environment"
        environ["KIE_API_KEY"] = "second"
        assert found(environ, tmp_path) == "second KIE_API_KEY in the environment"
        use_key(ApiKey("first", "%aleph_login"))
        assert found(environ, tmp_path) == "first %aleph_login"
        use_key(None)
        environ["KIE_API_KEY"] = " "
        assert found(environ, tmp_path) == "third KIE_AI_API_KEY in the environment"


def test_what_was_typed_counts_where_nothing_else_can_be_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff")
    use_key(ApiKey("first", "%aleph_login"))
    assert found({"KIE_API_KEY": "a b"}, tmp_path) == "first %aleph_login"


def test_the_environment_and_the_working_folder_are_looked_at_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in KEY_NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert find_key() is None
    (tmp_path / ".env").write_text(f"KIE_API_KEY={SECRET}\n")
    key = find_key()
    assert key is not None
    assert key.source == "KIE_API_KEY in .env"
    monkeypatch.setenv("KIE_API_KEY", "other")
    key = find_key()
    assert key is not None
    assert key.reveal() == "other"


def test_a_folder_above_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"KIE_API_KEY={SECRET}\n")
    (tmp_path / "below").mkdir()
    assert find_key({}, tmp_path / "below") is None


@pytest.mark.parametrize(
    "content",
    [
        f"KIE_API_KEY={SECRET}",
        f"\ufeffKIE_API_KEY={SECRET}\r\n",
        f'export KIE_API_KEY="{SECRET}"  # mine\n',
        f"# a note\n\nOTHER=1\nKIE_API_KEY = '{SECRET}'\n",
        f"KIE_API_KEY=Bearer {SECRET}\n",
    ],
)
def test_the_usual_spellings_of_an_env_file(content: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(content.encode())
    assert found({}, tmp_path) == f"{SECRET} KIE_API_KEY in .env"


def test_nothing_but_the_key_is_read_and_nothing_is_put_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os  # noqa: PLC0415, its environ is what is watched

    monkeypatch.setenv("HOME_OF_TEST", "never")
    (tmp_path / ".env").write_text("ALEPH_NB_RATE=1\nPATH=x\nKIE_API_KEY=a${HOME_OF_TEST}b\n")
    before = dict(os.environ)
    assert found({}, tmp_path) == "a${HOME_OF_TEST}b KIE_API_KEY in .env"
    assert dict(os.environ) == before


@pytest.mark.parametrize("content", ["", "KIE_API_KEY=\n", "KIE_API_KEY\n", "OTHER=1\n"])
def test_an_env_file_without_a_key(content: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(content)
    assert find_key({}, tmp_path) is None


def test_an_env_file_that_is_not_utf_8_is_told_only_where_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"NAME=\xe9\xff\nKIE_API_KEY=" + SECRET.encode())
    with pytest.raises(ConfigurationError, match=r"\.env in the working folder.*not UTF-8") as caught:
        find_key({}, tmp_path)
    assert caught.value.__context__ is None
    assert SECRET not in str(caught.value)
    assert found({"KIE_API_KEY": "first"}, tmp_path) == "first KIE_API_KEY in the environment"


def test_a_folder_called_env_is_no_file(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert find_key({}, tmp_path) is None


# ── What is stripped, what is refused ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "typed",
    [
        SECRET,
        f" {SECRET}\n",
        f'"{SECRET}"',
        f"'{SECRET}'",
        f"Bearer {SECRET}",
        f"bearer  {SECRET}",
        f'"Bearer {SECRET}"',
        f'Bearer "{SECRET}"',
        f" ' {SECRET} ' ",
    ],
)
def test_white_space_quotes_and_bearer_are_stripped(typed: str) -> None:
    assert ApiKey(typed, "x").reveal() == SECRET


@pytest.mark.parametrize("typed", ["", "  ", '""', "a b", "a\nb", "a\x00b", "ключ", "a\u200bb", "a\x7f", "…"])
def test_what_no_header_carries_is_refused(typed: str) -> None:
    with pytest.raises(ConfigurationError, match="The key from the keyring cannot be used") as caught:
        ApiKey(typed, "the keyring")
    assert typed.strip(" \"'") == "" or typed not in str(caught.value)


# ── It shows itself to nobody ────────────────────────────────────────────────────────────────────

SHOWS: dict[str, Callable[[Any], Any]] = {
    "repr": repr,
    "str": str,
    "format": lambda key: f"{key} {key!r} {key!s} {key:}",
    "percent": lambda key: "%s %r" % (key, key),  # noqa: UP031, what is tested
    "in a list": lambda key: repr([{"key": key}]),
    "pickle": pickle.dumps,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "vars": vars,
    "json": json.dumps,
    "iteration": list,
    "length": len,
}


@pytest.mark.parametrize("how", SHOWS)
def test_the_key_shows_itself_to_nobody(how: str) -> None:
    key = ApiKey(SECRET, "the test")
    try:
        shown = repr(SHOWS[how](key))
    except TypeError as error:
        shown = "".join(traceback.format_exception(error))
    assert SECRET not in shown
    assert SECRET[:8] not in shown
    if how in {"repr", "str"}:
        assert "ApiKey(from the test)" in shown
    if how in {"pickle", "copy", "deepcopy"}:
        assert "find_key()" in shown


# ── Taken out of texts ───────────────────────────────────────────────────────────────────────────

KEY = ApiKey(SECRET, "the test")


def test_the_whole_key_is_taken_out_and_the_rest_stays() -> None:
    assert KEY.redact(f"key={SECRET}, key={SECRET}.", 12) == "key=***, key=***."


@pytest.mark.parametrize("least", [5, 12])
def test_parts_are_taken_out_from_so_many_characters_on(least: int) -> None:
    for start in range(len(SECRET)):
        for length in range(1, len(SECRET) - start + 1):
            part = SECRET[start : start + length]
            text = f"<{part}>"
            expected = "<***>" if length >= least else text
            assert KEY.redact(text, least) == expected


def test_the_whole_of_a_short_key_is_taken_out_but_not_one_found_in_every_word() -> None:
    assert ApiKey("k3y!", "x").redact("the k3y! is bad", 12) == "the *** is bad"
    assert ApiKey("the", "x").redact("the key is bad", 12) == "the key is bad"


def test_a_key_with_marks_is_taken_out_however_it_is_escaped() -> None:
    secret = "ab/cd+ef==&'<x>"
    key = ApiKey(secret, "x")
    for spelled in (
        secret,
        quote(secret, safe=""),
        quote(secret, safe="").lower(),
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        "ab\\/cd+ef\\u003d\\u003d\\u0026\\u0027\\u003cx\\u003e",
        "ab/cd+ef==&amp;&#x27;&lt;x&gt;",
    ):
        assert key.redact(f"[{spelled}]", 12) == "[***]", spelled


@settings(deadline=None, max_examples=150)
@given(
    st.text(string.ascii_letters + string.digits + "-_./+=", min_size=16, max_size=48),
    st.text(max_size=20),
    st.text(max_size=20),
    st.sampled_from([5, 12]),
    st.data(),
)
def test_no_part_of_any_key_survives(
    secret: str, before: str, after: str, least: int, data: st.DataObject
) -> None:
    secret = ApiKey(secret + "x", "x").reveal()
    start = data.draw(st.integers(0, len(secret) - least))
    end = data.draw(st.integers(start + least, len(secret)))
    redacted = ApiKey(secret, "x").redact(before + secret[start:end] + after, least)
    for at in range(len(secret) - least + 1):
        assert secret[at : at + least] not in redacted.replace("***", "\0")


def test_ordinary_ids_and_texts_stay_as_they_are() -> None:
    texts = [str(uuid.uuid5(uuid.NAMESPACE_URL, str(number))) for number in range(2000)]
    texts += [text.replace("-", "") for text in texts]
    texts += ["", "success", "A majestic eagle", "https://file.com/k/7f3c9a1e5b8.mp4", SECRET[:11]]
    assert [KEY.redact(text, 12) for text in texts] == texts
