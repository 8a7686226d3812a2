"""Kernels that share a key: one pace, one cool-down; each for itself where they cannot tell one another."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from aleph_nb.pace import Pace, cache_folder, fingerprint
from tests.faults import FaultServer, refuse
from tests.kernels import kernel, peak
from tests.keys import KEY

SERVICE = "https://api.example.com"
ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "aleph_nb"


def _pace(folder: Path, rate: float, key: str = KEY, service: str = SERVICE) -> Pace:
    """Make the pace of one more kernel."""
    pace = Pace(rate, folder=folder)
    pace.share(lambda: key, service)
    return pace


def _take(pace: Pace, number: int) -> list[float]:
    """Take turns as fast as they are given; return when."""
    stop = threading.Event()
    times = []
    for _ in range(number):
        assert pace.turn(stop)
        times.append(time.monotonic())
    return times


def _seconds(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def _board(folder: Path) -> Path:
    (board,) = folder.glob("*.pace")
    return board


@contextmanager
def _holder(lock: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a process that holds a lock."""
    code = (
        "import sys, filelock; lock = filelock.FileLock(sys.argv[1]); lock.acquire();"
        "print('held', flush=True); input()"
    )
    with subprocess.Popen(  # noqa: S603, the code is ours
        [sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


# ── Together ─────────────────────────────────────────────────────────────────────────────────────


def test_one_kernel_alone_has_all_turns(folder: Path) -> None:
    times = _take(_pace(folder, 100), 101)
    assert peak(times) <= 102
    assert 0.95 < times[-1] - times[0] < 2


@pytest.mark.parametrize("kernels", [2, 4])
def test_kernels_stay_within_the_rate_together_and_get_their_share(folder: Path, kernels: int) -> None:
    paces = [_pace(folder, 40) for _ in range(kernels)]
    end = time.monotonic() + 3

    def take(pace: Pace) -> list[float]:
        times = []
        while time.monotonic() < end:
            times += _take(pace, 1)
        return times

    with ThreadPoolExecutor(kernels) as threads:
        taken = list(threads.map(take, paces))
    assert all(pace.shared for pace in paces)
    everything = [at for times in taken for at in times]
    assert peak(everything) <= 43
    assert len(everything) > 60, "far too slow"
    assert min(map(len, taken)) > 0.5 * len(everything) / kernels


def test_reserved_turns_that_were_slept_through_are_lost(folder: Path) -> None:
    pace, other = _pace(folder, 40), _pace(folder, 40)
    _take(pace, 8)  # it has reserved seven more
    time.sleep(0.5)
    with ThreadPoolExecutor(2) as threads:
        taken = list(threads.map(lambda kernel: _take(kernel, 12), [other, pace]))
    assert peak([at for times in taken for at in times], 0.2) <= 11


def test_a_slow_kernel_does_not_hold_up_a_quick_one_and_is_not_starved(folder: Path) -> None:
    slow, quick = _pace(folder, 2), _pace(folder, 40)
    with ThreadPoolExecutor(2) as threads:
        slowly, quickly = threads.submit(_take, slow, 5), threads.submit(_take, quick, 80)
        slow_times, quick_times = slowly.result(), quickly.result()
    assert 1.9 < slow_times[-1] - slow_times[0] < 4
    assert quick_times[-1] - quick_times[0] < 4


@pytest.mark.parametrize(("key", "service"), [("another", SERVICE), (KEY, "https://api.example.org")])
def test_another_key_and_another_service_are_apart(folder: Path, key: str, service: str) -> None:
    ours, theirs = _pace(folder, 4), _pace(folder, 4, key, service)
    _take(ours, 2)
    assert _seconds(lambda: _take(theirs, 1)) < 0.15
    theirs.cool_down(30)
    assert _seconds(lambda: _take(ours, 1)) < 1


def test_a_key_that_is_changed_is_shared_with_others(folder: Path) -> None:
    pace, other = _pace(folder, 40), _pace(folder, 40, "another")
    pace.share(lambda: "another", SERVICE)
    other.cool_down(0.5)
    assert _seconds(lambda: _take(pace, 1)) > 0.4


@pytest.mark.parametrize("rate", [0, 40])
@pytest.mark.parametrize("busy", [False, True])
def test_a_cool_down_of_one_holds_back_the_other(folder: Path, rate: float, busy: bool) -> None:
    pace, other = _pace(folder, rate), _pace(folder, 40)
    if busy:
        _take(pace, 41 if rate else 1)  # within turns that it has reserved
        time.sleep(0.06)
    other.cool_down(0.7)
    assert 0.55 < _seconds(lambda: _take(pace, 1)) < 1.5
    assert 0 == pace.cooling == other.cooling


def test_a_cool_down_is_seen_by_one_who_waits(folder: Path) -> None:
    pace, other = _pace(folder, 4), _pace(folder, 4)
    _take(pace, 1)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(_take, pace, 1)
        other.cool_down(0.8)
        assert _seconds(waiting.result) > 0.6


def test_a_cool_down_of_an_hour_holds_back_others_for_a_minute_at_most(folder: Path) -> None:
    pace, other = _pace(folder, 0), _pace(folder, 0)
    other.cool_down(3600)
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    assert not pace.turn(stop)
    assert 50 < pace.cooling <= 60
    assert other.cooling > 3590


# ── Kernels in processes of their own ────────────────────────────────────────────────────────────


def test_two_kernels_that_together_would_be_refused_are_not(server: FaultServer, folder: Path) -> None:
    server.per_second = 48
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(kernel(server.base_url, folder, rate=40, retries=0)) for _ in range(2)
        )
        time.sleep(1)
        first.begin("first", 60)
        second.begin("second", 60)
        assert first.end() == second.end() == {"succeeded": 60}
    half = [seen.task_id.partition("-")[0] for seen in server.requests[2:62]]
    assert min(half.count("first"), half.count("second")) > 15


def test_a_kernel_that_is_killed_holds_up_nobody(server: FaultServer, folder: Path) -> None:
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(kernel(server.base_url, folder, rate=40, retries=0)) for _ in range(2)
        )
        first.begin("first", 400)
        second.begin("second", 110)
        server.wait_until(lambda server: len(server.requests) > 60)
        first.process.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        assert second.end() == {"succeeded": 110}
    after = [seen.time - killed for seen in server.requests if seen.task_id.startswith("second")]
    assert sum(1 < at <= 2 for at in after) > 28


def test_a_refusal_that_one_gets_cools_down_both(server: FaultServer, folder: Path) -> None:
    server.script("first-0", refuse(429, headers={"Retry-After": "1"}), server.default("first-0"))
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(kernel(server.base_url, folder, rate=rate, retries=2)) for rate in (40, 0)
        )
        second.begin("second", 1)
        second.end()
        first.begin("first", 1)
        server.wait_until(lambda server: bool(server.seen("first-0")))
        refused = server.seen("first-0")[0].time
        time.sleep(max(0, refused + 0.2 - time.monotonic()))
        second.begin("later", 3)
        assert second.end() == {"succeeded": 3}
        assert first.end() == {"succeeded": 1}
    later = [seen.time for seen in server.requests if seen.task_id.startswith("later")]
    assert 0.95 < min(later) - refused < 3


_FORKS = """
import os, sys, threading, time
from pathlib import Path

from aleph_nb.pace import Pace

pace = Pace(40, folder=Path(sys.argv[1]))
pace.share(lambda: "a key", "https://api.example.com")
stop = threading.Event()
for _ in range(17):
    pace.turn(stop)
child = os.fork()
times = []
for _ in range(40):
    pace.turn(stop)
    times.append(time.monotonic())
os.write(1, "".join(f"{at}\\n" for at in times).encode())
if child:
    os.waitpid(child, 0)
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_is_one_more_kernel(folder: Path) -> None:
    ran = subprocess.run(  # noqa: S603, the code is ours
        [sys.executable, "-c", _FORKS, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    times = [float(at) for at in ran.stdout.split()]
    assert len(times) == 80
    assert peak(times) <= 43
    assert peak(times, 0.2) <= 11


# ── A folder that is not what it should be ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "junk", [b"", b"pace", b"x" * 32, b"\xff" * 5000, b"\0" * 32, b"pace" + b"\xff" * 28], ids=range(6)
)
def test_junk_on_the_board_says_nothing(folder: Path, junk: bytes) -> None:
    _take(_pace(folder, 40), 1)
    _board(folder).write_bytes(junk)
    pace, other = _pace(folder, 4), _pace(folder, 4)
    assert _seconds(lambda: _take(pace, 1)) < 0.2
    assert _seconds(lambda: _take(other, 1)) > 0.15, "what was junk is not mended"
    assert pace.shared
    assert not pace.cooling


@pytest.mark.parametrize("part", ["first half", "torn"])
def test_a_part_of_a_cool_down_says_nothing(folder: Path, part: str) -> None:
    pace = _pace(folder, 40)
    _take(pace, 1)
    before = _board(folder).read_bytes()
    pace.cool_down(30)
    after = _board(folder).read_bytes()
    half = len(after) - 4
    _board(folder).write_bytes(after[:half] + before[half:] if part == "torn" else after[: half // 2])
    assert _seconds(lambda: _take(_pace(folder, 40), 1)) < 0.5


@pytest.mark.parametrize("ahead", [120, 3600, 1e9])
def test_a_clock_that_was_set_back_keeps_nobody_waiting(folder: Path, ahead: float) -> None:
    other = Pace(40, folder=folder, wall=lambda: time.time() + ahead)
    other.share(lambda: KEY, SERVICE)
    _take(other, 1)
    other.cool_down(50)
    pace = _pace(folder, 40)
    assert _seconds(lambda: _take(pace, 10)) < 1
    assert not pace.cooling


def test_a_clock_that_is_set_back_does_not_prolong_a_cool_down(folder: Path) -> None:
    wall = [time.time() - time.monotonic()]
    pace = Pace(0, folder=folder, wall=lambda: wall[0] + time.monotonic())
    pace.share(lambda: KEY, SERVICE)
    _pace(folder, 0).cool_down(0.5)

    def set_back() -> None:
        wall[0] -= 30

    threading.Timer(0.2, set_back).start()
    assert _seconds(lambda: _take(pace, 1)) < 1.5


def test_what_is_deleted_is_made_again(folder: Path) -> None:
    pace, other = _pace(folder, 4), _pace(folder, 4)
    _take(pace, 1)
    for file in folder.glob("*.*"):
        file.unlink()
    _take(pace, 1)
    assert _seconds(lambda: _take(other, 1)) > 0.1
    assert pace.shared
    assert other.shared


def _file_in_its_place(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.touch()


def _folder_as_salt(folder: Path) -> None:
    (folder / "salt").mkdir(parents=True)


def _folder_as_board(folder: Path) -> None:
    _take(_pace(folder, 40), 1)
    _board(folder).unlink()
    (folder / f"{fingerprint(lambda: KEY, SERVICE, folder)}.pace").mkdir()


def _pipe_as_board(folder: Path) -> None:
    _take(_pace(folder, 40), 1)
    board = _board(folder)
    board.unlink()
    os.mkfifo(board)


def _folder_as_lock(folder: Path) -> None:
    _take(_pace(folder, 40), 1)
    lock = _board(folder).with_suffix(".lock")
    lock.unlink(missing_ok=True)
    lock.mkdir()


_SPOILERS = [_file_in_its_place, _folder_as_salt, _folder_as_board, _pipe_as_board, _folder_as_lock]


@pytest.mark.parametrize("spoil", _SPOILERS)
@pytest.mark.parametrize("rate", [0, 40])
def test_without_a_folder_each_kernel_paces_itself(
    folder: Path, spoil: Callable[[Path], None], rate: float
) -> None:
    spoil(folder)
    pace = _pace(folder, rate)
    times = _take(pace, 21)
    pace.cool_down(0.3)
    assert not pace.shared
    assert pace.why_alone
    assert KEY not in pace.why_alone
    assert (0.4 if rate else 0) < times[-1] - times[0] < 1.2
    assert 0.2 < _seconds(lambda: _take(pace, 1)) < 1


_FULL = """
import resource, signal, sys, threading, time
from pathlib import Path

from aleph_nb.pace import Pace

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
pace = Pace(40, folder=Path(sys.argv[1]))
pace.share(lambda: "a key", "https://api.example.com")
start = time.monotonic()
assert all(pace.turn(threading.Event()) for _ in range(21))
assert .4 < time.monotonic() - start < 1.5
assert not pace.shared
print(pace.why_alone)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no RLIMIT_FSIZE")
@pytest.mark.parametrize(("most", "salt"), [(0, False), (10, False), (0, True), (10, True)])
def test_on_a_full_disk_each_kernel_paces_itself(folder: Path, most: int, salt: bool) -> None:
    if salt:  # is there already
        fingerprint(lambda: "a key", SERVICE, folder)
    ran = subprocess.run(  # noqa: S603, the code is ours
        [sys.executable, "-W", "error", "-c", _FULL, str(folder), str(most)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    assert ran.stdout.strip()


def test_a_lock_that_is_not_had_is_waited_for_once(folder: Path) -> None:
    _take(_pace(folder, 40), 1)
    with _holder(_board(folder).with_suffix(".lock")):
        pace = _pace(folder, 40)
        assert 0.5 < _seconds(lambda: _take(pace, 1)) < 2
        assert not pace.shared
        assert "lock" in pace.why_alone
        times = _take(pace, 41)
        pace.cool_down(0.1)
        assert 0.9 < times[-1] - times[0] < 1.8
        unlimited = _pace(folder, 0)
        assert _seconds(lambda: _take(unlimited, 10_000)) < 0.5


def test_stop_ends_the_waiting_for_the_lock(folder: Path) -> None:
    _take(_pace(folder, 40), 1)
    with _holder(_board(folder).with_suffix(".lock")):
        pace = _pace(folder, 40)
        stop = threading.Event()
        with ThreadPoolExecutor(4) as threads:
            waiting = [threads.submit(pace.turn, stop) for _ in range(4)]
            time.sleep(0.2)
            stop.set()
            assert _seconds(lambda: [turn.result() for turn in waiting]) < 0.2
            assert not any(turn.result() for turn in waiting)


def test_a_process_that_dies_with_the_lock_leaves_it(folder: Path) -> None:
    _take(_pace(folder, 40), 1)
    with _holder(_board(folder).with_suffix(".lock")) as holder:
        pace = _pace(folder, 40)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert _seconds(lambda: _take(pace, 1)) < 0.3
        assert pace.shared


def test_an_interrupt_under_the_lock_lets_it_go(folder: Path) -> None:
    """The clock of the wall is looked at under the lock."""

    def interrupted() -> float:
        raise KeyboardInterrupt

    pace = Pace(40, folder=folder, wall=interrupted)
    pace.share(lambda: KEY, SERVICE)
    with pytest.raises(KeyboardInterrupt) as kept:  # with its frames, as IPython keeps it
        pace.turn(threading.Event())
    other = _pace(folder, 40)
    assert _seconds(lambda: _take(other, 1)) < 0.3
    assert other.shared
    assert kept.tb is not None


# ── Who may know ─────────────────────────────────────────────────────────────────────────────────


def test_files_are_for_the_user_alone_and_tell_nothing_of_the_key(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    pace = _pace(folder, 40)
    _take(pace, 3)
    pace.cool_down(1)
    files = list(folder.iterdir())
    assert len(files) >= 2
    if os.name == "posix":
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    for file in files:
        told = file.name.encode() + file.read_bytes()
        assert not any(part.encode() in told for part in (KEY, KEY[:8], KEY[-8:], "example"))


def test_a_fingerprint_is_the_same_in_a_folder_and_another_elsewhere(folder: Path, tmp_path: Path) -> None:
    name = fingerprint(lambda: KEY, SERVICE, folder)
    assert name == fingerprint(lambda: KEY, SERVICE, folder)
    others = {
        fingerprint(lambda: KEY + "x", SERVICE, folder),
        fingerprint(lambda: KEY, SERVICE + "x", folder),
        fingerprint(lambda: SERVICE[-1] + KEY, SERVICE[:-1], folder),
        fingerprint(lambda: KEY, SERVICE, tmp_path / "elsewhere"),
    }
    assert len({name, *others}) == 5


def test_kernels_that_begin_at_one_time_agree_on_the_name(folder: Path) -> None:
    start = threading.Barrier(8)

    def name(_: int) -> str:
        start.wait()
        return fingerprint(lambda: KEY, SERVICE, folder)

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(name, range(8)))) == 1


def test_a_spoilt_salt_is_made_anew(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "salt").write_bytes(b"short")
    name = fingerprint(lambda: KEY, SERVICE, folder)
    assert name == fingerprint(lambda: KEY, SERVICE, folder)
    assert len((folder / "salt").read_bytes()) == 32


def test_the_tests_do_not_touch_the_users_folder(tmp_path: Path) -> None:
    assert cache_folder().is_relative_to(tmp_path)
