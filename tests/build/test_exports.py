"""The shared library exports what the header declares, and nothing else; what is declared stays as it is."""

from __future__ import annotations

import re

from harness.c_program import ROOT, checked, need, release_directory

EXPORTS = ROOT / "tests" / "exports.txt"
DECLARATIONS = ROOT / "tests" / "declarations.txt"


def header_code() -> str:
    header = (ROOT / "include" / "sm_token.h").read_text()
    return re.sub(
        r"/\*.*?\*/|//[^\n]*|^\s*#(?:[^\n]*\\\n)*[^\n]*", "", header, flags=re.DOTALL | re.MULTILINE
    )


def declared_functions() -> set[str]:
    return set(re.findall(r"\bSM_CALL (sm_\w+)\(", header_code()))


def declarations() -> list[str]:
    """Of types and functions, each in one line, in the order of the header."""
    code = re.sub(r'extern "C" \{|\}', "", header_code())
    return [" ".join(declaration.split()) for declaration in code.split(";") if declaration.strip()]


# promise: exports
def test_the_library_exports_the_committed_list() -> None:
    library = release_directory() / "libsm_token.so"
    symbols = checked([need("nm"), "--dynamic", "--defined-only", "--format=posix", library])
    assert [line.split()[0] for line in symbols.splitlines()] == EXPORTS.read_text().split()


# promise: exports
def test_the_header_declares_the_committed_list() -> None:
    assert sorted(declared_functions()) == EXPORTS.read_text().split()


# promise: numbers-stay
def test_each_type_and_each_function_is_declared_as_it_was() -> None:
    assert declarations() == DECLARATIONS.read_text().splitlines()
