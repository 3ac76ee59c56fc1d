"""Through proxies that others wrote, and past them.

The server is reached under a name that only the proxies resolve, so that an answer proves the way it came.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from harness.probe import Outcome, Probe
from servers.authority import PROXIED_NAME
from servers.named_scripts import TOKEN
from servers.names import NotInstalled, resolving_only
from servers.proxies import USERNAME
from servers.started import Misbehaving, Playing, Proxies, Real

OPEN = ("http", "https", "socks5", "tinyproxy", "microsocks")
WITH_PASSWORD = ("http-password", "socks5-password", "tinyproxy-password", "microsocks-password")

WRONG_PASSWORD = "not-the-proxys-password"


@pytest.fixture
def running(proxies: Proxies) -> Callable[[str], str]:
    """Gives the URL of a proxy whose count starts at zero; without its program the test is left out."""

    def running(name: str) -> str:
        if (why := proxies.missing(name)) is not None:
            pytest.skip(why)
        proxies.forget(name)
        return proxies.url(name)

    return running


Fetch = Callable[..., Outcome]


@pytest.fixture
def fetch(probe: Probe, real: Real) -> Fetch:
    """Fetches from the real server under the name that only the proxies resolve; no password may show."""

    def fetch(password: str | None = None, **told: Any) -> Outcome:
        return probe.fetch(
            real.base_url.replace("localhost", PROXIED_NAME),
            ca_file=real.ca_file,
            client_id=real.description["client_id"],
            client_secret=real.description["client_secret"],
            also_secret=forms_of(password) if password else (),
            **{"timeout_ms": 5000, "max_retries": 0, **told},
        )

    return fetch


def forms_of(password: str) -> tuple[str, ...]:
    header = base64.b64encode(f"{USERNAME}:{password}".encode()).decode()
    return password, quote(password, safe=""), header


# The proxies themselves


@pytest.mark.parametrize("name", OPEN)
# promise: proxy
def test_a_token_comes_through_the_proxy(
    name: str, fetch: Fetch, running: Callable[[str], str], proxies: Proxies
) -> None:
    outcome = fetch(proxy=running(name))
    assert outcome.status == "OK", outcome.message
    assert proxies.carried(name, at_least=1) == 1


@pytest.mark.parametrize("name", ["socks5", "microsocks"])
def test_a_socks_proxy_may_be_given_the_address(
    name: str,
    fetch: Fetch,
    running: Callable[[str], str],
    proxies: Proxies,
    name_resolves: dict[str, str],
) -> None:
    """`socks5:` resolves the name here, where `socks5h:` leaves that to the proxy."""
    outcome = fetch(proxy=running(name).replace("socks5h:", "socks5:"), environment=name_resolves)
    assert outcome.status == "OK", outcome.message
    assert proxies.carried(name, at_least=1) == 1


@pytest.mark.parametrize("name", WITH_PASSWORD)
def test_a_token_comes_through_the_proxy_that_wants_a_password(
    name: str, fetch: Fetch, running: Callable[[str], str], proxies: Proxies
) -> None:
    outcome = fetch(proxy=running(name), password=proxies.password(name))
    assert outcome.status == "OK", outcome.message
    assert proxies.carried(name, at_least=1) == 1


@pytest.mark.parametrize("name", WITH_PASSWORD)
def test_a_proxy_that_is_told_no_password_refuses(
    name: str, fetch: Fetch, running: Callable[[str], str], proxies: Proxies
) -> None:
    running(name)
    outcome = fetch(proxy=proxies.url(name, password=False))
    assert outcome.status == "PROXY", outcome.message
    assert "proxy" in outcome.message
    assert not outcome.retryable


@pytest.mark.parametrize("name", WITH_PASSWORD)
def test_a_proxy_that_is_told_a_wrong_password_refuses(
    name: str, fetch: Fetch, running: Callable[[str], str], proxies: Proxies
) -> None:
    running(name)
    scheme, _, address = proxies.url(name, password=False).partition("://")
    outcome = fetch(proxy=f"{scheme}://{USERNAME}:{WRONG_PASSWORD}@{address}", password=WRONG_PASSWORD)
    assert outcome.status == "PROXY", outcome.message
    assert not outcome.retryable
    assert proxies.carried(name) == 0


def test_without_a_proxy_nobody_knows_the_name(fetch: Fetch, no_names: dict[str, str]) -> None:
    """The premise of this file."""
    assert fetch(environment=no_names).status == "DNS"


# promise: proxy-sees-nothing
def test_the_proxy_sees_neither_secret_nor_token(probe: Probe, misbehaving: Misbehaving) -> None:
    refusing = misbehaving.play_on_a_port({"status": 403, "body": ""}, tls=False)
    probe.fetch(f"https://{PROXIED_NAME}", proxy=f"http://localhost:{refusing.port}")
    [request] = refusing.received()
    assert (request.method, request.path) == ("CONNECT", f"{PROXIED_NAME}:443")
    assert request.headers is not None
    assert "authorization" not in request.headers


# Proxies that misbehave


@pytest.mark.parametrize("status", [301, 400, 403, 404, 407, 501])
def test_a_refusal_by_the_proxy_is_told_and_not_tried_again(
    status: int, fetch: Fetch, misbehaving: Misbehaving
) -> None:
    refusing = misbehaving.play_on_a_port({"status": status, "body": "no"}, tls=False)
    outcome = fetch(proxy=f"http://localhost:{refusing.port}", max_retries=1)
    assert outcome.status == "PROXY", outcome.message
    assert str(status) in outcome.message
    assert not outcome.retryable
    assert len(refusing.received()) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_failure_of_the_proxy_that_may_pass_is_tried_again(
    status: int, fetch: Fetch, misbehaving: Misbehaving
) -> None:
    refusing = misbehaving.play_on_a_port({"status": status, "body": "no"}, tls=False)
    outcome = fetch(proxy=f"http://localhost:{refusing.port}", max_retries=1)
    assert outcome.status == "PROXY", outcome.message
    assert f"the proxy localhost:{refusing.port} refused" in outcome.message
    assert str(status) in outcome.message
    assert outcome.retryable
    assert len(refusing.received()) == 2


def test_the_proxys_retry_after_is_obeyed(fetch: Fetch, misbehaving: Misbehaving) -> None:
    busy = {"status": 503, "headers": {"Retry-After": "60"}, "body": ""}
    refusing = misbehaving.play_on_a_port(busy, tls=False)
    outcome = fetch(proxy=f"http://localhost:{refusing.port}", max_retries=3)
    assert (outcome.status, outcome.retry_after_ms) == ("PROXY", 60_000)
    assert len(refusing.received()) == 1


@pytest.mark.parametrize(
    ("schemes", "password", "says"),
    [
        ([], None, "wants credentials"),
        (["Basic realm=x"], None, "wants credentials"),
        (["Basic realm=x"], WRONG_PASSWORD, "does not accept the user name and password"),
        (["Negotiate", "NTLM"], None, "offers Negotiate, NTLM authentication alone"),
        (["Digest realm=x"], WRONG_PASSWORD, "offers Digest authentication alone"),
        (["NTLM", "Basic realm=x"], None, "wants credentials"),
    ],
)
def test_a_proxy_that_wants_a_password_is_told_by_what_it_offers(
    schemes: list[str], password: str | None, says: str, fetch: Fetch, misbehaving: Misbehaving
) -> None:
    headers = [["Proxy-Authenticate", scheme] for scheme in schemes]
    refusing = misbehaving.play_on_a_port({"status": 407, "headers": headers, "body": ""}, tls=False)
    user = f"{USERNAME}:{password}@" if password else ""
    outcome = fetch(proxy=f"http://{user}localhost:{refusing.port}", password=password)
    assert says in outcome.message
    assert not outcome.retryable


@pytest.mark.parametrize("reply", [1, 2, 3, 4, 5, 6, 7, 8, 99])
def test_a_reply_of_a_socks_proxy_is_tried_again_where_it_may_pass(
    reply: int, fetch: Fetch, misbehaving: Misbehaving
) -> None:
    answer = base64.b64encode(bytes([5, reply, 0, 1, 0, 0, 0, 0, 0, 0])).decode()
    steps = [{"read_bytes": 3}, {"send_b64": "BQA="}, {"read_bytes": 4}, {"send_b64": answer}, "close"]
    refusing = misbehaving.play_on_a_port(steps, tls=False)
    outcome = fetch(proxy=f"socks5h://localhost:{refusing.port}", max_retries=1)
    assert outcome.status == "PROXY", outcome.message
    assert f"SOCKS reply {reply}" in outcome.message
    assert outcome.retryable == (reply in (1, 3, 4, 5, 6))
    assert len(refusing.received()) == (2 if outcome.retryable else 1)


def test_a_refusal_by_a_socks_proxy_is_told_and_not_tried_again(
    fetch: Fetch, misbehaving: Misbehaving
) -> None:
    # Version 5, no method acceptable (RFC 1928 section 3).
    refusing = misbehaving.play_on_a_port([{"read_bytes": 3}, {"send_b64": "Bf8="}, "close"], tls=False)
    outcome = fetch(proxy=f"socks5h://localhost:{refusing.port}", max_retries=1)
    assert outcome.status == "PROXY", outcome.message
    assert not outcome.retryable
    assert len(refusing.received()) == 1


@pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
def test_an_unreachable_proxy_is_tried_again(scheme: str, fetch: Fetch, misbehaving: Misbehaving) -> None:
    port = str(misbehaving.description["ports"]["refused"]).rpartition(":")[2]
    outcome = fetch(proxy=f"{scheme}://localhost:{port}", max_retries=1)
    assert outcome.status == "PROXY", outcome.message
    assert "localhost" in outcome.message
    assert outcome.retryable
    assert sum("trying again" in text for _, text in outcome.log) == 1


@pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
def test_a_proxy_that_hangs_ends_with_the_connect_timeout(
    scheme: str, fetch: Fetch, misbehaving: Misbehaving
) -> None:
    silent = misbehaving.play_on_a_port(["hang"], tls=False)
    outcome = fetch(proxy=f"{scheme}://localhost:{silent.port}", connect_timeout_ms=200)
    assert outcome.status == "TIMEOUT"
    assert f"the proxy localhost:{silent.port}" in outcome.message
    assert 200 <= outcome.elapsed_ms < 600


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
def test_a_proxy_that_answers_garbage_is_a_failure_of_the_proxy(
    scheme: str, fetch: Fetch, misbehaving: Misbehaving
) -> None:
    garbage = misbehaving.play_on_a_port(["client_hello", {"send": "220 ftp ready\r\n"}, "cut"], tls=False)
    outcome = fetch(proxy=f"{scheme}://localhost:{garbage.port}")
    assert outcome.status == "PROXY", outcome.message
    assert "proxy" in outcome.message


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
@pytest.mark.parametrize("action", ["reset", "cut"])
def test_a_proxy_that_breaks_off_is_a_failure_of_the_proxy(
    action: str, scheme: str, fetch: Fetch, misbehaving: Misbehaving
) -> None:
    breaking = misbehaving.play_on_a_port(["client_hello", action], tls=False)
    outcome = fetch(proxy=f"{scheme}://localhost:{breaking.port}")
    assert outcome.status == "PROXY", outcome.message
    assert "proxy" in outcome.message


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        (["client_hello", {"send": "220 ftp ready\r\n"}, "cut"], "TLS"),
        (["client_hello", "reset"], "IO"),
        (["client_hello", "cut"], "IO"),
    ],
    ids=["garbage", "reset", "cut"],
)
def test_an_https_proxy_that_does_not_shake_hands_is_named(
    steps: list[object], status: str, fetch: Fetch, misbehaving: Misbehaving
) -> None:
    """The contract leaves open whether that is a failure of TLS or of the proxy."""
    broken = misbehaving.play_on_a_port(steps, tls=False)
    outcome = fetch(proxy=f"https://localhost:{broken.port}")
    assert outcome.status in ("PROXY", status), outcome.message
    assert "localhost" in outcome.message
    assert PROXIED_NAME not in outcome.message


@pytest.mark.parametrize("text", ["endless_headers", "endless_body"])
def test_a_proxy_that_never_ends_its_answer_is_cut_off(
    text: str, fetch: Fetch, misbehaving: Misbehaving
) -> None:
    steps = ["read_head", {"send": "HTTP/1.1 407 No\r\n"}, {"endless": {"text": "X: y\r\n"}}]
    if text == "endless_body":
        steps = ["read_head", {"send": "HTTP/1.1 407 No\r\n\r\n"}, {"endless": {"text": "x"}}]
    endless = misbehaving.play_on_a_port(steps, tls=False)
    timeout_ms = 60_000
    outcome = fetch(proxy=f"http://localhost:{endless.port}", timeout_ms=timeout_ms)
    assert outcome.status == "PROXY", outcome.message
    assert outcome.elapsed_ms < timeout_ms / 2


@pytest.mark.parametrize("certificate", ["expired", "unknown_authority", "wrong_host"])
def test_an_https_proxy_that_is_not_trusted_is_not_told_anything(
    certificate: str, fetch: Fetch, misbehaving: Misbehaving
) -> None:
    untrusted = misbehaving.play_on_a_port({"status": 403}, certificate=certificate)
    outcome = fetch(proxy=f"https://{USERNAME}:{WRONG_PASSWORD}@localhost:{untrusted.port}")
    assert outcome.status in ("CERTIFICATE", "PROXY")
    [connection] = untrusted.received()
    assert connection.method is None


# Which proxy is taken

# The proxy that refuses everything tells whether it was asked.
REFUSES = {"status": 403, "body": ""}


@pytest.fixture
def refusing(misbehaving: Misbehaving) -> Playing:
    return misbehaving.play_on_a_port(REFUSES, tls=False)


@pytest.fixture
def name_resolves(tmp_path: Path) -> dict[str, str]:
    """An environment in which the server is reached directly too."""
    try:
        return resolving_only({PROXIED_NAME: "127.0.0.1"}, tmp_path)
    except NotInstalled as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_the_environment_names_the_proxy(variable: str, fetch: Fetch, refusing: Playing) -> None:
    outcome = fetch(environment={variable: f"http://localhost:{refusing.port}"})
    assert outcome.status == "PROXY", outcome.message
    assert len(refusing.received()) == 1


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "all_proxy"])
# promise: proxy-environment
def test_a_token_comes_through_the_proxy_that_the_environment_names(
    variable: str, fetch: Fetch, running: Callable[[str], str], proxies: Proxies
) -> None:
    environment = {variable: running("http-password")}
    outcome = fetch(environment=environment, password=proxies.password("http-password"))
    assert outcome.status == "OK", outcome.message
    assert proxies.carried("http-password", at_least=1) == 1


def test_https_proxy_goes_before_all_proxy(fetch: Fetch, refusing: Playing, misbehaving: Misbehaving) -> None:
    other = misbehaving.play_on_a_port(REFUSES, tls=False)
    fetch(
        environment={
            "ALL_PROXY": f"http://localhost:{other.port}",
            "HTTPS_PROXY": f"http://localhost:{refusing.port}",
        }
    )
    assert (len(refusing.received()), len(other.received())) == (1, 0)


# promise: empty-is-unset
def test_an_empty_variable_counts_as_unset(fetch: Fetch, refusing: Playing) -> None:
    fetch(environment={"HTTPS_PROXY": "", "ALL_PROXY": f"http://localhost:{refusing.port}"})
    assert len(refusing.received()) == 1


# promise: proxy-option
def test_the_option_goes_before_the_environment(
    fetch: Fetch, refusing: Playing, misbehaving: Misbehaving
) -> None:
    other = misbehaving.play_on_a_port(REFUSES, tls=False)
    environment = {"HTTPS_PROXY": f"http://localhost:{other.port}"}
    fetch(environment=environment, proxy=f"http://localhost:{refusing.port}")
    assert (len(refusing.received()), len(other.received())) == (1, 0)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
# promise: no-http-proxy
def test_http_proxy_alone_changes_nothing(
    variable: str, fetch: Fetch, refusing: Playing, name_resolves: dict[str, str]
) -> None:
    outcome = fetch(environment={**name_resolves, variable: f"http://localhost:{refusing.port}"})
    assert outcome.status == "OK", outcome.message
    assert refusing.received() == []


def test_an_empty_proxy_means_none(fetch: Fetch, refusing: Playing, name_resolves: dict[str, str]) -> None:
    environment = {**name_resolves, "HTTPS_PROXY": f"http://localhost:{refusing.port}"}
    outcome = fetch(environment=environment, proxy="")
    assert outcome.status == "OK", outcome.message
    assert refusing.received() == []


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize(
    "value",
    [
        PROXIED_NAME,
        PROXIED_NAME.upper(),
        f"example.org,{PROXIED_NAME}",
        f" example.org , {PROXIED_NAME} ",
        "test",
        ".test",
        f".{PROXIED_NAME}",
        "*",
    ],
)
# promise: proxy-environment
def test_no_proxy_is_gone_past_the_proxy(
    value: str, variable: str, fetch: Fetch, refusing: Playing, name_resolves: dict[str, str]
) -> None:
    proxy = f"http://localhost:{refusing.port}"
    outcome = fetch(environment={**name_resolves, "HTTPS_PROXY": proxy, variable: value})
    assert outcome.status == "OK", outcome.message
    assert refusing.received() == []


@pytest.mark.parametrize("value", ["", " ", "example.org", "metrics.test", "est", f"x{PROXIED_NAME}", ","])
def test_no_proxy_for_others_changes_nothing(value: str, fetch: Fetch, refusing: Playing) -> None:
    fetch(environment={"HTTPS_PROXY": f"http://localhost:{refusing.port}", "NO_PROXY": value})
    assert len(refusing.received()) == 1


MALFORMED = [
    "http://",
    "ftp://localhost:1",
    "http://localhost:99999",
    "http://local host:1",
    "http://[::1",
    ":",
    "://",
]


@pytest.mark.parametrize("value", MALFORMED)
# promise: malformed-proxy
def test_a_malformed_proxy_in_the_environment_is_an_error(
    value: str, fetch: Fetch, name_resolves: dict[str, str], real: Real
) -> None:
    real.reset()
    outcome = fetch(environment={**name_resolves, "HTTPS_PROXY": value})
    assert outcome.status == "INVALID_ARGUMENT"
    assert "HTTPS_PROXY" in outcome.message
    assert real.counts()["token_requests"] == 0


@pytest.mark.parametrize("value", MALFORMED)
# promise: malformed-proxy
def test_a_malformed_proxy_option_is_an_error(
    value: str, fetch: Fetch, name_resolves: dict[str, str], real: Real
) -> None:
    real.reset()
    outcome = fetch(environment=name_resolves, proxy=value)
    assert outcome.status == "INVALID_ARGUMENT"
    assert real.counts()["token_requests"] == 0


# promise: no-secret
def test_a_malformed_proxy_is_not_repeated(fetch: Fetch) -> None:
    """The probe's fixture searches what was said for the password."""
    fetch(environment={"HTTPS_PROXY": f"http://{USERNAME}:{WRONG_PASSWORD}@:x"}, password=WRONG_PASSWORD)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_loopback_is_never_proxied(
    host: str, probe: Probe, misbehaving: Misbehaving, refusing: Playing
) -> None:
    playing = misbehaving.play(TOKEN)
    environment = dict.fromkeys(
        ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"),
        f"http://localhost:{refusing.port}",
    )
    for base_url in (playing.base_url, playing.plain_base_url):
        outcome = probe.fetch(
            base_url.replace("localhost", host), ca_file=misbehaving.ca_file, environment=environment
        )
        assert outcome.status == "OK", outcome.message
    assert refusing.received() == []


def test_loopback_is_not_proxied_by_the_option_either(
    probe: Probe, misbehaving: Misbehaving, refusing: Playing
) -> None:
    playing = misbehaving.play(TOKEN)
    outcome = probe.fetch(
        playing.base_url, ca_file=misbehaving.ca_file, proxy=f"http://localhost:{refusing.port}"
    )
    assert outcome.status == "OK", outcome.message
    assert refusing.received() == []
