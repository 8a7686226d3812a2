"""`magic_arguments` at its first use: a parser for each magic, made at load, would be half of its time."""

from functools import cached_property, update_wrapper
from types import MethodType
from typing import Any

from IPython.core.magic_arguments import construct_parser

__all__ = ["LazyArguments"]


class LazyArguments:
    """Decorates a magic in place of `magic_arguments`: parser and help are made when first asked for."""

    def __init__(self, magic: Any) -> None:
        update_wrapper(self, magic, assigned=("__module__", "__name__", "__qualname__"))
        self._magic = magic
        self._magic.decorators = getattr(magic, "decorators", [])  # where `argument` leaves what it is told

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call the magic."""
        return self._magic(*args, **options)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    @cached_property
    def parser(self) -> Any:
        """The argparse parser; making it writes the options' help into the magic's docstring."""
        return construct_parser(self._magic)

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return self._magic.__doc__ if self.parser else ""
