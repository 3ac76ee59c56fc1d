"""`await client.token_async()` under trio, by itself and as a backend of anyio."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import logging
import ssl
import subprocess
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import anyio
import httpx
import pytest
import sm_token
import trio
import trio.testing
from servers.started import Misbehaving, Real

NewClient = Callable[..., sm_token.Client]
Program = Callable[..., "subprocess.CompletedProcess[str]"]

TOKEN = {"body": {"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"}}
BUSY = {"status": 503, "headers": {"Retry-After": "0"}, "body": ""}

# What a person notices, in seconds.
AT_ONCE = 0.1


def descriptors_of_process() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def all_of(client: sm_token.Client, count: int) -> list[sm_token.Token]:
    tokens: list[sm_token.Token] = []

    async def one() -> None:
        tokens.append(await client.token_async())

    async with trio.open_nursery() as nursery:
        for _ in range(count):
            nursery.start_soon(one)
    return tokens


def test_a_thousand_tasks_on_a_cold_client_make_one_request(at_real: NewClient, real: Real) -> None:
    real.settings(delay_ms=100)
    tokens = trio.run(all_of, at_real(), 1000)
    assert (len(tokens), len(set(tokens))) == (1000, 1)
    assert real.counts()["token_requests"] == 1


def test_what_is_in_memory_is_answered_at_once(at_real: NewClient) -> None:
    client = at_real()
    token = client.token()
    assert trio.run(client.token_async) is token
    assert trio.run(client.authorization_async) == token.authorization


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio_fetches_with_either_backend(backend: str, at_real: NewClient) -> None:
    client = at_real()

    async def wait() -> set[str]:
        given = set()

        async def one() -> None:
            given.add(await client.authorization_async())

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(one)
        return given

    assert anyio.run(wait, backend=backend) == {client.authorization()}


def test_a_thread_of_trio_waits_too(at_real: NewClient) -> None:
    client = at_real()

    async def wait() -> sm_token.Token:
        return await anyio.to_thread.run_sync(client.token)

    assert anyio.run(wait, backend="trio") is client.token()


def test_httpx_asks_under_trio(at_real: NewClient, companies: str, real: Real) -> None:
    client = at_real()

    async def ask() -> httpx.Response:
        trust = ssl.create_default_context(cafile=real.ca_file)
        auth = sm_token.HttpxAuth(client)
        async with httpx.AsyncClient(auth=auth, verify=trust, trust_env=False) as session:
            return await session.get(companies)

    assert trio.run(ask).status_code == 200


def test_other_tasks_run_while_a_token_is_fetched(at_real: NewClient, real: Real) -> None:
    real.settings(delay_ms=300)
    client, beats = at_real(), 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await trio.sleep(0.01)

    async def wait() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(beat)
            await client.token_async()
            nursery.cancel_scope.cancel()

    trio.run(wait)
    assert beats >= 10


def test_a_task_that_gives_up_leaves_the_others_their_wait(misbehaving: Misbehaving, at: NewClient) -> None:
    playing = misbehaving.play(["read_request", {"sleep_ms": 500}, {"respond": TOKEN}])
    client = at(playing.base_url)
    outcomes = []

    async def hurry() -> None:
        with trio.move_on_after(0.1):
            outcomes.append((await client.token_async()).access_token)
        outcomes.append("gave up")

    async def wait() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(hurry)
            await trio.testing.wait_all_tasks_blocked()
            outcomes.append((await client.token_async()).access_token)

    trio.run(wait)
    assert outcomes == ["gave up", "a-token"]
    assert len(playing.received()) == 1


def test_tasks_that_give_up_leave_nothing_behind(misbehaving: Misbehaving, at: NewClient) -> None:
    def give_up() -> weakref.ref[sm_token.Client]:
        client = at(f"{misbehaving.base_url}/hang-in-body")

        async def wait() -> None:
            for seconds in (0.05, 0.0):
                with trio.move_on_after(seconds):
                    await client.token_async()

        trio.run(wait)
        return weakref.ref(client)

    before = descriptors_of_process()
    clients = [give_up() for _ in range(5)]
    gc.collect()
    assert [client() for client in clients] == [None] * 5
    until = time.monotonic() + 10
    while descriptors_of_process() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert descriptors_of_process() <= before


def test_shutting_down_lets_waiting_tasks_go_at_once(misbehaving: Misbehaving, at: NewClient) -> None:
    playing = misbehaving.play(["hang"])
    client = at(playing.base_url)

    async def wait() -> float:
        shut_down_at = 0.0

        async def shut_down() -> None:
            nonlocal shut_down_at
            await trio.to_thread.run_sync(playing.received, 1)
            shut_down_at = time.monotonic()
            client.shutdown()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(shut_down)
            with pytest.raises(sm_token.CanceledError):
                await client.token_async()
        return time.monotonic() - shut_down_at

    assert trio.run(wait) < AT_ONCE


def test_one_client_serves_one_run_after_the_other(at_real: NewClient) -> None:
    client = at_real()
    given = set()
    for backend in ("trio", "asyncio", "trio", "asyncio"):
        client.invalidate()
        given.add(anyio.run(client.authorization_async, backend=backend))
    assert len(given) == 4


def test_what_happens_is_logged_while_a_task_waits_and_in_its_context(
    misbehaving: Misbehaving, at: NewClient
) -> None:
    task_name = contextvars.ContextVar("task_name", default="none")
    seen: list[tuple[str, str]] = []

    class Sees(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append((record.levelname, task_name.get()))

    client = at(misbehaving.play(BUSY, ["hang"]).base_url)

    async def wait() -> None:
        task_name.set("the waiting one")
        with trio.move_on_after(0.5):
            await client.token_async()

    logger, handler = logging.getLogger("sm_token"), Sees()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        trio.run(wait)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert seen == [(level, "the waiting one") for level in ("DEBUG", "WARNING", "DEBUG")]


def test_both_libraries_wait_where_trio_is_a_guest_of_asyncio(at_real: NewClient) -> None:
    client = at_real()
    given = []

    async def main() -> None:
        event_loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def done(outcome: object) -> None:
            given.append(outcome.unwrap())  # type: ignore[attr-defined]
            ended.set()

        trio.lowlevel.start_guest_run(
            client.authorization_async,
            run_sync_soon_threadsafe=event_loop.call_soon_threadsafe,
            done_callback=done,
        )
        given.append(await client.authorization_async())
        await ended.wait()

    asyncio.run(main())
    assert given == [client.authorization()] * 2
