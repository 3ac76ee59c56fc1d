"""`sm_check`: each fault is named by its right step, with what is and what to do, and without a secret."""

from __future__ import annotations

import errno
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from harness.c_program import SOURCES, compile_c, leading_to, library_directory
from harness.network import network, network_library
from harness.probe import CLIENT_ID, CLIENT_SECRET, NAMES, PROBE_ENDS_WITHIN_S, spellings
from servers.authority import PROXIED_NAME
from servers.named_scripts import ACCESS_TOKEN, TOKEN
from servers.proxies import USERNAME
from servers.started import Misbehaving, Proxies, Real

STEPS = ["credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock", "answer"]
OK, WRONG, UNKNOWN = range(3)


@dataclass(frozen=True)
class Checked:
    """What a check handed out."""

    steps: list[dict[str, Any]]
    status: str
    error_status: int
    message: str
    elapsed_ms: int
    log: list[Any]

    @property
    def verdicts(self) -> dict[str, int]:
        return {step["name"]: step["verdict"] for step in self.steps}

    @property
    def wrong(self) -> list[str]:
        return [step["name"] for step in self.steps if step["verdict"] == WRONG]

    def said(self, name: str) -> str:
        return str(next(step["text"] for step in self.steps if step["name"] == name))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_c(SOURCES / "steps.c", tmp_path_factory.mktemp("steps") / "steps", library_directory())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return network_library(tmp_path_factory.mktemp("network"))


Check = Callable[..., Checked]


@pytest.fixture
def check(program: Path, tmp_path: Path) -> Check:
    """Runs the check with these options and this environment alone. Nothing that it says holds a secret."""

    def check(
        base_url: str | None = None,
        *,
        client_id: str | None = CLIENT_ID,
        client_secret: str | None = CLIENT_SECRET,
        proxy: str | None = None,
        environment: dict[str, str] | None = None,
        also_secret: tuple[str, ...] = (),
        **options: object,
    ) -> Checked:
        given = {
            "PROBE_CLIENT_ID": client_id,
            "PROBE_CLIENT_SECRET": client_secret,
            "PROBE_BASE_URL": base_url,
            "PROBE_PROXY": proxy,
        }
        arguments = [str(program)]
        for name, value in options.items():
            arguments += [f"--{name.replace('_', '-')}", str(value)]
        env = {**(environment or {}), **{name: it for name, it in given.items() if it is not None}}
        done = subprocess.run(
            arguments, check=True, capture_output=True, env=env, cwd=tmp_path, timeout=PROBE_ENDS_WITHIN_S
        )
        shown = done.stdout.decode() + done.stderr.decode()
        hidden = {*spellings(client_id or "", client_secret or ""), ACCESS_TOKEN, *also_secret} - {""}
        assert not [secret for secret in hidden if secret in shown], shown
        told: dict[str, Any] = json.loads(done.stdout)
        told["status"] = NAMES[told["status"]]
        checked = Checked(**told)
        if checked.status != "CANCELED" and "stop_after" not in options:
            assert [step["name"] for step in checked.steps] == STEPS
        for step in checked.steps:
            assert len(step["text"]) <= 600
            assert step["text"].isprintable()
            assert (step["verdict"] == WRONG) <= bool(step["advice"]), step
        return checked

    return check


def known_to(real: Real) -> dict[str, str]:
    """The environment of a machine that trusts the real server."""
    return {**leading_to(real), "SSL_CERT_FILE": real.ca_file}


# Nothing is wrong


def test_every_step_to_the_real_server_is_right(check: Check, real: Real) -> None:
    checked = check(client_id=None, client_secret=None, environment=known_to(real))
    assert checked.verdicts == dict.fromkeys(STEPS, OK), checked.steps
    assert (checked.status, checked.error_status, checked.message) == ("OK", 0, "")
    assert checked.said("credentials").startswith("SMX_CLIENT_ID and SMX_CLIENT_SECRET")
    assert f"{real.base_url}/o/token/ (SMX_BASE_URL)" in checked.said("base URL")
    assert checked.said("name") == "localhost is ::1, 127.0.0.1"
    assert f"localhost:{real.port} takes connections: 127.0.0.1 in " in checked.said("connection")
    assert "[::1]: connection refused" in checked.said("connection")
    assert checked.said("TLS") == "TLS 1.3"
    assert "localhost, " in checked.said("certificate")
    assert "issued by throwaway authority; 6 days left" in checked.said("certificate")
    assert "as the server's" in checked.said("clock")
    assert "good for 3" in checked.said("answer")
    assert "scope 'all read write'" in checked.said("answer")


def test_one_request_is_sent_and_none_again(check: Check, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play({"status": 503, "body": ""})
    assert check(playing.base_url, ca_file=misbehaving.ca_file).wrong == ["answer"]
    assert len(playing.received(at_least=1)) == 1


def test_where_the_trust_comes_from_is_named(check: Check, misbehaving: Misbehaving, real: Real) -> None:
    checked = check(f"{misbehaving.base_url}/token", ca_file=misbehaving.ca_file)
    assert checked.said("certificate").endswith(f"trusted by the CA file {misbehaving.ca_file}")
    checked = check(client_id=None, client_secret=None, environment=known_to(real))
    assert checked.said("certificate").endswith("trusted by the system's store")


def test_plain_http_has_no_certificate(check: Check, misbehaving: Misbehaving) -> None:
    checked = check(misbehaving.play(TOKEN).plain_base_url)
    assert checked.status == "OK"
    assert (checked.verdicts["TLS"], checked.verdicts["certificate"]) == (UNKNOWN, UNKNOWN)


def test_a_server_that_does_not_tell_the_time_leaves_the_clock_open(
    check: Check, misbehaving: Misbehaving
) -> None:
    checked = check(f"{misbehaving.base_url}/token", ca_file=misbehaving.ca_file)
    assert (checked.status, checked.verdicts["clock"]) == ("OK", UNKNOWN)


@pytest.mark.parametrize("name", ["http", "http-password", "https", "socks5-password"])
def test_the_way_through_a_proxy_is_told(
    name: str, check: Check, proxies: Proxies, misbehaving: Misbehaving
) -> None:
    password = proxies.password(name) or "no password"
    checked = check(
        f"{misbehaving.base_url.replace('localhost', PROXIED_NAME)}/token",
        ca_file=misbehaving.ca_file,
        environment={"HTTPS_PROXY": proxies.url(name)},
        also_secret=(password, quote(password, safe="")),
    )
    assert checked.status == "OK", checked.steps
    assert checked.said("proxy") == f"{proxies.url(name, password=False)} (HTTPS_PROXY)"
    assert checked.said("name") == "the proxy localhost is ::1, 127.0.0.1"
    assert "the proxy localhost:" in checked.said("connection")


def test_an_exception_from_the_proxy_is_told(check: Check, misbehaving: Misbehaving) -> None:
    environment = {"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "192.0.2.0/24"}
    checked = check("https://192.0.2.1", environment=environment, ca_file=misbehaving.ca_file, timeout_ms=50)
    assert checked.said("proxy") == "none: NO_PROXY excepts this server from HTTPS_PROXY"


# The forty faults: the step, the status, and how the fault is made.

Port = dict[str, Any]


def on_a_port(*steps: object, **port: Any) -> tuple[tuple[object, ...], Port]:
    return steps, port


SERVER_FAULTS: dict[str, tuple[str, str, tuple[tuple[object, ...], Port]]] = {
    "it closes at once": ("TLS", "IO", on_a_port(["cut"])),
    "it is silent": ("TLS", "TIMEOUT", on_a_port(["hang"])),
    "it hangs after the hello": ("TLS", "TIMEOUT", on_a_port(["client_hello", "hang"])),
    "it hangs in the handshake": ("TLS", "TIMEOUT", on_a_port([{"begin_handshake": 200}, "hang"])),
    "it resets in the handshake": ("TLS", "IO", on_a_port([{"begin_handshake": 200}, "reset"])),
    "it answers without TLS": (
        "TLS",
        "TLS",
        on_a_port(
            ["client_hello", {"respond": {"status": 400, "body": ""}}, "cut"], tls=False, scheme="https"
        ),
    ),
    "it speaks TLS 1.1": ("TLS", "TLS", on_a_port(TOKEN, version="1.1")),
    "it demands a certificate, in TLS 1.2": (
        "TLS",
        "TLS",
        on_a_port(TOKEN, version="1.2", client_certificate=True),
    ),
    "it demands a certificate, in TLS 1.3": (
        "TLS",
        "TLS",
        on_a_port(TOKEN, version="1.3", client_certificate=True),
    ),
    "its curve is not known": ("TLS", "TLS", on_a_port(TOKEN, certificate="good_p521")),
    "its certificate has expired": ("certificate", "CERTIFICATE", on_a_port(TOKEN, certificate="expired")),
    "its certificate is not valid yet": (
        "certificate",
        "CERTIFICATE",
        on_a_port(TOKEN, certificate="not_yet_valid"),
    ),
    "its certificate is for another host": (
        "certificate",
        "CERTIFICATE",
        on_a_port(TOKEN, certificate="wrong_host"),
    ),
    "its certificate has no names": ("certificate", "CERTIFICATE", on_a_port(TOKEN, certificate="no_names")),
    "it signed its certificate itself": (
        "certificate",
        "CERTIFICATE",
        on_a_port(TOKEN, certificate="self_signed"),
    ),
    "its authority is not known": (
        "certificate",
        "CERTIFICATE",
        on_a_port(TOKEN, certificate="unknown_authority"),
    ),
    "an intermediate certificate is missing": (
        "certificate",
        "CERTIFICATE",
        on_a_port(TOKEN, certificate="missing_intermediate"),
    ),
    "its certificate is a client's": (
        "certificate",
        "CERTIFICATE",
        on_a_port(TOKEN, certificate="client_only"),
    ),
    "its clock is two hours behind": (
        "clock",
        "CERTIFICATE",
        on_a_port({**TOKEN, "headers": {"Date": {"http_date_in_s": -7200}}}),
    ),
    "its clock is two hours ahead": (
        "clock",
        "CERTIFICATE",
        on_a_port({**TOKEN, "headers": {"Date": {"http_date_in_s": 7200}}}),
    ),
    "it closes after the handshake": ("answer", "IO", on_a_port(["handshake", "close"])),
    "it hangs after the handshake": ("answer", "TIMEOUT", on_a_port(["handshake", "hang"])),
    "it hangs in the body": (
        "answer",
        "TIMEOUT",
        on_a_port(["read_request", {"send": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"}, "hang"]),
    ),
    "it speaks no HTTP": (
        "answer",
        "INVALID_RESPONSE",
        on_a_port(["read_request", {"send": "SSH-2.0\r\n"}, "close"]),
    ),
    "it answers with a page": ("answer", "INVALID_RESPONSE", on_a_port({"body": "<html>"})),
    "its answer is too large": ("answer", "RESPONSE_TOO_LARGE", on_a_port({"body": " " * 65 * 1024})),
    "it refuses the credentials": (
        "answer",
        "INVALID_CLIENT",
        on_a_port({"status": 401, "body": {"error": "invalid_client"}}),
    ),
    "it refuses the scope": (
        "answer",
        "INVALID_SCOPE",
        on_a_port({"status": 400, "body": {"error": "invalid_scope"}}),
    ),
    "it asks for fewer requests": ("answer", "RATE_LIMITED", on_a_port({"status": 429, "body": ""})),
    "it fails": ("answer", "SERVER", on_a_port({"status": 503, "body": ""})),
    "it leads elsewhere": (
        "answer",
        "HTTP",
        on_a_port({"status": 302, "headers": {"Location": "https://x.test/"}, "body": ""}),
    ),
    "the path is another": ("answer", "HTTP", on_a_port({"status": 404, "body": ""})),
}


@pytest.mark.parametrize("fault", SERVER_FAULTS)
def test_a_fault_of_the_server_is_named_by_its_step(
    fault: str, check: Check, misbehaving: Misbehaving
) -> None:
    step, status, (steps, port) = SERVER_FAULTS[fault]
    playing = misbehaving.play_on_a_port(*steps, **port)
    checked = check(playing.base_url, ca_file=misbehaving.ca_file, timeout_ms=3000)
    assert (checked.wrong, checked.status) == ([step], status), checked.steps
    assert checked.elapsed_ms < 10_000
    before, after = STEPS[: STEPS.index(step)], STEPS[STEPS.index(step) + 1 :]
    assert all(checked.verdicts[name] in (OK, UNKNOWN) for name in before)
    if step != "clock":
        assert all(checked.verdicts[name] == UNKNOWN for name in after), checked.steps


NETWORK_FAULTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "the name is not known": ("name", "DNS", {"names": "another.test=127.0.0.1"}),
    "the name server hangs": ("name", "TIMEOUT", {"names": f"{PROXIED_NAME}=hang"}),
    "no address can be reached": (
        "connection",
        "CONNECT",
        {"names": f"{PROXIED_NAME}=127.0.0.1", "connect": f"127.0.0.1={errno.ENETUNREACH}"},
    ),
    "a firewall drops all packets": (
        "connection",
        "TIMEOUT",
        {"names": f"{PROXIED_NAME}=127.0.0.1", "connect": "127.0.0.1=swallow"},
    ),
    "the clock is before 1970": (
        "certificate",
        "CERTIFICATE",
        {"names": f"{PROXIED_NAME}=127.0.0.1", "clock": "-1000"},
    ),
}


@pytest.mark.parametrize("fault", NETWORK_FAULTS)
def test_a_fault_of_the_network_is_named_by_its_step(
    fault: str, check: Check, misbehaving: Misbehaving, library: Path
) -> None:
    step, status, how = NETWORK_FAULTS[fault]
    url = misbehaving.base_url.replace("localhost", PROXIED_NAME)
    checked = check(
        f"{url}/token", ca_file=misbehaving.ca_file, environment=network(library, **how), timeout_ms=1500
    )
    assert (checked.wrong, checked.status) == ([step], status), checked.steps


def test_a_port_that_refuses_is_named_by_the_connection(check: Check, misbehaving: Misbehaving) -> None:
    checked = check(misbehaving.description["ports"]["refused"], ca_file=misbehaving.ca_file)
    assert (checked.wrong, checked.status) == (["connection"], "CONNECT")
    assert "[::1]: connection refused, 127.0.0.1: connection refused" in checked.said("connection")


def test_each_address_is_told_with_what_came_of_it(
    check: Check, misbehaving: Misbehaving, library: Path
) -> None:
    environment = network(library, names=f"{PROXIED_NAME}=::1,127.0.0.1", connect=f"::1={errno.EACCES}")
    url = misbehaving.base_url.replace("localhost", PROXIED_NAME)
    checked = check(f"{url}/token", ca_file=misbehaving.ca_file, environment=environment)
    assert checked.status == "OK", checked.steps
    assert checked.said("name") == f"{PROXIED_NAME} is ::1, 127.0.0.1"
    assert checked.said("connection").endswith("[::1]: not permitted")


SETTING_FAULTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "there are no credentials": ("credentials", "NO_CREDENTIALS", {"client_id": None, "client_secret": None}),
    "the secret is missing": ("credentials", "INVALID_ARGUMENT", {"client_secret": None}),
    "the secret ends with a line break": (
        "credentials",
        "INVALID_ARGUMENT",
        {"client_secret": "s3cr3t-91\n"},
    ),
    "the base URL is in clear text": (
        "base URL",
        "INSECURE_URL",
        {"environment": {"SMX_BASE_URL": "http://api.example"}},
    ),
    "the base URL is none": (
        "base URL",
        "INVALID_ARGUMENT",
        {"environment": {"SMX_BASE_URL": "api.example"}},
    ),
    "the proxy is none": (
        "proxy",
        "INVALID_ARGUMENT",
        {"base_url": "https://h.test", "environment": {"HTTPS_PROXY": "ftp://p"}},
    ),
    "the CA file is missing": (
        "certificate",
        "NO_TRUST_ROOTS",
        {"base_url": "https://localhost:1", "ca_file": "/no/such.pem"},
    ),
}


@pytest.mark.parametrize("fault", SETTING_FAULTS)
def test_a_fault_of_the_settings_is_named_by_its_step(fault: str, check: Check) -> None:
    step, status, given = SETTING_FAULTS[fault]
    checked = check(**given)
    assert (checked.wrong, checked.status) == ([step], status), checked.steps
    assert checked.error_status != 0
    assert checked.said(step) == checked.message


PROXY_FAULTS: dict[str, tuple[str, str]] = {
    "nobody listens": ("connection", "PROXY"),
    "it wants a password": ("proxy", "PROXY"),
    "it does not accept the password": ("proxy", "PROXY"),
    "it hangs": ("proxy", "TIMEOUT"),
    "it is none": ("proxy", "PROXY"),
    "it can't reach the server": ("proxy", "PROXY"),
}


@pytest.mark.parametrize("fault", PROXY_FAULTS)
def test_a_fault_of_the_proxy_is_named_by_its_step(
    fault: str, check: Check, proxies: Proxies, misbehaving: Misbehaving
) -> None:
    with_password = proxies.url("http-password", password=False)
    wrong = "not-the-proxys-passw0rd"
    proxies_at: dict[str, Callable[[], str]] = {
        "nobody listens": lambda: "http://127.0.0.1:1",
        "it wants a password": lambda: with_password,
        "it does not accept the password": lambda: with_password.replace("//", f"//{USERNAME}:{wrong}@"),
        "it hangs": lambda: misbehaving.play_on_a_port(["hang"], tls=False).base_url,
        "it is none": lambda: (
            misbehaving.play_on_a_port([{"send": "SSH-2.0\r\n"}, "hang"], tls=False).base_url
        ),
        "it can't reach the server": lambda: proxies.url("http"),
    }
    proxy = proxies_at[fault]()
    step, status = PROXY_FAULTS[fault]
    checked = check(
        "https://no-such-host.invalid",
        proxy=proxy,
        ca_file=misbehaving.ca_file,
        timeout_ms=3000,
        also_secret=(wrong,),
    )
    assert (checked.wrong, checked.status) == ([step], status), checked.steps


def test_a_fault_behind_a_proxy_is_not_the_proxys(
    check: Check, proxies: Proxies, misbehaving: Misbehaving
) -> None:
    url = misbehaving.base_url.replace("localhost", PROXIED_NAME)
    checked = check(f"{url}/invalid-client", proxy=proxies.url("http"), ca_file=misbehaving.ca_file)
    assert (checked.wrong, checked.status) == (["answer"], "INVALID_CLIENT")
    assert checked.verdicts["proxy"] == OK
    playing = misbehaving.play_on_a_port(["handshake", "hang"])
    url = playing.base_url.replace("localhost", PROXIED_NAME)
    checked = check(url, proxy=proxies.url("http"), ca_file=misbehaving.ca_file, timeout_ms=1500)
    assert (checked.wrong, checked.status) == (["answer"], "TIMEOUT")


def test_there_are_forty_faults_and_more() -> None:
    count = len(SERVER_FAULTS) + len(NETWORK_FAULTS) + len(SETTING_FAULTS) + len(PROXY_FAULTS)
    assert count >= 40


# What is said


def test_a_certificate_that_is_refused_is_shown(check: Check, misbehaving: Misbehaving) -> None:
    at = misbehaving.description["certificates"]
    expired = check(at["expired"], ca_file=misbehaving.ca_file)
    assert "issued by throwaway authority; its life ended" in expired.said("certificate")
    assert expired.said("TLS").startswith("TLS 1.3")
    elsewhere = check(at["wrong_host"], ca_file=misbehaving.ca_file)
    assert "for elsewhere.test; issued by" in elsewhere.said("certificate")
    stranger = check(at["unknown_authority"], ca_file=misbehaving.ca_file)
    assert "issued by an authority that nobody trusts" in stranger.said("certificate")


HOSTILE = "\x1b[31mowned\x1b]0;title\x07 \u202e"


def test_what_a_server_says_is_cleaned(check: Check, misbehaving: Misbehaving) -> None:
    scope = f"all {HOSTILE} {CLIENT_SECRET} {ACCESS_TOKEN}"
    playing = misbehaving.play({"body": {**TOKEN["body"], "scope": scope}})
    checked = check(playing.base_url, ca_file=misbehaving.ca_file)
    assert checked.status in ("OK", "INVALID_RESPONSE")
    refusal = {"error": f"x{HOSTILE}", "error_description": f"{HOSTILE} {CLIENT_SECRET} {'long ' * 999}"}
    playing = misbehaving.play({"status": 400, "body": refusal})
    assert check(playing.base_url, ca_file=misbehaving.ca_file).wrong == ["answer"]


def test_a_scope_that_echoes_the_secret_is_redacted(check: Check, misbehaving: Misbehaving) -> None:
    scope = f"all {CLIENT_SECRET} {TOKEN['body']['access_token']}"
    playing = misbehaving.play({"body": {**TOKEN["body"], "scope": scope}})
    checked = check(playing.base_url, ca_file=misbehaving.ca_file)
    assert checked.said("answer").endswith("scope 'all [secret] [secret]'")


def test_no_step_comes_after_the_one_that_stops_it(check: Check, misbehaving: Misbehaving) -> None:
    for stop_after in range(1, len(STEPS) + 1):
        checked = check(f"{misbehaving.base_url}/token", ca_file=misbehaving.ca_file, stop_after=stop_after)
        assert checked.status == "CANCELED"
        assert [step["name"] for step in checked.steps] == STEPS[:stop_after]


def test_all_steps_share_one_deadline(check: Check, misbehaving: Misbehaving) -> None:
    """The yardstick: the deadline itself."""
    playing = misbehaving.play(["hang"])
    checked = check(playing.base_url, ca_file=misbehaving.ca_file, timeout_ms=1000)
    assert checked.wrong == ["answer"]
    assert 1000 <= checked.elapsed_ms < 5000
