"""The tables. Times are in UTC, as whole milliseconds since 1970.

What is filtered and searched stands in `tasks`, which is narrow; what a row of a table shows in
`records`; the answers as they were received in `answers`, which nothing but a `Record` needs. To
`verdicts` lines are added and never changed; they go only with their task.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = [
    "ABOUT",
    "ANSWERS",
    "DATED",
    "LAST_ASKED",
    "METADATA",
    "RECORDS",
    "SERVICE",
    "SERVICES",
    "STATE",
    "TASKS",
    "VERDICTS",
]

_BYTEWISE = String().with_variant(String(collation="C"), "postgresql")  # ids are compared by range

METADATA = MetaData()

ABOUT = Table(
    "aleph_nb",  # a name by which a ledger is told from another program's database
    METADATA,
    Column("name", String, primary_key=True),  # "schema": the version; "id": the ledger's own
    Column("value", String, nullable=False),
)

SERVICES = Table(
    "services",
    METADATA,
    Column("key", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
)

TASKS = Table(
    "tasks",
    METADATA,
    Column("key", Integer, primary_key=True),
    Column("service", ForeignKey("services.key"), nullable=False),
    Column("task_id", _BYTEWISE, nullable=False),
    Column("state", String, nullable=False),  # no_answer: asked for, and never answered
    Column("first_asked", BigInteger, nullable=False),
    Column("last_asked", BigInteger, nullable=False),
    Column("dated", BigInteger, nullable=False),  # create_time, where that is missing first_asked
    Column("expires_at", BigInteger),
    Column("labels", Text),  # JSON
    Column("searched", Text, nullable=False),  # id, prompt, reason, error and labels, folded
    UniqueConstraint("service", "task_id"),
    Index("tasks_by_date", "service", "dated"),
    Index("tasks_by_state", "service", "state", "dated"),
    Index("tasks_by_asking", "service", "last_asked"),
)

RECORDS = Table(
    "records",
    METADATA,
    Column("task", ForeignKey("tasks.key"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("prompt", Text),
    Column("create_time", BigInteger),
    Column("complete_time", BigInteger),
    Column("error_code", BigInteger),
    Column("error_message", Text),
    Column("source_video_url", Text),
    Column("result_video_url", Text),
    Column("result_image_url", Text),
    Column("success_flag", BigInteger),
    Column("params", Text),  # JSON; missing where there are none
    Column("code", BigInteger),
    Column("msg", Text),
    Column("fetched_at", BigInteger),
)

ANSWERS = Table(
    "answers",
    METADATA,
    Column("task", ForeignKey("tasks.key"), primary_key=True),
    Column("raw", Text),  # JSON
)

VERDICTS = Table(
    "verdicts",
    METADATA,
    Column("key", Integer, primary_key=True),  # the order in which they arrived
    Column("uuid", String, nullable=False, unique=True),
    Column("task", ForeignKey("tasks.key"), nullable=False),
    Column("reviewer", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("field", String, nullable=False),
    Column("value", Text, nullable=False),  # JSON
    Index("verdicts_by_task", "task"),
)

# The same columns, and no index is used for them. SQLite keeps no count of what an index holds, and takes one
# of a condition that half of all rows meet before one that finds the row.
SERVICE = TASKS.c.service + 0
STATE = TASKS.c.state.concat("")
DATED = TASKS.c.dated + 0
LAST_ASKED = TASKS.c.last_asked + 0
