"""The errors, and what the service's codes mean.

AlephError
├── ConfigurationError      a setting, the key, an option or an id that cannot be used
├── TransportError          no answer arrived
├── ProtocolError           what arrived is no answer of the Aleph API
├── APIError(code, msg)     the service answered with a code other than 200
│   ├── AuthenticationError 401
│   ├── ValidationError     422
│   ├── RateLimitError      429
│   ├── MediaAccessError    451
│   ├── MaintenanceError    455
│   └── ServerError         5xx
└── StorageError            what should be kept cannot be kept

Every message says what happened, to which task, and what to do next. None holds a request, a
response or another exception: a chained one would print the key out of its frames.
"""

__all__ = [
    "APIError",
    "AlephError",
    "AuthenticationError",
    "ConfigurationError",
    "MaintenanceError",
    "MediaAccessError",
    "ProtocolError",
    "RateLimitError",
    "ServerError",
    "StorageError",
    "TransportError",
    "ValidationError",
    "api_error",
    "code_meaning",
    "in_one_line",
    "remedy",
]

_SERVER_ERRORS = range(500, 600)
_LONGEST_QUOTE = 300  # characters of the service's own words in one line

# The first eight are the page's; the others are documented by sibling endpoints of the same service.
_MEANINGS = {
    200: "the request was processed",
    401: "the key is missing or invalid",
    404: "the resource or endpoint does not exist",
    422: "the request's parameters were refused",
    429: "the limit of requests was exceeded",
    451: "the service could not fetch the source media",
    455: "the service is under maintenance",
    500: "the service met an unexpected error",
    402: "the account has no credits left",
    403: "the request was turned away before it reached the API",
    408: "the service timed out",
    433: "the key's own limit was reached",
    501: "the generation failed",
    505: "the feature is switched off",
    550: "the service's queue is full",
}

# What a person can do about it.
_REMEDIES = {
    401: "Type the right one into %aleph_login, or set it in KIE_API_KEY; keys are made at "
    "https://kie.ai/api-key (then run the cell again).",
    402: "Top up the account at https://kie.ai, then ask again.",
    404: "Check where the requests go (%config AlephMagics.base_url).",
    403: "Ask again later; behind a proxy or VPN, try without it. The key is not known to be wrong.",
    422: "Check the task id: it is the taskId that the service returned when the task was created.",
    429: "Ask again in a minute, or lower the pace: %config AlephMagics.rate = 5",
    433: "Raise the key's limit at https://kie.ai/api-key, then ask again.",
    451: "Check that the source video can be opened without signing in, then ask again.",
    455: "Ask again when the maintenance is over.",
}
_ASK_AGAIN = "Ask again in a minute; if it stays so, report it to the service."


def code_meaning(code: int) -> str:
    """Say in words what a code of the service means; "" for a code that nobody documents."""
    if code in _MEANINGS:
        return _MEANINGS[code]
    return "the service met an error" if code in _SERVER_ERRORS else ""


def remedy(code: int) -> str:
    """Say what a person can do when a call came back with a code."""
    return _REMEDIES.get(code, _ASK_AGAIN)


class AlephError(Exception):
    """The root of every error of this package.

    Parameters
    ----------
    message : str
        What happened, to which task, and what to do next.
    reason : str
        What happened, for a table's cell; the message itself where it is not given.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        from aleph_nb.values import as_text  # noqa: PLC0415, %load_ext stays cheap

        super().__init__(message, reason)
        self._message = as_text(message) or ""  # what a person typed may stand in it
        self._reason = reason

    def __str__(self) -> str:
        return self._message

    @property
    def reason(self) -> str:
        """What happened, in a few words."""
        return self._reason or self._message

    def _render_traceback_(self) -> list[str]:
        """Show one line in a notebook; the kernel still reports a true error."""
        return [" ".join(f"{type(self).__name__}: {self}".split())]


class ConfigurationError(AlephError):
    """A setting, the key, an option or an id cannot be used as it stands."""


class TransportError(AlephError):
    """No answer arrived: a fault of the network, or the deadline passed.

    Parameters
    ----------
    message, reason : str
        As of every AlephError.
    may_pass : bool
        Whether another try may bring an answer.
    """

    def __init__(self, message: str, reason: str = "", *, may_pass: bool = True) -> None:
        super().__init__(message, reason)
        self.may_pass = may_pass


class ProtocolError(AlephError):
    """What arrived is not an answer of the Aleph API.

    Parameters
    ----------
    message, reason : str
        As of every AlephError.
    code : int or None
        The envelope's code, or the HTTP status where there was no envelope.
    msg : str
        The envelope's message.
    """

    def __init__(self, message: str, reason: str = "", *, code: int | None = None, msg: str = "") -> None:
        super().__init__(message, reason)
        self.code = code
        self.msg = msg


class StorageError(AlephError):
    """Something that should be kept cannot be kept."""


class APIError(AlephError):
    """The service answered with a code other than 200.

    Parameters
    ----------
    code : int
        The envelope's code, or the HTTP status where there was no envelope.
    msg : str
        The service's own words; may be "".
    task_id : str
        The task that was asked for; "" where none was.
    """

    def __init__(self, code: int, msg: str = "", task_id: str = "") -> None:
        Exception.__init__(self, code, msg, task_id)
        self.code = code
        self.msg = msg
        self.task_id = task_id

    def __str__(self) -> str:
        asked = f" when asked for task {self.task_id}" if self.task_id else ""
        return f"The service answered {self.reason}{asked}. {self.advice}"

    @property
    def advice(self) -> str:
        """What to do next."""
        return remedy(self.code)

    @property
    def reason(self) -> str:
        """The code, its meaning, and the service's own words where it has any."""
        meaning = code_meaning(self.code)
        words = [f"{self.code}: {meaning}" if meaning else str(self.code)]
        told = " ".join(self.msg.split())[:_LONGEST_QUOTE]
        if told and told != "success":
            words.append(f'("{told}")')
        return " ".join(words)


class AuthenticationError(APIError):
    """401: the key is missing or invalid.

    Attributes
    ----------
    key_source : str
        Where the key that was refused was found, in words; "" where that is not known.
    """

    key_source = ""

    @property
    def advice(self) -> str:
        """Where the key came from, and how to give another."""
        came = f"The key is from {self.key_source}. " if self.key_source else ""
        return f"{came}{super().advice}"


class ValidationError(APIError):
    """422: the request's parameters were refused."""


class RateLimitError(APIError):
    """429: more requests than the service allows."""


class MediaAccessError(APIError):
    """451: the service could not fetch the source media."""


class MaintenanceError(APIError):
    """455: the service is under maintenance."""


class ServerError(APIError):
    """500 and other 5xx: the service failed."""


_CLASSES: dict[int, type[APIError]] = {
    401: AuthenticationError,
    422: ValidationError,
    429: RateLimitError,
    451: MediaAccessError,
    455: MaintenanceError,
}


def api_error(code: int, msg: str = "", task_id: str = "") -> APIError:
    """Make the error that stands for `code`.

    Parameters
    ----------
    code : int
        The envelope's code, or the HTTP status where there was no envelope.
    msg : str
        The service's own words.
    task_id : str
        The task that was asked for.

    Returns
    -------
    APIError
        Of the class that the code has in the tree; `APIError` itself for codes without one.
    """
    default = ServerError if code in _SERVER_ERRORS else APIError
    return _CLASSES.get(code, default)(code, msg, task_id)


def in_one_line(interrupt: KeyboardInterrupt, told: str) -> None:
    """Let an interrupt be shown as a line, not as the place where it happened to strike."""
    interrupt._render_traceback_ = lambda: [f"KeyboardInterrupt: {told}"]  # type: ignore[attr-defined]
