"""Where the key is found: typed in this kernel, in the environment, in `.env`, in the keyring."""

import os
from collections.abc import Mapping
from pathlib import Path

from aleph_nb.credentials import keyrings
from aleph_nb.credentials.key import ApiKey
from aleph_nb.errors import ConfigurationError

__all__ = ["KEY_NAMES", "env_file", "find_key", "forget_key", "save_key", "use_key"]

KEY_NAMES = ("KIE_API_KEY", "KIE_AI_API_KEY")
"""The key's names in the environment and in `.env`, the first that is set wins."""

_typed: ApiKey | None = None  # in this kernel


def use_key(key: ApiKey | None) -> None:
    """Let a key count before all others in this kernel; None takes it away again."""
    global _typed  # noqa: PLW0603, a kernel has one, as it has one reader
    _typed = key


def save_key(key: ApiKey) -> None:
    """Keep a key in the keyring, for later kernels.

    Raises
    ------
    ConfigurationError
        There is no keyring, or it cannot be written.
    """
    keyrings.write(key)


def forget_key() -> list[str]:
    """Forget the key that was typed and the one in the keyring.

    Returns
    -------
    list of str
        The places, in words, where there was one.

    Raises
    ------
    ConfigurationError
        The keyring cannot be changed. What was typed is forgotten all the same.
    """
    places = ["this kernel"] if _typed else []
    use_key(None)
    return [*places, "the keyring"] if keyrings.delete() else places


def find_key(environ: Mapping[str, str] = os.environ, folder: Path | None = None) -> ApiKey | None:
    """Find the key: what was typed in this kernel, the environment, `.env`, the keyring.

    Parameters
    ----------
    environ : mapping
        The environment.
    folder : Path, optional
        Where `.env` may lie; the working folder if not given.

    Returns
    -------
    ApiKey or None
        None where there is no key.

    Raises
    ------
    ConfigurationError
        The key cannot be used, or `.env` or the keyring cannot be read.
    """
    if _typed is not None:
        return _typed
    found = _search(environ, folder or Path())
    del environ  # a traceback may show what a frame holds
    if isinstance(found, str):
        raise ConfigurationError(found)
    return found


def _search(environ: Mapping[str, str], folder: Path) -> ApiKey | str | None:
    """Return the key, or why there is none that can be used. What this looks at stays in its frame."""
    try:
        for name in KEY_NAMES:
            if environ.get(name, "").strip():
                return ApiKey(environ[name], f"{name} in the environment")
        values = _read_env_file(folder / ".env")
        for name in KEY_NAMES:
            if (values.get(name) or "").strip():
                return ApiKey(values[name] or "", f"{name} in .env")
        return keyrings.read()
    except ConfigurationError as error:
        return str(error)


def env_file() -> str:
    """Name the `.env` file that is looked at, as a person would."""
    try:
        file = Path.cwd() / ".env"
        home = Path.home()
    except (OSError, RuntimeError):  # the folder is gone, or nobody is at home
        return "a .env file in the working folder"
    return f"~/{file.relative_to(home).as_posix()}" if file.is_relative_to(home) else str(file)


def _read_env_file(file: Path) -> Mapping[str, str | None]:
    why = ""
    try:
        if not file.is_file():
            return {}
        from dotenv import dotenv_values  # noqa: PLC0415, only where there is such a file

        return dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
    raise ConfigurationError(f"The file .env in the working folder cannot be read: {why}. Mend or remove it.")
