"""RequestsAuth in the library requests: what a 401, a redirect and a body to be sent again lead to."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import sm_token
from harness.clear_text import CLEAR_TEXT
from servers.authority import PROXIED_NAME
from servers.started import Misbehaving, Proxies, Real
from sm_token._clear_text import refuse_clear_text

NewClient = Callable[..., sm_token.Client]
RevokeTheTokenOf = Callable[[sm_token.Client], str]
Figure = Callable[[str], None]
Program = Callable[..., "subprocess.CompletedProcess[str]"]

REFUSED = {"status": 401, "headers": {"WWW-Authenticate": "Bearer"}, "body": {"detail": "no"}}
GRANTED = {"body": {"count": 0}}

BODIES: dict[str, Callable[[], object]] = {
    "bytes": lambda: b"0123456789",
    "text": lambda: "0123456789",
    "a form": lambda: {"text": "value"},
    "a file": lambda: io.BytesIO(b"0123456789"),
    "nothing": lambda: None,
}


@pytest.fixture
def session(client: sm_token.Client, real: Real) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.auth = sm_token.RequestsAuth(client)
        # The environment's CA bundle would go before this one.
        session.trust_env = False
        session.verify = real.ca_file
        yield session


def test_a_request_carries_the_token(session: requests.Session, companies: str) -> None:
    assert session.get(companies).json()["count"] == 250


def test_a_single_request_does_too(client: sm_token.Client, companies: str, real: Real) -> None:
    answer = requests.get(companies, auth=sm_token.RequestsAuth(client), verify=real.ca_file, timeout=10)
    assert answer.status_code == 200


def test_a_token_that_was_revoked_is_replaced_and_the_request_sent_again(
    session: requests.Session,
    client: sm_token.Client,
    companies: str,
    real: Real,
    revoke_the_token_of: RevokeTheTokenOf,
) -> None:
    revoked = revoke_the_token_of(client)
    answer = session.get(companies)
    assert answer.status_code == 200
    assert answer.request.headers["Authorization"] == client.authorization() != f"Bearer {revoked}"
    assert real.counts()["token_requests"] == 2
    assert real.counts()["protected_by_status"] == {"401": 1, "200": 1}


def test_the_refusal_is_in_the_history(
    session: requests.Session, client: sm_token.Client, companies: str, revoke_the_token_of: RevokeTheTokenOf
) -> None:
    revoked = revoke_the_token_of(client)
    [refusal] = session.get(companies).history
    assert refusal.status_code == 401
    assert refusal.request.headers["Authorization"] == f"Bearer {revoked}"


@pytest.mark.parametrize("body", BODIES)
def test_a_body_is_sent_again_whole(
    body: str,
    session: requests.Session,
    client: sm_token.Client,
    companies: str,
    revoke_the_token_of: RevokeTheTokenOf,
) -> None:
    whole = session.post(companies, data=BODIES[body]()).json()  # type: ignore[arg-type]
    revoke_the_token_of(client)
    answer = session.post(companies, data=BODIES[body]())  # type: ignore[arg-type]
    assert answer.status_code == 201
    assert answer.json() == whole


def test_uploaded_files_are_sent_again_whole(session: requests.Session, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(REFUSED, GRANTED)
    session.post(playing.base_url, data={"a": "form"}, files={"report": io.BytesIO(b"x" * 1000)})
    first, again = playing.received()
    assert first.body
    assert len(first.body) > 1000
    assert again.body == first.body


def test_a_file_is_sent_again_from_where_it_stood(
    session: requests.Session, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    playing = misbehaving.play(REFUSED, GRANTED)
    (tmp_path / "report").write_text("header and body")
    with (tmp_path / "report").open("rb") as report:
        report.seek(len("header and "))
        session.post(playing.base_url, data=report)
    assert [asked.body for asked in playing.received()] == ["body", "body"]


def test_a_generator_is_not_sent_again_but_its_token_is_dropped(
    session: requests.Session, client: sm_token.Client, companies: str, revoke_the_token_of: RevokeTheTokenOf
) -> None:
    revoked = revoke_the_token_of(client)
    answer = session.post(companies, data=(part for part in [b"0123", b"456789"]))
    assert (answer.status_code, answer.history) == (401, [])
    assert client.token().access_token != revoked


def test_a_resource_that_refuses_every_token_is_asked_twice(
    session: requests.Session, misbehaving: Misbehaving
) -> None:
    playing = misbehaving.play(REFUSED)
    assert session.get(playing.base_url).status_code == 401
    assert len(playing.received()) == 2


def test_a_resource_that_goes_on_refusing_is_asked_once_each_time(
    session: requests.Session, misbehaving: Misbehaving, real: Real
) -> None:
    playing = misbehaving.play(REFUSED)
    for _ in range(5):
        assert session.get(playing.base_url).status_code == 401
    assert len(playing.received()) == 6
    assert real.counts()["token_requests"] == 2


def test_a_403_is_handed_on(session: requests.Session, client: sm_token.Client, real: Real) -> None:
    token = client.token()
    answer = session.get(f"{real.base_url}/v1/forbidden/")
    assert (answer.status_code, answer.history) == (403, [])
    assert client.token() is token


def test_why_there_is_no_other_token_is_raised(misbehaving: Misbehaving, at: NewClient) -> None:
    token = {"body": {"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"}}
    client = at(misbehaving.play(token, {"status": 401, "body": {"error": "invalid_client"}}).base_url)
    with pytest.raises(sm_token.InvalidClientError):
        requests.get(
            misbehaving.play(REFUSED).base_url,
            auth=sm_token.RequestsAuth(client),
            verify=misbehaving.ca_file,
            timeout=10,
        )


def test_a_redirect_to_another_server_does_not_take_the_token_along(
    session: requests.Session, misbehaving: Misbehaving
) -> None:
    elsewhere = misbehaving.play_on_a_port(["handshake", "read_request", {"respond": REFUSED}])
    here = misbehaving.play({"status": 302, "headers": {"Location": elsewhere.base_url}, "body": ""})
    assert session.get(here.base_url).status_code == 401
    [asked] = here.received()
    [led] = elsewhere.received(at_least=1)
    assert asked.headers
    assert led.headers
    assert "authorization" in asked.headers
    assert "authorization" not in led.headers


def test_a_redirect_to_another_server_does_not_drop_the_token(
    session: requests.Session, client: sm_token.Client, misbehaving: Misbehaving
) -> None:
    token = client.token()
    elsewhere = misbehaving.play_on_a_port(["handshake", "read_request", {"respond": REFUSED}])
    here = misbehaving.play({"status": 302, "headers": {"Location": elsewhere.base_url}, "body": ""})
    session.get(here.base_url)
    assert client.token() is token


def test_a_redirect_on_the_same_server_is_followed_with_the_token(
    session: requests.Session, misbehaving: Misbehaving
) -> None:
    there = misbehaving.play(REFUSED, GRANTED)
    here = misbehaving.play({"status": 302, "headers": {"Location": there.base_url}, "body": ""})
    assert session.get(here.base_url).status_code == 200
    first, again = there.received()
    assert first.headers
    assert again.headers
    assert first.headers["authorization"] != again.headers["authorization"]


def test_a_redirect_after_a_refusal_is_followed_with_the_other_token(
    session: requests.Session,
    client: sm_token.Client,
    misbehaving: Misbehaving,
    revoke_the_token_of: RevokeTheTokenOf,
) -> None:
    revoked = revoke_the_token_of(client)
    there = misbehaving.play({"status": 401, "body": ""}, GRANTED)
    here = misbehaving.play(REFUSED, {"status": 302, "headers": {"Location": there.base_url}, "body": ""})
    assert session.get(here.base_url).status_code == 200
    assert client.token().access_token != revoked


def test_the_programs_own_hooks_see_the_last_answer(
    session: requests.Session, client: sm_token.Client, companies: str, revoke_the_token_of: RevokeTheTokenOf
) -> None:
    revoke_the_token_of(client)
    seen: list[int] = []

    def hook(answer: requests.Response, *_: object, **__: object) -> None:
        seen.append(answer.status_code)

    session.get(companies, hooks={"response": hook})
    assert seen == [200]


def test_cookies_go_along_and_those_of_the_refusal_with_them(
    session: requests.Session, misbehaving: Misbehaving
) -> None:
    with_cookie = {**REFUSED, "headers": {"Set-Cookie": "from=refusal; Path=/"}}
    playing = misbehaving.play(with_cookie, GRANTED)
    session.cookies.set("from-before", "yes")
    session.get(playing.base_url)
    again = playing.received()[1].headers
    assert again
    assert set(again["cookie"].split("; ")) == {"from-before=yes", "from=refusal"}
    assert session.cookies["from"] == "refusal"


def test_a_cookie_header_that_the_program_wrote_stays_as_it_is(
    session: requests.Session, misbehaving: Misbehaving
) -> None:
    with_cookie = {**REFUSED, "headers": {"Set-Cookie": "from=refusal; Path=/"}}
    playing = misbehaving.play(with_cookie, GRANTED)
    session.get(playing.base_url, headers={"Cookie": "my=own"})
    assert [asked.headers and asked.headers["cookie"] for asked in playing.received()] == ["my=own"] * 2


def test_one_serves_many_threads_whose_token_is_revoked(
    client: sm_token.Client, companies: str, real: Real, figure: Figure, revoke_the_token_of: RevokeTheTokenOf
) -> None:
    revoke_the_token_of(client)
    auth = sm_token.RequestsAuth(client)

    def post(number: int) -> tuple[int, int]:
        body = io.BytesIO(b"x" * number)
        answer = requests.post(companies, data=body, auth=auth, verify=real.ca_file, timeout=30)
        return answer.status_code, int(answer.json()["received_bytes"])

    with ThreadPoolExecutor(16) as pool:
        came = list(pool.map(post, range(1, 65)))
    assert came == [(201, number) for number in range(1, 65)]
    refetches = real.counts()["token_requests"] - 1
    figure(f"64 requests on 16 threads with a revoked token, through RequestsAuth: {refetches} refetch")
    assert refetches == 1


def test_it_is_an_auth_of_requests() -> None:
    assert issubclass(sm_token.RequestsAuth, requests.auth.AuthBase)


def test_it_is_made_once() -> None:
    assert sm_token.RequestsAuth is sm_token.RequestsAuth


WITHOUT_REQUESTS = """
import sys
sys.modules["requests"] = None
from sm_token import *
try:
    import sm_token
    sm_token.RequestsAuth
except ImportError as error:
    print(error)
"""


def test_without_requests_everything_else_is_there(program: Program) -> None:
    assert "requests" in program("-c", WITHOUT_REQUESTS).stdout


def test_its_repr_shows_no_secret(client: sm_token.Client) -> None:
    assert repr(sm_token.RequestsAuth(client)) == f"RequestsAuth({client!r})"


@pytest.mark.parametrize(("trust_env", "after_the_redirect"), [(True, "Basic"), (False, "Bearer")])
def test_netrc_is_read_after_a_redirect_alone_and_not_without_trust_env(
    trust_env: bool,
    after_the_redirect: str,
    session: requests.Session,
    misbehaving: Misbehaving,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "netrc").write_text(
        "machine localhost login somebody password something\n"
        "machine 127.0.0.1 login somebody password something\n"
    )
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    playing = misbehaving.play_on_a_port(
        {"status": 302, "headers": {"Location": "/next"}, "body": ""}, GRANTED
    )
    session.trust_env = trust_env
    session.get(f"{playing.base_url}/first", verify=misbehaving.ca_file)
    sent = [(request.headers or {})["authorization"].split()[0] for request in playing.received()]
    assert sent == ["Bearer", after_the_redirect]


@pytest.mark.parametrize("url", CLEAR_TEXT)
def test_no_token_is_sent_in_clear_text(url: str, session: requests.Session, real: Real) -> None:
    with pytest.raises(sm_token.ConfigError, match="only https: is allowed") as raised:
        session.get(url)
    assert (raised.value.status, raised.value.code) == (13, "INSECURE_URL")
    assert real.counts()["token_requests"] == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_a_token_is_sent_in_clear_text_to_this_machine(
    host: str, session: requests.Session, client: sm_token.Client, misbehaving: Misbehaving
) -> None:
    playing = misbehaving.play_on_a_port(GRANTED, tls=False)
    answer = session.get(f"http://{host}:{playing.port}/v1/")
    assert answer.request.headers["Authorization"] == client.authorization()


def test_no_redirect_takes_a_token_into_clear_text(
    session: requests.Session, misbehaving: Misbehaving
) -> None:
    plain = misbehaving.play_on_a_port(GRANTED, tls=False)
    url = plain.base_url.replace("127.0.0.1", "localhost")
    playing = misbehaving.play_on_a_port({"status": 302, "headers": {"Location": url}, "body": ""})
    answer = session.get(playing.base_url, verify=misbehaving.ca_file)
    assert answer.status_code == 200
    assert "Authorization" not in answer.request.headers


class Keeping(requests.Session):
    """As programs have it that want their header after every redirect."""

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        pass


def test_no_other_token_is_sent_in_clear_text_after_a_refusal(
    client: sm_token.Client, misbehaving: Misbehaving, proxies: Proxies
) -> None:
    if why := proxies.missing("http"):
        pytest.skip(why)
    plain = misbehaving.play_on_a_port(REFUSED, GRANTED, tls=False)
    location = f"http://{PROXIED_NAME}:{plain.port}/"
    playing = misbehaving.play_on_a_port({"status": 302, "headers": {"Location": location}, "body": ""})
    with Keeping() as session:
        session.auth = sm_token.RequestsAuth(client)
        session.trust_env = False
        session.proxies = {"http": proxies.url("http")}
        refused = client.authorization()
        with pytest.raises(sm_token.ConfigError, match=PROXIED_NAME):
            session.get(playing.base_url, verify=misbehaving.ca_file)
    assert len(plain.received()) == 1
    # It was seen by others, and is not used again.
    assert client.authorization() != refused


@pytest.mark.parametrize("host", ["127.255.255.254", "::1", "[::1]"])
def test_every_loopback_address_is_this_machine(host: str) -> None:
    refuse_clear_text("http", host)
