"""The real server: the software behind the vendor's token endpoint, under TLS on loopback."""

from __future__ import annotations

import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter

from servers import credentials, site
from servers.authority import Authority
from servers.control import Control

# A thread for each of the most callers that a test lets loose at once: a delayed answer holds one.
THREADS = 300

StartResponse = Callable[..., Any]


class RealServer:
    def __init__(
        self, authority: Authority, directory: Path, *, lifetime_s: int = 3600, delay_ms: int = 0
    ) -> None:
        self._gate = _Gate(site.open_site(directory, lifetime_s), delay_ms)
        self._https = _QuietServer(
            ("127.0.0.1", 0),
            self._gate,
            numthreads=THREADS,
            request_queue_size=1024,
            timeout=30,
            shutdown_timeout=1,
        )
        self._https.ssl_adapter = _LazyHandshake(authority.certificate("good"))
        self._https.prepare()
        threading.Thread(target=self._https.serve, name="https", daemon=True).start()
        self._control = Control(
            {
                "GET counts": lambda *_: self._gate.counts(),
                "POST reset": lambda *_: self._gate.reset(),
                "POST settings": lambda _, __, body: self._settings(**body),
                "GET issued": lambda _, query, __: {"tokens": site.issued(query.get("client_id"))},
                "POST applications": lambda _, __, body: site.add_application(**body),
                "DELETE applications": lambda client_id, *_: {"deleted": site.delete_application(client_id)},
                "POST revoke": lambda _, __, body: {"revoked": site.revoke(body["token"])},
                "POST revoke_all": lambda *_: {"revoked": site.revoke_all()},
            }
        )
        self._authority = authority
        self._lifetime_s = lifetime_s

    @property
    def description(self) -> dict[str, object]:
        return {
            "base_url": f"https://localhost:{self._https.bind_addr[1]}",
            "ca_file": str(self._authority.ca_file),
            "control_url": self._control.url,
            "client_id": credentials.CLIENT_ID,
            "client_secret": credentials.CLIENT_SECRET,
            "odd_client_id": credentials.ODD_CLIENT_ID,
            "odd_client_secret": credentials.ODD_CLIENT_SECRET,
        }

    def _settings(
        self, *, lifetime_s: int | None = None, delay_ms: int | None = None, down: bool | None = None
    ) -> dict[str, object]:
        """`delay_ms` holds each token request back; `down` answers 503 to everything. The rest stays."""
        if lifetime_s is not None:
            self._lifetime_s = lifetime_s
            site.set_lifetime(lifetime_s)
        if delay_ms is not None:
            self._gate.delay_s = delay_ms / 1000
        if down is not None:
            self._gate.down = down
        return {
            "lifetime_s": self._lifetime_s,
            "delay_ms": round(self._gate.delay_s * 1000),
            "down": self._gate.down,
        }

    def close(self) -> None:
        self._control.close()
        self._gate.closing.set()
        self._https.stop()


class _Gate:
    """Stands before the site: counts, delays, and plays dead."""

    def __init__(self, application: site.Wsgi, delay_ms: int) -> None:
        self._application = application
        self._lock = threading.Lock()
        # SQLite takes one writer: those in line wait here and not in its polling busy handler.
        self._writer = threading.Lock()
        self._statuses: dict[str, Counter[str]] = {
            name: Counter() for name in ("token", "protected", "other")
        }
        self.closing = threading.Event()
        self.delay_s = delay_ms / 1000
        self.down = False

    def counts(self) -> dict[str, object]:
        """How many requests were answered, and with which status."""
        with self._lock:
            requests = {f"{kind}_requests": sum(counter.values()) for kind, counter in self._statuses.items()}
            statuses = {f"{kind}_by_status": dict(counter) for kind, counter in self._statuses.items()}
            return {**requests, **statuses}

    def reset(self) -> dict[str, object]:
        with self._lock:
            for counter in self._statuses.values():
                counter.clear()
        return {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        kind = _kind(environ["PATH_INFO"])

        def count_and_start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            with self._lock:
                self._statuses[kind][status[:3]] += 1
            return start_response(status, headers, *rest)

        # A connection that is closed with an unread body in it is reset, and the answer is lost with it.
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read())
        if kind == "token" and self.delay_s:
            self.closing.wait(self.delay_s)
        if self.down:
            count_and_start("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        if kind == "token":
            with self._writer:
                return self._application(environ, count_and_start)  # type: ignore[no-any-return]
        return self._application(environ, count_and_start)  # type: ignore[no-any-return]


def _kind(path: str) -> str:
    if path == "/o/token/":
        return "token"
    return "protected" if path.startswith("/v1/") else "other"


class _QuietServer(wsgi.Server):
    """What a client does to its connection is for the client's test to judge, not for a log."""

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        pass


class _LazyHandshake(BuiltinSSLAdapter):
    """Shakes hands on the worker's thread: cheroot does it on the one that accepts, where a client
    that stalls would hold up all others."""

    def __init__(self, certificate: Path) -> None:
        super().__init__(str(certificate), str(certificate))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)

    def wrap(self, sock: Any) -> tuple[ssl.SSLSocket, dict[str, str]]:
        wrapped = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return wrapped, {"wsgi.url_scheme": "https", "HTTPS": "on"}
