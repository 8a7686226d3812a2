"""Whether a key is accepted, by one call that changes nothing."""

from dataclasses import dataclass, replace

from aleph_nb.client import Client
from aleph_nb.credentials import ApiKey
from aleph_nb.errors import AlephError, APIError, AuthenticationError
from aleph_nb.settings import Settings

__all__ = ["KeyCheck", "check_key"]

_NO_TASK = "00000000-0000-0000-0000-000000000000"  # asking for a task costs nothing; this one is nobody's
_TIMEOUT = 10.0  # seconds: somebody waits
_BEYOND_THE_KEY = (402, 422, 433)  # no credits, a strange id, a limit: the service knows whose key it is


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What became of a check.

    Attributes
    ----------
    accepted : bool or None
        None where it could not be checked.
    reason : str
        Why not, or why it could not be checked; "" for a key that is accepted.
    """

    accepted: bool | None
    reason: str = ""


def check_key(key: ApiKey, settings: Settings) -> KeyCheck:
    """Ask the service for a task that does not exist, once."""
    once = replace(settings, retries=0, timeout=min(settings.timeout, _TIMEOUT))
    with Client(once, key=key) as client:
        try:
            client.fetch(_NO_TASK)
        except AuthenticationError as error:
            return KeyCheck(accepted=False, reason=error.reason)
        except APIError as error:
            if error.code in _BEYOND_THE_KEY:
                return KeyCheck(accepted=True)
            return KeyCheck(accepted=None, reason=error.reason)
        except AlephError as error:
            return KeyCheck(accepted=None, reason=error.reason)
    return KeyCheck(accepted=True)
