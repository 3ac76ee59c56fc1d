"""A TCP relay that plays a long way to the server, and counts how often a client has to wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass


@dataclass
class Counted:
    connections: int = 0
    turns: int = 0
    """How often the client sent something and then heard from the server."""
    bytes_up: int = 0
    bytes_down: int = 0

    @property
    def round_trips(self) -> int:
        """A connection costs one before its first byte."""
        return self.connections + self.turns


class Relay:
    """Holds each piece back for `one_way_ms`. The connection itself is made on this machine at once, so the round
    trip that it would cost is added to the client's first piece."""

    def __init__(self, port: int, one_way_ms: float) -> None:
        self._server_port = port
        self._one_way_s = one_way_ms / 1000
        self._counted = Counted()
        self._loop = asyncio.new_event_loop()
        listening = threading.Event()
        threading.Thread(target=self._run, args=(listening,), name="relay", daemon=True).start()
        listening.wait()

    @property
    def base_url(self) -> str:
        return f"https://localhost:{self._port}"

    def take_count(self) -> Counted:
        """What was counted since the last time."""
        counted, self._counted = self._counted, Counted()
        return counted

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _end(self) -> None:
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _run(self, listening: threading.Event) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._relay, "127.0.0.1", 0))
        self._port: int = server.sockets[0].getsockname()[1]
        listening.set()
        self._loop.run_forever()

    async def _relay(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        connected_at = self._loop.time() + 2 * self._one_way_s
        counted = self._counted
        counted.connections += 1
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
        asked = False

        def up(length: int) -> float:
            nonlocal asked
            asked = True
            counted.bytes_up += length
            return max(self._loop.time(), connected_at) + self._one_way_s

        def down(length: int) -> float:
            nonlocal asked
            counted.turns += asked
            asked = False
            counted.bytes_down += length
            return self._loop.time() + self._one_way_s

        async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, up_or_down: object) -> None:
            assert callable(up_or_down)
            with contextlib.suppress(ConnectionError):
                while piece := await source.read(65536):
                    self._loop.call_at(up_or_down(len(piece)), sink.write, piece)
            self._loop.call_at(self._loop.time() + 2 * self._one_way_s, sink.close)

        await asyncio.gather(carry(from_client, to_server, up), carry(from_server, to_client, down))
