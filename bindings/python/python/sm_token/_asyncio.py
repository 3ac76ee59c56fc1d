"""The tasks of asyncio that wait for a token."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from sm_token._waiters import MOST_BYTES, Waiters

if TYPE_CHECKING:
    from sm_token._core import Client


class AsyncioWaiters(Waiters):
    _event_loop: asyncio.AbstractEventLoop

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        try:
            self._event_loop.add_reader(self._socket, self._read)
            self._has_reader = True
        except NotImplementedError:
            self._has_reader = False
            threading.Thread(
                target=_read_in_thread,
                args=(self._socket.dup(), self._event_loop, self._wait.emit, self._has_ended.set),
                daemon=True,
            ).start()

    @staticmethod
    def running_loop() -> asyncio.AbstractEventLoop:
        try:
            return asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError(
                "no event loop of asyncio or trio is running here; run client.token() in a thread"
            ) from None

    @staticmethod
    def _new_event() -> asyncio.Event:
        return asyncio.Event()

    def _stop_reading(self) -> None:
        if self._has_reader and self._is_of_this_process() and not self._event_loop.is_closed():
            self._event_loop.remove_reader(self._socket)
        self._has_reader = False

    def _close(self) -> None:
        if self._is_of_this_process():
            # Ends the thread that reads, where there is one.
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        super()._close()


def _read_in_thread(
    reader: socket.socket,
    event_loop: asyncio.AbstractEventLoop,
    emit: Callable[[], None],
    end: Callable[[], None],
) -> None:
    """Reads a socket until it ends, for a loop that has no readers, such as that of Windows; on a thread of
    Python's own."""
    # A loop that is closed has no task left (RuntimeError); Windows may call the end of a socket an error.
    with reader, contextlib.suppress(RuntimeError, ConnectionError):
        reader.setblocking(True)
        while reader.recv(MOST_BYTES):
            event_loop.call_soon_threadsafe(emit)
        event_loop.call_soon_threadsafe(end)
