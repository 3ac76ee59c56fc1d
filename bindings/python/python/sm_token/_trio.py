"""The tasks of trio that wait for a token, those of anyio's trio backend among them."""

from __future__ import annotations

import contextlib
import contextvars
from typing import TYPE_CHECKING

import trio

from sm_token._waiters import Waiters

if TYPE_CHECKING:
    from sm_token._core import Client


class TrioWaiters(Waiters):
    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._reads = True
        # For whichever task is cancelled, one that reads for all of them; in the context of the first.
        trio.lowlevel.spawn_system_task(self._read_to_the_end, context=contextvars.copy_context())

    @staticmethod
    def running_loop() -> trio.lowlevel.TrioToken:
        return trio.lowlevel.current_trio_token()

    @staticmethod
    def _new_event() -> trio.Event:
        return trio.Event()

    async def _read_to_the_end(self) -> None:
        with contextlib.suppress(trio.ClosedResourceError):
            while self._reads:
                await trio.lowlevel.wait_readable(self._socket)
                self._read()

    def _stop_reading(self) -> None:
        if self._reads and self._is_of_this_process():
            trio.lowlevel.notify_closing(self._socket)
        self._reads = False
