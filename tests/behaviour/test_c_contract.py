"""The C contract, check by check: each test here is one check of a C program under tests/c."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from harness.c_program import (
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

PROGRAMS = ("contract", "bad_arguments", "sigpipe")
CHECKS = [(program, check) for program in PROGRAMS for check in checks_of(SOURCES / f"{program}.c")]

Reports = Callable[[str], Report]


@pytest.fixture(scope="module")
def report(real: Real, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    directory = tmp_path_factory.mktemp("c_contract")

    @functools.cache
    def report(program: str) -> Report:
        binary = compile_c(SOURCES / f"{program}.c", directory / program, library_directory())
        return report_of(run([binary], env=leading_to(real)))

    return report


@pytest.mark.parametrize(("program", "check"), CHECKS, ids=[check for _, check in CHECKS])
def test_c_check(report: Reports, program: str, check: str) -> None:
    assert report(program).verdicts.get(check, report(program).output) == "ok"


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_exit_code_agrees(report: Reports, program: str) -> None:
    assert report(program).exit_code == 0
