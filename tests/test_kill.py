"""Killed with -9 in the middle of many ids: none is lost, and few are asked for again."""

import random
import signal
from pathlib import Path

import pytest

from tests.keys import KEY
from tests.killing import BATCH, WORKERS, kill_in_the_middle

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows knows no kill -9")


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("kernels", [1, 2])
def test_a_kill_loses_no_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernels: int, seed: int) -> None:
    monkeypatch.setenv("KIE_API_KEY", KEY)
    became = kill_in_the_middle(tmp_path / "ledger.sqlite3", kernels, random.Random(seed))  # noqa: S311
    assert became.lost == 0
    assert became.again <= kernels * (WORKERS + BATCH)
    assert became.said == ""
