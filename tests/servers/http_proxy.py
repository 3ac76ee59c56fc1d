"""An HTTP CONNECT proxy as a process of its own: proxy.py, which here resolves one name more.

Reads its settings as a line of JSON from standard input, tells its port in a line of standard output and each
connection that it carries in a further one, and ends with its standard input.
"""

from __future__ import annotations

import json
import os
import sys

import proxy
from proxy.http.proxy import HttpProxyBasePlugin

from servers.authority import PROXIED_NAME


class ResolvesOneNameMore(HttpProxyBasePlugin):
    """Asked when the password was right and before the connection is made."""

    def resolve_dns(self, host: str, port: int) -> tuple[str | None, tuple[str, int] | None]:
        # One write: proxy.py accepts in a process of its own, which shares this output.
        os.write(sys.stdout.fileno(), f"carries {host}:{port}\n".encode())
        return ("127.0.0.1" if host == PROXIED_NAME else None), None


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    # Arguments in memory: nothing of this shows in a list of processes.
    arguments = ["--hostname", "127.0.0.1", "--port", "0", "--num-acceptors", "1", "--num-workers", "1"]
    arguments += ["--log-level", "CRITICAL", "--data-dir", settings["directory"]]
    if settings["password"]:
        arguments += ["--basic-auth", f"{settings['username']}:{settings['password']}"]
    if settings["certificate"]:
        arguments += ["--cert-file", settings["certificate"], "--key-file", settings["certificate"]]
    with proxy.Proxy(arguments, plugins=[ResolvesOneNameMore]) as running:
        print(running.flags.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
