"""The shared library exports what the header declares, and nothing else."""

from __future__ import annotations

import re

from harness.c_program import ROOT, checked, need, release_directory

EXPORTS = ROOT / "tests" / "exports.txt"


def declared_functions() -> set[str]:
    header = (ROOT / "include" / "sm_token.h").read_text()
    code = re.sub(
        r"/\*.*?\*/|//[^\n]*|^\s*#(?:[^\n]*\\\n)*[^\n]*", "", header, flags=re.DOTALL | re.MULTILINE
    )
    return set(re.findall(r"\bSM_CALL (sm_\w+)\(", code))


# promise: exports
def test_the_library_exports_the_committed_list() -> None:
    library = release_directory() / "libsm_token.so"
    symbols = checked([need("nm"), "--dynamic", "--defined-only", "--format=posix", library])
    assert [line.split()[0] for line in symbols.splitlines()] == EXPORTS.read_text().split()


# promise: exports
def test_the_header_declares_the_committed_list() -> None:
    assert sorted(declared_functions()) == EXPORTS.read_text().split()
