"""The wheel and the source distribution, installed by pip in an environment of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from harness.c_program import ROOT, checked, need
from harness.dist import HERE, Machine, artefact, expect_a_token, on_this_machine
from servers.started import Real

EXAMPLE = ROOT / "bindings" / "python" / "example.py"


def environment(directory: Path) -> Path:
    """A new one, and its interpreter."""
    checked([sys.executable, "-m", "venv", directory])
    return directory / "bin" / "python"


def expect_a_token_of_the_package(python: Path, real: Real) -> None:
    example = Machine((), (python,))
    expect_a_token(lambda: example.run([EXAMPLE], None, real, PYTHONPATH=""), real, "expires")
    command: list[str | Path] = [python.with_name("sm-token"), "--check", "--ca-file", real.ca_file]

    def run() -> subprocess.CompletedProcess[str]:
        return HERE.run(command, None, real, PYTHONPATH="")

    expect_a_token(run, real, "token")


@on_this_machine
def test_pip_installs_the_wheel(tmp_path: Path, real: Real) -> None:
    python = environment(tmp_path / "fresh")
    wheel = artefact("sm_token-VERSION-*manylinux_2_17_x86_64.whl")
    checked([python, "-m", "pip", "install", "--quiet", "--no-index", wheel])
    expect_a_token_of_the_package(python, real)


@on_this_machine
def test_pip_builds_the_source_distribution(tmp_path: Path, real: Real) -> None:
    # With the maturin of the tests, and as fast as it compiles.
    built = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CARGO_TARGET_DIR": str(ROOT / "target" / "dist-source"),
        "CARGO_PROFILE_RELEASE_LTO": "off",
        "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
    }
    need("cargo")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    checked([*pip, "--wheel-dir", tmp_path, artefact("sm_token-VERSION.tar.gz")], env=built)
    [wheel] = tmp_path.glob("*.whl")
    python = environment(tmp_path / "fresh")
    checked([python, "-m", "pip", "install", "--quiet", "--no-index", wheel])
    expect_a_token_of_the_package(python, real)
