"""HttpxAuth in httpx, with Client and AsyncClient: what comes of a 401, a redirect, and a body."""

from __future__ import annotations

import asyncio
import io
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sm_token
from harness.clear_text import CLEAR_TEXT
from servers.authority import PROXIED_NAME
from servers.started import Misbehaving, Playing, Proxies, Real

NewClient = Callable[..., sm_token.Client]
RevokeTheTokenOf = Callable[[sm_token.Client], str]
Figure = Callable[[str], None]
Ask = Callable[..., httpx.Response]
Program = Callable[..., "subprocess.CompletedProcess[str]"]

REFUSED = {"status": 401, "headers": {"WWW-Authenticate": "Bearer"}, "body": {"detail": "no"}}
GRANTED = {"body": {"count": 0}}


@pytest.fixture
def trust(real: Real) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=real.ca_file)


@pytest.fixture(params=["Client", "AsyncClient"])
def ask(request: pytest.FixtureRequest, client: sm_token.Client, trust: ssl.SSLContext) -> Ask:
    """Sends a request with httpx, through either of its clients."""
    how: dict[str, Any] = {
        "auth": sm_token.HttpxAuth(client), "verify": trust, "follow_redirects": True, "trust_env": False,
    }  # fmt: skip

    def ask_sync(method: str, url: str, **what: Any) -> httpx.Response:
        with httpx.Client(**how) as session:
            return session.request(method, url, **what)

    def ask_async(method: str, url: str, **what: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(**how) as session:
                return await session.request(method, url, **what)

        return asyncio.run(asked())

    return ask_sync if request.param == "Client" else ask_async


def redirect_to(playing: Playing, status: int = 302) -> dict[str, object]:
    return {"status": status, "headers": {"Location": playing.base_url}, "body": ""}


def test_a_request_carries_the_token(ask: Ask, companies: str) -> None:
    assert ask("GET", companies).json()["count"] == 250


def test_a_token_that_was_revoked_is_replaced_and_the_request_sent_again(
    ask: Ask, client: sm_token.Client, companies: str, real: Real, revoke_the_token_of: RevokeTheTokenOf
) -> None:
    revoke_the_token_of(client)
    answer = ask("GET", companies)
    assert answer.status_code == 200
    assert [refusal.status_code for refusal in answer.history] == [401]
    assert real.counts()["token_requests"] == 2
    assert real.counts()["protected_by_status"] == {"401": 1, "200": 1}


@pytest.mark.parametrize(
    "body",
    [{"content": b"0123456789"}, {"data": {"text": "value"}}, {"json": [1, 2, 3]}, {}],
    ids=["bytes", "a form", "json", "nothing"],
)
def test_a_body_is_sent_again_whole(
    body: dict[str, Any],
    ask: Ask,
    client: sm_token.Client,
    companies: str,
    revoke_the_token_of: RevokeTheTokenOf,
) -> None:
    whole = ask("POST", companies, **body).json()
    revoke_the_token_of(client)
    answer = ask("POST", companies, **body)
    assert (answer.status_code, answer.json()) == (201, whole)


def test_uploaded_files_are_sent_again_whole(ask: Ask, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(REFUSED, GRANTED)
    ask("POST", playing.base_url, data={"a": "form"}, files={"report": io.BytesIO(b"x" * 1000)})
    first, again = playing.received()
    assert first.body
    assert len(first.body) > 1000
    assert again.body == first.body


def test_an_uploaded_pipe_is_not_sent_again(ask: Ask, misbehaving: Misbehaving) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

        tell = seek

    playing = misbehaving.play(REFUSED, GRANTED)
    assert ask("POST", playing.base_url, files={"report": Pipe(b"x" * 1000)}).status_code == 401
    assert len(playing.received()) == 1


def test_a_file_is_sent_again_from_where_it_stood(
    client: sm_token.Client, misbehaving: Misbehaving, tmp_path: Path, trust: ssl.SSLContext
) -> None:
    # AsyncClient takes no file.
    playing = misbehaving.play(REFUSED, GRANTED)
    auth, length = sm_token.HttpxAuth(client), {"Content-Length": "4"}
    (tmp_path / "report").write_text("header and body")
    with (tmp_path / "report").open("rb") as report, httpx.Client(verify=trust, trust_env=False) as session:
        report.seek(len("header and "))
        session.post(playing.base_url, content=report, headers=length, auth=auth)
    assert [asked.body for asked in playing.received()] == ["body", "body"]


def parts() -> Iterator[bytes]:
    yield from (b"0123", b"456789")


async def parts_async() -> AsyncIterator[bytes]:
    for part in parts():
        yield part


def test_a_generator_is_not_sent_again_but_its_token_is_dropped(
    ask: Ask,
    client: sm_token.Client,
    companies: str,
    revoke_the_token_of: RevokeTheTokenOf,
    request: pytest.FixtureRequest,
) -> None:
    revoked = revoke_the_token_of(client)
    content = parts_async() if "Async" in request.node.name else parts()
    answer = ask("POST", companies, content=content)
    assert (answer.status_code, answer.history) == (401, [])
    assert client.token().access_token != revoked


def test_a_resource_that_refuses_every_token_is_asked_twice(ask: Ask, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(REFUSED)
    assert ask("GET", playing.base_url).status_code == 401
    assert len(playing.received()) == 2


def test_a_resource_that_goes_on_refusing_is_asked_once_each_time(
    ask: Ask, misbehaving: Misbehaving, real: Real
) -> None:
    playing = misbehaving.play(REFUSED)
    for _ in range(5):
        assert ask("GET", playing.base_url).status_code == 401
    assert len(playing.received()) == 6
    assert real.counts()["token_requests"] == 2


def test_a_403_is_handed_on(ask: Ask, client: sm_token.Client, real: Real) -> None:
    token = client.token()
    answer = ask("GET", f"{real.base_url}/v1/forbidden/")
    assert (answer.status_code, answer.history) == (403, [])
    assert client.token() is token


def test_why_there_is_no_token_is_raised(ask: Ask, client: sm_token.Client, companies: str) -> None:
    client.shutdown()
    with pytest.raises(sm_token.CanceledError):
        ask("GET", companies)


def test_a_redirect_to_another_server_does_not_take_the_token_along(
    ask: Ask, client: sm_token.Client, misbehaving: Misbehaving
) -> None:
    token = client.token()
    elsewhere = misbehaving.play_on_a_port(["handshake", "read_request", {"respond": REFUSED}])
    here = misbehaving.play(redirect_to(elsewhere))
    assert ask("GET", here.base_url).status_code == 401
    [asked] = here.received()
    [led] = elsewhere.received(at_least=1)
    assert asked.headers
    assert led.headers
    assert "authorization" in asked.headers
    assert "authorization" not in led.headers
    # Nor is it dropped because of what that server says.
    assert client.token() is token


def test_a_redirect_on_the_same_server_is_followed_with_the_token(ask: Ask, misbehaving: Misbehaving) -> None:
    there = misbehaving.play(REFUSED, GRANTED)
    assert ask("GET", misbehaving.play(redirect_to(there)).base_url).status_code == 200
    first, again = there.received()
    assert first.headers
    assert again.headers
    assert first.headers["authorization"] != again.headers["authorization"]


def test_what_was_done_before_a_redirect_is_not_done_twice(ask: Ask, misbehaving: Misbehaving) -> None:
    there = misbehaving.play(REFUSED, GRANTED)
    here = misbehaving.play(redirect_to(there, status=303))
    assert ask("POST", here.base_url, content=b"an order").status_code == 200
    assert len(here.received()) == 1


def test_a_hundred_requests_at_once_with_a_revoked_token_make_one_refetch(
    client: sm_token.Client,
    companies: str,
    real: Real,
    trust: ssl.SSLContext,
    figure: Figure,
    revoke_the_token_of: RevokeTheTokenOf,
) -> None:
    revoke_the_token_of(client)

    async def many() -> set[int]:
        auth = sm_token.HttpxAuth(client)
        async with httpx.AsyncClient(auth=auth, verify=trust, trust_env=False, timeout=30) as session:
            answers = await asyncio.gather(*(session.get(companies) for _ in range(100)))
        return {answer.status_code for answer in answers}

    assert asyncio.run(many()) == {200}
    refetches = real.counts()["token_requests"] - 1
    figure(f"100 requests at once with a revoked token, through HttpxAuth: {refetches} refetch")
    assert refetches == 1


def test_the_loop_of_an_async_client_is_not_held_up(
    at_real: NewClient, companies: str, real: Real, trust: ssl.SSLContext
) -> None:
    real.settings(delay_ms=300)

    async def beats_while_asking() -> int:
        auth, beats = sm_token.HttpxAuth(at_real()), 0
        async with httpx.AsyncClient(auth=auth, verify=trust, trust_env=False, timeout=30) as session:
            asked = asyncio.create_task(session.get(companies))
            while not asked.done():
                await asyncio.sleep(0.01)
                beats += 1
        return beats

    assert asyncio.run(beats_while_asking()) >= 10


def test_it_is_an_auth_of_httpx() -> None:
    assert issubclass(sm_token.HttpxAuth, httpx.Auth)


def test_it_is_made_once() -> None:
    assert sm_token.HttpxAuth is sm_token.HttpxAuth


WITHOUT_HTTPX = """
import sys
sys.modules["httpx"] = None
from sm_token import *
try:
    import sm_token
    sm_token.HttpxAuth
except ImportError as error:
    print(error)
"""


def test_without_httpx_everything_else_is_there(program: Program) -> None:
    assert "httpx" in program("-c", WITHOUT_HTTPX).stdout


def test_its_repr_shows_no_secret(client: sm_token.Client) -> None:
    assert repr(sm_token.HttpxAuth(client)) == f"HttpxAuth({client!r})"


@pytest.mark.parametrize("url", CLEAR_TEXT)
def test_no_token_is_sent_in_clear_text(url: str, ask: Ask, real: Real) -> None:
    with pytest.raises(sm_token.ConfigError, match="only https: is allowed") as raised:
        ask("GET", url)
    assert (raised.value.status, raised.value.code) == (13, "INSECURE_URL")
    assert real.counts()["token_requests"] == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_a_token_is_sent_in_clear_text_to_this_machine(
    host: str, ask: Ask, client: sm_token.Client, misbehaving: Misbehaving
) -> None:
    playing = misbehaving.play_on_a_port(GRANTED, tls=False)
    answer = ask("GET", f"http://{host}:{playing.port}/v1/")
    assert answer.request.headers["Authorization"] == client.authorization()


def test_no_redirect_takes_a_token_into_clear_text(misbehaving: Misbehaving, client: sm_token.Client) -> None:
    trust = ssl.create_default_context(cafile=misbehaving.ca_file)
    plain = misbehaving.play_on_a_port(GRANTED, tls=False)
    url = plain.base_url.replace("127.0.0.1", "localhost")
    playing = misbehaving.play_on_a_port({"status": 302, "headers": {"Location": url}, "body": ""})
    with httpx.Client(auth=sm_token.HttpxAuth(client), verify=trust, follow_redirects=True) as session:
        answer = session.get(playing.base_url)
    assert answer.status_code == 200
    assert "Authorization" not in answer.request.headers


@pytest.mark.parametrize("kind", ["Client", "AsyncClient"])
def test_no_other_token_is_sent_in_clear_text_after_a_refusal(
    kind: str, client: sm_token.Client, misbehaving: Misbehaving, proxies: Proxies
) -> None:
    if why := proxies.missing("http"):
        pytest.skip(why)
    plain = misbehaving.play_on_a_port(REFUSED, GRANTED, tls=False)
    location = f"http://{PROXIED_NAME}:{plain.port}/"
    playing = misbehaving.play_on_a_port({"status": 302, "headers": {"Location": location}, "body": ""})
    refused = client.authorization()

    # As programs have it that want their header after every redirect.
    def keep(request: httpx.Request) -> None:
        request.headers["Authorization"] = refused

    async def keep_async(request: httpx.Request) -> None:
        keep(request)

    how: dict[str, Any] = {
        "auth": sm_token.HttpxAuth(client), "follow_redirects": True, "trust_env": False,
        "verify": ssl.create_default_context(cafile=misbehaving.ca_file),
    }  # fmt: skip

    def ask_sync() -> None:
        through = {"http://": httpx.HTTPTransport(proxy=proxies.url("http"))}
        with httpx.Client(**how, mounts=through, event_hooks={"request": [keep]}) as session:
            session.get(playing.base_url)

    async def ask_async() -> None:
        through = {"http://": httpx.AsyncHTTPTransport(proxy=proxies.url("http"))}
        async with httpx.AsyncClient(**how, mounts=through, event_hooks={"request": [keep_async]}) as session:
            await session.get(playing.base_url)

    with pytest.raises(sm_token.ConfigError, match=PROXIED_NAME):
        ask_sync() if kind == "Client" else asyncio.run(ask_async())
    assert len(plain.received()) == 1
    assert client.authorization() != refused
