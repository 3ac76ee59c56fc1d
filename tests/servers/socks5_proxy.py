"""A SOCKS5 proxy as a process of its own: tiny-proxy, which here resolves one name more.

It is started, and speaks, as `http_proxy.py` does.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading

import anyio
from tiny_proxy import SocketStream, Socks5Proxy, Socks5ProxyHandler

from servers.authority import PROXIED_NAME


class ResolvesOneNameMore(Socks5Proxy):  # type: ignore[misc] # tiny-proxy is not typed
    async def negotiate(self) -> tuple[str, int]:
        host, port = await super().negotiate()
        print(f"carries {host}:{port}", flush=True)
        return ("127.0.0.1" if host == PROXIED_NAME else host), port


class Handler(Socks5ProxyHandler):  # type: ignore[misc]
    def create_proxy(self, stream: SocketStream) -> Socks5Proxy:
        return ResolvesOneNameMore(stream, self.username, self.password)


async def serve(username: str | None, password: str | None) -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    print(listener.extra(anyio.abc.SocketAttribute.local_port), flush=True)  # noqa: S610 - not Django's
    await listener.serve(Handler(username, password).handle)


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    logging.disable()

    def until_input_ends() -> None:
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=until_input_ends, daemon=True).start()
    anyio.run(serve, settings["username"], settings["password"])


if __name__ == "__main__":
    main()
