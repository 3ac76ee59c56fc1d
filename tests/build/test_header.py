"""The header is clean in every C and C++ that its users compile with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.c_program import ROOT, STRICT, checked, need

# The last of each is C23 and C++23, by the name that compilers of before know too.
STANDARDS = {
    "c": ("c99", "c11", "c17", "c2x"),
    "c++": ("c++11", "c++14", "c++17", "c++20", "c++2b"),
}
COMPILERS = {"gcc": {"c": "gcc", "c++": "g++"}, "clang": {"c": "clang", "c++": "clang++"}}
CASES = [
    (COMPILERS[family][language], language, standard)
    for family in COMPILERS
    for language, standards in STANDARDS.items()
    for standard in standards
]


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize(("compiler", "language", "standard"), CASES)
def test_the_header_alone_compiles_without_a_warning(
    compiler: str, language: str, standard: str, times: int, tmp_path: Path
) -> None:
    source = tmp_path / "header_alone.source"
    source.write_text("#include <sm_token.h>\n" * times + "int main(void) { return SM_OK; }\n")
    strict = (f"-std={standard}", *STRICT, "-Wconversion", "-Wshadow")
    checked([need(compiler), "-x", language, *strict, f"-I{ROOT / 'include'}", "-fsyntax-only", source])


# promise: no-fields
def test_no_struct_has_fields_and_no_enumeration_is_declared() -> None:
    header = (ROOT / "include" / "sm_token.h").read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    assert len(re.findall(r"\btypedef struct \w+ \w+;", code)) >= 4
    assert re.findall(r"\b(?:struct|union)\b[^;{]*\{|\benum\b", code) == []
