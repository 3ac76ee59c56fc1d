"""What `ci/build-platform` left for Windows: what it exports and imports, and that linkers find it.

`.ci/platforms` runs these tests, each platform in its turn.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.c_program import ROOT, c_compiler, checked, library_directory

DLL = library_directory() / "sm_token.dll"
IS_X86 = c_compiler().endswith("windows-x86-compiler")
MINGW = "i686-w64-mingw32" if IS_X86 else "x86_64-w64-mingw32"

# What every Windows from 7 on has. winhttp.dll is loaded for one call.
OF_EVERY_WINDOWS = {
    "advapi32.dll",
    "bcrypt.dll",
    "crypt32.dll",
    "kernel32.dll",
    "msvcrt.dll",
    "ntdll.dll",
    "ws2_32.dll",
}
OF_WINDOWS_10 = {"api-ms-win-core-synch-l1-2-0.dll", "bcryptprimitives.dll"}


@pytest.fixture(scope="module")
def headers() -> str:
    return checked([f"{MINGW}-objdump", "-p", DLL])


# promise: exports
def test_the_library_exports_the_plain_names_of_the_committed_list(headers: str) -> None:
    table = headers.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0]
    exported = re.findall(r"\] (\S+)$", table, re.MULTILINE)
    assert exported == (ROOT / "tests" / "exports.txt").read_text().split()


def test_the_library_needs_the_system_alone(headers: str) -> None:
    needed = {name.lower() for name in re.findall(r"DLL Name: (\S+)", headers)}
    assert needed <= OF_EVERY_WINDOWS | (set() if is_for_windows_7() else OF_WINDOWS_10)


def is_for_windows_7() -> bool:
    """`ci/build-platform` builds for it on x86-64, where the source of Rust's standard library is there."""
    sysroot = checked(["rustc", "--print", "sysroot"]).strip()
    return not IS_X86 and (Path(sysroot) / "lib" / "rustlib" / "src" / "rust" / "library").is_dir()


def test_the_library_tells_its_version() -> None:
    version = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert version
    resource = DLL.read_bytes()
    for text in ("FileVersion", "ProductVersion"):
        assert f"{text}\0".encode("utf-16-le") in resource
    assert f"{version[1]}\0".encode("utf-16-le") in resource
    assert "LegalCopyright\0".encode("utf-16-le") in resource


def test_the_library_holds_no_time_and_no_path_of_its_build(headers: str) -> None:
    assert re.search(r"^Time/Date\s+Thu Jan +1 00:00:00 1970$", headers, re.MULTILINE)
    assert str(ROOT).encode() not in DLL.read_bytes()


@pytest.mark.parametrize("library", ["libsm_token.dll.a", "sm_token.lib"])
def test_a_program_is_linked_by_each_import_library(library: str, tmp_path: Path) -> None:
    source = tmp_path / "version.c"
    source.write_text(
        "#include <stdio.h>\n#include <sm_token.h>\nint main(void) { return puts(sm_version()) < 0; }\n"
    )
    program = tmp_path / "version"
    directory = library_directory()
    checked(
        [c_compiler(), f"-I{ROOT / 'include'}", source, "-o", program, directory / library, f"-L{directory}"]
    )
    assert checked([program]).strip() in (ROOT / "Cargo.toml").read_text()


def test_the_definitions_name_every_function() -> None:
    """On x86 with the size of its arguments, as a compiler does; the DLL exports the plain names."""
    defined = (library_directory() / "sm_token.def").read_text().split()
    assert defined[:3] == ["LIBRARY", "sm_token.dll", "EXPORTS"]
    names = [re.sub(r"@\d+$", "", name) for name in defined[3:]]
    assert names == (ROOT / "tests" / "exports.txt").read_text().split()
    assert all(("@" in name) == IS_X86 for name in defined[3:])
