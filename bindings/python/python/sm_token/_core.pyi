"""The native half of sm_token."""

from datetime import datetime, timedelta
from os import PathLike
from typing import Literal, NoReturn, final

__all__ = ["VERSION", "Token", "check_base_url", "check_credentials", "fetch"]

VERSION: str
"""The version of the package, MAJOR.MINOR.PATCH."""

@final
class Token:
    """An access token and how long it is good. Immutable; made by fetch() and Client.token().

    Two tokens are equal where their texts are, compared in constant time.
    """

    @property
    def access_token(self) -> str:
        """The token itself. Keep it out of logs."""

    @property
    def authorization(self) -> str:
        """ "Bearer TOKEN", ready for the Authorization header (RFC 6750 section 2.1)."""

    @property
    def token_type(self) -> str:
        """The type as the server wrote it: "Bearer", in some case."""

    @property
    def scope(self) -> str:
        """The granted scope, space separated; "" where the server did not say."""

    @property
    def expires_at(self) -> datetime:
        """When it expires, an aware datetime in UTC, counted from when the request was sent."""

    @property
    def expires_in(self) -> timedelta:
        """How long it is still good, on whichever of the machine's clocks ends first; zero when it
        has expired."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __copy__(self, /) -> Token: ...
    def __deepcopy__(self, _memo: object, /) -> Token: ...
    def __reduce__(self) -> NoReturn: ...

def fetch(
    client_id: str | None = None,
    client_secret: str | None = None,
    *,
    base_url: str | None = None,
    scope: str | None = None,
    user_agent: str | None = None,
    proxy: str | None = None,
    ca_file: str | PathLike[str] | None = None,
    trust: Literal["system", "bundled"] | None = None,
    timeout: float | timedelta | None = None,
    connect_timeout: float | timedelta | None = None,
    max_retries: int | None = None,
) -> Token:
    """Asks the server for an access token and waits for it.

    One request, and its retries within the timeout. A program that needs a token more than once
    keeps a Client instead. Safe to call from any number of threads at once; other threads run
    meanwhile, and Ctrl-C ends it.

    client_id, client_secret: the client credentials. Without both they come from the environment
    variables SMX_CLIENT_ID and SMX_CLIENT_SECRET.

    base_url: the server. Default: SMX_BASE_URL, else https://api.standardmetrics.io. http: is only
    for this machine.

    scope: what to ask for, space separated. Default: the server chooses.

    user_agent: the User-Agent header. Default: sm-token/VERSION.

    proxy: such as "http://USER:PASSWORD@HOST:PORT"; http, https, socks5 or socks5h; "" for none.
    Default: from HTTPS_PROXY, then ALL_PROXY, less NO_PROXY. This machine is never reached through
    a proxy.

    ca_file: a PEM file of certificate authorities, trusted in place of the system's store; at most
    16 MiB. Default: none.

    trust: whose certificate authorities are trusted without a ca_file: "system" (default), or
    "bundled" for Mozilla's list.

    timeout: seconds as a float, or a timedelta, for the whole call, retries included; from 1 ms to
    49 days. Default: 30 s.

    connect_timeout: the same for one connection: name, proxy and TLS. Default: 10 s.

    max_retries: how often a request that failed in passing is sent again. Default: 2.

    Raises a child of sm_token.Error: ConfigError for what the caller or the environment gave,
    TransportError for the network and TLS, OAuthError where the server refuses, InvalidResponseError
    where its answer is no token response.
    """

def check_credentials(client_id: str | None = None, client_secret: str | None = None) -> None:
    """Raises what fetch() would raise for these credentials, without a request."""

def check_base_url(base_url: str) -> None:
    """Raises what fetch() would raise for this base URL, without a request."""
