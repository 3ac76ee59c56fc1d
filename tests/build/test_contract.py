"""Each wrapper's tests carry each id of `bindings/contract.md`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.c_program import ROOT
from harness.declared import BINDINGS, DECLARING

WRAPPERS = sorted({"cpp", "go", "python", "r", *DECLARING})

LIST = (BINDINGS / "contract.md").read_text(encoding="utf-8")
ABSENT = {
    found[1]: set(found[2].split())
    for found in re.finditer(r"^\| `([\w-]+)` \|.*\| ([a-z ]*)\|$", LIST, re.MULTILINE)
}


def sources(language: str) -> Iterator[Path]:
    """Where a wrapper's tests stand."""
    for pattern in (
        "tests/**/*.*",
        "test/**/*.*",
        "t/**/*.t",
        "spec/**/*.*",
        "src/test/**/*.*",
        "test.*",
        "**/*_test.go",
        "check",
    ):
        yield from (BINDINGS / language).glob(pattern)
    if language == "cpp":
        yield from (ROOT / "tests" / "cpp").glob("*.cpp")
        yield ROOT / "tests" / "behaviour" / "test_cpp.py"


def ids_in(text: str) -> list[str]:
    return " ".join(re.findall(r"\bcontract: ([a-z -]+)", text)).split()


def test_the_list_is_read() -> None:
    assert len(ABSENT) == LIST.count("\n| `")
    assert set().union(*ABSENT.values()) <= {*WRAPPERS}


@pytest.mark.parametrize("language", WRAPPERS)
def test_each_wrapper_proves_what_the_contract_lists(language: str) -> None:
    carried = [proof for path in sources(language) for proof in ids_in(path.read_text(encoding="utf-8"))]
    expected = [proof for proof, absent in ABSENT.items() if language not in absent]
    assert sorted(carried) == sorted(expected)
