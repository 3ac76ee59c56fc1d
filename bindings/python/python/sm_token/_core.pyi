"""The native half of sm_token."""

from collections.abc import Callable
from datetime import datetime, timedelta
from os import PathLike
from types import TracebackType
from typing import Literal, NoReturn, final

__all__ = [
    "VERSION", "Client", "Token", "Wait", "cached_token", "check", "fetch", "start_waiting",
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

    The arguments are those of fetch(), read once, as is the environment; credential files are read again
    for each token request. timeout is how long a caller waits at most.

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
        ca_file: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
        client_id_file: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
        client_secret_file: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
        trust: Literal["system", "bundled"] | None = None,
        timeout: float | timedelta | None = None,
        connect_timeout: float | timedelta | None = None,
        max_retries: int | None = None,
    ) -> Client: ...
    def token(self, wait: float | timedelta | None = None) -> Token:
        """The current token, fetched where there is none.

        wait: for how long at most, as seconds or a timedelta; 0 never waits, but starts a request where
        one is needed. None, and what is above the timeout, mean the timeout.

        Raises as fetch() does, at once where a failure is remembered, with retry_after set to what
        is left of that; TimeoutError, retryable, where the request goes on after the wait;
        CanceledError after shutdown().
        """

    def authorization(self, wait: float | timedelta | None = None) -> str:
        """ "Bearer TOKEN" of the current token, ready for the Authorization header; as token() does,
        and quicker: ask for it anew for each request."""

    async def token_async(self) -> Token:
        """As token(), for asyncio and trio: a call that has to wait blocks no event loop and no executor, and
        all tasks of all loops wait for one request, which goes on when one of them is cancelled."""

    async def authorization_async(self) -> str:
        """As authorization(), for asyncio and trio."""

    def invalidate(self, token: Token | str | None = None) -> None:
        """Drops a token that a resource refused (401), if it is still the current one, so that the
        next call waits for another. token: the Token, or the text that was sent.

        However many callers drop the same token, they cause one request. Against a resource that
        refuses every token, requests start 1, 2, 4 ... 30 s apart, and what is dropped sooner stays
        in service. None drops whichever is current, at once, and forgets a remembered failure.
        """

    def set_credentials(self, client_id: str, client_secret: str) -> None:
        """Puts client credentials in place of those before, wherever they came from: for a vault or a broker
        that hands out new ones. The next request uses them, a remembered refusal is forgotten, and the
        current token stays. A request that is under way keeps its own.

        Raises ConfigError, which leaves those before in place.
        """

    def shutdown(self) -> None:
        """Lets every waiting caller go with CanceledError, at once and from now on. Can be repeated."""

    def __enter__(self) -> Client: ...
    def __copy__(self, /) -> Client: ...
    def __deepcopy__(self, _memo: object, /) -> Client: ...
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
    ca_file: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
    client_id_file: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
    client_secret_file: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
    trust: Literal["system", "bundled"] | None = None,
    timeout: float | timedelta | None = None,
    connect_timeout: float | timedelta | None = None,
    max_retries: int | None = None,
) -> Token:
    """Asks the server for an access token and waits for it.

    One request, and its retries within the timeout. A program that needs a token more than once
    keeps a Client instead. Safe to call from any number of threads at once; other threads run
    meanwhile, and Ctrl-C ends it.

    client_id, client_secret: the client credentials. Without both they come from client_id_file and
    client_secret_file, else from the environment variables SMX_CLIENT_ID and SMX_CLIENT_SECRET, or
    the files that SMX_CLIENT_ID_FILE and SMX_CLIENT_SECRET_FILE name.

    base_url: the server. Default: SMX_BASE_URL, else https://api.standardmetrics.io. http: is only
    for this machine.

    scope: what to ask for, space separated. Default: the server chooses.

    user_agent: the User-Agent header. Default: sm-token/VERSION.

    proxy: such as "http://USER:PASSWORD@HOST:PORT"; http, https, socks5 or socks5h; "" for none.
    Default: from HTTPS_PROXY, then ALL_PROXY, less NO_PROXY. This machine is never reached through
    a proxy.

    ca_file: a PEM file of certificate authorities, trusted in place of the system's store; at most
    16 MiB. Default: none.

    client_id_file, client_secret_file: the files that hold the client credentials, both or neither;
    each one line of UTF-8, at most 4 KiB. A Client reads them again for each token request.

    trust: whose certificate authorities are trusted without a ca_file: "system" (default), or
    "bundled" for Mozilla's list.

    timeout: seconds as a float, or a timedelta, for the whole call, retries included; from 1 ms to
    49 days. Default: 30 s.

    connect_timeout: the same for one connection: name, proxy and TLS. Default: 10 s.

    max_retries: how often a request that failed in passing is sent again, 0 to 100. Default: 2.

    Raises a child of sm_token.Error: ConfigError for what the caller or the environment gave,
    TransportError for the network and TLS, OAuthError where the server refuses, InvalidResponseError
    where its answer is no token response.
    """

def check(
    client_id: str | None,
    client_secret: str | None,
    step: Callable[[str, str, str, str], None],
    *,
    base_url: str | None = None,
    scope: str | None = None,
    ca_file: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
    client_id_file: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
    client_secret_file: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
    timeout: float | timedelta | None = None,
) -> None:
    """Calls `step` with the name, the verdict ("ok", "wrong" or "unknown"), the text and the advice of each
    step to a token, as soon as it is known; raises what is wrong with the first that is."""

def cached_token(client: Client) -> Token | None:
    """The current token of a client where it can be had without waiting."""

@final
class Wait:
    """The wait of one event loop for the token of a client."""

    def is_open(self) -> bool:
        """Whether a task that comes now can join."""

    def emit(self) -> None:
        """Emits the log records of the wait."""

    def outcome(self) -> Token:
        """The token, once the socket has ended; or raises why there is none. Emits the last log records
        first."""

    def leave(self) -> None:
        """Gives up the wait; the request goes on for others."""

def start_waiting(client: Client) -> tuple[Wait, int]:
    """Starts the wait of an event loop for the token that a client gets next. Returns the wait, and the
    number of a socket, which brings a byte when there are log records and ends when there is an
    outcome."""
