"""Plays scenes of the C programs `tests/c/client_*.c`: many callers on one client, while the server is told
what to do."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from harness.c_program import SOURCES, compile_c, library_directory
from servers.credentials import CLIENT_ID, CLIENT_SECRET
from servers.named_scripts import TOKEN
from servers.started import Started

# What needs no network is over by then, on a machine with other work too.
AT_ONCE_US = 100_000

# A token that is stale from 3.0 to 3.4 s on, as was drawn, and dead from 3.6 s on: a refresh that begins as
# late as it can has 100 ms until `STALE_MS`, and fails or succeeds before the token is dead.
SOON_STALE = {"body": {**TOKEN["body"], "expires_in": 4}}
STALE_MS = 3500

Act = Mapping[str, Any]

# Removed when the interpreter exits.
_programs = tempfile.TemporaryDirectory(prefix="sm-token-clients-")


@functools.cache
def program(name: str) -> Path:
    """The compiled program; each once for all tests."""
    return compile_c(SOURCES / f"{name}.c", Path(_programs.name) / name, library_directory())


class Scene:
    """A scene under way, from `with` to the end of its block."""

    def __init__(
        self,
        name: str,
        scene: str,
        base_url: str,
        server: Started | None = None,
        *,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        environment: Mapping[str, str] | None = None,
        **settings: object,
    ) -> None:
        """`settings` are what `client_scene.h` reads: `timeout_ms=500` becomes `SCENE_TIMEOUT_MS`.
        `environment` is for what stands before the C library."""
        self._title = f"{name} {scene}"
        self._process = subprocess.Popen(
            [program(name), scene],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                **(environment or {}),
                "SMX_CLIENT_ID": client_id,
                "SMX_CLIENT_SECRET": client_secret,
                "SMX_BASE_URL": base_url,
                **({"SM_TOKEN_CA_FILE": server.ca_file} if server else {}),
                **{f"SCENE_{key.upper()}": str(value) for key, value in settings.items()},
                **(environment or {}),
            },
        )

    def __enter__(self) -> Scene:
        return self

    def __exit__(
        self, failed: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if failed:
            self._process.kill()
        said = self._process.communicate()[1]
        if not failed:
            assert self._process.returncode == 0, self._end(said)

    def act(self, name: str) -> Act:
        """What the next act came to; it has to be the one of this name."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            said = self._process.communicate()[1]
            raise AssertionError(f"before the act {name!r}, {self._end(said)}")
        act: dict[str, Any] = json.loads(line)
        assert act["act"] == name
        return act

    def go_on(self) -> None:
        self.say("")

    def say(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _end(self, said: str) -> str:
        return f"{self._title} ends with {self._process.returncode}: {said.strip() or 'it said nothing'}"


def figure(text: str) -> None:
    """A measured figure, which pytest shows with `-rP`."""
    print(text)
