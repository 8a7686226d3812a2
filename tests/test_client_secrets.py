"""The key, echoed by the service or carried by a request, in nothing that anybody sees."""

import pickle
import traceback
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from aleph_nb.client import Client
from aleph_nb.credentials import ApiKey
from aleph_nb.errors import AlephError
from aleph_nb.record import Record
from tests.faults import FaultServer, Reply, envelope, failure, refuse, success
from tests.keys import KEY, key_parts

Make = Callable[..., Client]


def _holds_key(text: str) -> bool:
    return any(part in text for part in key_parts())


def _shown(error: BaseException) -> str:
    """Return all that can be seen of an error, with the locals of its frames."""
    lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    return "".join([*lines, repr(error), str(error), repr(error.args), repr(vars(error))])


def _told(record: Record) -> str:
    return repr([getattr(record, declared.name) for declared in fields(record)]) + repr(record)


def _outcome(client: Client, task_id: str = "a") -> Record | AlephError:
    """Fetch it, in a frame that knows nothing of the reply."""
    try:
        return client.fetch(task_id)
    except AlephError as error:
        return error


_HEADERS = {"X-Key": f"Bearer {KEY}", "WWW-Authenticate": f'Bearer realm="{KEY}"', "Retry-After": "0"}
_HTML = f"<html><title>Bad key {KEY}</title>{KEY}</html>"

_ECHOES: dict[str, Reply] = {
    "msg": Reply(body=success("a") | {"msg": f"hello {KEY}"}),
    "a prompt": Reply(body=success("a", paramJson='{"prompt": "%s", "%s": 1}' % (KEY, KEY))),  # noqa: UP031, braces
    "a field": Reply(body=success("a", note=[{"deep": f"x{KEY}x"}])),
    "a name": Reply(body=success("a", **{KEY: 1})),
    "a failure": Reply(body=failure("a", message=f"the key {KEY} is out of credits")),
    "a part": Reply(body=failure("a", message=f"the key {KEY[:16]}... is out of credits")),
    "not found": refuse(404, KEY),
    "another task": Reply(body=success(KEY)),
    "escaped": Reply(body='{"code": 500, "msg": "' + "".join(f"\\u{ord(mark):04x}" for mark in KEY) + '"}'),
    "a page": Reply(body=_HTML, headers={"Content-Type": "text/html"}),
    "a page of 502": Reply(status=502, body=_HTML, headers=_HEADERS | {"Content-Type": "text/html"}),
    "a page of 404": Reply(status=404, body=_HTML, headers=_HEADERS),
    "a redirect": Reply(status=302, headers={"Location": f"http://127.0.0.1:1/?key={KEY}"}),
    "no envelope": Reply(body={"key": KEY}),
    "no data": Reply(body=envelope(data=KEY)),
    "status line": Reply(raw=f"HTTP/1.1 {KEY} {KEY}\r\n\r\n".encode()),
    "no http": Reply(raw=f"Authorization: Bearer {KEY}\r\n\r\n".encode()),
    "cut": Reply(body=_HTML, cut=40),
    **{f"{code}": refuse(code, f"no: {KEY}", headers=_HEADERS) for code in (401, 403, 422, 429, 451, 500)},
    **{f"{code} inside": refuse(code, f"Bearer {KEY}", inside=True) for code in (401, 402, 422, 429, 455)},
}


@pytest.mark.parametrize("name", _ECHOES)
def test_a_key_that_is_echoed_is_in_nothing(server: FaultServer, make_client: Make, name: str) -> None:
    server.script("a", _ECHOES[name])
    outcome = _outcome(make_client(server.base_url, retry_wait=0.01))
    if isinstance(outcome, Record):
        assert not _holds_key(_told(outcome))
    else:
        assert not _holds_key(_shown(outcome))
        assert not _holds_key(_told(Record(task_id="a", state="no_answer", reason=outcome.reason)))  # type: ignore[arg-type]
        assert outcome.__context__ is outcome.__cause__ is None
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}", "it was there to be echoed"


def test_a_key_that_is_echoed_is_in_no_row(server: FaultServer, make_client: Make) -> None:
    kinds = {name: reply for name, reply in _ECHOES.items() if not name.startswith("401")}
    for name, reply in kinds.items():
        server.script(name, reply)
    records = list(make_client(server.base_url, retry_wait=0.01).fetch_many([*kinds, "answered"]))
    assert len(records) == len(kinds) + 1
    assert not [record.task_id for record in records if _holds_key(_told(record))]


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_a_refused_connection_shows_no_key(make_client: Make, base_url: str) -> None:
    error = _outcome(make_client(base_url, retries=1))
    assert isinstance(error, AlephError)
    assert "refused" in str(error)
    assert not _holds_key(_shown(error))
    assert error.__context__ is error.__cause__ is None


def test_an_error_keeps_no_request_and_no_other_error(server: FaultServer, make_client: Make) -> None:
    server.script("a", Reply(reset=True))
    error = _outcome(make_client(server.base_url))
    assert isinstance(error, AlephError)
    kept = [*error.args, *vars(error).values()]
    assert all(isinstance(value, str | int | None) for value in kept)
    assert pickle.loads(pickle.dumps(error)).args == error.args  # noqa: S301, made here


def _everything(client: Client, key: ApiKey) -> dict[str, Any]:
    transport = client._transport
    return {
        "client": client,
        "key": key,
        "transport": transport,
        "session": transport._session,
        "auth": transport._auth,
        "headers": transport._session.headers,
        "sockets": transport._sockets,
        "records": client.fetch_many(["b"]),
    }


def test_nothing_shows_the_key(server: FaultServer, make_client: Make, key: ApiKey) -> None:
    client = make_client(server.base_url)
    client.fetch("a")
    for name, thing in _everything(client, key).items():
        assert not _holds_key(f"{thing!r} {thing!s} {vars(thing) if hasattr(thing, '__dict__') else ''}"), (
            name
        )


@pytest.mark.parametrize("name", ["client", "key", "transport", "auth", "records"])
def test_nothing_that_holds_the_key_is_pickled(
    server: FaultServer, make_client: Make, key: ApiKey, name: str
) -> None:
    client = make_client(server.base_url)
    client.fetch("a")
    thing = _everything(client, key)[name]
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)) as caught:
        pickle.dumps(thing)
    assert not _holds_key(str(caught.value))
    if name in ("client", "key", "transport"):
        assert caught.type is TypeError
    if name in ("client", "key"):
        assert "not pickled" in str(caught.value)


def test_a_session_that_is_pickled_has_no_key(server: FaultServer, make_client: Make) -> None:
    client = make_client(server.base_url)
    client.fetch("a")
    session = client._transport._session
    try:
        pickled = pickle.dumps(session)
    except (TypeError, AttributeError, pickle.PicklingError):
        return
    assert KEY.encode() not in pickled


def test_a_key_that_was_changed_is_sent_from_the_next_call_on(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is the new one that is looked for in what comes back."""
    monkeypatch.setenv("ALEPH_NB_BASE_URL", server.base_url)
    with Client() as client:
        for secret in ("another-made-up-key-of-before", KEY):
            monkeypatch.setenv("KIE_API_KEY", secret)
            server.script("a", Reply(body=success("a", note=secret)))
            assert secret not in _told(client.fetch("a"))
            assert server.requests[-1].headers["authorization"] == f"Bearer {secret}"
