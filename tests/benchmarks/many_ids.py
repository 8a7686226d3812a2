"""500 ids of 20 ms each, 16 at a time, beside pools that read the answers and parse nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import httpx
import requests
from requests.adapters import HTTPAdapter

from aleph_nb import Client, Session, Settings
from tests.benchmarks.measure import Figures, Row, Run, as_ratio, interleave, timed
from tests.faults import RECORD_PATH, serve_process

__all__ = ["measure"]

_ROUNDS = 5
_LEAST = 0.9  # of the bare pool's throughput
_DELAY = 0.02
_WORKERS = 16
_IDS = [f"{number:032x}" for number in range(500)]
_BARE = "a bare pool over requests.Session"


def measure() -> list[Row]:
    """Measure it."""
    with serve_process(delay=_DELAY) as base_url, ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        settings = Settings(
            base_url=base_url, rate=0, workers=_WORKERS, ledger=str(Path(folder) / "ledger.sqlite3")
        )
        client = stack.enter_context(Client(settings))
        session = stack.enter_context(Session(settings))
        url = base_url + RECORD_PATH
        found = interleave(
            {
                "Client.fetch_many": timed(lambda: list(client.fetch_many(_IDS))),
                "Session.status": timed(lambda: session.status(_IDS, fresh=True)),
                _BARE: stack.enter_context(_bare_pool(url)),
                "httpx.AsyncClient": stack.enter_context(_httpx(url)),
                "aiohttp": stack.enter_context(_aiohttp(url)),
            },
            _ROUNDS,
        )
    return [_row(name, figures, found[_BARE]) for name, figures in found.items()]


def _row(name: str, figures: Figures, bare: Figures) -> Row:
    what = f"{len(_IDS)} ids: {name}"
    if figures is bare:
        return Row(what=what, figures=figures)
    part = as_ratio(bare, figures)  # throughput is the inverse of time
    ours = name in ("Client.fetch_many", "Session.status")
    return Row(
        what=what,
        figures=figures,
        against=_BARE,
        compared=f"{part:.0%} of its throughput",
        target=f"at least {_LEAST:.0%}" if ours else "",
        met=part >= _LEAST if ours else None,
    )


@contextmanager
def _bare_pool(url: str) -> Iterator[Run]:
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(pool_maxsize=_WORKERS))  # else it drops six connections of 16

        def get(task_id: str) -> bytes:
            return session.get(url, params={"taskId": task_id}, timeout=30).content

        def work() -> list[bytes]:
            with ThreadPoolExecutor(_WORKERS) as pool:
                return list(pool.map(get, _IDS))

        yield timed(work)


@contextmanager
def _httpx(url: str) -> Iterator[Run]:
    limits = httpx.Limits(max_connections=_WORKERS, max_keepalive_connections=_WORKERS)
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(limits=limits, timeout=30)

        async def get(task_id: str) -> bytes:
            return (await client.get(url, params={"taskId": task_id})).content

        try:
            yield timed(lambda: runner.run(_in_turn(get)))
        finally:
            runner.run(client.aclose())


@contextmanager
def _aiohttp(url: str) -> Iterator[Run]:
    async def connect() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_WORKERS))

    with asyncio.Runner() as runner:
        client = runner.run(connect())

        async def get(task_id: str) -> bytes:
            async with client.get(url, params={"taskId": task_id}) as response:
                return await response.read()

        try:
            yield timed(lambda: runner.run(_in_turn(get)))
        finally:
            runner.run(client.close())


async def _in_turn(get: Callable[[str], Awaitable[bytes]]) -> Any:
    """Let as many tasks as there are connections take one id after the other."""
    todo = iter(_IDS)

    async def work() -> list[bytes]:
        return [await get(task_id) for task_id in todo]

    return await asyncio.gather(*(work() for _ in range(_WORKERS)))
