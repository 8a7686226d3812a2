"""What the demo knows: a dozen tasks that a reviewer would believe, and as many more as wanted."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from . import prompts
from .tasks import RESULT_LIFETIME, Spelling, Task

__all__ = ["MOST_TASKS", "Catalogue"]

MOST_TASKS = 10_000
_UNKNOWN_ID = "ab6c73b3-d37c-4895-8210-8836cda17589"
_NAMESPACE = UUID("7c1b4a52-0b8e-4a27-9a35-5d0f2f8f6f10")

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def _seconds(minutes: int, seconds: int = 0) -> timedelta:
    return timedelta(minutes=minutes, seconds=seconds)


_FIXED: tuple[Task, ...] = (
    Task(
        task_id="ee603959-debb-48d1-98c4-a6d1c717eba6",
        source="ridge.mp4",
        result="ridge-sunset-1",
        prompt=prompts.SUNSET,
        seed=409474,
        created=-3 * _DAY,
        took=_seconds(5, 45),  # the page's own example
    ),
    Task(
        task_id="ba38b4673fac4d50ba5c301c8c13c8fb",
        source="harbour.mp4",
        result="harbour-noir",
        prompt=prompts.NOIR,
        seed=159566,
        created=-5 * _DAY - 2 * _HOUR - timedelta(milliseconds=383),
        took=_seconds(4, 2) + timedelta(milliseconds=217),
        spelling=Spelling.wire,
    ),
    Task(
        task_id="b814e9c0-8d1f-4dde-b67c-42b01426fe13",
        source="city.mp4",
        result="city-anime",
        prompt=prompts.ANIME,
        created=-7 * _HOUR - 40 * _MINUTE,
        took=_seconds(2, 47),
    ),
    Task(
        task_id="ac87dec7-958a-4d58-8299-683145aa2329",
        source="ridge.mp4",
        result="ridge-sunset-2",
        prompt=prompts.SUNSET,
        seed=94216,
        created=-3 * _DAY + 9 * _MINUTE,
        took=_seconds(6, 8),
    ),
    Task(
        task_id="898fc8a2-ad84-421a-b3ec-c6ad12d3a246",
        source="ridge.mp4",
        result="ridge-winter",
        prompt=prompts.WINTER,
        created=-2 * _DAY - 5 * _HOUR,
        took=_seconds(4, 31),
    ),
    Task(
        task_id="50952edd-e8cd-4c5a-8a04-b70e51f5645f",
        source="canyon.mp4",
        result="canyon-mars",
        prompt=prompts.MARS,
        created=-1 * _DAY - 3 * _HOUR - 12 * _MINUTE,
        took=_seconds(3, 54),
    ),
    Task(
        task_id="c33c240b-e64a-47aa-9e2b-6ecbeb7cd141",
        source="city.mp4",
        result="city-neon",
        prompt=prompts.NEON,
        created=-2 * _MINUTE,
        took=_seconds(2, 25),  # 25 seconds into the clock
    ),
    Task(
        task_id="21e36f33-78dc-4af6-a4ef-b3d1f324496c",
        source="ridge.mp4",
        result="ridge-aurora",
        prompt=prompts.AURORA,
        # 1 day and 20 hours before its result dies, and half an hour for who looks at it.
        created=-RESULT_LIFETIME + _DAY + 20.5 * _HOUR - _seconds(7, 12),
        took=_seconds(7, 12),
    ),
    Task(
        task_id="f2ce2561-dba6-4a94-a4fe-68820ff53efb",
        source="harbour.mp4",
        result="harbour-storm",
        prompt=prompts.STORM,
        created=-5 * _DAY - 1 * _HOUR - 48 * _MINUTE,
        took=_seconds(5, 19),
    ),
    Task(
        task_id="7649daaa-afd4-4fee-a655-8f6f577f09ec",
        source="city.mp4",
        prompt=prompts.FLAGGED,
        created=-1 * _DAY - 1 * _HOUR,
        took=timedelta(seconds=16),
        flag=0,
        error_code=422,
        error_message="The prompt was flagged by moderation.",
    ),
    Task(
        task_id="50594b46859c4857ab7d525ebcd8c712",
        source="harbour.mp4",
        prompt=prompts.WATERCOLOUR,
        seed=660742,
        created=-5 * _DAY - 55 * _MINUTE,
        took=timedelta(seconds=101),
        flag=3,
        error_code=500,
        spelling=Spelling.wire,
    ),
    Task(
        task_id="2536b90a9b3d46a09adaafe25c1b9cc1",
        source="canyon-master.mov",  # there is no such file: this is what went wrong
        prompt=prompts.CHARCOAL,
        created=-1 * _DAY - 3 * _HOUR - 30 * _MINUTE,
        took=timedelta(seconds=4),
        flag=2,
        error_code=400,
        error_message="The source video could not be read.",
        spelling=Spelling.wire,
    ),
    Task(
        task_id="bad5087e-8831-481b-a177-096416747adb",
        source="ridge.mp4",
        result="ridge-winter",
        prompt=prompts.FIRST_SNOW,
        created=-20 * _DAY,
        took=_seconds(4, 10),
    ),
)


class Catalogue:
    """Every task of a demo, by its id; those beyond the first dozen are made when asked for.

    Parameters
    ----------
    tasks : int or None
        How many ids there are; None for the fixed ones, the last of which nobody knows.

    Attributes
    ----------
    ids : list of str
        The same each time.
    """

    def __init__(self, tasks: int | None = None) -> None:
        fixed = [task.task_id for task in _FIXED] + [_UNKNOWN_ID]
        if tasks is None:
            tasks = len(fixed)
        if isinstance(tasks, bool) or not isinstance(tasks, int) or not 1 <= tasks <= MOST_TASKS:
            raise ValueError(f"The demo has from 1 to {MOST_TASKS} tasks, not {tasks!r}.")
        made = [_generated_id(number) for number in range(tasks - len(fixed))]
        self.ids: list[str] = fixed[:tasks] + made
        self._fixed = {task.task_id: task for task in _FIXED[:tasks]}
        self._numbers = {task_id: number for number, task_id in enumerate(made)}

    def get(self, task_id: str) -> Task | None:
        """Return the task; None for an id that nobody knows."""
        if task_id in self._numbers:
            return _generated(self._numbers[task_id])
        return self._fixed.get(task_id)


# ── Tasks beyond the fixed ones ──────────────────────────────────────────────────────────────────

# The source and the result of each pair that is right.
_PAIRS = (
    ("ridge", "ridge-sunset-1"),
    ("harbour", "harbour-noir"),
    ("city", "city-anime"),
    ("ridge", "ridge-winter"),
    ("canyon", "canyon-mars"),
    ("harbour", "harbour-storm"),
    ("city", "city-neon"),
    ("ridge", "ridge-aurora"),
    ("ridge", "ridge-sunset-2"),
)
# How long it took in seconds, the code, and the message.
_FAILURES = (
    (16, 422, "The prompt was flagged by moderation."),
    (101, 500, "The generation failed. Try again later."),
    (34, 400, "The source video was not fetched in time."),
)


def _generated_id(number: int) -> str:
    return str(uuid5(_NAMESPACE, f"task {number}"))


def _generated(number: int) -> Task:
    """Make a task out of its number alone, so that it is the same whatever stands beside it."""
    task_id = _generated_id(number)
    dice = UUID(task_id).int & ((1 << 60) - 1)  # the bits of an id that say nothing of its version
    source, result = _PAIRS[number % len(_PAIRS)]
    made = Task(
        task_id=task_id,
        source=f"{source}.mp4",
        prompt=prompts.varied(result, number),
        created=-timedelta(minutes=10, seconds=dice // 361 % (13 * 24 * 3600 - 1200)),
        took=timedelta(seconds=120 + dice % 361),
        result=result,
        seed=dice % 1_000_000,
    )
    if number % 11 == 5:  # noqa: PLR2004 - one in eleven fails
        seconds, code, message = _FAILURES[number // 11 % len(_FAILURES)]
        took = timedelta(seconds=seconds + dice % 5)
        made = replace(made, took=took, result=None, flag=0, error_code=code, error_message=message)
    if number % 4 == 3:  # noqa: PLR2004 - one in four runs, and ends within 45 seconds, each at another time
        ends = timedelta(seconds=4 + number * 32 % 41)
        made = replace(made, created=min(ends - made.took, -timedelta(seconds=1)))
    return made
