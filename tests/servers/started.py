"""Starts the servers as processes of their own, and speaks with their control ports."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

Self = TypeVar("Self", bound="Started")


class Started:
    """A server that runs from `with` to the end of its block."""

    kind: str

    @classmethod
    def at_hand(cls: type[Self], *arguments: str) -> Self:
        """The one that `python -m servers run` has started for this process, else a new one."""
        described = cls.described()
        if described is None:
            return cls(*arguments)
        server = cls.__new__(cls)
        server._process, server.description = None, described
        return server

    @classmethod
    def described(cls) -> dict[str, Any] | None:
        """The description of the one that `python -m servers run` has started for this process."""
        line = os.environ.get(f"SM_TOKEN_{cls.kind.upper()}_SERVER")
        return json.loads(line) if line else None

    def __init__(self, *arguments: str) -> None:
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
            [sys.executable, "-m", "servers", self.kind, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        )
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(
                f"the server {self.kind!r} did not start: it exits with {self._process.wait()}"
            )
        self.description: dict[str, Any] = json.loads(line)

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def terminate(self) -> None:
        assert self._process
        self._process.terminate()

    def wait(self, seconds: float) -> int:
        """Its exit code."""
        assert self._process
        return self._process.wait(seconds)

    @property
    def base_url(self) -> str:
        return str(self.description["base_url"])

    @property
    def port(self) -> int:
        port = urlsplit(self.base_url).port
        assert port
        return port

    @property
    def ca_file(self) -> str:
        return str(self.description["ca_file"])

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers (names in lower case) of what the server under test itself answers."""
        return self.ask("GET", path, headers=headers)

    def ask(
        self,
        method: str,
        path: str,
        body: str | Iterable[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes, dict[str, str]]:
        trusted = ssl.create_default_context(cafile=self.ca_file)
        connection = http.client.HTTPSConnection("localhost", self.port, context=trusted, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            received = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, answer.read(), received
        finally:
            connection.close()

    def control(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - loopback
            self.description["control_url"] + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        # Not through a proxy that the environment names.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)


class Real(Started):
    kind = "real"

    def counts(self) -> dict[str, Any]:
        counts: dict[str, Any] = self.control("GET", "/counts")
        return counts

    def reset(self) -> None:
        self.control("POST", "/reset")

    def settings(self, **settings: object) -> None:
        self.control("POST", "/settings", settings)

    def issued(self, client_id: str | None = None) -> list[str]:
        """Every token that it gave out, to this application or to any, and still knows."""
        query = f"?client_id={quote(client_id)}" if client_id else ""
        tokens: list[str] = self.control("GET", f"/issued{query}")["tokens"]
        return tokens

    def add_application(self, client_id: str, client_secret: str) -> None:
        self.control("POST", "/applications", {"client_id": client_id, "client_secret": client_secret})

    def delete_application(self, client_id: str) -> int:
        return int(self.control("DELETE", f"/applications/{quote(client_id)}")["deleted"])

    def revoke(self, token: str) -> int:
        return int(self.control("POST", "/revoke", {"token": token})["revoked"])

    def revoke_all(self) -> int:
        return int(self.control("POST", "/revoke_all")["revoked"])


@dataclass(frozen=True)
class Received:
    """A connection that the misbehaving server accepted, and the request on it, as far as it was read."""

    connection: int
    at: float
    tls: str | None
    method: str | None
    path: str | None
    headers: dict[str, str] | None
    body: str | None


@dataclass(frozen=True)
class Playing:
    """A script that was given to the misbehaving server."""

    server: Misbehaving
    key: str
    base_url: str
    plain_base_url: str = ""
    port: int = 0

    def received(self, at_least: int = 0, within_ms: int = 2000) -> list[Received]:
        return self.server.received(self.key, at_least, within_ms)


class Misbehaving(Started):
    kind = "misbehaving"

    def play(self, *steps: object) -> Playing:
        """A script that is reached by a path of its own."""
        return Playing(self, **self.control("POST", "/scripts", {"steps": steps}))

    def play_on_a_port(self, *steps: object, **port: object) -> Playing:
        """A script with a port of its own, for what goes wrong before a path is read."""
        return Playing(self, **self.control("POST", "/scripts", {"steps": steps, "port": port}))

    def received(self, key: str, at_least: int = 0, within_ms: int = 2000) -> list[Received]:
        query = f"at_least={at_least}&within_ms={within_ms}"
        return [Received(**line) for line in self.control("GET", f"/requests/{quote(key)}?{query}")]


class Proxies(Started):
    kind = "proxies"

    def missing(self, name: str) -> str | None:
        """Why this proxy does not run, if it does not."""
        missing: dict[str, str] = self.description["missing"]
        return missing.get(name)

    def url(self, name: str, *, password: bool = True) -> str:
        proxy = self.description["proxies"][name]
        return str(proxy["url" if password else "url_without_password"])

    def password(self, name: str) -> str | None:
        password: str | None = self.description["proxies"][name]["password"]
        return password

    def carried(self, name: str, at_least: int = 0) -> int:
        return int(self.control("GET", f"/carried/{name}?at_least={at_least}&within_ms=2000")["carried"])

    def forget(self, name: str) -> None:
        self.control("DELETE", f"/carried/{name}")
