"""The key in the keyring: kept, found, taken out, and what is told where that does not work."""

import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import InitError, KeyringLocked, PasswordSetError

from aleph_nb.credentials import ApiKey, find_key, forget_key, keyrings, save_key, use_key
from aleph_nb.errors import ConfigurationError
from tests.keyrings import Faulty, Memory, NothingKept, not_installed, using
from tests.keys import KEY, key_parts

ENTRY = ("aleph_nb", "KIE_API_KEY")
INSTALL = 'pip install "aleph-nb[keyring]"'


def later() -> None:
    """Stand for a new kernel: nothing was typed, nothing was read."""
    use_key(None)
    keyrings._Read.key = None


def typed() -> ApiKey:
    return ApiKey(KEY, "%aleph_login")


def refusal(call: Callable[[], object]) -> str:
    """Return the words of the error that a call raises; no part of the key is in them or in its frames."""
    with pytest.raises(ConfigurationError) as caught:
        call()
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert not [part for part in key_parts(6) if part in "".join(told.format())]
    return str(caught.value)


def test_the_tests_touch_nobodys_keyring() -> None:
    assert isinstance(keyring.get_keyring(), NoKeyring)
    code = "import keyring; print(type(keyring.get_keyring()).__module__)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.strip() == "keyring.backends.fail"


# ── Kept, found, taken out ───────────────────────────────────────────────────────────────────────


def test_a_saved_key_is_found_by_later_kernels_until_it_is_forgotten() -> None:
    with using(Memory()) as memory:
        save_key(typed())
        assert memory.entries == {ENTRY: KEY}
        later()
        key = find_key()
        assert key is not None
        assert (key.reveal(), key.source) == (KEY, "the keyring")
        use_key(typed())
        assert forget_key() == ["this kernel", "the keyring"]
        assert memory.entries == {}
        assert find_key() is None
        assert forget_key() == []


def test_a_new_key_takes_the_place_of_the_old_one() -> None:
    with using(Memory()) as memory:
        memory.entries[ENTRY] = "the-one-before"
        assert find_key()
        save_key(typed())
        assert memory.entries == {ENTRY: KEY}
        key = find_key()
        assert key is not None
        assert key.reveal() == KEY


def test_it_is_read_once_and_only_where_no_other_key_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with using(Memory()) as memory:
        memory.entries[ENTRY] = KEY
        monkeypatch.setenv("KIE_API_KEY", "another")
        assert find_key()
        monkeypatch.delenv("KIE_API_KEY")
        (tmp_path / ".env").write_text("KIE_API_KEY=another\n")
        assert find_key(folder=tmp_path)
        use_key(typed())
        assert find_key()
        use_key(None)
        assert memory.calls == []
        assert find_key()
        assert find_key()
        assert memory.calls == ["get"]


def test_the_package_is_not_even_imported_where_the_environment_has_a_key() -> None:
    code = (
        "import sys\nfrom aleph_nb.credentials import find_key\nprint(find_key(), 'keyring' in sys.modules)"
    )
    ran = subprocess.run(  # noqa: S603, the code is ours
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"KIE_API_KEY": KEY},
    )
    assert ran.stdout.strip() == "ApiKey(from KIE_API_KEY in the environment) False"


# ── Where there is no keyring ────────────────────────────────────────────────────────────────────


def test_without_the_package_the_way_to_it_is_told() -> None:
    with not_installed():
        assert INSTALL in refusal(lambda: save_key(typed()))
        assert find_key() is None
        assert forget_key() == []


def test_without_a_keyring_on_the_machine_that_is_told() -> None:
    told = refusal(lambda: save_key(typed()))
    assert "this machine has no keyring" in told
    assert "KIE_API_KEY" in told
    assert find_key() is None
    assert forget_key() == []


def test_a_keyring_that_is_switched_off_does_not_count_as_one() -> None:
    with using(NothingKept()):
        assert "The key is not saved: this machine has no keyring" in refusal(lambda: save_key(typed()))
        assert find_key() is None
        assert forget_key() == []


@pytest.mark.parametrize("content", [None, "", "raise RuntimeError('broken')", "import no_such_module_of_it"])
def test_a_package_that_is_broken_or_a_folder_of_its_name_is_told(
    content: str | None, tmp_path: Path
) -> None:
    (tmp_path / "keyring").mkdir()
    if content is not None:
        (tmp_path / "keyring" / "__init__.py").write_text(content)
    with not_installed(instead=tmp_path):
        assert "the package keyring cannot be imported" in refusal(lambda: save_key(typed()))
        assert find_key() is None
        assert forget_key() == []


# ── Where it does not do what it should ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyringLocked, "it is locked"),
        (InitError, "it is locked"),
        (PasswordSetError, "it refused (PasswordSetError)"),
        (RuntimeError, "it failed (RuntimeError)"),
        (OSError, "it failed (OSError)"),
    ],
)
def test_a_keyring_that_fails_is_told_with_what_to_do(error: type[Exception], words: str) -> None:
    with using(Faulty(error)) as faulty:
        faulty.entries[ENTRY] = KEY
        told = refusal(lambda: save_key(typed()))
        assert f"The key is not saved: {words}. It counts in this kernel" in told
        told = refusal(find_key)
        assert told.startswith(f"The keyring cannot be read: {words}. Unlock it, or set KIE_API_KEY")
        use_key(typed())
        told = refusal(forget_key)
        assert told.startswith("This kernel has forgotten the key; the keyring may still hold one")
        assert f"{words}. Unlock it and run %aleph_login --forget again" in told


def test_an_entry_that_cannot_be_taken_out_is_told_and_what_was_typed_is_forgotten_all_the_same() -> None:
    with using(Faulty(RuntimeError, at=("delete",))) as faulty:
        faulty.entries[ENTRY] = KEY
        use_key(ApiKey("another", "%aleph_login"))
        assert "may still hold one: it failed" in refusal(forget_key)
        key = find_key()
        assert key is not None
        assert key.source == "the keyring"


@pytest.mark.parametrize("call", ["set", "get", "delete"])
def test_an_interrupt_shows_nothing_of_the_keyrings_frames(call: str) -> None:
    with using(Faulty(KeyboardInterrupt, at=(call,))) as faulty:
        faulty.entries[ENTRY] = KEY
        what: dict[str, Callable[[], object]] = {
            "set": lambda: save_key(typed()),
            "get": find_key,
            "delete": forget_key,
        }
        with pytest.raises(KeyboardInterrupt) as caught:
            what[call]()
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert not [part for part in key_parts(6) if part in "".join(told.format())]


@pytest.mark.parametrize("junk", [f"{KEY} {KEY}", f"{KEY}\n{KEY}", f"{KEY}\N{EM DASH}", "  "])
def test_an_entry_that_is_no_key_is_told_and_can_be_mended(junk: str) -> None:
    with using(Memory()) as memory:
        memory.entries[ENTRY] = junk
        told = refusal(find_key)
        assert "The key from the keyring cannot be used" in told
        assert "%aleph_login --save" in told
        assert forget_key() == ["the keyring"]
        assert memory.entries == {}
        memory.entries[ENTRY] = junk
        save_key(typed())
        assert memory.entries == {ENTRY: KEY}
