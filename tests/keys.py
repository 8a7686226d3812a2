"""Made-up keys, which the tests search for in everything that is shown."""

__all__ = ["KEY", "key_parts"]

KEY = "zQ7xW2vB9kL4tY6rN1jP8hD3gM5fS0cU"


def key_parts(least: int = 8) -> set[str]:
    """Return every part of `KEY` of `least` characters: a text that holds none of them tells nothing."""
    return {KEY[start : start + least] for start in range(len(KEY) - least + 1)}
