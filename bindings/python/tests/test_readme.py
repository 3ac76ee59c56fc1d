"""Every block of code in the README runs, word for word."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from harness.c_program import need
from servers.started import Misbehaving, Real

Program = Callable[..., "subprocess.CompletedProcess[str]"]

ROOT = Path(__file__).parents[3]
README = (ROOT / "bindings" / "python" / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

PYTHON = [text for language, text in BLOCKS if language == "python"]
RECIPES = [text for text in PYTHON if "/v1/companies/" in text]
[NOTEBOOK] = [text for text in PYTHON if "# %%" in text]
INSTALLS, COMMANDS = (text for language, text in BLOCKS if language == "sh")


def test_the_readme_shows_nothing_that_is_not_run() -> None:
    assert len(RECIPES) == 7
    assert {language for language, _ in BLOCKS} == {"python", "sh"}


@pytest.mark.parametrize("block", PYTHON, ids=range(1, len(PYTHON) + 1))
def test_the_python_runs(
    block: str,
    program: Program,
    real: Real,
    real_environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copy(real.ca_file, tmp_path / "corporate-ca.pem")
    monkeypatch.chdir(tmp_path)
    Path("block.py").write_text(block)
    done = program("block.py", env={**real_environment, "REQUESTS_CA_BUNDLE": real.ca_file})
    assert done.returncode == 0, done.stderr
    if block in RECIPES:
        assert done.stdout == "250 companies\n"


[PANDAS] = [text for text in RECIPES if "import pandas" in text]


def test_the_pages_are_asked_of_the_api_alone_at_the_pace_that_it_allows(
    program: Program, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    token = {"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"}
    elsewhere = "https://elsewhere.test/v1/companies/?page=2&page_size=100"
    playing = misbehaving.play_on_a_port(
        {"body": token},
        {"status": 429, "headers": {"Retry-After": "1"}, "body": ""},
        {"body": {"next": elsewhere, "results": [{"id": 1}]}},
        {"body": {"next": None, "results": [{"id": 2}]}},
    )
    (tmp_path / "pandas_recipe.py").write_text(PANDAS)
    start = time.monotonic()
    done = program(
        str(tmp_path / "pandas_recipe.py"),
        env={
            "SMX_CLIENT_ID": "client",
            "SMX_CLIENT_SECRET": "secret",
            "SMX_BASE_URL": playing.base_url,
            "SSL_CERT_FILE": misbehaving.ca_file,
            "REQUESTS_CA_BUNDLE": misbehaving.ca_file,
        },
    )
    assert done.stdout == "2 companies\n", done.stderr
    assert time.monotonic() - start > 1
    assert [request.path for request in playing.received()] == [
        "/o/token/",
        "/v1/companies/?page_size=100",
        "/v1/companies/?page_size=100",
        "/v1/companies/?page=2&page_size=100",
    ]


# As a notebook's kernel does it: the cells run again and again, in one process, inside of an event loop.
KERNEL = """
import asyncio, sys
_, first, *others = open("notebook.py").read().split("# %%")

async def run():
    names = {}
    exec(first, names)
    for cell in 3 * others:
        exec(cell, names)

asyncio.run(run())
"""


def test_the_cells_of_the_notebook_ask_for_one_token(
    program: Program,
    real: Real,
    real_environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notebook.py").write_text(NOTEBOOK)
    real.reset()
    done = program("-c", KERNEL, env={**real_environment, "REQUESTS_CA_BUNDLE": real.ca_file})
    assert (done.stdout, done.stderr) == (3 * "250 companies\n", "")
    assert real.counts()["token_requests"] == 1


def test_the_commands_run(real_environment: dict[str, str], tmp_path: Path) -> None:
    need("curl")
    (tmp_path / "client_secret").write_text(real_environment["SMX_CLIENT_SECRET"] + "\n")
    done = shell(
        COMMANDS,
        cwd=tmp_path,
        python=Path(sys.executable),
        CREDENTIALS_DIRECTORY=str(tmp_path),
        CURL_CA_BUNDLE=real_environment["SSL_CERT_FILE"],
        **real_environment,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^answer +ok ", done.stdout, re.MULTILINE)
    assert '"results"' in done.stdout
    assert (tmp_path / "token").read_text().strip().isalnum()


def test_the_installation_runs(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    done = shell(INSTALLS, cwd=ROOT, python=python)
    assert done.returncode == 0, done.stderr
    subprocess.run([python, "-c", "import sm_token"], check=True, cwd=tmp_path)


def shell(commands: str, *, cwd: Path, python: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs commands in a shell where `python` and `pip` are those of a virtual environment."""
    path = f"{python.parent}:{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SMX_")}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**kept, "PATH": path, **environment},
    )
