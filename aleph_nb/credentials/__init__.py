"""The key: where it is found, how it is kept, and how it stays out of everything that is shown."""

from aleph_nb.credentials.key import ApiKey
from aleph_nb.credentials.places import KEY_NAMES, env_file, find_key, forget_key, save_key, use_key

__all__ = ["KEY_NAMES", "ApiKey", "env_file", "find_key", "forget_key", "save_key", "use_key"]
