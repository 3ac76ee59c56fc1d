"""The tasks of an event loop that wait for a token, whichever library runs the loop."""

from __future__ import annotations

import os
import socket
import threading
import weakref
from typing import TYPE_CHECKING, Protocol

from sm_token._core import start_waiting

if TYPE_CHECKING:
    from sm_token._core import Client, Token


class _OfThread(threading.local):
    """Those of the event loop that runs on a thread."""

    def __init__(self) -> None:
        # The tasks that wait keep them: a loop that was closed with its tasks pending keeps nothing.
        self.waiters: weakref.WeakValueDictionary[Client, Waiters] = weakref.WeakValueDictionary()


_of_thread = _OfThread()


class Event(Protocol):
    """What the libraries' events have in common."""

    def set(self) -> None: ...
    async def wait(self) -> object: ...


# The bytes that are read at once: each says that there are log records, which are emitted all together.
MOST_BYTES = 64


class Waiters:
    """The tasks of one event loop that wait for the same token. Each library of event loops has a child."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._event_loop = self.running_loop()
        self._process = os.getpid()
        self._has_ended = self._new_event()
        self._tasks = 0
        self._wait, number = start_waiting(client)
        self._socket = socket.socket(fileno=number)

    @classmethod
    def of(cls, client: Client) -> Waiters:
        """Those of the running event loop that wait for a client's token; new ones where there are none."""
        waiters = _of_thread.waiters.get(client)
        if waiters is None or not waiters.can_be_joined(cls.running_loop()):
            waiters = _of_thread.waiters[client] = cls(client)
        return waiters

    @staticmethod
    def running_loop() -> object:
        """The event loop that runs the current task; RuntimeError where none does."""
        raise NotImplementedError

    @staticmethod
    def _new_event() -> Event:
        raise NotImplementedError

    def can_be_joined(self, event_loop: object) -> bool:
        return self._event_loop is event_loop and self._wait.is_open()

    async def wait(self) -> None:
        self._tasks += 1
        try:
            await self._has_ended.wait()
        finally:
            self._tasks -= 1
            if not self._tasks:
                self._close()

    def outcome(self) -> Token:
        return self._wait.outcome()

    def _read(self) -> None:
        """Called where the socket can be read."""
        try:
            has_records = bool(self._socket.recv(MOST_BYTES))
        except BlockingIOError:
            return
        if has_records:
            self._wait.emit()
        else:
            self._stop_reading()
            self._has_ended.set()

    def _stop_reading(self) -> None:
        """Ends the calls of `_read`. Can be repeated."""
        raise NotImplementedError

    def _is_of_this_process(self) -> bool:
        """In a child of a fork the loop's selector is shared with the parent, whose reader has to stay."""
        return self._process == os.getpid()

    def _close(self) -> None:
        self._stop_reading()
        self._socket.close()
        self._wait.leave()
        if _of_thread.waiters.get(self._client) is self:
            del _of_thread.waiters[self._client]
