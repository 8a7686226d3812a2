"""The tree of errors, what their messages say, and that they travel."""

import copy
import inspect
import pickle
from typing import Any

import pytest

from aleph_nb import errors
from aleph_nb.errors import AlephError, APIError, api_error, code_meaning
from tests.shell import Shell

TREE = {
    "ConfigurationError": AlephError,
    "TransportError": AlephError,
    "ProtocolError": AlephError,
    "StorageError": AlephError,
    "APIError": AlephError,
    "AuthenticationError": APIError,
    "ValidationError": APIError,
    "RateLimitError": APIError,
    "MediaAccessError": APIError,
    "MaintenanceError": APIError,
    "ServerError": APIError,
}
CODES = {
    401: "AuthenticationError",
    422: "ValidationError",
    429: "RateLimitError",
    451: "MediaAccessError",
    455: "MaintenanceError",
    **dict.fromkeys((500, 501, 502, 503, 505, 550, 599), "ServerError"),
    **dict.fromkeys((0, -1, 200, 402, 403, 404, 408, 433, 499, 600, 999, 10**12), "APIError"),
}


def test_the_tree_is_as_drawn() -> None:
    classes = {
        name: found
        for name, found in vars(errors).items()
        if inspect.isclass(found) and found is not AlephError
    }
    assert {name: found.__base__ for name, found in classes.items()} == TREE
    assert AlephError.__base__ is Exception
    for name in TREE:
        assert name in str(errors.__doc__)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_class_and_says_what_to_do(code: int) -> None:
    error = api_error(code, "the service's words", "a1")
    assert type(error).__name__ == CODES[code]
    assert (error.code, error.msg, error.task_id) == (code, "the service's words", "a1")
    said = str(error)
    for part in (str(code), code_meaning(code), '("the service\'s words")', "task a1"):
        assert part in said
    assert said.startswith("The service answered ")
    assert said.endswith((".", "= 5"))
    what, _, remedy = said.partition(" when asked for task a1. ")
    assert what.endswith(error.reason)
    assert len(remedy.split()) > 4


@pytest.mark.parametrize("code", [200, 401, 402, 403, 404, 408, 422, 429, 433, 451, 455, 500, 501, 505, 550])
def test_every_documented_code_has_a_meaning_of_its_own(code: int) -> None:
    assert code_meaning(code) not in {"", "the service met an error"}


def test_other_codes_have_none() -> None:
    assert code_meaning(503) == "the service met an error"
    assert [code_meaning(code) for code in (0, -1, 418, 600)] == ["", "", "", ""]


def test_the_key_that_was_refused_is_told_where_to_mend() -> None:
    assert "KIE_API_KEY" in str(api_error(401))
    assert "key" not in str(api_error(500)).lower()


def test_success_as_a_message_is_not_quoted() -> None:
    assert "success" not in str(api_error(500, "success", "a1"))


def test_the_services_words_are_one_short_line() -> None:
    error = api_error(500, "a\n\tb" + " word" * 1000, "a1")
    assert "a b word" in str(error)
    assert len(str(error)) < 600
    assert "\n" not in str(error) + error.reason


def test_the_reason_of_an_error_is_short_or_its_message() -> None:
    assert errors.TransportError("No answer for task a1. Ask again.", "timed out").reason == "timed out"
    assert errors.ConfigurationError("There is no key.").reason == "There is no key."
    assert api_error(418).reason == "418"


@pytest.mark.parametrize(
    "error",
    [
        *(api_error(code, "words", "a1") for code in CODES),
        *(found("What happened.", "short") for found in AlephError.__subclasses__() if found is not APIError),
        AlephError("What happened."),
    ],
    ids=repr,
)
def test_an_error_travels(error: AlephError) -> None:
    copies: list[Any] = [
        pickle.loads(pickle.dumps(error)),  # noqa: S301, our own
        copy.copy(error),
        copy.deepcopy(error),
    ]
    for again in copies:
        assert type(again) is type(error)
        assert (str(again), again.reason, again.args) == (str(error), error.reason, error.args)
        assert vars(again) == vars(error)


@pytest.mark.parametrize("error", [AlephError("What\nhappened."), api_error(500, "a\nb", "a\n1")])
def test_a_notebook_shows_one_line(error: AlephError) -> None:
    (line,) = error._render_traceback_()
    assert "\n" not in line
    assert line.startswith(f"{type(error).__name__}: ")


def test_the_shell_prints_that_line_and_still_knows_of_the_error(shell: Shell) -> None:
    ran = shell.bad("from aleph_nb.errors import api_error\nraise api_error(429, '', 'a1')")
    assert isinstance(ran.error, errors.RateLimitError)
    assert ran.printed.strip() == f"RateLimitError: {ran.error}"
