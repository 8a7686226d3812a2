"""What stands in a ledger, seen to be of its column's kind: a wrong byte costs the value that it stands in.

SQLite keeps any kind of value in any column, and a few wrong bytes of a disk pass for one.
"""

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.types import TypeEngine

from aleph_nb.record import State

__all__ = ["sound_number", "sound_state", "sound_text", "sound_values"]

_STATES = frozenset(state.value for state in State)
_NONE = type(None)


def sound_number(value: Any) -> int | None:
    """Return a whole number; None for anything else."""
    return value if type(value) is int else None


def sound_text(value: Any) -> str | None:
    """Return a text; None for what is none and holds none."""
    if value is None or isinstance(value, str):
        return value
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def sound_state(value: Any) -> str:
    """Return the name of a state: what is none does not say what became of the task."""
    return value if isinstance(value, str) and value in _STATES else State.unknown.value


def sound_values(name: str, kind: TypeEngine[Any], values: list[Any]) -> list[Any]:
    """Return a column's values: as they are where all are sound, as is the rule and looked up at once.

    Parameters
    ----------
    name : str
        The column's; that of the states has the six names alone.
    kind : TypeEngine
        The column's, in the table.
    values : list
        What was read.
    """
    if name == "state":
        return values if _states_alone(values) else [sound_state(value) for value in values]
    is_number = isinstance(kind, Integer)
    if set(map(type, values)) <= {int if is_number else str, _NONE}:
        return values
    return [(sound_number if is_number else sound_text)(value) for value in values]


def _states_alone(values: list[Any]) -> bool:
    return set(values) <= _STATES
