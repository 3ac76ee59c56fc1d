"""The servers that every language's tests share, and programs that use the installed package."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
import sm_token
from harness.command import command_program
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


# What is not run on Windows, and why. The rest runs under wine (.ci/platforms).
FILES_LEFT_OUT_ON_WINDOWS = {
    "test_distribution.py": "it builds, which is done on Linux",
    "test_embedded.py": "it compiles a program with an interpreter in it",
    "test_frozen.py": "PyInstaller freezes for the system that it runs on",
    "test_green_threads.py": "gevent and eventlet do not start under wine 8",
    "test_client_trio.py": "wine 8 lacks what the event loop of trio asks of a socket",
    "test_jupyter.py": "its kernels take packages that are not there",
    "test_panics.py": "it builds, which is done on Linux",
    "test_readme.py": "its recipes take pandas, joblib and a shell of a Unix",
    "test_types.py": "the types are the same, and judged on Linux",
    "test_uwsgi.py": "uWSGI is for a Unix",
}
LEFT_OUT_ON_WINDOWS = {
    "test_a_ca_file_is_what_open_takes[other bytes-": "a path is text there",
    "test_a_ca_file_whose_name_is_not_utf_8_is_shown": "a path is text there",
    "test_ctrl_c_ends_a_call_whose_file_hangs": "what has a file hang is a library of Linux",
    "test_no_message_names_a_function_of_c": "wine's verifier has words of its own",
    "test_output_that_can_not_be_written_is_exit_code_1": "there is no device that is full",
    "test_a_full_device_is_exit_code_1": "there is no device that is full",
    "test_a_stream_that_can_not_be_used_has_its_exit_code": "it takes the shell of a Unix",
    "test_what_is_wrong_is_told_to_nobody_where_standard_error_is_closed": "it takes the shell of a Unix",
    "test_the_end_of_input_at_the_prompt_is_exit_code_3": "test_console.py has the consoles of Windows",
    "test_colours_are_for_a_terminal_alone": "test_console.py has the consoles of Windows",
    "test_what_a_person_types_is_not_shown": "test_console.py has the consoles of Windows",
    "test_ctrl_c_ends_the_call_of_a_greenlet_at_once": "gevent and eventlet do not start under wine 8",
    "test_what_another_signals_handler_raises_ends_a_fetch": "there is no SIGALRM",
    "test_a_signal_whose_handler_raises_nothing_does_not_end_a_fetch": "there is no SIGALRM",
    "test_the_exit_code_is_the_programs_own": "it chooses processors as Linux does",
    "test_an_import_costs_at_most_three_milliseconds": "the time would be wine's",
    "test_a_call_that_is_answered_from_memory_is_quick": "the time would be wine's",
    "test_a_value_that_can_not_be_used_is_refused_by_name[keywords8-ca_file has a path": "such a path can be",
    "test_a_retry_is_not_told_beside_the_token": "no variable leads Windows to another store of authorities",
    "test_the_extension_module_exports_its_init_symbol_alone": "its tools read the files of Linux",
    "test_the_extension_module_does_not_pass_for_the_c_library": "its tools read the files of Linux",
}

# A console is of Windows alone.
collect_ignore = [*FILES_LEFT_OUT_ON_WINDOWS] if sys.platform == "win32" else ["test_console.py"]


def pytest_report_header() -> list[str]:
    named = FILES_LEFT_OUT_ON_WINDOWS.items() if sys.platform == "win32" else ()
    return [f"left out: {name}: {reason}" for name, reason in named]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items if sys.platform == "win32" else []:
        for name, reason in LEFT_OUT_ON_WINDOWS.items():
            if item.name.startswith(name):
                item.add_marker(pytest.mark.skip(reason=reason))


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
    return run_command([sys.executable, *arguments], env=env, stdin=stdin)


# What Python writes to a pipe is in the code page of the user, where it is not told otherwise.
_UTF8 = {"PYTHONUTF8": "1"} if sys.platform == "win32" else {}


def run_command(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command with nothing of this process's environment but `env`."""
    # In bytes: Windows would make other line breaks of those on standard input.
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        input=None if stdin is None else stdin.encode(),
        timeout=ENDS_WITHIN_S,
        env={"PATH": os.environ["PATH"], **_UTF8, **(env or {})},
    )
    said = [each.decode().replace("\r\n", "\n") for each in (done.stdout, done.stderr)]
    return subprocess.CompletedProcess(done.args, done.returncode, *said)


@pytest.fixture
def program() -> Program:
    return run_program


@pytest.fixture
def run() -> Program:
    return run_command


@pytest.fixture(params=["python -m sm_token", "sm-token"])
def start(request: pytest.FixtureRequest) -> list[str]:
    """What a shell would start."""
    return [str(command_program())] if request.param == "sm-token" else [sys.executable, "-m", "sm_token"]


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
