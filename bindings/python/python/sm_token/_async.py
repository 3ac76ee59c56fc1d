"""`Client.token_async`: what is not in memory is awaited; a socket wakes the event loop."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sm_token._core import cached_token

if TYPE_CHECKING:
    from sm_token._core import Client, Token
    from sm_token._waiters import Waiters


async def token(client: Client) -> Token:
    current = cached_token(client)
    if current is not None:
        return current
    waiters = _waiters().of(client)
    await waiters.wait()
    return waiters.outcome()


def _waiters() -> type[Waiters]:
    """Those of the library that runs the current task."""
    if _is_trio():
        from sm_token._trio import TrioWaiters

        return TrioWaiters
    from sm_token._asyncio import AsyncioWaiters

    return AsyncioWaiters


def _is_trio() -> bool:
    """Whether trio runs the current task. sniffio, which trio requires, also knows where one of asyncio and
    trio runs inside of the other."""
    if "trio" not in sys.modules:
        return False
    import sniffio

    return sniffio.thread_local.name == "trio"
