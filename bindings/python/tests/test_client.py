"""A Client: what it hands out, when it asks the server, and what it is as a Python object."""

from __future__ import annotations

import copy
import gc
import logging
import pickle
import subprocess
import sys
import threading
import time
import timeit
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sm_token
from servers.started import Misbehaving, Real

NewClient = Callable[..., sm_token.Client]
Figure = Callable[[str], None]
Program = Callable[..., "subprocess.CompletedProcess[str]"]

# A call that is answered from memory, beside the same by hand in Python.
MOST_OF_A_HIT = 0.6

# What a person notices, in seconds.
AT_ONCE = 0.1


def token_of(text: str, expires_in: int = 3600) -> dict[str, object]:
    return {"body": {"access_token": text, "expires_in": expires_in, "token_type": "Bearer"}}


def wait_for_another_than(authorization: str, client: sm_token.Client) -> None:
    while client.authorization() == authorization:
        time.sleep(0.005)


def test_making_one_asks_the_server_nothing(at_real: NewClient, real: Real) -> None:
    at_real()
    assert real.counts()["token_requests"] == 0


def test_other_credentials_make_up_for_a_refusal_and_leave_the_token(real: Real) -> None:
    client_id, secret = real.description["client_id"], real.description["client_secret"]
    client = sm_token.Client(client_id, "not the secret", base_url=real.base_url, ca_file=real.ca_file)
    with pytest.raises(sm_token.InvalidClientError):
        client.token()
    client.set_credentials(client_id, secret)
    authorization = client.authorization()
    client.set_credentials(client_id, "not the secret")
    assert client.authorization() == authorization
    client.invalidate()
    with pytest.raises(sm_token.InvalidClientError):
        client.token()


def test_credentials_that_can_not_be_sent_leave_those_before_in_place(at_real: NewClient) -> None:
    client = at_real()
    for given in (("id", "secret\n"), ("", "secret"), ("id", "\ud800")):
        with pytest.raises(sm_token.ConfigError, match=r"^client_(id|secret) "):
            client.set_credentials(*given)
    with pytest.raises(TypeError):
        client.set_credentials("id", None)  # type: ignore[arg-type]
    assert client.token().token_type == "Bearer"


def test_credential_files_are_read_again_for_each_request(real: Real, tmp_path: Path) -> None:
    client_id, secret = tmp_path / "id", tmp_path / "secret"
    client_id.write_text(f"{real.description['client_id']}\n")
    secret.write_text(f"{real.description['client_secret']}\n")
    client = sm_token.Client(
        base_url=real.base_url, ca_file=real.ca_file, client_id_file=client_id, client_secret_file=secret
    )
    assert client.token().token_type == "Bearer"
    secret.write_text("not the secret")
    client.invalidate()
    with pytest.raises(sm_token.InvalidClientError):
        client.token()


# contract: cached
def test_many_calls_are_one_request(at_real: NewClient, real: Real) -> None:
    client = at_real()
    for _ in range(100):
        client.token()
        client.authorization()
    assert real.counts()["token_requests"] == 1


def test_the_authorization_is_the_header_that_the_server_takes(at_real: NewClient, real: Real) -> None:
    status, _, _ = real.get("/v1/companies/", headers={"Authorization": at_real().authorization()})
    assert status == 200


def test_the_same_objects_are_handed_out_while_the_token_is_current(at_real: NewClient) -> None:
    client = at_real()
    assert client.token() is client.token()
    assert client.authorization() is client.authorization()


def test_the_authorization_is_that_of_the_token(at_real: NewClient) -> None:
    client = at_real()
    assert client.authorization() == client.token().authorization


# contract: authorization-whole
def test_a_long_authorization_is_given_whole(misbehaving: Misbehaving, at: NewClient) -> None:
    playing = misbehaving.play(token_of("t" * 10_000))
    assert at(playing.base_url).authorization() == "Bearer " + "t" * 10_000


def test_another_token_is_another_object(at_real: NewClient) -> None:
    client = at_real()
    first = client.authorization()
    client.invalidate()
    assert client.authorization() != first


def test_credentials_come_from_the_environment(
    real: Real, real_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in real_environment.items():
        monkeypatch.setenv(name, value)
    assert sm_token.Client(ca_file=real.ca_file).token().token_type == "Bearer"


def test_it_takes_the_keywords_of_fetch(at_real: NewClient) -> None:
    assert at_real(scope="read").token().scope == "read"


@pytest.mark.parametrize("keywords", [{"timeout": 0}, {"base_url": "ftp://h"}, {"trust": "everyone"}])
def test_what_can_not_be_used_is_refused_when_it_is_made(keywords: dict[str, object]) -> None:
    with pytest.raises(sm_token.ConfigError):
        sm_token.Client("id", "secret", **keywords)  # type: ignore[arg-type]


def test_an_authorities_file_that_is_none_is_refused_when_it_is_made() -> None:
    with pytest.raises(sm_token.TLSError):
        sm_token.Client("id", "secret", ca_file="/no/such/file.pem")


# contract: invalidate
@pytest.mark.parametrize("kind", ["token", "authorization", "text"])
def test_a_token_is_dropped_by_itself_its_header_or_its_text(
    kind: str, at_real: NewClient, real: Real
) -> None:
    client = at_real()
    token = client.token()
    names: dict[str, sm_token.Token | str] = {
        "token": token,
        "authorization": token.authorization,
        "text": token.access_token,
    }
    client.invalidate(names[kind])
    assert client.token() != token
    assert real.counts()["token_requests"] == 2


# contract: invalidate-old
def test_a_token_that_is_not_the_current_one_any_more_is_not_dropped(at_real: NewClient) -> None:
    client = at_real()
    first = client.token()
    client.invalidate(first)
    second = client.token()
    client.invalidate(first)
    client.invalidate("Bearer another")
    assert client.token() is second


def test_a_resource_that_refuses_every_token_is_not_given_one_after_the_other(
    at_real: NewClient, real: Real
) -> None:
    client = at_real()
    for _ in range(20):
        client.invalidate(client.authorization())
    client.token()
    assert real.counts()["token_requests"] == 2


# contract: invalidate-all
def test_invalidating_nothing_in_particular_always_drops(at_real: NewClient, real: Real) -> None:
    client = at_real()
    for _ in range(3):
        client.token()
        client.invalidate()
    assert real.counts()["token_requests"] == 3


@pytest.mark.parametrize("token", [b"Bearer x", 7, object()])
def test_what_is_no_token_is_a_type_error(token: object, at_real: NewClient) -> None:
    with pytest.raises(TypeError, match="neither a Token nor a str nor None"):
        at_real().invalidate(token)  # type: ignore[arg-type]


def test_text_that_can_not_be_sent_is_nobodys_token(at_real: NewClient) -> None:
    client = at_real()
    token = client.token()
    client.invalidate("Bearer \ud800")
    assert client.token() is token


# contract: remembered
def test_a_refusal_is_remembered(misbehaving: Misbehaving, at: NewClient) -> None:
    playing = misbehaving.play({"status": 401, "body": {"error": "invalid_client"}})
    client = at(playing.base_url)
    with pytest.raises(sm_token.InvalidClientError):
        client.token()
    with pytest.raises(sm_token.InvalidClientError) as raised:
        client.authorization()
    assert raised.value.retry_after
    assert 50 < raised.value.retry_after <= 60
    assert len(playing.received()) == 1


def test_invalidating_nothing_in_particular_forgets_a_refusal(
    misbehaving: Misbehaving, at: NewClient
) -> None:
    playing = misbehaving.play({"status": 401, "body": {"error": "invalid_client"}}, token_of("second"))
    client = at(playing.base_url)
    with pytest.raises(sm_token.InvalidClientError):
        client.token()
    client.invalidate()
    assert client.token().access_token == "second"


def test_a_token_is_refreshed_behind_its_callers(misbehaving: Misbehaving, at: NewClient) -> None:
    first, second = "Bearer first", "Bearer second"
    playing = misbehaving.play(token_of("first", expires_in=1), token_of("second"))
    client = at(playing.base_url)
    slowest, called = 0.0, first
    assert client.authorization() == first
    while called == first:
        start = time.monotonic()
        called = client.authorization()
        slowest = max(slowest, time.monotonic() - start)
        time.sleep(0.001)
    assert called == second
    # A refresh in front of the caller would take a handshake; the machine may be busy.
    assert len(playing.received()) == 2
    assert slowest < AT_ONCE


def test_what_happened_behind_the_callers_is_told_to_the_next(
    misbehaving: Misbehaving, at: NewClient, caplog: pytest.LogCaptureFixture
) -> None:
    playing = misbehaving.play(token_of("first", expires_in=1), token_of("second"))
    client = at(playing.base_url)
    with caplog.at_level(logging.INFO, logger="sm_token"):
        wait_for_another_than("Bearer first", client)
    assert "refreshed a token in the background" in caplog.text
    assert {record.thread for record in caplog.records} == {threading.get_ident()}


def test_an_interruption_in_a_log_handler_is_raised_though_there_is_a_token(
    misbehaving: Misbehaving, at: NewClient
) -> None:
    class Interrupted(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "refreshed" in record.getMessage():
                raise KeyboardInterrupt

    logger, handler = logging.getLogger("sm_token"), Interrupted()
    client = at(misbehaving.play(token_of("first", expires_in=1), token_of("second")).base_url)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        with pytest.raises(KeyboardInterrupt):
            wait_for_another_than("Bearer first", client)
    finally:
        logger.setLevel(logging.NOTSET)
        logger.removeHandler(handler)
    assert client.authorization() == "Bearer second"


def test_sixty_four_threads_on_a_cold_client_make_one_request(
    at_real: NewClient, real: Real, figure: Figure
) -> None:
    real.settings(delay_ms=300)
    client, start = at_real(), threading.Barrier(64)

    def call() -> str:
        start.wait()
        return client.authorization()

    with ThreadPoolExecutor(64) as pool:
        given = {call.result() for call in [pool.submit(call) for _ in range(64)]}
    requests = real.counts()["token_requests"]
    figure(f"64 threads on a cold client: {requests} request")
    assert (len(given), requests) == (1, 1)


def test_a_thousand_refusals_of_one_token_make_one_request(
    at_real: NewClient, real: Real, figure: Figure
) -> None:
    client = at_real()
    refused = client.authorization()

    def is_refused(_: int) -> str:
        client.invalidate(refused)
        return client.authorization()

    with ThreadPoolExecutor(64) as pool:
        given = set(pool.map(is_refused, range(1000)))
    refetches = real.counts()["token_requests"] - 1
    figure(f"1 000 refusals of one token on 64 threads: {refetches} request")
    assert (len(given - {refused}), refetches) == (1, 1)


def test_a_thread_that_waits_leaves_at_its_timeout(misbehaving: Misbehaving, at: NewClient) -> None:
    client = at(f"{misbehaving.base_url}/hang-in-body", timeout=0.3)
    start = time.monotonic()
    with pytest.raises(sm_token.TimeoutError):
        client.token()
    assert 0.3 <= time.monotonic() - start < 2


def test_shutting_down_lets_waiting_threads_go_at_once(misbehaving: Misbehaving, at: NewClient) -> None:
    playing = misbehaving.play(["hang"])
    client, left = at(playing.base_url), []

    def wait() -> None:
        with suppress(sm_token.CanceledError):
            client.token()
        left.append(time.monotonic())

    waiting = [threading.Thread(target=wait) for _ in range(4)]
    for thread in waiting:
        thread.start()
    assert playing.received(at_least=1)
    shut_down = time.monotonic()
    client.shutdown()
    for thread in waiting:
        thread.join(10)
    assert max(left) - shut_down < AT_ONCE


# contract: shutdown
def test_one_that_is_shut_down_gives_no_token(at_real: NewClient) -> None:
    client = at_real()
    client.token()
    client.shutdown()
    client.shutdown()
    for call in (client.token, client.authorization):
        with pytest.raises(sm_token.CanceledError):
            call()


def test_a_context_manager_shuts_down_at_the_end_of_its_block(at_real: NewClient) -> None:
    with at_real() as client:
        assert client.token().token_type == "Bearer"
    with pytest.raises(sm_token.CanceledError):
        client.token()


def test_an_exception_goes_on_out_of_the_block(at_real: NewClient) -> None:
    with pytest.raises(ZeroDivisionError), at_real():
        raise ZeroDivisionError


def test_its_repr_shows_no_secret(at_real: NewClient, real: Real) -> None:
    client = at_real()
    shown = f"{client!r} {client}"
    assert real.description["client_secret"] not in shown
    assert client.token().access_token not in shown
    assert "sm_token.Client" in shown


def test_a_copy_is_the_client_itself(at_real: NewClient) -> None:
    client = at_real()
    assert copy.copy(client) is client
    assert copy.deepcopy({"kept": client})["kept"] is client


def test_it_refuses_to_be_pickled_and_says_what_to_do(at_real: NewClient) -> None:
    client = at_real()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="let each process make one of its own"):
            pickle.dumps(client, protocol)


def test_it_can_not_be_changed_or_inherited_from(at_real: NewClient) -> None:
    with pytest.raises(AttributeError):
        at_real().timeout = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        type("Mine", (sm_token.Client,), {})


def test_one_that_a_log_handler_holds_is_collected_with_it(misbehaving: Misbehaving, at: NewClient) -> None:
    class Holds(logging.Handler):
        def __init__(self, client: sm_token.Client) -> None:
            super().__init__()
            self.client = client

        def emit(self, record: logging.LogRecord) -> None:
            self.last = record

    handler = Holds(at(f"{misbehaving.base_url}/token"))
    logger = logging.getLogger("sm_token")
    logger.addHandler(handler)
    handler.client.token()
    logger.removeHandler(handler)
    client, held = weakref.ref(handler.client), weakref.ref(handler)
    del handler
    gc.collect()
    assert (client(), held()) == (None, None)


class CachedByHand:
    """What a program without this library writes: the header, while a clock says that it is good."""

    def __init__(self, header: str, good_for: float) -> None:
        self.lock = threading.Lock()
        self.header = header
        self.good_until = time.monotonic() + good_for

    def authorization(self) -> str:
        with self.lock:
            if time.monotonic() >= self.good_until:
                raise RuntimeError("the token has expired")
            return self.header


def test_a_call_that_is_answered_from_memory_is_quick(at_real: NewClient, figure: Figure) -> None:
    client = at_real()
    by_hand = CachedByHand(client.authorization(), good_for=3600)
    calls = 20_000

    def nanoseconds(call: Callable[[], object]) -> float:
        return timeit.timeit(call, number=calls) / calls * 1e9

    # In turns, and the best of many: the machine does other things too.
    rounds = [(nanoseconds(client.authorization), nanoseconds(by_hand.authorization)) for _ in range(50)]
    took, took_by_hand = (min(column) for column in zip(*rounds, strict=True))
    figure(f"authorization() from memory: {took:.0f} ns, {took / took_by_hand:.2f} of a cache by hand")
    assert took <= MOST_OF_A_HIT * took_by_hand


LEAKS = """
import gc, os, sys, tracemalloc
import sm_token

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

def use():
    client = sm_token.Client(ca_file=os.environ["SSL_CERT_FILE"])
    for _ in range(20):
        client.authorization()
        client.token()
    client.invalidate(client.token())
    client.authorization()
    try:
        client.invalidate(7)
    except TypeError:
        pass

def many(times):
    for _ in range(times):
        use()
    gc.collect()

many(30)
tracemalloc.start()
many(5)
objects, memory = tracemalloc.get_traced_memory()[0], resident()
many(100)
print(tracemalloc.get_traced_memory()[0] - objects, resident() - memory)
"""


# contract: wait-bounded
@pytest.mark.parametrize("read", ["token", "authorization"])
def test_a_wait_of_zero_returns_at_once_and_its_request_goes_on(
    read: str, real: Real, at_real: NewClient
) -> None:
    client = at_real()
    real.settings(delay_ms=400)
    try:
        began = time.monotonic()
        with pytest.raises(sm_token.TimeoutError, match="the request goes on") as raised:
            getattr(client, read)(wait=0)
        assert time.monotonic() - began < 0.3
        assert raised.value.retryable
        assert raised.value.retry_after is None
        assert getattr(client, read)(wait=timedelta(seconds=20))
    finally:
        real.settings(delay_ms=0)


@pytest.mark.parametrize("wait", [-1, -0.001, float("nan"), timedelta(seconds=-1)])
def test_a_negative_wait_is_refused(wait: Any, at: NewClient) -> None:
    with pytest.raises(sm_token.ConfigError, match="wait is negative"):
        at("http://127.0.0.1:1").token(wait=wait)


# contract: freed
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_hundred_clients_leave_nothing_behind(
    program: Program, real_environment: dict[str, str], figure: Figure
) -> None:
    done = program("-c", LEAKS, env=real_environment)
    assert done.returncode == 0, done.stderr
    objects, memory = map(int, done.stdout.split())
    figure(f"100 clients, 200 requests: {objects} bytes of Python objects and {memory} of memory more")
    assert objects < 2_000
    assert memory < 2_000_000
