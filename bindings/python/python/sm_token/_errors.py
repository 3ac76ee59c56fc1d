"""The exceptions. What each attribute is for a class by itself is what the class says below; an
exception that the library raises carries its own."""

from __future__ import annotations

import builtins


class Error(Exception):
    """A call failed. `str(error)` says what happened, to what, and what to do: one line, no secret."""

    status: int = 90
    """The number of the outcome, the same in every language."""

    code: str = "INTERNAL"
    """The name of the outcome, such as "INVALID_CLIENT"."""

    http_status: int = 0
    """The status code of the server's answer; 0 where no answer came."""

    oauth_code: str = ""
    """The server's `error` (RFC 6749 section 5.2), at most 64 characters; "" where it gave none."""

    oauth_description: str = ""
    """The server's `error_description`, at most 256 characters; "" where it gave none."""

    retryable: bool = False
    """Whether the same call may succeed later without any change."""

    retry_after: float | None = None
    """How long to wait before the next try, in seconds; None where nobody says."""


class ConfigError(Error, ValueError):
    """What the caller or the environment gave can't be used. Statuses 10 to 19."""

    status = 10
    code = "INVALID_ARGUMENT"


class TransportError(Error, OSError):
    """No answer came: name, connection, proxy, TLS. Statuses 20 to 39."""

    status = 24
    code = "IO"
    retryable = True


class TimeoutError(TransportError, builtins.TimeoutError):
    """The time allowed ran out. Status 22."""

    status = 22
    code = "TIMEOUT"


class CanceledError(TransportError):
    """The call was interrupted, or the client shut down. Status 25."""

    status = 25
    code = "CANCELED"
    retryable = False


class TLSError(TransportError):
    """The handshake failed, or the server's certificate is not trusted. Statuses 30 to 39."""

    status = 30
    code = "TLS"
    retryable = False


class OAuthError(Error):
    """The server refused. Statuses 40 to 49."""

    status = 42
    code = "OAUTH"


class InvalidClientError(OAuthError):
    """The server does not accept the client credentials. Status 40."""

    status = 40
    code = "INVALID_CLIENT"


class RateLimitedError(OAuthError):
    """The server asks for fewer requests; see `retry_after`. Status 43."""

    status = 43
    code = "RATE_LIMITED"
    retryable = True


class ServerError(OAuthError):
    """The server failed, and may do better later. Status 44."""

    status = 44
    code = "SERVER"
    retryable = True


class InvalidResponseError(Error):
    """The answer is no token response, or too large for one. Statuses 50 to 59."""

    status = 50
    code = "INVALID_RESPONSE"


# The tens of a status are its kind.
_CLASS_OF_KIND: dict[int, type[Error]] = {
    1: ConfigError,
    2: TransportError,
    3: TLSError,
    4: OAuthError,
    5: InvalidResponseError,
}
# Statuses with a class of their own.
_CLASS_OF_STATUS: dict[int, type[Error]] = {
    22: TimeoutError,
    25: CanceledError,
    40: InvalidClientError,
    43: RateLimitedError,
    44: ServerError,
}

# Tracebacks and pickles name them as callers do.
for _class in (Error, *_CLASS_OF_KIND.values(), *_CLASS_OF_STATUS.values()):
    _class.__module__ = "sm_token"


def exception_of(message: str, status: int, **details: object) -> Error:
    """The exception for a failure; `status` and `details` are its attributes."""
    of_kind = _CLASS_OF_KIND.get(status // 10, Error)
    exception = _CLASS_OF_STATUS.get(status, of_kind)(message)
    # In the instance's own dictionary they are pickled and copied along.
    vars(exception).update(details, status=status)
    return exception
