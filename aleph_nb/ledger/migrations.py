"""What made the tables what they are, step by step. A ledger is brought up to date in one transaction."""

import uuid
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, delete, insert, inspect, select

from aleph_nb.ledger.schema import ABOUT, ANSWERS, METADATA, RECORDS, SERVICES, TASKS, VERDICTS

__all__ = [
    "MIGRATIONS",
    "Migration",
    "id_of",
    "make_tasks",
    "make_verdicts",
    "migrate",
    "newest_version",
    "version_of",
]

Migration = Callable[[Connection], None]


def make_tasks(connection: Connection) -> None:
    """Make the tables of tasks and their last records, and give the ledger an id of its own.

    A later migration names its tables likewise; one that changes a table of this one first takes
    that table, as it was, into here.
    """
    METADATA.create_all(connection, tables=[ABOUT, SERVICES, TASKS, RECORDS, ANSWERS])
    connection.execute(insert(ABOUT).values(name="id", value=str(uuid.uuid4())))


def make_verdicts(connection: Connection) -> None:
    """Make the table of the verdict log."""
    METADATA.create_all(connection, tables=[VERDICTS])


MIGRATIONS: Sequence[Migration] = (make_tasks, make_verdicts)
"""In their order; how many have run is the version of a schema. None is ever changed or taken out."""


def version_of(connection: Connection) -> int | None:
    """Return the version of the schema: 0 where there is no table yet, None where it is no ledger."""
    names = set(inspect(connection).get_table_names())
    if not names:
        return 0
    if not names >= {ABOUT.name, TASKS.name}:
        return None
    told = str(connection.scalar(select(ABOUT.c.value).where(ABOUT.c.name == "schema")) or "")
    return int(told) if told.isascii() and told.isdigit() else None


def newest_version() -> int:
    """Return the version that all migrations come to."""
    return len(MIGRATIONS)


def migrate(connection: Connection) -> None:
    """Run, within the transaction that is open, the migrations that have not run yet."""
    done = version_of(connection) or 0
    if done >= newest_version():  # another kernel was quicker
        return
    for migration in MIGRATIONS[done:]:
        migration(connection)
    connection.execute(delete(ABOUT).where(ABOUT.c.name == "schema"))
    connection.execute(insert(ABOUT).values(name="schema", value=str(newest_version())))


def id_of(connection: Connection) -> str:
    """Return the ledger's own id, made with it."""
    return str(connection.scalar(select(ABOUT.c.value).where(ABOUT.c.name == "id")) or "")
