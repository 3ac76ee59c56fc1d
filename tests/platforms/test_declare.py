"""The library as Visual Basic's `Declare` calls it: each test here is one check of tests/c/declare.c."""

from __future__ import annotations

import pytest

from harness.c_program import (
    ROOT,
    SOURCES,
    Report,
    checks_of,
    compile_c,
    leading_to,
    library_directory,
    report_of,
    run,
)
from servers.started import Real

SOURCE = SOURCES / "declare.c"


@pytest.fixture(scope="module")
def report(real: Real, tmp_path_factory: pytest.TempPathFactory) -> Report:
    program = compile_c(SOURCE, tmp_path_factory.mktemp("declare") / "declare", library_directory())
    names = (ROOT / "tests" / "exports.txt").read_text().split()
    return report_of(run([program, *names], env=leading_to(real)))


@pytest.mark.parametrize("check", checks_of(SOURCE))
def test_declare_check(check: str, report: Report) -> None:
    assert report.verdicts.get(check, report.output) == "ok"
