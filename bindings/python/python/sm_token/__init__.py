"""Gets and keeps access tokens for the Standard Metrics API.

    import sm_token

    token = sm_token.fetch()  # SMX_CLIENT_ID and SMX_CLIENT_SECRET from the environment
    headers = {"Authorization": token.authorization}

Every failure is a child of `sm_token.Error`. What happens meanwhile is told to the logger `sm_token`.
"""

from sm_token._core import VERSION as __version__
from sm_token._core import Token, fetch
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

# Without TimeoutError: a star import must not hide the builtin.
__all__ = [
    "CanceledError",
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
