"""`Client.token_async`: what is not in memory is awaited, on a thread that waits for all tasks at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sm_token._core import cached_token, promise_token
from sm_token._errors import Error

if TYPE_CHECKING:
    from sm_token import Client, Token

    TokenFuture = asyncio.Future[Token]


async def token(client: Client) -> Token:
    current = cached_token(client)
    if current is not None:
        return current
    event_loop = running_loop()
    future: TokenFuture = event_loop.create_future()
    promise_token(client, event_loop, future)
    return await future


async def authorization(client: Client) -> str:
    return (await token(client)).authorization


def running_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "no asyncio event loop is running here; under trio use anyio.to_thread.run_sync(client.token)"
        ) from None


def settle(future: TokenFuture, outcome: Token | Error) -> None:
    """Runs on the future's own loop; the task that waited may have been cancelled meanwhile."""
    if future.done():
        return
    if isinstance(outcome, Error):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
