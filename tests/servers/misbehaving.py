"""A server that does on purpose what servers and networks do by accident.

What it does is a script (`script.py`), chosen by the first segment of the request's path, or by the port
where the fault comes before a path is read. The control port:

    POST   /scripts        {"steps": [...]}                 -> {"key", "base_url", "plain_base_url"}
    POST   /scripts        {"steps": [...], "port": {...}}  -> {"key", "base_url", "port"}
                           port: {"tls": true, "certificate": "good", "version": null, "scheme": null}
    GET    /requests/KEY   [?at_least=N&within_ms=M]        -> what was received, a line for each connection
    DELETE /requests/KEY   forgets them, and begins the script anew
"""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import select
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

from servers import named_scripts, script
from servers.authority import CERTIFICATES, Authority
from servers.control import Control, Refused
from servers.wire import Over, Request, Wire

MOST_CONNECTIONS = 512

VERSIONS = {"1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class MisbehavingServer:
    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._played = {name: Played(script.parse(steps)) for name, steps in named_scripts.BY_PATH.items()}
        self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)
        good = _context(authority, "good")
        self._tls = _listen(good, self._by_path, self._room)
        self._plain = _listen(None, self._by_path, self._room)
        self._ports = {
            name: self._open_port(name, script.parse(steps), port)
            for name, (steps, port) in named_scripts.BY_PORT.items()
        }
        self._ports["refused"] = f"https://localhost:{_port_that_refuses()}"
        self._ports["full-backlog"] = f"https://localhost:{_port_that_never_accepts()}"
        token = script.parse([named_scripts.TOKEN])
        self._certificates = {
            name: self._open_port(f"certificate-{name}", token, {"certificate": name})
            for name in CERTIFICATES
        }
        self._control = Control(
            {
                "POST scripts": lambda _, __, body: self._add(**body),
                "GET requests": lambda key, query, _: self._find(key).received(
                    **{name: int(value) for name, value in query.items()}
                ),
                "DELETE requests": lambda key, *_: self._find(key).restart(),
            }
        )

    @property
    def description(self) -> dict[str, object]:
        return {
            "base_url": f"https://localhost:{self._tls}",
            "plain_base_url": f"http://localhost:{self._plain}",
            "ca_file": str(self._authority.ca_file),
            "control_url": self._control.url,
            "access_token": named_scripts.ACCESS_TOKEN,
            "scripts": sorted(named_scripts.BY_PATH),
            "ports": self._ports,
            "certificates": self._certificates,
        }

    def close(self) -> None:
        self._control.close()

    def _add(self, steps: Any, port: dict[str, Any] | None = None) -> dict[str, object]:
        parsed = script.parse(steps)
        key = secrets.token_hex(6)
        if port is not None:
            base_url = self._open_port(key, parsed, port)
            return {"key": key, "base_url": base_url, "port": int(base_url.rpartition(":")[2])}
        self._played[key] = Played(parsed)
        return {
            "key": key,
            "base_url": f"https://localhost:{self._tls}/{key}",
            "plain_base_url": f"http://localhost:{self._plain}/{key}",
        }

    def _open_port(self, key: str, steps: script.Script, port: dict[str, Any]) -> str:
        unknown = port.keys() - {"tls", "certificate", "version", "scheme", "client_certificate"}
        if unknown:
            raise Refused(f"a port has no {', '.join(sorted(unknown))}")
        tls = port.get("tls", True)
        context = (
            _context(self._authority, port.get("certificate", "good"), port.get("version")) if tls else None
        )
        if context and port.get("client_certificate"):
            context.load_verify_locations(self._authority.ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
        played = self._played[key] = Played(steps)
        number = _listen(context, played.play, self._room)
        return f"{port.get('scheme') or ('https' if tls else 'http')}://localhost:{number}"

    def _by_path(self, wire: Wire) -> None:
        first = wire.read_request().path.split("/")[1]
        try:
            played = self._find("default" if first == "o" else first)
        except Refused as unknown:
            wire.send(script.response({"status": 404, "body": {"error": str(unknown)}}))
            wire.close()
        else:
            played.play(wire)

    def _find(self, key: str) -> Played:
        if key not in self._played:
            original = self._played.get(key.partition("~")[0])
            if original is None:
                raise Refused(f"no script has the key {key!r}")
            self._played.setdefault(key, original.anew())
        return self._played[key]


class Played:
    """A script in play: how far it is, and what came in."""

    def __init__(self, steps: script.Script) -> None:
        self._steps = steps
        self._connections: list[tuple[float, Wire]] = []
        self._came = threading.Condition()

    def anew(self) -> Played:
        return Played(self._steps)

    def restart(self) -> None:
        with self._came:
            self._connections.clear()

    def play(self, wire: Wire) -> None:
        with self._came:
            step = self._steps[min(len(self._connections), len(self._steps) - 1)]
            self._connections.append((time.time(), wire))
            self._came.notify_all()
        script.perform(step, wire)

    def received(self, at_least: int = 0, within_ms: int = 0) -> list[dict[str, object]]:
        with self._came:
            self._came.wait_for(lambda: len(self._connections) >= at_least, within_ms / 1000)
            connections = list(self._connections)
        nothing = dict.fromkeys(field.name for field in dataclasses.fields(Request))
        return [
            {
                "connection": number,
                "at": at,
                "tls": wire.tls_version,
                **(dataclasses.asdict(wire.request) if wire.request else nothing),
            }
            for number, (at, wire) in enumerate(connections, start=1)
        ]


def _context(authority: Authority, certificate: str, version: str | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if certificate == "weak_key" or version == "1.1":
        # Today's OpenSSL has to be told twice.
        context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(authority.certificate(certificate))
    if version:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = VERSIONS[version]
    return context


def _listen(
    context: ssl.SSLContext | None, serve: Callable[[Wire], None], room: threading.BoundedSemaphore
) -> int:
    """Serves each connection to a free port on a thread of its own; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)

    def one(wire: Wire) -> None:
        try:
            with contextlib.suppress(Over):
                serve(wire)
        finally:
            wire.abandon()
            room.release()

    def forever() -> None:
        while True:
            accepted, _ = listener.accept()
            # Small pieces are often the point: they must not wait for the peer's delayed ACK.
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if room.acquire(blocking=False):
                threading.Thread(target=one, args=(Wire(accepted, context),), daemon=True).start()
            else:
                accepted.close()

    threading.Thread(target=forever, name="accepting", daemon=True).start()
    return int(listener.getsockname()[1])


# What the kernel does for a port by itself; the sockets stay open as long as this process.
_kept: list[socket.socket] = []


def _port_that_refuses() -> int:
    """A port that is taken, so that nobody else gets it, and where nobody listens."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    _kept.append(taken)
    return int(taken.getsockname()[1])


def _port_that_never_accepts() -> int:
    """A port whose backlog is full: the kernel drops what else wants in, as a firewall would."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    _kept.append(listener)
    for _ in range(8):
        filler = socket.socket()
        filler.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            filler.connect(listener.getsockname())
        _, connected, _ = select.select([], [filler], [], 0.1)
        if not connected:
            filler.close()
            break
        _kept.append(filler)
    return int(listener.getsockname()[1])
