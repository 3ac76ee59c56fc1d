"""The native half of sm_token."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from os import PathLike
from types import TracebackType
from typing import Any, Literal, NoReturn, final

__all__ = [
    "VERSION", "Client", "Token", "cached_token", "check_credentials", "fetch", "promise_token",
    "proxy_to", "server_of",
]  # fmt: skip

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

@final
class Client:
    """Keeps a valid access token and hands it out.

    Most of the time a call is answered from memory. Late in the token's life one request behind the
    callers fetches the next. Only where there is none callers wait, all of them for one request; its
    failure is theirs too, and is remembered for a while. Making a client asks the server nothing.

    Safe to use from any number of threads, and in the children of a process that was forked. As a
    context manager it shuts down at the end of its block; one that is no longer used needs no
    farewell.

    The arguments are those of fetch(), read once, as is the environment. timeout is how long a
    caller waits at most.

    Raises ConfigError for what the caller or the environment gave, TLSError where there is nothing
    to trust.
    """

    def __new__(
        cls,
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
    ) -> Client: ...
    def token(self) -> Token:
        """The current token, fetched where there is none; waits for at most the timeout.

        Raises as fetch() does, at once where a failure is remembered, with retry_after set to what
        is left of that; CanceledError after shutdown().
        """

    def authorization(self) -> str:
        """ "Bearer TOKEN" of the current token, ready for the Authorization header; as token() does,
        and quicker: ask for it anew for each request."""

    def token_async(self) -> Coroutine[Any, Any, Token]:
        """As token(), for asyncio: a call that has to wait blocks no event loop and no executor, and
        all tasks of all loops wait for one request, which goes on when one of them is cancelled."""

    def authorization_async(self) -> Coroutine[Any, Any, str]:
        """As authorization(), for asyncio."""

    def invalidate(self, token: Token | str | None = None) -> None:
        """Drops a token that a resource refused (401), if it is still the current one, so that the
        next call waits for another. token: the Token, or the text that was sent.

        However many callers drop the same token, they cause one request. Against a resource that
        refuses every token, requests start 1, 2, 4 ... 30 s apart, and what is dropped sooner stays
        in service. None drops whichever is current, at once, and forgets a remembered failure.
        """

    def shutdown(self) -> None:
        """Lets every waiting caller go with CanceledError, at once and from now on. Can be repeated."""

    def __enter__(self) -> Client: ...
    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None: ...
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

def server_of(base_url: str | None = None) -> tuple[str, str, int]:
    """The scheme, host and port that fetch() would ask, or what it would raise for this base URL and
    the environment's."""

def proxy_to(base_url: str | None = None) -> tuple[str, str, int, str | None, str | None] | None:
    """The scheme, host, port, user name and password of the proxy that fetch() would use, or what it
    would raise for the environment's."""

def cached_token(client: Client) -> Token | None:
    """The current token of a client where it can be had without waiting."""

def promise_token(
    client: Client, event_loop: asyncio.AbstractEventLoop, future: asyncio.Future[Token]
) -> None:
    """Has a future of an event loop settled, by sm_token._async.settle on that loop, with the token
    that a client gets next or with the exception for why it gets none."""
