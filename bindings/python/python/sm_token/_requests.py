"""`RequestsAuth`, which needs requests and is made when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests.auth import AuthBase
from requests.cookies import extract_cookies_to_jar, get_cookie_header
from urllib3.util import parse_url

from sm_token._body import Body
from sm_token._clear_text import refuse_clear_text

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from sm_token._core import Client

UNAUTHORIZED = 401


class RequestsAuth(AuthBase):
    """Authorizes the requests of the library requests, with auth=RequestsAuth(client).

    Each request gets the client's current token. Where the server refuses it (401) that very token is
    dropped and the request sent once more with another, if its body can be sent again: a file is, from
    where it stood; a generator is not. Nothing follows a redirect to another host.

    A request in clear text raises ConfigError, unless it is for this machine: only https: is allowed, and
    http: to 127.0.0.0/8, [::1] and localhost.

    Made once, and used for any number of requests on any number of threads.
    """

    __slots__ = ("_client",)

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        _refuse_clear_text(request)
        sent = self._client.authorization()
        request.headers["Authorization"] = sent
        request.register_hook("response", _Retry(self._client, sent, Body(request.body)))
        return request

    def __repr__(self) -> str:
        return f"RequestsAuth({self._client!r})"


def _refuse_clear_text(request: PreparedRequest) -> None:
    # With the parser by which requests finds the host that it connects to.
    url = parse_url(request.url or "")
    refuse_clear_text(url.scheme, url.host)


class _Retry:
    """What happens to the answers to one request, those after a redirect among them."""

    __slots__ = ("_body", "_client", "_sent")

    def __init__(self, client: Client, sent: str, body: Body) -> None:
        self._client = client
        self._sent = sent
        self._body = body

    def __call__(self, response: Response, **how: Any) -> Response:
        # On its way to another host a redirected request has lost the header, and gets no other.
        with_token = response.request.headers.get("Authorization") == self._sent
        if response.status_code != UNAUTHORIZED or not with_token:
            return response
        self._client.invalidate(self._sent)
        # A session that keeps the header after a redirect may have left https:.
        _refuse_clear_text(response.request)
        if not self._body.rewind():
            return response
        another = self._client.authorization()
        if another == self._sent:
            # The resource refuses one token after the other; the client waits before it asks for more.
            return response
        return _send_again(response, another, how)


def _send_again(response: Response, authorization: str, how: dict[str, Any]) -> Response:
    """As requests' own digest authentication does it. The adapter calls no hook: there is no third time."""
    # Read to its end, so that its connection can be used again.
    _ = response.content
    response.close()
    request = response.request.copy()
    request.headers["Authorization"] = authorization
    _take_cookies_along(response, request)
    answer: Response = response.connection.send(request, **how)
    answer.history.append(response)
    answer.request = request
    return answer


def _take_cookies_along(response: Response, request: PreparedRequest) -> None:
    """Adds what the refusal set to the cookies of the request, unless its caller wrote the header."""
    jar: Any = request._cookies  # pyright: ignore[reportPrivateUsage] - as its own redirects use it
    written = request.headers.pop("Cookie", None)
    if written is not None and written != get_cookie_header(jar, request):
        request.headers["Cookie"] = written
        return
    extract_cookies_to_jar(jar, response.request, response.raw)
    request.prepare_cookies(jar)
