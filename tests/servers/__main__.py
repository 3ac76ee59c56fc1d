"""Starts the servers of the tests.

    python -m servers real [--lifetime-s N] [--delay-ms N]
    python -m servers misbehaving
    python -m servers proxies
    python -m servers run SERVER [SERVER ...] [OPTION ...] -- COMMAND [ARGUMENT ...]

A server prints one line of JSON on standard output as soon as it accepts connections, and runs until its
standard input ends or SIGTERM comes, so that it never outlives who started it. `run` starts the servers,
runs the command with the environment variables that lead to them, and exits as the command did.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn, Protocol

from servers.authority import Authority

KINDS = ("real", "misbehaving", "proxies")

# The variables by which a command that `run` starts finds a server: name -> key of the description.
VARIABLES = {
    "real": {
        "SMX_CLIENT_ID": "client_id",
        "SMX_CLIENT_SECRET": "client_secret",
        "SMX_BASE_URL": "base_url",
        "SM_TOKEN_CA_FILE": "ca_file",
        "SM_TOKEN_CONTROL_URL": "control_url",
        "SM_TOKEN_ODD_CLIENT_ID": "odd_client_id",
        "SM_TOKEN_ODD_CLIENT_SECRET": "odd_client_secret",
    },
    "misbehaving": {
        "SM_TOKEN_MISBEHAVING_URL": "base_url",
        "SM_TOKEN_MISBEHAVING_CONTROL_URL": "control_url",
        "SM_TOKEN_CA_FILE": "ca_file",
    },
    "proxies": {},
}


class Server(Protocol):
    @property
    def description(self) -> dict[str, object]: ...

    def close(self) -> None: ...


def main(arguments: list[str]) -> int:
    arguments, command = _split(arguments)
    parser = argparse.ArgumentParser(
        prog="python -m servers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("servers", nargs="+", choices=[*KINDS, "run"], metavar="SERVER")
    parser.add_argument("--lifetime-s", type=int, default=3600, help="of a token of the real server")
    parser.add_argument("--delay-ms", type=int, default=0, help="of each answer to a token request")
    parser.add_argument("--authority", type=Path, help="directory of an authority that exists")
    options = parser.parse_args(arguments)

    first, *rest = options.servers
    if first == "run":
        if not rest or not command:
            parser.error("run SERVER -- COMMAND")
        return run(rest, command, options)
    if rest or command:
        parser.error("one server at a time, unless it is for `run`")
    return serve(first, options)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def serve(kind: str, options: argparse.Namespace) -> int:
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())

    def until_input_ends() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        end.set()

    with running([kind], options) as (server,):
        print(json.dumps(server.description), flush=True)
        threading.Thread(target=until_input_ends, name="standard input", daemon=True).start()
        end.wait()
    return 0


def run(kinds: list[str], command: list[str], options: argparse.Namespace) -> int:
    def exit_as_terminated(*_: object) -> NoReturn:
        sys.exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, exit_as_terminated)
    with running(kinds, options) as servers:
        environment = dict(os.environ)
        for kind, server in zip(kinds, servers, strict=True):
            environment |= {name: str(server.description[key]) for name, key in VARIABLES[kind].items()}
            # The whole description too, for what has no variable of its own.
            environment[f"SM_TOKEN_{kind.upper()}_SERVER"] = json.dumps(server.description)
        return subprocess.run(command, check=False, env=environment).returncode


@contextlib.contextmanager
def running(kinds: list[str], options: argparse.Namespace) -> Iterator[list[Server]]:
    """The servers, trusted under one authority; what they keep on disk goes when they do."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sm-token-servers-")))
        authority = Authority(options.authority) if options.authority else Authority.create(directory)
        servers = []
        for kind in kinds:
            server = start(kind, authority, directory, options)
            stack.callback(server.close)
            servers.append(server)
        yield servers


def start(kind: str, authority: Authority, directory: Path, options: argparse.Namespace) -> Server:
    # Each kind's packages are imported only where it is started: Django alone takes half a second.
    if kind == "real":
        from servers.real import RealServer

        return RealServer(authority, directory, lifetime_s=options.lifetime_s, delay_ms=options.delay_ms)
    if kind == "misbehaving":
        from servers.misbehaving import MisbehavingServer

        return MisbehavingServer(authority)
    from servers.proxies import Proxies

    return Proxies(authority, directory)


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    # Connections that a test left hanging hold threads that nobody needs to wait for.
    os._exit(status)
