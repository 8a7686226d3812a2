"""The key, right or wrong, is in no output; it goes to the API's origin and nowhere else."""

import copy
import inspect
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import aleph_nb
from aleph_nb import AlephError, AuthenticationError, Client, Session, Settings, TransportError
from aleph_nb.cards import Card
from aleph_nb.credentials import ApiKey, find_key
from aleph_nb.dashboard import Dashboard, Player
from aleph_nb.record import Record, State
from aleph_nb.review import Note
from aleph_nb.transport import Transport
from tests.faults import FaultServer, Reply, refuse, success
from tests.kernel import Kernel, running_kernel
from tests.keys import KEY, key_parts
from tests.shell import Shell

CLOSED = "http://127.0.0.1:9"  # the discard port: nobody listens


def check(text: str) -> None:
    """Assert that no part of the key stands in a text."""
    assert not [part for part in key_parts(6) if part in text]


@pytest.fixture(autouse=True)
def with_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_API_KEY", KEY)


@pytest.fixture
def settings(server: FaultServer) -> Settings:
    return Settings(base_url=server.base_url, rate=0, retries=1, retry_wait=0, timeout=1)


FAULTS: dict[str, Reply | None] = {
    "refused connection": None,
    "wrong key": Reply(status=401, body={"code": 401, "msg": f"Incorrect key {KEY}"}),
    "a page with the key": Reply(status=403, body=f"<html>Authorization: Bearer {KEY}</html>"),
    "a message with parts of the key": refuse(500, f"key {KEY[:9]}…{KEY[-9:]} is not known"),
    "no answer of the API": Reply(body=f"Bearer {KEY}"),
    "reset": Reply(reset=True),
    "redirect with the key": Reply(status=302, headers={"Location": f"http://127.0.0.1:9/?key={KEY}"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_output_of_a_failed_cell_has_it(shell: Shell, server: FaultServer, fault: str) -> None:
    reply = FAULTS[fault]
    shell.good(f"%config AlephMagics.base_url = '{CLOSED if reply is None else server.base_url}'")
    shell.good("%config AlephMagics.retries = 0")
    server.default = lambda task_id: reply or Reply()
    shell.good("%xmode Verbose")
    ran = shell.bad("%aleph_status a")
    assert isinstance(ran.error, AlephError)
    check(ran.everything)
    assert (ran.error.__context__, ran.error.__cause__) == (None, None)
    check(shell.bad("%aleph_status a b").everything)
    check(shell.good("%aleph").everything)
    check(shell.run("%tb Verbose").everything)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_traceback_with_locals_has_it(settings: Settings, server: FaultServer, fault: str) -> None:
    reply = FAULTS[fault]
    if reply is None:
        settings = Settings(base_url=CLOSED, rate=0, retries=1, timeout=1)
    server.default = lambda task_id: reply or Reply()
    with Client(settings) as client, Session(settings) as session:
        calls: list[Callable[[], Any]] = [
            lambda: client.fetch("a"),
            lambda: list(client.fetch_many(["a", "b"])),
            lambda: session.status(["a", "b"]),
        ]
        for call in calls:
            error = failure_of(call)
            assert isinstance(error, AlephError)
            assert (error.__context__, error.__cause__) == (None, None)
            told = traceback.TracebackException.from_exception(error, capture_locals=True)
            check("".join(told.format()))
            check(repr(error) + str(error) + error.reason + repr(error.args) + repr(vars(error)))
            check(repr(copy.copy(error)))


def failure_of(call: Callable[[], Any]) -> BaseException:
    """Return what a call raises, made outside any handler."""
    with pytest.raises(AlephError) as raised:
        call()
    return raised.value


def test_an_interrupt_shows_no_locals_with_it(shell: Shell, server: FaultServer) -> None:
    shell.good(f"%config AlephMagics.base_url = '{server.base_url}'")
    server.default = lambda task_id: Reply(hang=True)
    shell.good("%xmode Verbose")
    ran = shell.bad(
        "import _thread, threading\nthreading.Timer(.4, _thread.interrupt_main).start()\n%aleph_status a b"
    )
    assert isinstance(ran.error, KeyboardInterrupt)
    check(ran.everything)


def test_no_repr_and_no_pickle_of_anything_public_has_it(settings: Settings, server: FaultServer) -> None:
    server.default = lambda task_id: Reply(
        body=success(task_id, errorMessage=f"{KEY} {KEY[3:20]}", extra=KEY)
    )
    key = find_key()
    assert key is not None
    transport = Transport(server.base_url, key.reveal, connections=1)
    with Client(settings) as client, Session(settings) as session:
        record = client.fetch("a")
        records = session.status(["a"])
        things = [
            key,
            transport,
            client,
            session,
            settings,
            record,
            records,
            session.frame(records),
            Card(record),
            session.review("a", rating=4, note="ridge flickers", time=1.2),
            session.reviews(),
            session.book,
            *session.keeper.verdicts(),
            Note("n", 1.2, "ridge flickers"),
        ]
        dashboard = Dashboard(session=session)
        things += [dashboard, dashboard.desk, dashboard.desk.get_state(), dashboard.frame]
        dashboard.close()
        player = Player("a", session=session)
        things += [player, player.get_state(), *player.sides]
        player.close()
        things += [client.pace, *vars(client).values(), *vars(session).values(), *vars(transport).values()]
        for thing in things:
            check(f"{thing!r} {thing!s}")
            try:
                check(pickle.dumps(thing).decode("latin-1"))
            except (TypeError, AttributeError, pickle.PicklingError) as error:
                check(str(error))
        check(repr(record.raw) + str(Card(record).html) + session.frame(records).to_csv())
    transport.close()


def test_every_public_class_was_looked_at() -> None:
    """A new public class belongs into the test above, or into the exceptions."""
    classes = {name for name in aleph_nb.__all__ if inspect.isclass(getattr(aleph_nb, name))}
    errors = {name for name in classes if issubclass(getattr(aleph_nb, name), Exception)}
    assert classes - errors == {
        *("Card", "Client", "Dashboard", "Note", "Player", "Record"),
        *("Review", "Session", "Settings", "State", "Verdict"),
    }


def test_no_log_has_it(settings: Settings, server: FaultServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Client(settings) as client:
        client.fetch("a")
    check(caplog.text)


@pytest.fixture
def elsewhere() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


def test_a_redirect_and_a_media_host_never_receive_it(
    shell: Shell, server: FaultServer, elsewhere: FaultServer
) -> None:
    shell.good(f"%config AlephMagics.base_url = '{server.base_url}'\n%config AlephMagics.retries = 0")
    target = f"{elsewhere.base_url}/api/v1/aleph/record-info?taskId=moved"
    server.script("moved", Reply(status=307, headers={"Location": target}))
    video = elsewhere.media("/k.mp4", b"0" * 100)
    params = f'{{"prompt": "x", "videoUrl": "{video}"}}'
    response = {"resultVideoUrl": video, "resultImageUrl": video}
    server.default = lambda task_id: Reply(body=success(task_id, response=response, paramJson=params))
    frame = shell.good("%aleph_status moved a b c").value
    assert list(frame.state) == ["no_answer", "succeeded", "succeeded", "succeeded"]
    elsewhere.wait_until(lambda server: bool(server.requests))  # the thumbnail
    assert {seen.path for seen in elsewhere.requests} == {"/k.mp4"}
    check(repr(elsewhere.requests))
    assert "authorization" not in elsewhere.requests[0].headers
    assert {seen.headers["authorization"] for seen in server.requests} == {f"Bearer {KEY}"}


def test_the_demo_never_receives_the_users_key(shell: Shell) -> None:
    shell.good("ids = %aleph_demo")
    ran = shell.good("%aleph_status $ids")  # it answers its own key alone
    assert set(ran.value.state) >= {State.succeeded, State.failed}
    check(ran.everything)


def test_a_wrong_key_is_shown_no_more_than_a_right_one(
    monkeypatch: pytest.MonkeyPatch, server: FaultServer
) -> None:
    client = Client(Settings(base_url=server.base_url))
    for between in "\n \N{EM DASH}":
        monkeypatch.setenv("KIE_API_KEY", f"{KEY}{between}{KEY}")
        error = failure_of(lambda: client.fetch("a"))
        check(str(error))
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        check("".join(told.format()))


def test_a_records_text_cannot_smuggle_it_in_pieces(settings: Settings, server: FaultServer) -> None:
    echo = {"header": f"Bearer {KEY}", KEY: "as a name", "nested": [{"deep": KEY[:16]}]}
    server.default = lambda task_id: Reply(body=success(task_id, **echo, paramJson=f'{{"prompt": "{KEY}"}}'))
    with Client(settings) as client:
        record = client.fetch("a")
    assert isinstance(record, Record)
    assert record.prompt == "***"
    check(repr(record) + repr(record.raw) + repr(record.params))


def test_errors_that_are_rendered_by_ipython_are_one_line(shell: Shell) -> None:
    shell.good(f"%config AlephMagics.base_url = '{CLOSED}'\n%config AlephMagics.retries = 0")
    for mode in ("Context", "Verbose", "Minimal", "Plain"):
        shell.good(f"%xmode {mode}")
        ran = shell.bad("%aleph_status a")
        assert isinstance(ran.error, TransportError)
        assert ran.printed.strip().count("\n") == 0, ran.printed
        assert "refused" in ran.printed


def test_a_key_is_an_object_that_tells_nothing() -> None:
    key = ApiKey(KEY, "a test")
    check(f"{key} {key!r} {[key]} {key!s:>50}")
    with pytest.raises(TypeError):
        pickle.dumps(key)
    assert isinstance(AuthenticationError(401, "x"), AlephError)


# ── What was typed into %aleph_login ─────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        kernel.good(
            "import keyring, logging, os, sys, traceback\n"
            "logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)\n"
            "from keyring.errors import KeyringLocked\n"
            "from tests.keyrings import Faulty, Memory, NothingKept\n"
            "%load_ext aleph_nb\n"
            "%xmode Verbose"
        )
        yield kernel


# What the service says, which keyring there is, what is typed, and what is told of it.
ECHO = f"{KEY} {KEY[:9]} Bearer {KEY}"
_NOBODYS = "00000000-0000-0000-0000-000000000000"
SCENES: dict[str, tuple[Reply, str, str, str]] = {
    "accepted": (Reply(body=success(_NOBODYS, errorMessage=ECHO)), "Memory()", KEY, "is kept in the keyring"),
    "refused": (refuse(401, ECHO), "Memory()", KEY, "refuses this key"),
    "not checked": (refuse(500, ECHO), "Memory()", KEY, "was not checked"),
    "another server": (Reply(body=ECHO), "Memory()", KEY, "was not checked"),
    "a keyring that fails": (Reply(body=success(_NOBODYS)), "Faulty(RuntimeError)", KEY, "is not saved"),
    "a keyring that is locked": (Reply(body=success(_NOBODYS)), "Faulty(KeyringLocked)", KEY, "is not saved"),
    "a keyring that waits": (
        Reply(body=success(_NOBODYS)),
        "Faulty(KeyboardInterrupt)",
        KEY,
        "KeyboardInterrupt",
    ),
    "a keyring that is off": (Reply(body=success(_NOBODYS)), "NothingKept()", KEY, "is not saved"),
    "no key": (Reply(), "Memory()", f"{KEY} {KEY}", "cannot be used"),
}

# All that is left of it in the kernel and could be shown. What is typed on purpose stays out of the cells.
LEFT = """
error = getattr(sys, "last_value", None)
if error is not None:
    print(*traceback.TracebackException.from_exception(error, capture_locals=True).format())
    print(repr(error), error.args, vars(error), repr(error.__context__), repr(error.__cause__))
session = __import__("aleph_nb").current_session()
print(session, vars(session), get_ipython().user_ns, In, Out)
from aleph_nb.credentials import keyrings, places
print(vars(places), vars(keyrings), vars(keyrings._Read))
get_ipython().history_manager.writeout_cache()
%history -g
%tb Verbose
"""


@pytest.mark.parametrize("scene", SCENES)
def test_a_typed_key_is_in_nothing_that_is_shown_or_stored(
    kernel: Kernel, server: FaultServer, scene: str
) -> None:
    reply, keyring, typed, told = SCENES[scene]
    server.default = lambda task_id: reply
    kernel.good(f"os.environ['ALEPH_NB_BASE_URL'] = '{server.base_url}'\nkeyring.set_keyring({keyring})")
    said = kernel.run("%aleph_login --save", typed)
    assert told in said.printed + said.error
    check(said.everything)
    left = kernel.run(LEFT)
    assert "%aleph_login --save" in left.printed
    assert f"keyring.set_keyring({keyring})" in left.printed
    check(left.everything)
    check(kernel.run("%aleph\n%aleph_status some-task").everything)
    check(kernel.run("%aleph_login --forget\n%aleph").everything)
    assert "%aleph_login --save" in stored(kernel.home)
    check(stored(kernel.home.parent))


def stored(folder: Path) -> str:
    """Return all that stands in a folder's files: the history's among them."""
    read = []
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        with suppress(FileNotFoundError):  # a database's journal is gone in a moment
            read.append(file.read_bytes().decode("latin-1"))
    return "\n".join(read)


def test_the_ledger_and_the_shared_pace_hold_nothing_of_it(
    settings: Settings, server: FaultServer, tmp_path: Path
) -> None:
    server.default = lambda task_id: Reply(
        body=success(
            task_id, errorMessage=f"{KEY} {KEY[3:20]}", extra=KEY, callBackUrl=f"https://a/b?k={KEY}"
        )
    )
    with Session(replace(settings, rate=50.0)) as session:
        session.status(["a", "b"])
        session.review("a", rating=3)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"ledger.sqlite3"} < {path.name for path in files}
    for path in files:
        check(f"{path.name} {path.read_bytes().decode('latin-1')}")
