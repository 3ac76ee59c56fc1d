"""The servers that every language's tests share, and programs that use the installed package."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
import sm_token
from harness.fixtures import (  # noqa: F401 - fixtures and hooks are found by their names
    authority,
    misbehaving,
    overheard,
    proxies,
    pytest_runtest_makereport,
    real,
)
from servers.started import Misbehaving, Real

ROOT = Path(__file__).parents[3]

# Longer than anything that a test waits for: what takes this long hangs.
ENDS_WITHIN_S = 60

Fetch = Callable[..., sm_token.Token]
NewClient = Callable[..., sm_token.Client]
Given = TypeVar("Given")
Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def _no_credentials_but_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SMX_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def from_real(what: Callable[..., Given], real: Real) -> Callable[..., Given]:  # noqa: F811
    """`what`, with the credentials that the real server knows."""
    return partial(
        what,
        real.description["client_id"],
        real.description["client_secret"],
        base_url=real.base_url,
        ca_file=real.ca_file,
    )


def from_misbehaving(
    what: Callable[..., Given],
    misbehaving: Misbehaving,  # noqa: F811
) -> Callable[..., Given]:
    """`what`, for one of the misbehaving server's base URLs."""

    def given(base_url: str, **keywords: object) -> Given:
        keywords = {"ca_file": misbehaving.ca_file, **keywords}
        return what("client", "secret-9d0b7e", base_url=base_url, **keywords)

    return given


@pytest.fixture
def fetch_from_real(real: Real) -> Fetch:  # noqa: F811
    return from_real(sm_token.fetch, real)


@pytest.fixture
def fetch_from(misbehaving: Misbehaving) -> Fetch:  # noqa: F811
    return from_misbehaving(sm_token.fetch, misbehaving)


@pytest.fixture
def at_real(real: Real) -> Iterator[NewClient]:  # noqa: F811
    """Clients of the real server, whose counts begin at zero."""
    real.reset()
    yield from_real(sm_token.Client, real)
    real.settings(lifetime_s=3600, delay_ms=0, down=False)


@pytest.fixture
def at(misbehaving: Misbehaving) -> NewClient:  # noqa: F811
    return from_misbehaving(sm_token.Client, misbehaving)


@pytest.fixture
def client(at_real: NewClient) -> sm_token.Client:
    return at_real()


@pytest.fixture
def companies(real: Real) -> str:  # noqa: F811
    """The URL of what the real server protects."""
    return f"{real.base_url}/v1/companies/"


@pytest.fixture
def revoke_the_token_of(real: Real) -> Callable[[sm_token.Client], str]:  # noqa: F811
    """Has the real server revoke the token that a client holds, and tells which it was."""

    def revoke(client: sm_token.Client) -> str:
        token = client.token().access_token
        assert real.revoke(token) == 1
        return token

    return revoke


@pytest.fixture
def real_environment(real: Real) -> dict[str, str]:  # noqa: F811
    """The environment variables that lead to the real server."""
    return {
        "SMX_CLIENT_ID": real.description["client_id"],
        "SMX_CLIENT_SECRET": real.description["client_secret"],
        "SMX_BASE_URL": real.base_url,
        "SSL_CERT_FILE": real.ca_file,
    }


@pytest.fixture(scope="session")
def source_distribution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source distribution, made as `make sdist` does."""
    directory = tmp_path_factory.mktemp("sdist")
    manifest = ROOT / "bindings" / "python" / "Cargo.toml"
    done = subprocess.run(
        [sys.executable, "-m", "maturin", "sdist", "--manifest-path", manifest, "--out", directory],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    [sources] = directory.iterdir()
    return sources


@pytest.fixture(scope="session")
def built_elsewhere(source_distribution: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python, with nothing else, for which pip built the source distribution: without optimisation, which
    takes a minute, and with a function that panics."""
    # The Python for Windows that others pack has none.
    import venv

    directory = tmp_path_factory.mktemp("elsewhere")
    venv.create(directory / "venv", with_pip=False)
    python = directory / "venv" / "bin" / "python"
    # What comes from elsewhere is compiled once for all builds; what this project gives, each time.
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    arguments = f"--profile dev --features panic-test --out {directory}"
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check",
         source_distribution],
        check=False,
        capture_output=True,
        text=True,
        cwd=directory,
        env={**os.environ, "CARGO_TARGET_DIR": target, "MATURIN_PEP517_ARGS": arguments},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return python


def run_program(
    *arguments: str, env: Mapping[str, str] | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs Python with nothing of this process's environment but `env`."""
    return subprocess.run(
        [sys.executable, *arguments],
        check=False,
        capture_output=True,
        text=True,
        input=stdin,
        timeout=ENDS_WITHIN_S,
        env={"PATH": os.environ["PATH"], **(env or {})},
    )


@pytest.fixture
def program() -> Program:
    return run_program


_FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Takes down what was measured; the figures are printed at the end of the run."""
    return request.config.stash.setdefault(_FIGURES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if figures := config.stash.get(_FIGURES, None):
        terminalreporter.section("figures")
        for line in figures:
            terminalreporter.line(line)


def pytest_configure() -> None:
    """A runner in the background ignores Ctrl-C, and every program that it starts would inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
