"""A network as a test wants it, for any program: `tests/c/network.c` stands before the C library's calls."""

from __future__ import annotations

from pathlib import Path

from harness.c_program import SOURCES, c_compiler, checked


def network_library(directory: Path) -> Path:
    library = directory / "network.so"
    command: list[str | Path] = [c_compiler(), "-std=gnu99", "-Wall", "-Wextra", "-Werror"]
    command += ["-shared", "-fPIC", "-o", library]
    checked([*command, SOURCES / "network.c", "-ldl", "-pthread"])
    return library


def network(library: Path, **how: str) -> dict[str, str]:
    """The environment of a program; `names=` becomes NETWORK_NAMES."""
    return {"LD_PRELOAD": str(library), **{f"NETWORK_{name.upper()}": value for name, value in how.items()}}
