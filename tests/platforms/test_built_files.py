"""What `ci/build-platform` left: that it is whole, asks for no newer system than it says, and gets a token.

`.ci/platforms` runs these tests, each platform in its turn.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from harness.c_program import ROOT, c_compiler, checked, leading_to, library_directory, need, shared_library
from servers.started import Real

PLATFORM = os.environ.get("SM_TOKEN_PLATFORM", "")
LIBRARY = shared_library()
COMMAND = library_directory() / "sm-token"
OLDEST_GLIBC = "2.17"

pytestmark = pytest.mark.skipif(not PLATFORM, reason="SM_TOKEN_PLATFORM names no platform")


def readelf(*arguments: str, file: Path) -> str:
    return checked([need("readelf"), "--wide", *arguments, file])


def needed_by(file: Path) -> set[str]:
    """The libraries that the loader finds for a file."""
    return set(re.findall(r"\(NEEDED\) .*\[(.*)\]", readelf("--dynamic", file=file)))


def exported_by(library: Path) -> list[str]:
    symbols = readelf("--dyn-syms", file=library)
    return re.findall(r"(?:GLOBAL|WEAK) +DEFAULT +\d+ (\w+)$", symbols, re.MULTILINE)


# promise: exports
def test_the_library_exports_the_committed_list() -> None:
    assert sorted(exported_by(LIBRARY)) == (ROOT / "tests" / "exports.txt").read_text().split()


def test_the_library_is_named_for_its_abi_and_stays_loaded() -> None:
    dynamic = readelf("--dynamic", file=LIBRARY)
    assert "[libsm_token.so.0]" in dynamic
    assert "NODELETE" in dynamic


@pytest.mark.parametrize("file", [LIBRARY, COMMAND], ids=["library", "command"])
def test_it_needs_no_newer_c_library(file: Path) -> None:
    asked_for = set(re.findall(r"GLIBC_([0-9.]+)", readelf("--version-info", file=file)))
    if "musl" in PLATFORM:
        assert asked_for == set()
    else:
        assert asked_for
        assert max(asked_for, key=lambda version: [int(part) for part in version.split(".")]) == OLDEST_GLIBC


@pytest.mark.parametrize("file", [LIBRARY, COMMAND], ids=["library", "command"])
def test_it_needs_the_c_library_alone(file: Path) -> None:
    of_glibc = {"libc.so.6", "libpthread.so.0", "libdl.so.2", "libm.so.6", "librt.so.1", "libutil.so.1"}
    if "musl" not in PLATFORM:
        assert {name for name in needed_by(file) if not name.startswith("ld-linux")} <= of_glibc
    else:
        # The command runs where there is no C library at all.
        assert needed_by(file) == ({"libc.so"} if file == LIBRARY else set())


def test_the_path_of_the_sources_is_in_no_file() -> None:
    for file in (LIBRARY, COMMAND, library_directory() / "libsm_token.a"):
        assert str(ROOT).encode() not in file.read_bytes(), file.name


def test_a_program_that_holds_the_static_library_gets_a_token(real: Real, tmp_path: Path) -> None:
    program = tmp_path / "example"
    libraries = (library_directory() / "libsm_token.native-libs").read_text().split()
    # A C compiler adds its own unwinder. A program for musl is static as a whole.
    needed = [library for library in libraries if library != "-lgcc_s"]
    needed += ["-static"] if "musl" in PLATFORM else []
    flags = ["-std=c99", "-O2", f"-I{ROOT / 'include'}"]
    source = ROOT / "bindings" / "c" / "example.c"
    checked([c_compiler(), *flags, source, library_directory() / "libsm_token.a", "-o", program, *needed])
    assert "Bearer" in checked([program], env=leading_to(real))


def test_the_command_gets_a_token(real: Real) -> None:
    run = (ROOT / "ci" / "run-linux", PLATFORM, COMMAND)
    said = checked([*run, "--ca-file", real.ca_file], env=leading_to(real))
    assert real.get("/v1/companies/", {"Authorization": f"Bearer {said.strip()}"})[0] == 200
