"""One accepted connection of the misbehaving server, before and after its TLS handshake."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass

# No test needs more; what a forgotten client holds is let go.
LONGEST_S = 120.0
MOST_SENT = 256 * 1024 * 1024
MOST_HEAD = 1024 * 1024


class Over(Exception):
    """The connection is over: the peer went, or the script ended it."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case; what came twice is joined by a comma."""
    body: str | None
    """`None` where the script did not read that far."""


class Wire:
    def __init__(self, accepted: socket.socket, context: ssl.SSLContext | None) -> None:
        self._socket = accepted
        self._context = context
        self._read = b""
        self._sent = 0
        self._until = time.monotonic() + LONGEST_S
        self.request: Request | None = None
        self._body_read = False
        self.tls_version: str | None = None

    # What leads to the request; each step is taken once, however often it is asked for.

    def client_hello(self) -> None:
        """Waits for the peer's first bytes and leaves them where the handshake will find them."""
        with self._peer_may_go():
            if not self._socket.recv(1, socket.MSG_PEEK):
                raise Over

    def handshake(self) -> None:
        if self._context is None or isinstance(self._socket, ssl.SSLSocket):
            return
        with self._peer_may_go():
            wrapped = self._context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
            self._socket = wrapped
            wrapped.do_handshake()
            self.tls_version = wrapped.version()

    def begin_handshake(self, most: int) -> None:
        """Sends the first `most` bytes of what a server answers to the ClientHello."""
        if self._context is None:
            raise ValueError("this port speaks no TLS")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = self._context.wrap_bio(incoming, outgoing, server_side=True)
        while not outgoing.pending:
            incoming.write(self._receive())
            with contextlib.suppress(ssl.SSLWantReadError):
                session.do_handshake()
        self.send(outgoing.read()[:most])

    def read_connect(self) -> None:
        """Reads a request to a proxy, before any handshake."""
        while b"\r\n\r\n" not in self._read:
            self._read += self._receive()
        _, _, self._read = self._read.partition(b"\r\n\r\n")

    def read_head(self) -> Request:
        if self.request is None:
            self.handshake()
            while b"\r\n\r\n" not in self._read:
                if len(self._read) > MOST_HEAD:
                    raise Over
                self._read += self._receive()
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            self.request = _parse(head)
        return self.request

    def read_request(self) -> Request:
        request = self.read_head()
        if not self._body_read:
            self._body_read = True
            length = int(request.headers.get("content-length", 0))
            body = self._take(length).decode("utf-8", "replace")
            request = Request(request.method, request.path, request.headers, body)
            self.request = request
        return request

    def take(self, size: int) -> bytes:
        """The peer's next bytes, whatever they mean."""
        return self._take(size)

    # What is sent.

    def send(self, data: bytes) -> None:
        self._sent += len(data)
        if self._sent > MOST_SENT:
            raise Over
        with self._peer_may_go():
            self._socket.sendall(data)

    def rest(self, seconds: float) -> None:
        """Lets time pass, or ends with the peer if that goes first."""
        deadline = min(time.monotonic() + seconds, self._until)
        while (left := deadline - time.monotonic()) > 0:
            readable, _, _ = select.select([self._socket], [], [], left)
            if readable and self._peer_is_gone():
                raise Over
            if readable:
                # It said something that the script is not reading yet: just let the time pass.
                time.sleep(max(0.0, deadline - time.monotonic()))

    def hang(self) -> None:
        """Says nothing until the peer has had enough."""
        while True:
            self._receive()

    # How it ends.

    def reset(self) -> None:
        """RST: the peer loses even what it has not read yet."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()
        raise Over

    def cut(self) -> None:
        """FIN without TLS's close_notify, as a broken middlebox ends a connection."""
        self._finish()
        raise Over

    def close(self) -> None:
        if isinstance(self._socket, ssl.SSLSocket):
            self._socket.settimeout(0.2)
            with contextlib.suppress(OSError, ValueError):
                self._socket.unwrap()
        self._finish()
        raise Over

    def abandon(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()

    def _finish(self) -> None:
        """Closes without the reset that unread bytes would turn the closing into."""
        with contextlib.suppress(OSError, ValueError):
            socket.socket.shutdown(self._socket, socket.SHUT_WR)
            self._socket.settimeout(1)
            while socket.socket.recv(self._socket, 65536):
                pass
        self.abandon()

    def _receive(self) -> bytes:
        with self._peer_may_go():
            received = self._socket.recv(65536)
        if not received:
            raise Over
        return received

    def _take(self, size: int) -> bytes:
        while len(self._read) < size:
            self._read += self._receive()
        taken, self._read = self._read[:size], self._read[size:]
        return taken

    def _peer_is_gone(self) -> bool:
        try:
            # The bytes below TLS: `ssl.SSLSocket` takes no flags.
            return not socket.socket.recv(self._socket, 1, socket.MSG_PEEK)
        except OSError:
            return True

    @contextlib.contextmanager
    def _peer_may_go(self) -> Iterator[None]:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Over
        try:
            self._socket.settimeout(left)
            yield
        except (OSError, ValueError) as gone:
            raise Over from gone


def _parse(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key, value = name.strip().lower(), value.strip()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return Request(method, rest.rpartition(" ")[0], headers, None)
