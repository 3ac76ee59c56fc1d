"""Real proxies, each a process of its own, that resolve `authority.PROXIED_NAME` to loopback.

What is reached under that name was reached through one of them, since nobody else knows it. Control port:

    GET    /carried/NAME   [?at_least=N&within_ms=M]   -> {"carried": connections since the last DELETE}
    DELETE /carried/NAME
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from servers.authority import PROXIED_NAME, Authority
from servers.control import Control, Refused
from servers.names import NotInstalled, resolving_only

USERNAME = "proxy-user"
# Full of what the URL of a proxy has to percent-encode.
PASSWORD = "pr0xy@pass/w%rd:1"
# What fits tinyproxy's configuration file and the arguments of microsocks.
PLAIN_PASSWORD = "pr0xy-passw0rd-1"

STARTS_WITHIN_S = 20.0


class Proxies:
    def __init__(self, authority: Authority, directory: Path) -> None:
        certificate = str(authority.certificate("good"))
        starts: dict[str, Callable[[], Proxy]] = {
            "http": lambda: _python("http_proxy", "http", directory),
            "http-password": lambda: _python("http_proxy", "http", directory, password=PASSWORD),
            "https": lambda: _python("http_proxy", "https", directory, certificate=certificate),
            "socks5": lambda: _python("socks5_proxy", "socks5h", directory),
            "socks5-password": lambda: _python("socks5_proxy", "socks5h", directory, password=PASSWORD),
            "tinyproxy": lambda: _tinyproxy(directory),
            "tinyproxy-password": lambda: _tinyproxy(directory, password=PLAIN_PASSWORD),
            "microsocks": lambda: _microsocks(directory),
            "microsocks-password": lambda: _microsocks(directory, password=PLAIN_PASSWORD),
        }
        self._authority = authority
        self._running: dict[str, Proxy] = {}
        self._missing: dict[str, str] = {}
        with contextlib.ExitStack() as unless_all_run:
            unless_all_run.callback(self._stop)
            for name, start in starts.items():
                try:
                    self._running[name] = start()
                except NotInstalled as missing:
                    self._missing[name] = str(missing)
            for proxy in self._running.values():
                proxy.wait_until_it_accepts()
            unless_all_run.pop_all()
        self._control = Control(
            {
                "GET carried": lambda name, query, _: {
                    "carried": self._find(name).carried(**{key: int(value) for key, value in query.items()})
                },
                "DELETE carried": lambda name, *_: self._find(name).forget(),
            }
        )

    @property
    def description(self) -> dict[str, object]:
        return {
            "proxies": {name: proxy.description for name, proxy in self._running.items()},
            "missing": self._missing,
            "proxied_name": PROXIED_NAME,
            "ca_file": str(self._authority.ca_file),
            "control_url": self._control.url,
        }

    def close(self) -> None:
        self._control.close()
        self._stop()

    def _stop(self) -> None:
        for proxy in self._running.values():
            proxy.begin_to_stop()
        for proxy in self._running.values():
            proxy.wait_until_it_stopped()

    def _find(self, name: str) -> Proxy:
        try:
            return self._running[name]
        except KeyError:
            raise Refused(f"no proxy {name!r} runs: {self._missing.get(name, 'it never did')}") from None


class Proxy:
    """A process that tells each connection it carries in a line that matches `carries`."""

    def __init__(
        self,
        command: list[str],
        *,
        scheme: str,
        carries: str,
        password: str | None,
        port: int | None = None,
        settings: dict[str, object] | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._scheme = scheme
        self._carries = re.compile(carries)
        self._password = password
        self._port = port
        self._ours = settings is not None
        self._carried = 0
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | (environment or {}),
        )
        if self._ours and self._process.stdin:
            self._process.stdin.write(json.dumps(settings).encode() + b"\n")
            self._process.stdin.flush()
        threading.Thread(target=self._listen, name=command[-1], daemon=True).start()

    @property
    def description(self) -> dict[str, object]:
        user = f"{USERNAME}:{quote(self._password, safe='')}@" if self._password else ""
        return {
            "url": f"{self._scheme}://{user}localhost:{self._port}",
            "url_without_password": f"{self._scheme}://localhost:{self._port}",
            "username": USERNAME if self._password else None,
            "password": self._password,
        }

    def wait_until_it_accepts(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_S
        with self._news:
            if not self._news.wait_for(lambda: self._port is not None, STARTS_WITHIN_S):
                raise TimeoutError(f"{self._process.args!r} did not tell its port")
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port or 0), timeout=1).close()
                return
            except ConnectionRefusedError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                # Nothing tells when a foreign program listens.
                time.sleep(0.01)

    def carried(self, at_least: int = 0, within_ms: int = 0) -> int:
        with self._news:
            self._news.wait_for(lambda: self._carried >= at_least, within_ms / 1000)
            return self._carried

    def forget(self) -> None:
        with self._news:
            self._carried = 0

    def begin_to_stop(self) -> None:
        if self._process.stdin:
            # Ours end with their standard input, and take along the processes that they started.
            self._process.stdin.close()
        if not self._ours:
            self._process.terminate()

    def wait_until_it_stopped(self) -> None:
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            text = line.decode("utf-8", "replace").strip()
            with self._news:
                if self._port is None and text.isdecimal():
                    self._port = int(text)
                elif self._carries.search(text):
                    self._carried += 1
                self._news.notify_all()


def _python(
    module: str,
    scheme: str,
    directory: Path,
    *,
    password: str | None = None,
    certificate: str | None = None,
) -> Proxy:
    return Proxy(
        [sys.executable, "-m", f"servers.{module}"],
        scheme=scheme,
        carries="^carries ",
        password=password,
        settings={
            "username": USERNAME if password else None,
            "password": password,
            "certificate": certificate,
            "directory": tempfile.mkdtemp(dir=directory),
        },
        environment={"PYTHONPATH": str(Path(__file__).parent.parent)},
    )


def _tinyproxy(directory: Path, *, password: str | None = None) -> Proxy:
    directory = Path(tempfile.mkdtemp(dir=directory))
    program, port = _installed("tinyproxy"), _free_port()
    settings = [f"Port {port}", "Listen 127.0.0.1", "LogLevel Connect"]
    if password:
        settings.append(f"BasicAuth {USERNAME} {password}")
    file = directory / "tinyproxy.conf"
    file.write_text("\n".join([*settings, ""]))
    return Proxy(
        [*program, "-d", "-c", str(file)],
        scheme="http",
        carries="Established connection to host",
        password=password,
        port=port,
        environment=resolving_only({PROXIED_NAME: "127.0.0.1"}, directory),
    )


def _microsocks(directory: Path, *, password: str | None = None) -> Proxy:
    directory = Path(tempfile.mkdtemp(dir=directory))
    program, port = _installed("microsocks"), _free_port()
    # It takes a password from its arguments alone; this one guards nothing.
    user = ["-u", USERNAME, "-P", password] if password else []
    return Proxy(
        [*program, "-i", "127.0.0.1", "-p", str(port), *user],
        scheme="socks5h",
        carries=": connected to ",
        password=password,
        port=port,
        environment=resolving_only({PROXIED_NAME: "127.0.0.1"}, directory),
    )


def _installed(program: str) -> list[str]:
    found = shutil.which(program)
    if found is None:
        raise NotInstalled(f"{program} is not installed")
    # These do not end with their standard input: let the kernel see to it where it can.
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", found] if setpriv else [found]


def _free_port() -> int:
    """For programs that cannot choose one themselves."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
