"""`python -m sm_token --check`: the steps to a token, one by one.

The library's own word is taken wherever it has one. What is asked of Python besides: whether the name
resolves, whether the port takes connections, and what time the server thinks it is.
"""

from __future__ import annotations

import email.utils
import http.client
import os
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import sm_token
from sm_token import _core

if TYPE_CHECKING:
    from sm_token._command import Choices

STEPS: tuple[str, ...] = (
    "credentials", "base URL", "proxy", "name", "connection", "certificate", "clock", "answer",
)  # fmt: skip

OK, WRONG, UNKNOWN = "ok", "WRONG", "-"

DEFAULT_BASE_URL = "https://api.standardmetrics.io"

# How long a single look at the network may take, in seconds.
A_LOOK = 10.0

# A clock that is further off makes certificates and tokens end at the wrong time, in seconds.
TOLERATED_SKEW = 60.0

NEW_CREDENTIALS = (
    "make credentials in the web app: Settings, Developer Settings, Add Application; the secret is shown once"
)
ADVICE = {
    "INVALID_ARGUMENT": "correct it and try again",
    "NO_CREDENTIALS": f"set the two variables; {NEW_CREDENTIALS}",
    "INSECURE_URL": "use https:",
    "DNS": "check the host's name and the resolver; behind a corporate proxy set HTTPS_PROXY",
    "CONNECT": "check host and port; a firewall may be in the way: behind a proxy set HTTPS_PROXY",
    "TIMEOUT": "try again, or with a longer --timeout; a firewall may drop packets",
    "PROXY": "check HTTPS_PROXY, ALL_PROXY and NO_PROXY, and the proxy's user and password",
    "IO": "try again; a firewall or proxy between may cut connections",
    "TLS": "check that the port speaks TLS 1.2 or 1.3; a proxy between may break it",
    "CERTIFICATE": "behind a corporate proxy give its certificate authority with --ca-file; check the clock",
    "NO_TRUST_ROOTS": "install the system's ca-certificates, or give a file with --ca-file",
    "INVALID_CLIENT": NEW_CREDENTIALS,
    "INVALID_SCOPE": "ask for another --scope, or for none",
    "RATE_LIMITED": "wait; keep a token for its lifetime and fetch no other meanwhile",
    "SERVER": "try again later",
    "HTTP": "check the base URL",
    "INVALID_RESPONSE": "check the base URL: something else answers there",
    "RESPONSE_TOO_LARGE": "check the base URL: something else answers there",
}


class Hop(NamedTuple):
    """The server, or the proxy on the way to it."""

    scheme: str
    host: str
    port: int
    username: str | None = None
    password: str | None = None

    @property
    def url(self) -> str:
        """Without user name and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True)
class Step:
    """What came of one step."""

    name: str
    verdict: str
    said: str
    advice: str = ""
    error: sm_token.Error | None = None


def steps(client_id: str | None, secret: str | None, choices: Choices) -> Iterator[Step]:
    """Goes the steps in their order, up to the one that no other can be gone without."""
    try:
        _core.check_credentials(client_id, secret)
    except sm_token.ConfigError as error:
        yield wrong("credentials", error)
        return
    origin = "the secret from standard input" if secret else "SMX_CLIENT_ID and SMX_CLIENT_SECRET"
    yield Step("credentials", OK, f"{origin}, no line break or control character in them")

    base_url = choices.get("base_url")
    try:
        server = Hop(*_core.server_of(base_url))
    except sm_token.ConfigError as error:
        yield wrong("base URL", error)
        return
    yield Step("base URL", OK, name_base_url(base_url))

    try:
        found = _core.proxy_to(base_url)
    except sm_token.ConfigError as error:
        yield wrong("proxy", error)
        return
    proxy = Hop(*found) if found else None
    yield Step("proxy", OK, proxy.url if proxy else "none is set for this server, or NO_PROXY excepts it")

    host, port = (proxy or server).host, (proxy or server).port
    yield (name := look_up(host, port))
    if name.verdict == WRONG:
        return
    yield (connection := connect(host, port))
    if connection.verdict == WRONG:
        return

    try:
        outcome: sm_token.Token | sm_token.Error = sm_token.fetch(client_id, secret, max_retries=0, **choices)
    except sm_token.Error as error:
        outcome = error
    yield (certificate := judge_certificate(server, outcome, choices))
    if certificate.verdict == WRONG:
        return
    yield compare_clocks(server, proxy, choices.get("ca_file"))
    yield judge_answer(outcome)


def wrong(name: str, error: sm_token.Error) -> Step:
    return Step(name, WRONG, str(error), ADVICE.get(error.code, ""), error)


def name_base_url(chosen: str | None) -> str:
    """The base URL and where it comes from."""
    if chosen is not None:
        return f"{chosen} (--base-url)"
    if from_environment := os.environ.get("SMX_BASE_URL"):
        return f"{from_environment} (SMX_BASE_URL)"
    return f"{DEFAULT_BASE_URL} (the default)"


def look_up(host: str, port: int) -> Step:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as reason:
        said = f"{host} can't be resolved: {getattr(reason, 'strerror', None) or reason}"
        return wrong("name", failure("DNS", 20, said))
    addresses = dict.fromkeys(str(address[0]) for *_, address in found)
    return Step("name", OK, f"{host} is {', '.join(addresses)}")


def connect(host: str, port: int) -> Step:
    start = time.monotonic()
    try:
        socket.create_connection((host, port), timeout=A_LOOK).close()
    except OSError as reason:
        said = f"no connection to {host}:{port}: {reason.strerror or reason}"
        return wrong("connection", failure("CONNECT", 21, said))
    took = (time.monotonic() - start) * 1000
    return Step("connection", OK, f"{host}:{port} takes connections, in {took:.0f} ms")


def failure(code: str, status: int, message: str) -> sm_token.Error:
    error = sm_token.TransportError(message)
    error.code, error.status = code, status
    return error


def judge_certificate(server: Hop, outcome: sm_token.Token | sm_token.Error, choices: Choices) -> Step:
    if server.scheme == "http":
        return Step("certificate", UNKNOWN, "none: plain http on this machine")
    if isinstance(outcome, sm_token.TLSError):
        return wrong("certificate", outcome)
    answered = not isinstance(outcome, sm_token.TransportError | sm_token.ConfigError)
    if not answered:
        return Step("certificate", UNKNOWN, "not seen: no answer came")
    roots = choices.get("ca_file", "the system's store")
    return Step("certificate", OK, f"valid, for {server.host}, trusted by {roots}")


def compare_clocks(server: Hop, proxy: Hop | None, ca_file: str | None) -> Step:
    try:
        before = time.time()
        date = date_of(server, proxy, ca_file)
        now = (before + time.time()) / 2
    except (OSError, http.client.HTTPException, ValueError) as reason:
        return Step("clock", UNKNOWN, f"not compared: {reason}")
    if date is None:
        return Step("clock", UNKNOWN, "not compared: the server does not tell the time")
    ahead = now - date
    if abs(ahead) <= TOLERATED_SKEW:
        return Step("clock", OK, "as the server's, to a minute")
    direction = "ahead of" if ahead > 0 else "behind"
    said = f"this machine's clock is {abs(ahead):.0f} s {direction} the server's"
    return Step("clock", WRONG, said, "set it, or have it set by NTP")


def date_of(server: Hop, proxy: Hop | None, ca_file: str | None) -> float | None:
    """The time in the server's Date header."""
    context = ssl.create_default_context(cafile=ca_file)
    peer = ((proxy or server).host, (proxy or server).port)
    connection: http.client.HTTPConnection
    if server.scheme == "http":
        connection = http.client.HTTPConnection(*peer, timeout=A_LOOK)
    else:
        connection = http.client.HTTPSConnection(*peer, timeout=A_LOOK, context=context)
    if proxy:
        if proxy.scheme != "http":
            raise ValueError(f"a proxy of the kind {proxy.scheme} is in use")
        connection.set_tunnel(server.host, server.port, proxy_headers(proxy))
    try:
        connection.request("HEAD", "/", headers={"User-Agent": f"sm-token/{sm_token.__version__}"})
        date = connection.getresponse().getheader("Date")
    finally:
        connection.close()
    return email.utils.parsedate_to_datetime(date).timestamp() if date else None


def proxy_headers(proxy: Hop) -> dict[str, str]:
    if proxy.username is None:
        return {}
    import base64

    pair = f"{proxy.username}:{proxy.password or ''}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def judge_answer(outcome: sm_token.Token | sm_token.Error) -> Step:
    if isinstance(outcome, sm_token.Error):
        return wrong("answer", outcome)
    seconds = int(outcome.expires_in.total_seconds())
    scope = f"scope {outcome.scope!r}" if outcome.scope else "no scope told"
    return Step("answer", OK, f"a token, good for {seconds} s, {scope}")
