"""A server that gives everybody the same token at once, so that what is left is TLS and the client."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from pathlib import Path

from servers.authority import Authority

_BODY = json.dumps(
    {
        "access_token": "Zx3vVqjyQmJ0WcR8bL5tNfK2sHd7Gu",
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "all read write",
    }
).encode()
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(_BODY), _BODY)
)


class StaticServer:
    """Runs on threads of this process, which sleeps while a program is measured."""

    def __init__(self, authority: Authority) -> None:
        self._tls = _context(authority.certificate("good"))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self.requests = 0
        self.resumed = 0
        threading.Thread(target=self._accept, name="static server", daemon=True).start()

    @property
    def base_url(self) -> str:
        return f"https://localhost:{self.port}"

    def close(self) -> None:
        # A thread in accept() is not woken by close() alone.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._tls.wrap_socket(connection, server_side=True) as tls:
                _read_request(tls)
                self.requests += 1
                self.resumed += bool(tls.session_reused)
                tls.sendall(_ANSWER)
                tls.shutdown(socket.SHUT_WR)
                # Closing with something unread would reset the connection, and the answer with it.
                while tls.recv(4096):
                    pass


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _read_request(tls: ssl.SSLSocket) -> None:
    received = b""
    while b"client_credentials" not in received.partition(b"\r\n\r\n")[2]:
        piece = tls.recv(4096)
        if not piece:
            raise ConnectionError("the request ended early")
        received += piece
