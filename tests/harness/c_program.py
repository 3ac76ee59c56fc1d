"""Compiles C programs against the library, and runs them."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from servers.__main__ import VARIABLES
from servers.started import Real

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "tests" / "c"
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")

# Longer than anything here takes, even a build from scratch.
ENDS_WITHIN_S = 900

Command = Sequence["str | Path"]


def need(tool: str) -> str:
    """The path of a tool; without it the test is skipped."""
    path = shutil.which(tool)
    if path is None:
        pytest.skip(f"{tool} is not installed")
    return path


def run(
    command: Command, *, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command, with `env` on top of the environment."""
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=ENDS_WITHIN_S,
    )


def checked(command: Command, *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """Runs a command that has to succeed, and gives its output."""
    done = run(command, cwd=cwd, env=env)
    assert done.returncode == 0, f"{command} exits with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def leading_to(real: Real) -> dict[str, str]:
    """The environment in which a program finds the real server, and is known there."""
    return {name: str(real.description[key]) for name, key in VARIABLES["real"].items()}


def library_directory() -> Path:
    """Where the library under test is: `SM_TOKEN_LIB_DIR`, else what `cargo build` makes."""
    return ROOT / os.environ.get("SM_TOKEN_LIB_DIR", "target/debug")


def shared_library() -> Path:
    """The library under test, as a program loads it by its path."""
    windows, unix = (library_directory() / name for name in ("sm_token.dll", "libsm_token.so"))
    return windows if windows.exists() else unix


@functools.cache
def release_directory() -> Path:
    """Where the library is that gets installed, up to date."""
    checked(["make", "all"])
    return ROOT / "target" / "release"


def c_compiler() -> str:
    return os.environ.get("CC", "cc")


def linked_with(library: Path) -> tuple[str, ...]:
    """The flags of a program that finds the shared library where it was built."""
    # Programs look for the library under its soname, which cargo does not make. Windows has none.
    if (library / "libsm_token.so").exists():
        with contextlib.suppress(FileExistsError):
            (library / "libsm_token.so.0").symlink_to("libsm_token.so")
    return (f"-L{library}", "-lsm_token", f"-Wl,-rpath,{library}")


def compile_c(source: Path, program: Path, library: Path, *further: str) -> Path:
    """Compiles one C file, strictly, into a program that finds the shared library where it was built.

    `further` are flags of other libraries that it uses.
    """
    standard = ("-std=c99", *STRICT, "-g", "-pthread")
    link = (*linked_with(library), *further)
    checked([c_compiler(), *standard, f"-I{ROOT / 'include'}", source, "-o", program, *link])
    return program


def checks_of(source: Path) -> list[str]:
    """The names of the checks (`check.h`) that a test program runs."""
    return re.findall(r"^CHECK\((\w+)\)", source.read_text(), re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """What a test program said."""

    exit_code: int
    output: str
    verdicts: Mapping[str, str]


def report_of(done: subprocess.CompletedProcess[str]) -> Report:
    """Reads the lines that `check.h` prints: the verdict of each check is `ok`, or why it failed."""
    verdicts: dict[str, str] = {}
    for line in done.stdout.splitlines():
        if passed := re.fullmatch(r"ok (\w+)", line):
            verdicts[passed[1]] = "ok"
        elif failed := re.fullmatch(r"FAILED (\w+): (.*)", line):
            verdicts.setdefault(failed[1], failed[2])
    return Report(done.returncode, done.stdout + done.stderr, verdicts)
