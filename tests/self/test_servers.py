"""The servers are what they claim to be: seen with Python's own client, without the library under test."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from harness.c_program import ROOT
from servers import named_scripts, script
from servers.started import Misbehaving, Proxies, Real

GRANT = "grant_type=client_credentials"

# The specification's example, to the letter but for the token.
EXAMPLE = (
    '{"access_token": "ACCESS_TOKEN", "expires_in": 3600, "token_type": "Bearer", "scope": "all read write"}'
)


@pytest.fixture(autouse=True)
def _as_it_starts(real: Real) -> Iterator[None]:
    real.reset()
    yield
    real.settings(lifetime_s=3600, delay_ms=0, down=False)


def ask_for_a_token(
    real: Real,
    credentials: str | None = None,
    body: str | None = GRANT,
    path: str = "/o/token/",
    method: str = "POST",
) -> tuple[int, bytes, dict[str, str]]:
    if credentials is None:
        credentials = f"{real.description['client_id']}:{real.description['client_secret']}"
    headers = {
        "Authorization": "Basic " + base64.b64encode(credentials.encode()).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return real.ask(method, path, body, headers)


def a_token(real: Real) -> str:
    token: str = json.loads(ask_for_a_token(real)[1])["access_token"]
    return token


# The real server: what was measured on the vendor's software


def test_the_answer_is_the_examples_to_the_letter(real: Real) -> None:
    status, body, _ = ask_for_a_token(real)
    token = json.loads(body)["access_token"]
    assert status == 200
    assert body.decode().replace(token, "ACCESS_TOKEN") == EXAMPLE


def test_it_tells_the_tests_what_it_gave_out(real: Real) -> None:
    token = a_token(real)
    assert token in real.issued()
    real.revoke(token)
    assert token not in real.issued()


def test_success_has_the_headers_that_were_measured(real: Real) -> None:
    _, _, headers = ask_for_a_token(real)
    assert headers["cache-control"] == "no-store"
    assert headers["pragma"] == "no-cache"
    assert headers["content-type"] == "application/json"
    assert headers["transfer-encoding"] == "chunked"


def test_odd_credentials_are_refused_as_they_are(real: Real) -> None:
    odd = f"{real.description['odd_client_id']}:{real.description['odd_client_secret']}"
    assert ask_for_a_token(real, odd)[0] == 401


def test_odd_credentials_are_known_form_urlencoded(real: Real) -> None:
    odd = (
        f"{quote_plus(real.description['odd_client_id'])}:{quote_plus(real.description['odd_client_secret'])}"
    )
    assert ask_for_a_token(real, odd)[0] == 200


@pytest.mark.parametrize("credentials", ["integration-client:wrong", "nobody:wrong", "no colon"])
def test_wrong_credentials_are_an_invalid_client(credentials: str, real: Real) -> None:
    status, body, headers = ask_for_a_token(real, credentials)
    assert (status, body) == (401, b'{"error": "invalid_client"}')
    assert headers["www-authenticate"] == 'Bearer error="invalid_client"'


def test_no_grant_type_is_unsupported(real: Real) -> None:
    assert ask_for_a_token(real, body="")[:2] == (400, b'{"error": "unsupported_grant_type"}')


def test_the_password_grant_is_an_invalid_request(real: Real) -> None:
    status, body, _ = ask_for_a_token(real, body="grant_type=password")
    assert status == 400
    assert json.loads(body).keys() == {"error", "error_description"}
    assert json.loads(body)["error"] == "invalid_request"


@pytest.mark.parametrize("scope", ["nothing", ""])
def test_an_unknown_scope_is_an_invalid_scope(scope: str, real: Real) -> None:
    assert ask_for_a_token(real, body=f"{GRANT}&scope={scope}")[:2] == (400, b'{"error": "invalid_scope"}')


def test_an_answer_to_a_body_that_it_has_no_use_for_arrives(real: Real) -> None:
    for _ in range(20):
        status, _, _ = real.ask("POST", "/v1/companies/", iter([b"x" * 100_000] * 10))
        assert status == 401


def test_a_query_is_refused(real: Real) -> None:
    assert ask_for_a_token(real, path="/o/token/?a=b")[0] == 400


def test_get_is_not_allowed(real: Real) -> None:
    assert ask_for_a_token(real, method="GET", body=None)[:2] == (405, b"")


def test_the_path_without_the_slash_is_not_found(real: Real) -> None:
    status, body, headers = ask_for_a_token(real, path="/o/token")
    assert status == 404
    assert b"<html" in body
    assert headers["content-type"].startswith("text/html")


# The real server: what it protects


def test_a_token_opens_the_companies(real: Real) -> None:
    status, body, _ = real.get("/v1/companies/", {"Authorization": f"Bearer {a_token(real)}"})
    page = json.loads(body)
    assert status == 200
    assert list(page) == ["count", "next", "previous", "results"]
    assert (page["count"], len(page["results"]), page["previous"]) == (250, 100, None)


def test_the_pages_lead_through_all_companies(real: Real) -> None:
    authorization = {"Authorization": f"Bearer {a_token(real)}"}
    path, seen = "/v1/companies/", []
    while path:
        page = json.loads(real.get(path, authorization)[1])
        seen += [company["id"] for company in page["results"]]
        path = (page["next"] or "").removeprefix(real.base_url)
    assert seen == list(range(1, 251))


@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Basic eDp5"])
def test_without_a_token_the_companies_are_closed(authorization: str | None, real: Real) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    status, _, received = real.get("/v1/companies/", headers)
    assert status == 401
    assert received["www-authenticate"].startswith("Bearer ")


def test_a_revoked_token_opens_nothing(real: Real) -> None:
    token, other = a_token(real), a_token(real)
    assert real.revoke(token) == 1
    assert real.get("/v1/companies/", {"Authorization": f"Bearer {token}"})[0] == 401
    assert real.get("/v1/companies/", {"Authorization": f"Bearer {other}"})[0] == 200


def test_all_tokens_can_be_revoked(real: Real) -> None:
    tokens = [a_token(real), a_token(real)]
    assert real.revoke_all() >= 2
    assert {real.get("/v1/companies/", {"Authorization": f"Bearer {token}"})[0] for token in tokens} == {401}


def test_an_expired_token_opens_nothing(real: Real) -> None:
    real.settings(lifetime_s=1)
    authorization = {"Authorization": f"Bearer {a_token(real)}"}
    assert real.get("/v1/companies/", authorization)[0] == 200
    deadline = time.monotonic() + 5
    while real.get("/v1/companies/", authorization)[0] == 200:
        assert time.monotonic() < deadline, "the token never expired"
        time.sleep(0.05)
    assert real.get("/v1/companies/", authorization)[0] == 401


def test_forbidden_is_forbidden_to_a_good_token(real: Real) -> None:
    assert real.get("/v1/forbidden/", {"Authorization": f"Bearer {a_token(real)}"})[0] == 403
    assert real.get("/v1/forbidden/")[0] == 401


# The real server: its control port


def test_requests_are_counted_by_kind_and_status(real: Real) -> None:
    authorization = {"Authorization": f"Bearer {a_token(real)}"}
    ask_for_a_token(real, "nobody:x")
    real.get("/v1/companies/", authorization)
    real.get("/v1/companies/")
    real.get("/nowhere")
    assert real.counts() == {
        "token_requests": 2,
        "token_by_status": {"200": 1, "401": 1},
        "protected_requests": 2,
        "protected_by_status": {"200": 1, "401": 1},
        "other_requests": 1,
        "other_by_status": {"404": 1},
    }


def test_the_delay_holds_a_token_back(real: Real) -> None:
    real.settings(delay_ms=300)
    started = time.monotonic()
    ask_for_a_token(real)
    assert 0.3 <= time.monotonic() - started < 2


def test_a_server_that_is_down_answers_503(real: Real) -> None:
    real.settings(down=True)
    assert ask_for_a_token(real)[0] == 503


def test_a_control_request_that_makes_no_sense_is_refused(real: Real) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        real.control("POST", "/settings", {"colour": "blue"})


def test_256_connections_at_once_are_served(real: Real) -> None:
    at_once, statuses = threading.Barrier(256), []

    def ask() -> None:
        at_once.wait()
        statuses.append(ask_for_a_token(real)[0])

    threads = [threading.Thread(target=ask) for _ in range(256)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 256
    assert real.counts()["token_requests"] == 256


def test_a_client_that_stalls_in_the_handshake_holds_nobody_up(real: Real) -> None:
    with socket.create_connection(("127.0.0.1", real.port)):
        assert ask_for_a_token(real)[0] == 200


# The misbehaving server


def ask(base_url: str, ca_file: str) -> tuple[int, bytes]:
    trusted = ssl.create_default_context(cafile=ca_file)
    host, _, path = base_url.removeprefix("https://").partition("/")
    connection = http.client.HTTPSConnection(host, context=trusted, timeout=5)
    try:
        connection.request("POST", f"/{path}/o/token/", GRANT, {"Authorization": "Basic eDp5"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_steps_are_played_in_turn_and_the_last_repeats(misbehaving: Misbehaving) -> None:
    playing = misbehaving.play({"status": 503}, {"status": 429}, {"status": 200, "body": "{}"})
    assert [ask(playing.base_url, misbehaving.ca_file)[0] for _ in range(4)] == [503, 429, 200, 200]


def test_what_was_received_is_told(misbehaving: Misbehaving) -> None:
    playing = misbehaving.play({"status": 200})
    before = time.time()
    ask(playing.base_url, misbehaving.ca_file)
    [received] = playing.received()
    assert received.headers is not None
    assert (received.connection, received.method, received.tls) == (1, "POST", "TLSv1.3")
    assert received.path == f"/{playing.key}/o/token/"
    assert received.headers["authorization"] == "Basic eDp5"
    assert received.body == GRANT
    assert before <= received.at <= time.time()


def test_a_tag_plays_a_named_script_anew(misbehaving: Misbehaving) -> None:
    def status(name: str) -> int:
        return ask(f"{misbehaving.base_url}/{name}", misbehaving.ca_file)[0]

    assert [status("busy-then-token~one"), status("busy-then-token~one"), status("busy-then-token~two")] == [
        503,
        200,
        503,
    ]
    assert len(misbehaving.received("busy-then-token~one")) == 2


def test_a_record_can_be_begun_anew(misbehaving: Misbehaving) -> None:
    playing = misbehaving.play({"status": 503}, {"status": 200})
    ask(playing.base_url, misbehaving.ca_file)
    misbehaving.control("DELETE", f"/requests/{playing.key}")
    assert playing.received() == []
    assert ask(playing.base_url, misbehaving.ca_file)[0] == 503


def test_an_unknown_script_is_not_found(misbehaving: Misbehaving) -> None:
    assert ask(f"{misbehaving.base_url}/no-such-script", misbehaving.ca_file)[0] == 404


@pytest.mark.parametrize(
    "steps", [[], [["no_such_action"]], [[{"send": "a", "close": None}]], ["hang"], "hang"], ids=str
)
def test_a_script_that_makes_no_sense_is_refused(steps: object, misbehaving: Misbehaving) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        misbehaving.control("POST", "/scripts", {"steps": steps})


def test_every_named_script_can_be_played() -> None:
    by_port = {name: steps for name, (steps, _) in named_scripts.BY_PORT.items()}
    for steps in (named_scripts.BY_PATH | by_port).values():
        assert script.parse(steps)


def test_a_reset_is_a_reset(misbehaving: Misbehaving) -> None:
    playing = misbehaving.play_on_a_port(["client_hello", "reset"])
    with socket.create_connection(("127.0.0.1", playing.port)) as connection:
        connection.sendall(b"hello")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_full_backlog_lets_nobody_in(misbehaving: Misbehaving) -> None:
    port = int(str(misbehaving.description["ports"]["full-backlog"]).rpartition(":")[2])
    with pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", port), timeout=0.3)


# The command line


def servers(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "servers", *arguments]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}


def test_a_command_runs_beside_the_real_server() -> None:
    names = [
        "SMX_CLIENT_ID",
        "SMX_CLIENT_SECRET",
        "SMX_BASE_URL",
        "SM_TOKEN_CA_FILE",
        "SM_TOKEN_CONTROL_URL",
        "SM_TOKEN_ODD_CLIENT_ID",
        "SM_TOKEN_ODD_CLIENT_SECRET",
    ]
    told = f"import os; print([name for name in {names!r} if not os.environ.get(name)])"
    command = servers("run", "real", "--", sys.executable, "-c", told)
    assert subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True).stdout == b"[]\n"


def test_the_exit_code_of_the_command_is_passed_on() -> None:
    command = servers("run", "misbehaving", "--", sys.executable, "-c", "raise SystemExit(7)")
    assert subprocess.run(command, env=ENVIRONMENT, check=False).returncode == 7


@pytest.mark.parametrize("kind", ["real", "misbehaving", "proxies"])
def test_a_server_ends_with_its_standard_input_and_leaves_nothing(kind: str) -> None:
    with subprocess.Popen(
        servers(kind), env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        ca_file = Path(json.loads(process.stdout.readline())["ca_file"])
        assert ca_file.exists()
        process.stdin.close()
        assert process.wait(10) == 0
    assert not ca_file.parent.exists()


def test_a_server_ends_with_sigterm(misbehaving: Misbehaving) -> None:
    with Misbehaving() as server:
        assert server.description.keys() == misbehaving.description.keys()
        server.terminate()
        assert server.wait(10) == 0


def test_a_proxy_of_others_ends_with_the_proxies() -> None:
    with Proxies() as proxies:
        if (why := proxies.missing("tinyproxy")) is not None:
            pytest.skip(why)
        port = int(proxies.url("tinyproxy").rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
