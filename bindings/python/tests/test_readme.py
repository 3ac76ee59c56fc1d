"""Every block of code in the README runs, word for word."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.c_program import need
from servers.started import Real

Program = Callable[..., "subprocess.CompletedProcess[str]"]

ROOT = Path(__file__).parents[3]
README = (ROOT / "bindings" / "python" / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

PYTHON = [text for language, text in BLOCKS if language == "python"]
INSTALLS, COMMANDS = (text for language, text in BLOCKS if language == "sh")


def test_the_readme_shows_nothing_that_is_not_run() -> None:
    assert len(PYTHON) >= 5
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
    done = program("-c", block, env=real_environment)
    assert done.returncode == 0, done.stderr


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
