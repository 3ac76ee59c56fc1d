"""The wheel and the source distribution, installed by pip in an environment of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from artefacts.platforms import Platform
from harness.c_program import ROOT, checked, need
from harness.dist import (
    HERE,
    PLACE,
    WINE,
    Machine,
    artefact,
    expect_a_token,
    expect_the_command_to_get_a_token,
    on_this_machine,
    platforms,
)
from servers.started import Real

EXAMPLE = ROOT / "bindings" / "python" / "example.py"


def environment(directory: Path) -> Path:
    """A new one, and its interpreter."""
    checked([sys.executable, "-m", "venv", directory])
    return directory / "bin" / "python"


def expect_a_token_of_the_package(python: Path, real: Real) -> None:
    example = Machine((), (python,))
    expect_a_token(lambda: example.run([EXAMPLE], None, real, PYTHONPATH=""), real, "expires")
    expect_the_command_to_get_a_token(python.with_name("sm-token"), HERE, real, PYTHONPATH="")


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


QEMU = "qemu-aarch64"
GLIBC_ARM64, MUSL_ARM64, MUSL = (
    PLACE / name for name in ("python-linux-gnu2.17-aarch64", "python-linux-musl-aarch64", "root-musl-x86_64")
)
MUSL_LIBRARIES = f"{MUSL}/lib:{MUSL}/opt/python/lib"
# The tag that pip installs for, and what runs Python there.
ELSEWHERE: dict[str, tuple[str, tuple[str | Path, ...]]] = {
    "linux-gnu2.17-aarch64": (
        "manylinux_2_17_aarch64",
        (QEMU, "-L", GLIBC_ARM64, GLIBC_ARM64 / "usr" / "bin" / "python3.11"),
    ),
    "linux-musl-x86_64": (
        "musllinux_1_2_x86_64",
        (
            *(MUSL / "lib" / "ld-musl-x86_64.so.1", "--library-path", MUSL_LIBRARIES),
            MUSL / "opt" / "python" / "bin" / "python3",
        ),
    ),
    "linux-musl-aarch64": (
        "musllinux_1_2_aarch64",
        (QEMU, "-L", MUSL_ARM64, MUSL_ARM64 / "opt" / "python" / "bin" / "python3"),
    ),
    "windows-x86_64": ("win_amd64", (WINE, PLACE / "python-windows-x86_64" / "python.exe")),
}
# Python for Windows, as it is packed here, looks at no PYTHONPATH.
RUN_WITH = (
    "import os, runpy, sys; sys.path.insert(0, os.path.abspath(sys.argv[1]));"
    "runpy.run_path(sys.argv[2], run_name='__main__')"
)


@platforms(lambda platform: platform.name in ELSEWHERE)
def test_the_wheel_of_another_platform_gets_a_token(platform: Platform, tmp_path: Path, real: Real) -> None:
    tag, python = ELSEWHERE[platform.name]
    for needed in python:
        if isinstance(needed, Path) and not needed.exists():
            pytest.skip(f"{needed} is not there: run .ci/install-platforms")
    need(str(python[0]))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--only-binary=:all:"]
    wheel = artefact(f"sm_token-VERSION-*{tag}.whl")
    checked([*pip, "--platform", tag, "--python-version", "3.11", "--target", tmp_path, wheel])
    there = Machine((), python, "WINEPATH" if platform.is_windows else "LD_LIBRARY_PATH")
    command = ["-c", RUN_WITH, there.in_its_words(tmp_path), there.in_its_words(EXAMPLE)]
    expect_a_token(lambda: there.run(command, None, real), real, "expires")
