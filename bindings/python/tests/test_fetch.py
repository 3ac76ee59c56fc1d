"""A token from the server software that the vendor runs, and what the keywords of fetch() do."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import sm_token
from servers.started import Misbehaving, Real

Fetch = Callable[..., sm_token.Token]


# contract: token
def test_a_token_comes_with_what_the_server_said(fetch_from_real: Fetch) -> None:
    token = fetch_from_real()
    assert (token.token_type, token.scope) == ("Bearer", "all read write")


def test_the_authorization_is_the_header_that_the_server_takes(real: Real, fetch_from_real: Fetch) -> None:
    status, _, _ = real.get("/v1/companies/", headers={"Authorization": fetch_from_real().authorization})
    assert status == 200


def test_the_authorization_holds_the_token(fetch_from_real: Fetch) -> None:
    token = fetch_from_real()
    assert token.authorization == f"Bearer {token.access_token}"


def test_the_expiry_is_an_aware_datetime_in_utc_an_hour_ahead(fetch_from_real: Fetch) -> None:
    token = fetch_from_real()
    assert token.expires_at.tzinfo is timezone.utc
    ahead = token.expires_at - datetime.now(timezone.utc)
    assert timedelta(minutes=59) < ahead <= timedelta(hours=1)


# contract: expiry
def test_what_is_left_is_a_timedelta_that_shrinks(fetch_from_real: Fetch) -> None:
    token = fetch_from_real()
    first = token.expires_in
    assert timedelta(0) < token.expires_in < first <= timedelta(hours=1)


# contract: environment
def test_credentials_come_from_the_environment(
    real: Real, real_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in real_environment.items():
        monkeypatch.setenv(name, value)
    assert sm_token.fetch(ca_file=real.ca_file).token_type == "Bearer"


def test_credentials_come_from_files(real: Real, tmp_path: Path) -> None:
    client_id, secret = tmp_path / "id", tmp_path / "secret"
    client_id.write_text(f"{real.description['client_id']}\n")
    secret.write_text(f"{real.description['client_secret']}\n")
    files = {"client_id_file": client_id, "client_secret_file": str(secret)}
    token = sm_token.fetch(base_url=real.base_url, ca_file=real.ca_file, **files)  # type: ignore[arg-type]
    assert token.token_type == "Bearer"
    secret.unlink()
    with pytest.raises(
        sm_token.ConfigError, match=re.escape(f"client_secret_file {secret} can't be read")
    ) as raised:
        sm_token.fetch(base_url=real.base_url, ca_file=real.ca_file, **files)  # type: ignore[arg-type]
    assert raised.value.code == "NO_CREDENTIALS"


# contract: odd-text
def test_credentials_full_of_reserved_characters_are_accepted(real: Real) -> None:
    odd = real.description["odd_client_id"], real.description["odd_client_secret"]
    token = sm_token.fetch(*odd, base_url=real.base_url, ca_file=real.ca_file)
    assert token.token_type == "Bearer"


# contract: option-sent
def test_the_scope_that_is_asked_for_is_granted(fetch_from_real: Fetch) -> None:
    assert fetch_from_real(scope="read").scope == "read"


def test_the_user_agent_is_sent(misbehaving: Misbehaving, fetch_from: Fetch) -> None:
    playing = misbehaving.play({"body": TOKEN})
    fetch_from(playing.base_url, user_agent="ledger/1.2")
    [received] = playing.received(at_least=1)
    assert received.headers
    assert received.headers["user-agent"] == "ledger/1.2"


def test_the_ca_file_may_be_a_path(real: Real, fetch_from_real: Fetch) -> None:
    assert fetch_from_real(ca_file=Path(real.ca_file)).token_type == "Bearer"


def test_the_bundled_roots_do_not_trust_a_private_authority(fetch_from_real: Fetch) -> None:
    with pytest.raises(sm_token.TLSError) as raised:
        fetch_from_real(ca_file=None, trust="bundled")
    assert raised.value.code == "CERTIFICATE"


@pytest.mark.parametrize("timeout", [0.2, timedelta(milliseconds=200)], ids=["seconds", "timedelta"])
def test_the_timeout_ends_a_call_that_hangs(
    misbehaving: Misbehaving, fetch_from: Fetch, timeout: float | timedelta
) -> None:
    start = time.monotonic()
    with pytest.raises(sm_token.TimeoutError):
        fetch_from(f"{misbehaving.base_url}/hang-in-body", timeout=timeout)
    assert 0.2 <= time.monotonic() - start < 2


def test_the_connect_timeout_ends_a_connection_that_is_not_made(
    misbehaving: Misbehaving, fetch_from: Fetch
) -> None:
    start = time.monotonic()
    with pytest.raises(sm_token.TimeoutError):
        fetch_from(misbehaving.description["ports"]["silent"], connect_timeout=0.2, max_retries=0)
    assert 0.2 <= time.monotonic() - start < 2


@pytest.mark.parametrize(("keywords", "requests"), [({}, 3), ({"max_retries": 0}, 1)])
def test_a_busy_server_is_asked_again_as_often_as_allowed(
    misbehaving: Misbehaving, fetch_from: Fetch, keywords: dict[str, int], requests: int
) -> None:
    playing = misbehaving.play({"status": 503, "headers": {"Retry-After": "0"}, "body": ""})
    with pytest.raises(sm_token.ServerError):
        fetch_from(playing.base_url, **keywords)
    assert len(playing.received()) == requests


def test_other_threads_run_while_a_fetch_waits(misbehaving: Misbehaving, fetch_from: Fetch) -> None:
    turns, over = 0, threading.Event()

    def take_turns() -> None:
        nonlocal turns
        while not over.wait(0.01):
            turns += 1

    other = threading.Thread(target=take_turns)
    other.start()
    try:
        fetch_from(f"{misbehaving.base_url}/slow-token")
        taken = turns
    finally:
        over.set()
        other.join()
    assert taken >= 10


def test_many_threads_may_fetch_at_once(fetch_from_real: Fetch) -> None:
    tokens: list[sm_token.Token] = []
    threads = [threading.Thread(target=lambda: tokens.append(fetch_from_real())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({token.access_token for token in tokens}) == 8


TOKEN = {"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"}
