"""`HttpxAuth`, which needs httpx and is made when it is first asked for."""

from __future__ import annotations

import typing

import httpx

from sm_token._body import Body
from sm_token._clear_text import refuse_clear_text

if typing.TYPE_CHECKING:
    from sm_token._core import Client

UNAUTHORIZED = 401


class HttpxAuth(httpx.Auth):
    """Authorizes the requests of httpx, with auth=HttpxAuth(client), for Client and AsyncClient.

    Each request gets the client's current token. Where the server refuses it (401) that very token is
    dropped and the request sent once more with another, if its body can be sent again: a file is, from
    where it stood; a generator is not. Nothing follows a redirect to another origin.

    A request in clear text raises ConfigError, unless it is for this machine: only https: is allowed, and
    http: to 127.0.0.0/8, [::1] and localhost.

    Made once, and used for any number of requests on any number of threads and event loops.
    """

    __slots__ = ("_client",)

    def __init__(self, client: Client) -> None:
        self._client = client

    def sync_auth_flow(self, request: httpx.Request) -> typing.Generator[httpx.Request, httpx.Response, None]:
        refuse_clear_text(request.url.scheme, request.url.host)
        attempt = _Attempt(request, self._client.authorization())
        response = yield request
        if not attempt.was_refused(response):
            return
        self._client.invalidate(attempt.sent)
        # A hook that keeps the header after a redirect may have left https:.
        refuse_clear_text(response.request.url.scheme, response.request.url.host)
        if attempt.rewind() and attempt.takes(self._client.authorization(), response.request):
            yield response.request

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> typing.AsyncGenerator[httpx.Request, httpx.Response]:
        refuse_clear_text(request.url.scheme, request.url.host)
        attempt = _Attempt(request, await self._client.authorization_async())
        response = yield request
        if not attempt.was_refused(response):
            return
        self._client.invalidate(attempt.sent)
        # A hook that keeps the header after a redirect may have left https:.
        refuse_clear_text(response.request.url.scheme, response.request.url.host)
        if attempt.rewind() and attempt.takes(await self._client.authorization_async(), response.request):
            yield response.request

    def __repr__(self) -> str:
        return f"HttpxAuth({self._client!r})"


class _Attempt:
    """A request, the token that it was sent with, and whether it can be sent again."""

    __slots__ = ("_bodies", "sent")

    def __init__(self, request: httpx.Request, authorization: str) -> None:
        self.sent = authorization
        request.headers["Authorization"] = authorization
        self._bodies = [Body(content) for content in _contents(request)]

    def was_refused(self, response: httpx.Response) -> bool:
        """Whether this very token was. The response may be to a redirected request, which has lost the
        header on its way to another origin and gets no other."""
        with_token = response.request.headers.get("Authorization") == self.sent
        return response.status_code == UNAUTHORIZED and with_token

    def rewind(self) -> bool:
        return all(body.rewind() for body in self._bodies)

    def takes(self, authorization: str, request: httpx.Request) -> bool:
        """Puts another token into the request that was refused; there may be none, because the resource
        refuses one after the other and the client waits before it asks for more."""
        request.headers["Authorization"] = authorization
        return authorization != self.sent


def _contents(request: httpx.Request) -> list[object]:
    """What sending the request reads."""
    try:
        return [request.content]
    except httpx.RequestNotRead:
        pass
    # httpx has no public name for these: the parts of a form, and what a stream was made of.
    fields = getattr(request.stream, "fields", None)
    if fields is not None:
        return [getattr(field, "file", None) for field in fields]
    return [getattr(request.stream, "_stream", request.stream)]
