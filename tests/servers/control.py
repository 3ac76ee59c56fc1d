"""A server's control port: JSON over plain HTTP on loopback, apart from the port under test."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# What a request asks for: the rest of the path, the query and the body (JSON, `None` if empty).
Answer = Callable[[str, "dict[str, str]", Any], Any]


class Refused(Exception):
    """The control request makes no sense; the text says why."""


class Control:
    """Answers `METHOD /first/rest` from the table `routes["METHOD first"]`."""

    def __init__(self, routes: dict[str, Answer]) -> None:
        self._server = _Server(("127.0.0.1", 0), _handler(routes))
        # It looks for the end as often as it polls.
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="control", daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def _handler(routes: dict[str, Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # A caller that keeps its connection must not wait for Nagle's algorithm and a delayed ACK.
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            url = urlsplit(self.path)
            first, _, rest = url.path.removeprefix("/").partition("/")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            route = routes.get(f"{self.command} {first}")
            try:
                if route is None:
                    known = ", ".join(sorted(routes))
                    raise Refused(f"no such control: {self.command} {url.path}; there are {known}")
                question = json.loads(body) if body else None
                status, answer = 200, route(unquote(rest), dict(parse_qsl(url.query)), question)
            except (Refused, ValueError, KeyError, TypeError) as wrong:
                status, answer = 400, {"error": f"{type(wrong).__name__}: {wrong}"}
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            """Standard error stays free for what went wrong."""

    return Handler
