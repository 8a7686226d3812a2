"""The ledger at ten thousand, a hundred thousand and a million records; its history beside `read_sql`."""

import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from aleph_nb import Record, State, wire
from aleph_nb.frame import COLUMNS, from_columns
from aleph_nb.ledger import Ledger
from tests.benchmarks.measure import Figures, Row, as_ratio, interleave, timed
from tests.faults import failure, running, success

__all__ = ["SERVICE", "fill", "measure"]

_ROUNDS = 5
_BASE = 10_000
_SIZES = (_BASE, 100_000, 1_000_000)
_HISTORY = 100_000
_MOST_FAILED = 0.05  # seconds
_MOST_SEARCH = 0.5
_MOST_IDS = 0.005
SERVICE = "https://api.kie.ai"
_NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
_WORDS = (
    "a majestic eagle soaring through mountain clouds at sunset in the style of film noir with heavy rain "
    "over a neon city street slow camera pan golden hour make the sky purple remove the car"
)
_CHANCE = random.Random(1)  # noqa: S311, nothing is kept secret by it
_SQL = """
    SELECT task_id, state, coalesce(reason, 'asked for, no answer yet') AS reason, prompt, create_time,
           complete_time, error_code, error_message, source_video_url, result_video_url,
           result_image_url, success_flag, params, code, msg, fetched_at
    FROM tasks LEFT JOIN records ON records.task = tasks.key
    WHERE service = (SELECT key FROM services WHERE name = ?) ORDER BY dated DESC, key DESC
"""


def measure() -> list[Row]:
    """Measure it; first see that the peer comes to the same frame."""
    rows = []
    with TemporaryDirectory() as folder:
        for size in _SIZES:
            path = Path(folder) / f"{size}.sqlite3"
            start = time.perf_counter()
            fill(path, size)
            filled = time.perf_counter() - start
            rows += _asked(path, size)
            rows += _written(path, size)
            if size == _HISTORY:
                rows += _history(path)
            print(f"{size:,} records: {filled:.0f} s to make them", file=sys.stderr)
            path.unlink()
    return rows


# ── What is asked of it ──────────────────────────────────────────────────────────────────────────


def _asked(path: Path, size: int) -> list[Row]:
    with Ledger.open(path) as ledger:
        some = ledger.ids(SERVICE, limit=500)

        def search(text: str, limit: int | None = None) -> Callable[[], object]:
            return lambda: ledger.history(SERVICE, search=text, limit=limit)

        works: dict[str, tuple[Callable[[], object], float | None]] = {
            "history --state failed --limit 100": (
                lambda: ledger.history(SERVICE, states=[State.failed], limit=100),
                _MOST_FAILED,
            ),
            "history --limit 100": (lambda: ledger.history(SERVICE, limit=100), None),
            "history --search, no match": (search("eagle in the xylophone"), _MOST_SEARCH),
            "history --search, few": (search("Sunset in the STYLE of"), _MOST_SEARCH),
            "history --search --limit 100, many": (search("eagle", 100), _MOST_SEARCH),
            "history --expiring 3d --limit 100": (
                lambda: ledger.history(SERVICE, expiring=timedelta(days=3), limit=100, now=_NOW),
                None,
            ),
            "ids, no prefix": (lambda: ledger.ids(SERVICE), _MOST_IDS if size <= _HISTORY else None),
            "ids, a prefix": (lambda: ledger.ids(SERVICE, "ab"), _MOST_IDS if size <= _HISTORY else None),
            "counts": (lambda: ledger.counts(SERVICE), None),
            "500 final records": (lambda: ledger.final(SERVICE, some), None),
        }
        found = interleave({name: timed(work) for name, (work, _) in works.items()}, _ROUNDS)
    return [_row(f"{size:,} records: {name}", found[name], most) for name, (_, most) in works.items()]


def _row(what: str, figures: Figures, most: float | None = None) -> Row:
    if most is None:
        return Row(what=what, figures=figures)
    milliseconds = most * 1000
    return Row(
        what=what,
        figures=figures,
        target=f"at most {milliseconds:.0f} ms",
        met=figures.median <= milliseconds,
    )


def _written(path: Path, size: int) -> list[Row]:
    """Measure batches of 32 tasks that nobody asked for before."""
    with Ledger.open(path) as ledger:
        batches = iter([[_record() for _ in range(32)] for _ in range(2 * (_ROUNDS + 1))])

        def ask_and_save() -> None:
            batch = next(batches)
            ledger.ask(SERVICE, {record.task_id: {} for record in batch}, _NOW)
            ledger.save(SERVICE, batch)

        found = interleave({"": timed(ask_and_save)}, _ROUNDS)
    return [_row(f"{size:,} records: ask for 32 more and save them", found[""])]


# ── The whole history ────────────────────────────────────────────────────────────────────────────


def _history(path: Path) -> list[Row]:
    with Ledger.open(path) as ledger, closing(sqlite3.connect(path)) as connection:
        pd.testing.assert_frame_equal(_ours(ledger), _peer(connection))
        found = interleave(
            {
                "ours": timed(lambda: _ours(ledger)),
                "columns": timed(lambda: ledger.history(SERVICE)),
                "peer": timed(lambda: _peer(connection)),
                "read_sql": timed(lambda: pd.read_sql(_SQL, connection, params=(SERVICE,))),
            },
            _ROUNDS,
        )
    ratio = as_ratio(found["ours"], found["peer"])
    megabytes = {name: _peak_of(name, path) for name in ("ours", "peer")}
    what = f"history of {_HISTORY:,}"
    return [
        Row(
            what=f"{what}: as a frame",
            figures=found["ours"],
            against="read_sql, same conversions",
            compared=f"{ratio:.2f} times",
            target="at most 1",
            met=ratio <= 1,
        ),
        Row(what=f"{what}: read_sql, same conversions", figures=found["peer"]),
        Row(what=f"{what}: the columns alone", figures=found["columns"]),
        Row(what=f"{what}: read_sql alone", figures=found["read_sql"]),
        Row(
            what=f"{what}: peak memory beyond the imports",
            against="read_sql, same conversions",
            compared=f"{megabytes['ours']:.0f} MB, {megabytes['peer']:.0f} MB",
            target="no more",
            met=megabytes["ours"] <= megabytes["peer"],
        ),
    ]


def _ours(ledger: Ledger) -> pd.DataFrame:
    return from_columns(ledger.history(SERVICE))


def _peer(connection: sqlite3.Connection) -> pd.DataFrame:
    """Make the same frame as a good user of pandas would, column by column."""
    frame = pd.read_sql(_SQL, connection, params=(SERVICE,))
    for name in ("create_time", "complete_time", "fetched_at"):
        frame[name] = pd.to_datetime(frame[name], unit="ms", utc=True).dt.as_unit("ms")
    for name in ("error_code", "success_flag", "code"):
        frame[name] = frame[name].astype("Int64")
    texts = ("task_id", "reason", "prompt", "error_message", "msg")
    for name in (*texts, "source_video_url", "result_video_url", "result_image_url"):
        frame[name] = frame[name].astype(pd.StringDtype())
    frame["state"] = pd.Categorical(frame["state"], categories=[str(state) for state in State])
    frame["params"] = frame["params"].map(lambda text: json.loads(text) if text else {})
    elapsed = frame["complete_time"] - frame["create_time"]
    frame["elapsed"] = elapsed.where(elapsed >= pd.Timedelta(0))
    expires = frame["complete_time"] + pd.Timedelta(days=14)
    frame["expires_at"] = expires.where(frame["state"] == "succeeded").dt.as_unit("ms")
    return frame[list(COLUMNS)]


_ALONE = "import sys; from tests.benchmarks import ledger; ledger._tell_peak(*sys.argv[1:])"


def _peak_of(name: str, path: Path) -> float:
    """Return how many megabytes more a process of its own had at its peak than before."""
    command = [sys.executable, "-c", _ALONE, name, str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603, our own


def _tell_peak(name: str, path: str) -> None:
    with Ledger.open(path) as ledger, closing(sqlite3.connect(path)) as connection:
        few = ledger.history(SERVICE, limit=10)  # whatever is imported late is there
        from_columns(few)
        before = _peak()
        kept = _ours(ledger) if name == "ours" else _peer(connection)
        print(_peak() - before)
        del kept


def _peak() -> float:
    """Return the most megabytes that this process ever had; Linux's `ru_maxrss` begins with the parent's."""
    told = Path("/proc/self/status")
    if not told.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return int(told.read_text(encoding="ascii").split("VmHWM:")[1].split()[0]) / 1024


# ── Records ──────────────────────────────────────────────────────────────────────────────────────


def _record(number: int = 0) -> Record:
    """Make a record with a prompt of twenty words; one in twenty failed, one is running."""
    task_id = _CHANCE.randbytes(16).hex()
    answer: dict[str, Any] = {0: failure, 1: running}.get(number % 20, success)(task_id)
    params = json.loads(answer["data"]["paramJson"]) | {
        "prompt": " ".join(_CHANCE.choices(_WORDS.split(), k=20))
    }
    answer["data"]["paramJson"] = json.dumps(params)
    body = json.dumps(answer).encode()
    return wire.parse(body, status=200, task_id=task_id, fetched_at=_NOW)


def fill(path: Path, size: int) -> None:
    """Save ten thousand records, and let the database make more of them, a minute older each time."""
    records = [_record(number) for number in range(_BASE)]
    with Ledger.open(path) as ledger:
        ledger.ask(SERVICE, {record.task_id: {} for record in records}, _NOW - timedelta(days=1))
        ledger.save(SERVICE, records)
    with _hurried(path) as connection:
        for block in range(1, size // _BASE):
            ahead = {"key": block * _BASE, "task": block * _BASE}
            older = {"first_asked", "last_asked", "dated", "expires_at", "create_time", "complete_time"}
            for table in ("tasks", "records", "answers"):
                names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                changed = {name: f"{name} + {ahead[name]}" for name in names if name in ahead}
                changed |= {name: f"{name} - {block * 60_000}" for name in names if name in older}
                changed["task_id"] = "lower(hex(randomblob(16)))"
                values = ", ".join(changed.get(name, name) for name in names)
                connection.execute(
                    f"INSERT INTO {table} SELECT {values} FROM {table} WHERE {names[0]} <= {_BASE}"  # noqa: S608
                )


@contextmanager
def _hurried(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")
    os.sync()
