"""A hundred rounds of kernels that are killed with -9 in the middle of many ids."""

import random
import signal
from pathlib import Path

import pytest

from tests.keys import KEY
from tests.killing import BATCH, WORKERS, kill_in_the_middle, table

_ROUNDS = 100

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows knows no kill -9"),
]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kernels", [1, 2])
def test_a_hundred_kills_lose_no_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kernels: int
) -> None:
    monkeypatch.setenv("KIE_API_KEY", KEY)
    rounds = [
        kill_in_the_middle(tmp_path / f"{seed}.sqlite3", kernels, random.Random(seed))  # noqa: S311
        for seed in range(_ROUNDS)
    ]
    with capsys.disabled():
        print(f"\n{table(rounds, kernels)}")  # noqa: T201, it is what the soak is for
    assert [each for each in rounds if each.lost] == []
    assert {each.said for each in rounds} == {""}
    assert max(each.again for each in rounds) <= kernels * (WORKERS + BATCH)
