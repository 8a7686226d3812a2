"""`%aleph_login` in a real kernel: somebody types the key, a server accepts it or does not."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect  # type: ignore[import-untyped]
import pytest

from tests.browser.server import scratch_environment
from tests.faults import RECORD_PATH, FaultServer, Reply, refuse, success
from tests.kernel import Kernel, Said, running_kernel
from tests.keys import KEY, key_parts
from tests.shell import Shell

OTHER = "aB3cD4eF5gH6iJ7kL8mN9oP0qR1sT2uV"
CLOSED = "http://127.0.0.1:9"  # the discard port: nobody listens
INSTALL = 'pip install "aleph-nb[keyring]"'

# What a test may have left: the extension, names of the environment, a key, a keyring.
_ANEW = """
import os
get_ipython().extension_manager.unload_extension("aleph_nb")
for _name in [name for name in os.environ if name.startswith(("KIE_", "ALEPH_NB_"))]:
    del os.environ[_name]
import keyring
from aleph_nb.credentials import keyrings, use_key
from tests.keyrings import Faulty, Memory, not_installed
keyrings._Read.key = None
memory = Memory()
os.environ["ALEPH_NB_BASE_URL"] = {base_url!r}
%load_ext aleph_nb
"""
_LATER = "use_key(None); keyrings._Read.key = None"  # as in a new kernel


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        yield kernel


@pytest.fixture
def kernel(process: Kernel, server: FaultServer) -> Kernel:
    """Return a kernel that asks `server`, which accepts `KEY` alone and knows every task."""
    server.default = lambda task_id: accepting(server, KEY)
    process.good(_ANEW.format(base_url=server.base_url))
    process.good('keyring.set_keyring(keyring.core.load_keyring("keyring.backends.fail.Keyring"))')
    return process


def accepting(server: FaultServer, *keys: str) -> Reply:
    seen = server.requests[-1]
    if seen.headers.get("authorization") in {f"Bearer {key}" for key in keys}:
        return Reply(body=success(seen.task_id))
    return refuse(401, "Unauthorized")


def one_line(said: Said) -> str:
    """Return the line that a failed cell shows, in which no key stands."""
    assert said.error.count("\n") == 0, said.error
    assert said.error.startswith(("ConfigurationError: ", "KeyboardInterrupt: ")), said.error
    assert said.printed == ""
    assert not [part for part in key_parts(6) if part in said.everything]
    return said.error


def key_of(kernel: Kernel) -> str:
    """Return what `%aleph` says of the key."""
    text: str = kernel.good("%aleph").shown[-1]["text/plain"]
    return next(line for line in text.splitlines() if "Key" in line)


def used(kernel: Kernel, server: FaultServer) -> str:
    """Return the key that the next call carries."""
    before = len(server.requests)
    kernel.run("%aleph_status -q --fresh some-task")
    (seen,) = server.requests[before:]
    return seen.headers["authorization"].removeprefix("Bearer ")


# ── Accepted ─────────────────────────────────────────────────────────────────────────────────────


def test_an_accepted_key_counts_before_the_environments(kernel: Kernel, server: FaultServer) -> None:
    kernel.good(f"os.environ['KIE_API_KEY'] = '{OTHER}'")
    said = kernel.good("%aleph_login", KEY)
    assert said.printed == f"{server.base_url} accepts the key. It counts in this kernel.\n"
    assert said.shown == []
    (asked,) = said.asked
    assert asked["password"] is True
    assert "https://kie.ai/api-key" in asked["prompt"]
    assert "from %aleph_login" in key_of(kernel)
    assert used(kernel, server) == KEY


def test_it_is_checked_by_one_call_that_changes_nothing(kernel: Kernel, server: FaultServer) -> None:
    kernel.good("%aleph_login", KEY)
    (seen,) = server.requests
    assert (seen.method, seen.path) == ("GET", RECORD_PATH)
    assert set(seen.task_id) == {"0", "-"}  # nobody's


@pytest.mark.parametrize("reply", [refuse(404, inside=True), refuse(422, "recordInfo is null")])
def test_a_task_that_is_nobodys_says_nothing_against_the_key(
    kernel: Kernel, server: FaultServer, reply: Reply
) -> None:
    server.default = lambda task_id: reply
    assert "accepts the key" in kernel.good("%aleph_login", KEY).printed


@pytest.mark.parametrize("typed", [f"  {KEY}\t", f'"{KEY}"', f"Bearer {KEY}"])
def test_what_was_copied_along_is_dropped(kernel: Kernel, server: FaultServer, typed: str) -> None:
    kernel.good("%aleph_login", typed)
    assert used(kernel, server) == KEY


def test_a_semicolon_silences_it(kernel: Kernel, server: FaultServer) -> None:
    assert kernel.good("%aleph_login;", KEY).printed == ""
    assert used(kernel, server) == KEY


def test_while_the_demo_runs_the_real_service_is_asked(kernel: Kernel, server: FaultServer) -> None:
    kernel.good("ids = %aleph_demo")
    said = kernel.good("%aleph_login", KEY)
    assert f"{server.base_url} accepts the key." in said.printed
    assert "%aleph_demo stop" in said.printed
    assert len(server.requests) == 1
    kernel.good("%aleph_status -q {ids[0]}")
    assert len(server.requests) == 1
    kernel.good("%aleph_demo stop")
    assert used(kernel, server) == KEY


def test_the_key_lasts_until_the_extension_is_unloaded(kernel: Kernel, server: FaultServer) -> None:
    kernel.good("%aleph_login", KEY)
    kernel.good("%reload_ext aleph_nb")
    assert used(kernel, server) == KEY
    kernel.good("%unload_ext aleph_nb\n%load_ext aleph_nb")
    assert "not set" in key_of(kernel)
    assert "There is no key." in kernel.bad("%aleph_status some-task --fresh").error


# ── Refused, or not checked ──────────────────────────────────────────────────────────────────────


def test_a_refused_key_is_not_kept(kernel: Kernel, server: FaultServer) -> None:
    kernel.good("keyring.set_keyring(memory)")
    server.default = lambda task_id: refuse(401, f"{KEY} is not known")
    line = one_line(kernel.bad("%aleph_login --save", KEY))
    assert f"{server.base_url} refuses this key (401: " in line
    assert "It is not kept." in line
    assert "run %aleph_login again" in line
    assert kernel.good("print(memory.entries)").printed == "{}\n"
    assert "not set" in key_of(kernel)
    assert len(server.requests) == 1


def test_an_earlier_key_still_counts_when_another_is_refused(kernel: Kernel, server: FaultServer) -> None:
    kernel.good("%aleph_login", KEY)
    one_line(kernel.bad("%aleph_login", OTHER))
    assert "from %aleph_login" in key_of(kernel)
    assert used(kernel, server) == KEY


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (refuse(500, "out of order"), '500: the service met an unexpected error ("out of order")'),
        (refuse(429, headers={"Retry-After": "60"}), "429: the limit of requests was exceeded"),
        (Reply(status=404, body="<h1>404</h1>"), "HTTP 404"),
        (Reply(body="<h1>Welcome</h1>"), "HTTP 200"),
        (Reply(reset=True), "the connection was reset"),
        (None, "the connection was refused"),
    ],
)
def test_a_key_that_cannot_be_checked_counts_and_that_is_told(
    kernel: Kernel, server: FaultServer, reply: Reply | None, why: str
) -> None:
    server.default = lambda task_id: reply or Reply()
    if reply is None:
        kernel.good(f"os.environ['ALEPH_NB_BASE_URL'] = '{CLOSED}'")
    start = time.monotonic()
    said = kernel.good("%aleph_login", KEY)
    assert time.monotonic() - start < 5
    assert said.printed.startswith(f"The key was not checked: {why}")
    assert said.printed.endswith(". It counts in this kernel.\n")
    assert len(server.requests) == (reply is not None)  # one call, and no other try
    assert "from %aleph_login" in key_of(kernel)


# ── Nobody typed ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("typed", ["", "  ", "\x04"])
def test_nothing_typed_changes_nothing(kernel: Kernel, server: FaultServer, typed: str) -> None:
    kernel.good("%aleph_login", KEY)
    assert "No key was typed, and nothing has changed." in one_line(kernel.bad("%aleph_login", typed))
    assert len(server.requests) == 1
    assert used(kernel, server) == KEY


def test_what_can_be_no_key_is_told_before_anything_is_asked(kernel: Kernel, server: FaultServer) -> None:
    assert "cannot be used" in one_line(kernel.bad("%aleph_login", f"{KEY} {KEY}"))
    assert server.requests == []
    assert "not set" in key_of(kernel)


def test_an_interrupt_at_the_prompt_shows_one_line_and_changes_nothing(
    kernel: Kernel, server: FaultServer
) -> None:
    said = kernel.run("%aleph_login", Kernel.interrupt)
    assert one_line(said) == "KeyboardInterrupt: no key was typed, and nothing has changed."
    assert len(said.asked) == 1
    assert "not set" in key_of(kernel)
    assert "accepts the key" in kernel.good("%aleph_login", KEY).printed


def test_an_interrupt_is_one_to_whoever_catches_it(kernel: Kernel) -> None:
    cell = "try:\n    %aleph_login\nexcept KeyboardInterrupt as error:\n    print(repr(error.__context__))"
    assert kernel.run(cell, Kernel.interrupt).printed == "None\n"


def test_an_interrupt_of_the_check_changes_nothing(kernel: Kernel, server: FaultServer) -> None:
    server.default = lambda task_id: Reply(hang=True)
    kernel.good("import _thread, threading")
    said = kernel.bad("%xmode Verbose\nthreading.Timer(1, _thread.interrupt_main).start()\n%aleph_login", KEY)
    kernel.good("%xmode Context")
    assert "KeyboardInterrupt" in said.error
    assert not [part for part in key_parts(6) if part in said.everything]
    assert len(server.requests) == 1
    assert "not set" in key_of(kernel)


def test_where_nobody_can_be_asked_the_other_ways_are_told(kernel: Kernel) -> None:
    line = one_line(kernel.run("%aleph_login", can_ask=False))
    assert "Nobody can be asked for a key here." in line
    assert "KIE_API_KEY" in line
    assert ".env" in line


def test_without_a_terminal_the_other_ways_are_told(shell: Shell) -> None:
    ran = shell.bad("%aleph_login")
    assert ran.printed.startswith("ConfigurationError: Nobody can be asked for a key here. Set KIE_API_KEY")
    assert ran.printed.strip().count("\n") == 0


@pytest.mark.parametrize(
    "line",
    [
        KEY,
        f"--save {KEY}",
        f"{KEY} --forget",
        f"--key={KEY}",
        f"--save={KEY}",
        f"--save{KEY}",
        f"-{KEY}",
        f"--{KEY};",
        f"'{KEY}'",
        f"{{{KEY}",
        f"$x{KEY}",
        f"--save#{KEY}",
        f"--save--forget{KEY}",
    ],
)
def test_a_key_on_the_line_is_refused_and_not_repeated(
    kernel: Kernel, server: FaultServer, line: str
) -> None:
    told = one_line(kernel.bad(f"%aleph_login {line}"))
    assert "%aleph_login takes no key on its line" in told
    assert "better make a new one at https://kie.ai/api-key" in told
    assert server.requests == []
    assert "not set" in key_of(kernel)


def test_save_and_forget_do_not_go_together(kernel: Kernel) -> None:
    assert "do not go together" in one_line(kernel.bad("%aleph_login --save --forget"))


# ── The keyring ──────────────────────────────────────────────────────────────────────────────────


def test_a_saved_key_is_used_by_a_later_kernel(kernel: Kernel, server: FaultServer) -> None:
    kernel.good("keyring.set_keyring(memory)")
    said = kernel.good("%aleph_login --save  # mine", KEY)
    assert said.printed == (
        f"{server.base_url} accepts the key. It counts in this kernel, and is kept in the keyring for later "
        "ones.\n"
    )
    kernel.good(_LATER)
    assert "from the keyring" in key_of(kernel)
    assert used(kernel, server) == KEY
    kernel.good(_LATER)
    kernel.good("memory.calls.clear()")
    kernel.good(f"os.environ['KIE_API_KEY'] = '{OTHER}'")
    assert used(kernel, server) == OTHER
    assert kernel.good("print(memory.calls)").printed == "[]\n"


def test_forget_takes_both_away_and_tells_which_counts_now(kernel: Kernel, server: FaultServer) -> None:
    kernel.good("keyring.set_keyring(memory)")
    kernel.good("%aleph_login --save", KEY)
    said = kernel.good("%aleph_login --forget")
    assert said.asked == []
    assert said.printed == "The key is forgotten in this kernel and the keyring.\n"
    assert kernel.good("print(memory.entries)").printed == "{}\n"
    assert "not set" in key_of(kernel)
    assert kernel.good("%aleph_login --forget").printed == "There was no key to forget.\n"
    kernel.good("%aleph_login", KEY)
    kernel.good(f"os.environ['KIE_API_KEY'] = '{OTHER}'")
    said = kernel.good("%aleph_login --forget")
    assert said.printed == (
        "The key is forgotten in this kernel. The one from KIE_API_KEY in the environment counts now.\n"
    )
    assert used(kernel, server) == OTHER


def test_forget_tells_that_the_key_which_is_left_cannot_be_used(kernel: Kernel) -> None:
    kernel.good("%aleph_login", KEY)
    kernel.good("os.environ['KIE_API_KEY'] = 'a b'")
    said = kernel.good("%aleph_login --forget")
    assert said.printed.startswith("The key is forgotten in this kernel. The key from KIE_API_KEY in the env")


def test_without_the_package_the_way_to_it_is_told_and_the_key_counts(
    kernel: Kernel, server: FaultServer
) -> None:
    line = one_line(kernel.bad("with not_installed():\n    %aleph_login --save", KEY))
    assert INSTALL in line
    assert "It counts in this kernel" in line
    assert used(kernel, server) == KEY
    said = kernel.good("with not_installed():\n    %aleph_login --forget")
    assert said.printed == "The key is forgotten in this kernel.\n"


def test_without_a_keyring_that_is_told_and_the_key_counts(kernel: Kernel, server: FaultServer) -> None:
    line = one_line(kernel.bad("%aleph_login --save", KEY))
    assert "The key is not saved: this machine has no keyring that can be used." in line
    assert "set KIE_API_KEY in the environment" in line
    assert used(kernel, server) == KEY


def test_a_locked_keyring_is_told_with_what_to_do(kernel: Kernel, server: FaultServer) -> None:
    kernel.good("from keyring.errors import KeyringLocked\nkeyring.set_keyring(Faulty(KeyringLocked))")
    told = "The keyring cannot be read: it is locked. Unlock it, or set KIE_API_KEY"
    assert told in one_line(kernel.bad("%aleph_status some-task"))
    assert "cannot be used" in key_of(kernel)
    assert told in kernel.good("%aleph").shown[-1]["text/plain"]
    assert "The key is not saved: it is locked." in one_line(kernel.bad("%aleph_login --save", KEY))
    assert used(kernel, server) == KEY
    line = one_line(kernel.bad("%aleph_login --forget"))
    assert "This kernel has forgotten the key; the keyring may still hold one: it is locked." in line


def test_an_entry_that_is_no_key_is_told_and_can_be_mended(kernel: Kernel, server: FaultServer) -> None:
    kernel.good("keyring.set_keyring(memory)\nmemory.entries['aleph_nb', 'KIE_API_KEY'] = 'two words'")
    line = one_line(kernel.bad("%aleph_status some-task"))
    assert "The key from the keyring cannot be used" in line
    kernel.good("%aleph_login --save", KEY)
    kernel.good(_LATER)
    assert used(kernel, server) == KEY


# ── A terminal ───────────────────────────────────────────────────────────────────────────────────


def test_in_a_terminal_it_is_typed_unseen(tmp_path: Path, server: FaultServer) -> None:
    server.default = lambda task_id: accepting(server, KEY)
    home = tmp_path / "home"
    environment = {**scratch_environment(home), "ALEPH_NB_BASE_URL": server.base_url, "TERM": "dumb"}
    environment = {name: str(value) for name, value in environment.items()}
    options = ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor", "--ext=aleph_nb"]
    with (tmp_path / "seen").open("w+") as seen:
        terminal = pexpect.spawn(
            sys.executable, options, env=environment, cwd=str(tmp_path), encoding="utf-8", timeout=30
        )
        terminal.logfile_read = seen
        try:
            terminal.expect(r"In \[1\]:")
            terminal.sendline("%aleph_login")
            terminal.expect("Key for the Aleph API")
            terminal.waitnoecho(10)
            terminal.sendline(KEY)
            terminal.expect("accepts the key")
            terminal.expect(r"In \[2\]:")
            terminal.sendline("%aleph_login")
            terminal.expect("Key for the Aleph API")
            terminal.waitnoecho(10)
            terminal.sendintr()
            terminal.expect("KeyboardInterrupt: no key was typed")
            terminal.expect(r"In \[3\]:")
            terminal.sendline("exit")
            terminal.expect(pexpect.EOF)
        finally:
            terminal.close(force=True)
        seen.seek(0)
        text = seen.read()
    assert "Traceback" not in text
    assert not [part for part in key_parts(6) if part in text]
