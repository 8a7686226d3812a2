"""The system's keyring, where the package `keyring` is installed: one entry, the key.

An exception of that package holds the key in its frames: none is kept or chained.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from aleph_nb.credentials.key import ApiKey
from aleph_nb.errors import ConfigurationError

__all__ = ["delete", "read", "write"]

_SERVICE = "aleph_nb"
_ENTRY = "KIE_API_KEY"
_NOT_INSTALLED = 'the package keyring is not installed (pip install "aleph-nb[keyring]")'
_NOT_WHOLE = "the package keyring cannot be imported"
_NONE = "this machine has no keyring that can be used"
_NO_KEYRING = ("", _NOT_INSTALLED, _NOT_WHOLE, _NONE)  # of these only who wants to save is told


class _Read:
    key: ApiKey | None = None  # in this kernel: some keyrings ask their user each time


def read() -> ApiKey | None:
    """Return the key that is kept there; None where there is none, or no keyring.

    Raises
    ------
    ConfigurationError
        There is a keyring, and it cannot be read; or what it holds is no key.
    """
    if _Read.key:
        return _Read.key
    found, why = _call(lambda keyring: _key(keyring.get_password(_SERVICE, _ENTRY)))
    if why not in _NO_KEYRING:
        raise ConfigurationError(
            f"The keyring cannot be read: {why}. Unlock it, or set KIE_API_KEY in the environment."
        )
    if isinstance(found, str):
        raise ConfigurationError(found)
    _Read.key = found
    return _Read.key


def write(key: ApiKey) -> None:
    """Keep the key there.

    Raises
    ------
    ConfigurationError
        There is no keyring, or it cannot be written.
    """
    is_kept, why = _call(lambda keyring: _write(keyring, key))
    if not is_kept:
        raise ConfigurationError(
            f"The key is not saved: {why or _NONE}. It counts in this kernel; for later ones set "
            "KIE_API_KEY in the environment."
        )
    _Read.key = ApiKey(key.reveal(), "the keyring")


def delete() -> bool:
    """Take the key out of the keyring, or whatever stands in its place; tell whether there was any.

    Raises
    ------
    ConfigurationError
        It cannot be seen whether it is there, or it cannot be taken out.
    """
    _Read.key = None
    was_there, why = _call(_delete)
    if why not in _NO_KEYRING:
        raise ConfigurationError(
            f"This kernel has forgotten the key; the keyring may still hold one: {why}. Unlock it and run "
            f"%aleph_login --forget again, or take the entry {_SERVICE} out of it."
        )
    return bool(was_there)


def _key(value: str | None) -> ApiKey | str | None:
    """Return the key, or why what the keyring holds is none."""
    try:
        return ApiKey(value, "the keyring") if value else None
    except ConfigurationError as error:
        return f"{error} Then run %aleph_login --save."


def _write(keyring: Any, key: ApiKey) -> bool:
    """Write the key, and tell whether it is there: a keyring that is switched off takes everything."""
    keyring.set_password(_SERVICE, _ENTRY, key.reveal())
    return bool(keyring.get_password(_SERVICE, _ENTRY) == key.reveal())


def _delete(keyring: Any) -> bool:
    if not keyring.get_password(_SERVICE, _ENTRY):
        return False
    keyring.delete_password(_SERVICE, _ENTRY)
    return True


def _call(what: Callable[[Any], Any]) -> tuple[Any, str]:
    """Call the keyring; return what it gave, and why it could not, in words of ours."""
    if find_spec("keyring") is None:
        return None, _NOT_INSTALLED
    try:
        import keyring  # noqa: PLC0415, slow to import, and not always there
        from keyring.errors import InitError, KeyringError, KeyringLocked, NoKeyringError  # noqa: PLC0415
    except Exception:  # noqa: BLE001, one that is broken, or a folder of that name
        return None, _NOT_WHOLE
    why = ""
    try:
        return what(keyring), ""
    except NoKeyringError:
        why = _NONE
    except (KeyringLocked, InitError):
        why = "it is locked"
    except KeyringError as error:
        why = f"it refused ({type(error).__name__})"
    except KeyboardInterrupt:
        pass
    except Exception as error:  # noqa: BLE001, whatever a backend raises is told, without its own words
        why = f"it failed ({type(error).__name__})"
    if not why:
        raise KeyboardInterrupt  # anew, without the frames of the old one
    return None, why
