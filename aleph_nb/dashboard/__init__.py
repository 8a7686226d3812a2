"""The review desk."""

__all__: list[str] = []
