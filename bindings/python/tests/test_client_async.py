"""`await client.token_async()`: from memory at once, and else without holding up an event loop."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import inspect
import logging
import os
import sys
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
import sm_token
from harness.interruptible import AT_ONCE, interrupt, start
from servers.started import Misbehaving, Real

NewClient = Callable[..., sm_token.Client]
Figure = Callable[[str], None]
T = TypeVar("T")

# The longest that the loop may be held up, in seconds; and how often a busy machine may spoil it. The timer
# of Windows ticks each 16 ms.
LONGEST_GAP = 0.02 if sys.platform != "win32" else 0.1
TRIES = 5


def ends_at_once(awaitable: Awaitable[T]) -> T:
    """What comes of a coroutine that never waits."""
    coroutine = awaitable.__await__()
    try:
        next(coroutine)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise AssertionError("it waits")


def threads_of_process() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def descriptors_of_process() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def ends_within(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Waits until a condition no longer holds; returns whether that came in time."""
    give_up = time.monotonic() + seconds
    while condition() and time.monotonic() < give_up:
        time.sleep(0.01)
    return not condition()


def test_what_is_in_memory_is_answered_without_waiting(at_real: NewClient) -> None:
    client = at_real()
    token = client.token()
    assert ends_at_once(client.token_async()) is token
    assert ends_at_once(client.authorization_async()) == token.authorization


@pytest.mark.parametrize("name", ["token_async", "authorization_async"])
def test_it_is_a_coroutine_function(name: str, at_real: NewClient) -> None:
    assert inspect.iscoroutinefunction(getattr(at_real(), name))
    method = getattr(sm_token.Client, name)
    assert inspect.iscoroutinefunction(method)
    assert (method.__module__, method.__qualname__) == ("sm_token", f"Client.{name}")


def test_a_cold_client_fetches(at_real: NewClient) -> None:
    client = at_real()
    assert asyncio.run(client.token_async()) == client.token()


def test_the_authorization_can_be_awaited(at_real: NewClient) -> None:
    client = at_real()
    assert asyncio.run(client.authorization_async()) == client.authorization()


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_a_thousand_tasks_on_a_cold_client_make_one_request_and_two_threads(
    at_real: NewClient, real: Real, figure: Figure
) -> None:
    real.settings(delay_ms=300)
    client = at_real()

    async def wait() -> tuple[int, set[str]]:
        before = threads_of_process()
        tasks = [asyncio.create_task(client.token_async()) for _ in range(1000)]
        await asyncio.sleep(0.1)
        more = threads_of_process() - before
        return more, {token.access_token for token in await asyncio.gather(*tasks)}

    more, given = asyncio.run(wait())
    requests = real.counts()["token_requests"]
    figure(f"1 000 tasks on a cold client: {requests} request, {more} threads")
    assert (len(given), requests) == (1, 1)
    # The request's own, and the one that waits.
    assert more <= 2


def test_tasks_of_many_loops_wait_for_one_request(at_real: NewClient, real: Real) -> None:
    real.settings(delay_ms=300)
    client, start = at_real(), threading.Barrier(8)

    async def many() -> set[str]:
        return {
            token.access_token for token in await asyncio.gather(*(client.token_async() for _ in "12345"))
        }

    def run(_: int) -> set[str]:
        start.wait()
        return asyncio.run(many())

    with ThreadPoolExecutor(8) as pool:
        given = set.union(*pool.map(run, range(8)))
    assert len(given) == 1
    assert real.counts()["token_requests"] == 1


def test_tasks_and_threads_wait_for_one_request(at_real: NewClient, real: Real) -> None:
    real.settings(delay_ms=200)
    client = at_real()
    with ThreadPoolExecutor(1) as pool:
        thread = pool.submit(client.token)
        token = asyncio.run(client.token_async())
        assert thread.result() == token
    assert real.counts()["token_requests"] == 1


def test_the_loop_is_not_held_up_while_a_token_is_fetched(
    at_real: NewClient, real: Real, figure: Figure
) -> None:
    real.settings(delay_ms=500)

    async def longest_gap() -> float:
        waiting = asyncio.create_task(at_real().token_async())
        start = last = time.monotonic()
        longest = 0.0
        while not waiting.done():
            await asyncio.sleep(0.001)
            beat = time.monotonic()
            longest, last = max(longest, beat - last), beat
        assert last - start > 0.5
        return longest

    gaps: list[float] = []
    while not gaps or (min(gaps) > LONGEST_GAP and len(gaps) < TRIES):
        gaps.append(asyncio.run(longest_gap()))
    figure(f"longest gap of the event loop's heartbeat in a 500 ms fetch: {min(gaps) * 1000:.1f} ms")
    assert min(gaps) <= LONGEST_GAP


# contract: wait-async
def test_no_executor_is_used(at_real: NewClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the executor belongs to the program")

    monkeypatch.setattr(asyncio.BaseEventLoop, "run_in_executor", refuse)
    assert asyncio.run(at_real().token_async()).token_type == "Bearer"


def test_the_others_get_their_token_though_one_is_cancelled(
    at_real: NewClient, real: Real, caplog: pytest.LogCaptureFixture
) -> None:
    real.settings(delay_ms=200)
    client = at_real()

    async def wait() -> list[sm_token.Token | BaseException]:
        tasks = [asyncio.create_task(client.token_async()) for _ in range(3)]
        await asyncio.sleep(0.05)
        tasks[0].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, *others = asyncio.run(wait())
    assert isinstance(first, asyncio.CancelledError)
    assert others == [client.token()] * 2
    # Where a loop's callbacks complain.
    assert "asyncio" not in {record.name for record in caplog.records}
    assert real.counts()["token_requests"] == 1


def test_a_deadline_of_the_tasks_own_holds(misbehaving: Misbehaving, at: NewClient) -> None:
    client = at(misbehaving.play(["hang"]).base_url)

    async def wait() -> float:
        start = time.monotonic()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.token_async(), 0.2)
        return time.monotonic() - start

    assert 0.2 <= asyncio.run(wait()) < 1


def test_each_task_gets_an_exception_of_its_own(misbehaving: Misbehaving, at: NewClient) -> None:
    playing = misbehaving.play({"status": 401, "body": {"error": "invalid_client"}})
    client = at(playing.base_url)

    async def wait() -> list[sm_token.Token | BaseException]:
        return await asyncio.gather(*(client.token_async() for _ in range(3)), return_exceptions=True)

    failures = asyncio.run(wait())
    assert [type(failure) for failure in failures] == [sm_token.InvalidClientError] * 3
    assert len({id(failure) for failure in failures}) == 3
    assert len(playing.received()) == 1


def test_a_thousand_refusals_of_one_token_make_one_request(
    at_real: NewClient, real: Real, figure: Figure
) -> None:
    client = at_real()
    refused = client.authorization()

    async def is_refused() -> str:
        client.invalidate(refused)
        return await client.authorization_async()

    async def many() -> set[str]:
        return set(await asyncio.gather(*(is_refused() for _ in range(1000))))

    given = asyncio.run(many())
    refetches = real.counts()["token_requests"] - 1
    figure(f"1 000 refusals of one token in tasks: {refetches} request")
    assert (len(given - {refused}), refetches) == (1, 1)


def test_shutting_down_lets_waiting_tasks_go_at_once(misbehaving: Misbehaving, at: NewClient) -> None:
    playing = misbehaving.play(["hang"])
    client = at(playing.base_url)

    async def wait() -> float:
        tasks = [asyncio.create_task(client.token_async()) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.to_thread(playing.received, 1)
        shut_down = time.monotonic()
        client.shutdown()
        came = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(outcome) for outcome in came} == {sm_token.CanceledError}
        return time.monotonic() - shut_down

    assert asyncio.run(wait()) < AT_ONCE


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_a_client_that_is_no_longer_used_lets_its_threads_go(misbehaving: Misbehaving, at: NewClient) -> None:
    async def wait() -> None:
        # Neither the client nor the task is there when this ends.
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(at(misbehaving.play(["hang"]).base_url).token_async(), 0.2)

    before = threads_of_process()
    asyncio.run(wait())
    gc.collect()
    assert ends_within(lambda: threads_of_process() > before)


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are counted in /proc")
def test_a_loop_that_is_closed_while_a_task_waits_keeps_nothing(
    misbehaving: Misbehaving, at: NewClient
) -> None:
    def leave_a_task_behind() -> weakref.ref[sm_token.Client]:
        client = at(f"{misbehaving.base_url}/hang-in-body")
        event_loop = asyncio.new_event_loop()

        async def wait() -> None:
            background.append(asyncio.ensure_future(client.token_async()))
            await asyncio.sleep(0.1)

        background: list[asyncio.Future[sm_token.Token]] = []
        event_loop.run_until_complete(wait())
        event_loop.close()
        return weakref.ref(client)

    before = descriptors_of_process()
    client = leave_a_task_behind()
    gc.collect()
    assert client() is None
    assert ends_within(lambda: descriptors_of_process() > before)


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are counted in /proc")
def test_tasks_that_give_up_leave_no_descriptor_behind(misbehaving: Misbehaving, at: NewClient) -> None:
    playing = misbehaving.play(["hang"])
    client = at(playing.base_url)

    async def give_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.token_async(), 0.02)

    async def give_up_many_times() -> int:
        await give_up()
        # The request has its descriptors from now on.
        assert await asyncio.to_thread(playing.received, 1, 10_000)
        before = descriptors_of_process()
        for _ in range(20):
            await give_up()
        return descriptors_of_process() - before

    assert asyncio.run(give_up_many_times()) <= 0
    client.shutdown()


def test_a_record_is_emitted_in_the_context_of_a_task_that_waited(
    misbehaving: Misbehaving, at: NewClient
) -> None:
    task_name = contextvars.ContextVar("task_name", default="none")
    seen: list[str] = []

    class Sees(logging.Handler):
        def emit(self, _: logging.LogRecord) -> None:
            seen.append(task_name.get())

    async def wait() -> None:
        task_name.set("the waiting one")
        await at(f"{misbehaving.base_url}/token").token_async()

    logger, handler = logging.getLogger("sm_token"), Sees()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        asyncio.run(wait())
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert set(seen) == {"the waiting one"}


def test_what_happens_meanwhile_is_told_on_the_loops_thread(
    misbehaving: Misbehaving, at: NewClient, caplog: pytest.LogCaptureFixture
) -> None:
    busy = {"status": 503, "headers": {"Retry-After": "0"}, "body": ""}
    token = {"body": {"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"}}
    client = at(misbehaving.play(busy, token).base_url)
    with caplog.at_level(logging.DEBUG, logger="sm_token"):
        asyncio.run(client.token_async())
    assert [record.levelname for record in caplog.records] == ["DEBUG", "WARNING", "DEBUG", "INFO"]
    assert {record.thread for record in caplog.records} == {threading.get_ident()}


def levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.levelname for record in caplog.records if record.name == "sm_token"]


class NoReaders(asyncio.SelectorEventLoop):
    """As Windows' ProactorEventLoop."""

    def add_reader(self, *_: object) -> None:
        raise NotImplementedError


def event_loops() -> list[Callable[[], asyncio.AbstractEventLoop]]:
    if sys.platform == "win32":
        return [asyncio.SelectorEventLoop, asyncio.ProactorEventLoop]
    import uvloop

    return [asyncio.SelectorEventLoop, NoReaders, uvloop.new_event_loop]


@pytest.mark.parametrize("new_loop", event_loops())
def test_what_happens_is_logged_while_a_task_waits(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
    misbehaving: Misbehaving,
    at: NewClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    busy = {"status": 503, "headers": {"Retry-After": "0"}, "body": ""}
    client = at(misbehaving.play(busy, ["hang"]).base_url)

    async def wait() -> None:
        waiting = asyncio.create_task(client.token_async())
        give_up = time.monotonic() + 10
        while len(levels(caplog)) < 3 and time.monotonic() < give_up:
            await asyncio.sleep(0.01)
        assert levels(caplog) == ["DEBUG", "WARNING", "DEBUG"]
        assert not waiting.done()
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()

    event_loop = new_loop()
    try:
        with caplog.at_level(logging.DEBUG, logger="sm_token"):
            event_loop.run_until_complete(wait())
    finally:
        event_loop.close()


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_what_happens_after_all_tasks_have_given_up_is_logged_in_the_next_call(
    misbehaving: Misbehaving, at: NewClient, caplog: pytest.LogCaptureFixture
) -> None:
    busy = {"status": 503, "headers": {"Retry-After": "0"}, "body": ""}
    token = {"body": {"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"}}
    late_and_busy = ["read_request", {"sleep_ms": 500}, {"respond": busy}]
    playing = misbehaving.play(late_and_busy, token)
    client = at(playing.base_url)

    async def give_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.token_async(), 0.1)

    threads = threads_of_process()
    with caplog.at_level(logging.DEBUG, logger="sm_token"):
        asyncio.run(give_up())
        before = levels(caplog)
        assert ends_within(lambda: threads_of_process() > threads)
        assert len(playing.received()) == 2
        assert levels(caplog) == before
        assert client.token().access_token == "a-token"
    assert levels(caplog) == ["DEBUG", "WARNING", "DEBUG", "INFO"]


def test_without_an_event_loop_it_says_what_to_do(at_real: NewClient) -> None:
    with pytest.raises(RuntimeError, match=r"run client\.token\(\) in a thread"):
        ends_at_once(at_real().token_async())


WAITS = """
import asyncio, os, signal, sys, threading, time
import sm_token

client = sm_token.Client("id", "secret", base_url=os.environ["HANGS_AT"], ca_file=os.environ["CA_FILE"])

async def wait():
    print("ready", flush=True)
    await client.token_async()
"""

# What a program does to its loop while a task waits; each ends with nothing on standard error.
ENDS = {
    "interrupted": """
try:
    asyncio.run(wait())
except KeyboardInterrupt:
    print(time.monotonic())
""",
    "cancelled": """
async def enough():
    try:
        await asyncio.wait_for(wait(), 0.2)
    except asyncio.TimeoutError:
        print(time.monotonic())
asyncio.run(enough())
""",
    "closed": """
loop = asyncio.new_event_loop()
waiting = loop.create_task(wait())
loop.run_until_complete(asyncio.sleep(0.2))
waiting.cancel()
loop.run_until_complete(asyncio.gather(waiting, return_exceptions=True))
loop.close()
client.shutdown()
time.sleep(0.1)
print(time.monotonic())
""",
}


@pytest.mark.parametrize("end", ENDS)
def test_a_program_whose_task_waits_ends_at_once_and_in_silence(end: str, misbehaving: Misbehaving) -> None:
    process = start(
        [sys.executable, "-c", WAITS + ENDS[end]],
        env={
            "PATH": os.environ["PATH"],
            "HANGS_AT": f"{misbehaving.base_url}/hang-in-body",
            "CA_FILE": misbehaving.ca_file,
        },
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    if end == "interrupted":
        # The handler is in place once the loop runs, which it does now.
        time.sleep(0.1)
        interrupt(process)
    sent = time.monotonic()
    told, complaints = process.communicate(timeout=20)
    assert complaints == ""
    assert process.returncode == 0
    if end == "interrupted":
        assert float(told) - sent < AT_ONCE
    assert time.monotonic() - float(told) < 1
