"""The C of docs/hosts.md, compiled and run as it stands: an event loop, and a function of PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from harness.c_program import ROOT, STRICT, checked, compile_c, leading_to, library_directory, need, run
from harness.readme import blocks
from servers.credentials import CLIENT_ID, CLIENT_SECRET
from servers.started import Misbehaving, Real

FUNCTION, EVENT_LOOP = blocks(ROOT / "docs" / "hosts.md", "c")


def test_the_pages_event_loop_gets_a_token(real: Real, tmp_path: Path) -> None:
    source = tmp_path / "loop.c"
    source.write_text(EVENT_LOOP)
    program = compile_c(source, tmp_path / "loop", library_directory())
    environment = {**leading_to(real), "SSL_CERT_FILE": real.ca_file}
    assert checked([program], env=environment) == "success\n"


class Postgres:
    """A server of PostgreSQL of its own, in a directory that is removed; it refuses to run as root."""

    def __init__(self, directory: Path) -> None:
        config = need("pg_config")
        self._programs = Path(checked([config, "--bindir"]).strip())
        self.includes = Path(checked([config, "--includedir-server"]).strip())
        if not (self.includes / "postgres.h").exists():
            pytest.skip("the headers of PostgreSQL's server are not installed")
        self.directory = directory
        self._user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())

    def _run(
        self, *command: str | Path, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        own = ["setpriv", f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"]
        return run([*(own if os.geteuid() == 0 else []), *command], cwd=self.directory, env=env)

    def start(self, environment: Mapping[str, str]) -> None:
        os.chown(self.directory, self._user.pw_uid, self._user.pw_gid)
        data = self.directory / "data"
        made = self._run(self._programs / "initdb", "-A", "trust", "-U", "test", "-D", data, "--no-sync")
        assert made.returncode == 0, made.stderr
        options = f"-c listen_addresses= -c unix_socket_directories={self.directory} -c fsync=off"
        started = self._run(
            self._programs / "pg_ctl",
            "-D",
            data,
            "-o",
            options,
            "-l",
            self.directory / "log",
            "-w",
            "start",
            env=environment,
        )
        assert started.returncode == 0, started.stdout + started.stderr

    def stop(self) -> None:
        self._run(self._programs / "pg_ctl", "-D", self.directory / "data", "-m", "immediate", "stop")

    def says(self, *statements: str) -> subprocess.CompletedProcess[str]:
        commands = [part for statement in statements for part in ("-c", statement)]
        return self._run(
            self._programs / "psql", "-h", self.directory, "-U", "test", "-At", *commands, "postgres"
        )


@pytest.fixture(scope="module")
def postgres(misbehaving: Misbehaving) -> Iterator[tuple[Postgres, Path]]:
    need("setpriv")
    # Reachable by another user, which pytest's own directories are not.
    with tempfile.TemporaryDirectory(prefix="sm-token-pg-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        server = Postgres(directory)
        source, module = directory / "sm_pg.c", directory / "sm_pg.so"
        source.write_text(FUNCTION)
        library = Path(shutil.copy(library_directory() / "libsm_token.so", directory / "libsm_token.so"))
        (directory / "libsm_token.so.0").symlink_to(library)
        # The headers of PostgreSQL are not clean under all of these.
        strict = [flag for flag in STRICT if flag != "-Wpedantic"]
        headers = (f"-I{ROOT / 'include'}", "-isystem", server.includes)
        linked = [f"-L{directory}", "-lsm_token", f"-Wl,-rpath,{directory}"]
        checked(["cc", "-shared", "-fPIC", *strict, *headers, source, "-o", module, *linked])
        for file in directory.iterdir():
            file.chmod(0o755)
        server.start(
            {
                "SMX_CLIENT_ID": CLIENT_ID,
                "SMX_CLIENT_SECRET": CLIENT_SECRET,
                "SMX_BASE_URL": misbehaving.play(["hang"]).base_url,
                "SSL_CERT_FILE": _readable(misbehaving.ca_file, directory),
            }
        )
        try:
            declared = server.says(
                f"CREATE FUNCTION sm_authorization() RETURNS text AS '{module}' LANGUAGE C VOLATILE"
            )
            assert declared.returncode == 0, declared.stderr
            yield server, module
        finally:
            server.stop()


def _readable(file: str, directory: Path) -> str:
    copy = Path(shutil.copy(file, directory / "ca.pem"))
    copy.chmod(0o644)
    return str(copy)


def test_statement_timeout_ends_the_pages_function(postgres: tuple[Postgres, Path]) -> None:
    server, _ = postgres
    began = time.monotonic()
    said = server.says("SET statement_timeout = '300ms'", "SELECT sm_authorization()")
    assert "canceling statement due to statement timeout" in said.stderr
    assert time.monotonic() - began < 5


def test_another_session_cancels_the_pages_function(postgres: tuple[Postgres, Path]) -> None:
    server, _ = postgres
    cancel = (
        "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE query = 'SELECT sm_authorization()'"
    )
    said: list[subprocess.CompletedProcess[str]] = []
    session = threading.Thread(target=lambda: said.append(server.says("SELECT sm_authorization()")))
    session.start()
    give_up = time.monotonic() + 10
    while session.is_alive() and time.monotonic() < give_up:
        time.sleep(0.1)
        server.says(cancel)
    session.join(timeout=40)
    assert "canceling statement due to user request" in said[0].stderr
