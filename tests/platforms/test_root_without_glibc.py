"""A root as Alpine's: musl and busybox, and no glibc anywhere. What was built for musl gets a token there.

`.ci/install-platforms` makes the root, and `.ci/platforms` runs these tests.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.c_program import ROOT, checked, compile_c, leading_to, library_directory, need
from servers.started import Real

PLATFORM = os.environ.get("SM_TOKEN_PLATFORM", "")
ROOT_OF_MUSL = ROOT / "target" / "platforms" / "root-musl-x86_64"

pytestmark = pytest.mark.skipif(PLATFORM != "linux-musl-x86_64", reason="not the platform of this root")


def inside(root: Path, *command: str | Path, seen: tuple[Path, ...], env: Mapping[str, str]) -> str:
    """Runs a command in a root that holds nothing else than `seen`, each under its own path."""
    binds = [argument for path in seen for argument in ("--ro-bind", str(path), str(path))]
    system = ("--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp")  # noqa: S108 - inside that root
    return checked([need("bwrap"), "--ro-bind", root, "/", *system, *binds, "--", *command], env=env)


def test_there_is_no_glibc() -> None:
    libraries = [path.name for path in ROOT_OF_MUSL.rglob("*.so*")]
    assert libraries
    assert not [name for name in libraries if name.startswith(("libc.so.", "ld-linux"))]


def test_a_c_program_gets_a_token(real: Real, tmp_path: Path) -> None:
    example = compile_c(ROOT / "bindings" / "c" / "example.c", tmp_path / "example", library_directory())
    seen = (tmp_path, library_directory(), Path(real.ca_file))
    said = inside(ROOT_OF_MUSL, f"{example}.elf", seen=seen, env=leading_to(real))
    assert "Bearer" in said


def test_the_command_gets_a_token_where_there_is_nothing_else(real: Real, tmp_path: Path) -> None:
    command = library_directory() / "sm-token"
    nothing = tmp_path / "nothing"
    for directory in ("dev", "proc", "tmp"):
        (nothing / directory).mkdir(parents=True)
    seen = (command, Path(real.ca_file))
    said = inside(nothing, command, "--ca-file", real.ca_file, seen=seen, env=leading_to(real))
    assert real.get("/v1/companies/", {"Authorization": f"Bearer {said.strip()}"})[0] == 200
