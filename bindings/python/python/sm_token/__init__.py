"""Gets and keeps access tokens for the Standard Metrics API.

    import sm_token

    client = sm_token.Client()  # SMX_CLIENT_ID and SMX_CLIENT_SECRET from the environment
    headers = {"Authorization": client.authorization()}

Every failure is a child of `sm_token.Error`. What happens meanwhile is told to the logger `sm_token`.
"""

# The native half imports this module; from here, tools that freeze programs see that it is needed.
from sm_token import _coroutines as _coroutines
from sm_token._core import VERSION as __version__
from sm_token._core import Client, Token, fetch
from sm_token._errors import (
    CanceledError,
    ConfigError,
    Error,
    InvalidClientError,
    InvalidResponseError,
    OAuthError,
    RateLimitedError,
    ServerError,
    TLSError,
    TransportError,
)
from sm_token._errors import TimeoutError as TimeoutError

# What type checkers know by this name, without the cost of importing `typing`.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from sm_token._httpx import HttpxAuth as HttpxAuth
    from sm_token._requests import RequestsAuth as RequestsAuth

# Without TimeoutError: a star import must not hide the builtin. Without the adapters: nor may it need
# httpx or requests.
__all__ = [
    "CanceledError",
    "Client",
    "ConfigError",
    "Error",
    "InvalidClientError",
    "InvalidResponseError",
    "OAuthError",
    "RateLimitedError",
    "ServerError",
    "TLSError",
    "Token",
    "TransportError",
    "__version__",
    "fetch",
]

_MADE_WHEN_ASKED_FOR = {"HttpxAuth": "sm_token._httpx", "RequestsAuth": "sm_token._requests"}

if not TYPE_CHECKING:

    def __getattr__(name):
        if name not in _MADE_WHEN_ASKED_FOR:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        made = globals()[name] = getattr(import_module(_MADE_WHEN_ASKED_FOR[name]), name)
        return made

    def __dir__():
        return sorted({*globals(), *_MADE_WHEN_ASKED_FOR})
