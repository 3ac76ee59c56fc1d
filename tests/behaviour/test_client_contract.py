"""What the C interface promises for a client, check by check, and without a memory error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.c_program import (
    ROOT,
    SOURCES,
    Report,
    checks_of,
    compile_c,
    leading_to,
    library_directory,
    need,
    report_of,
    run,
)
from harness.memcheck import MEMCHECK
from servers.started import Real

SOURCE = SOURCES / "client_contract.c"
# What is for hosts that may not block is checked by test_client_hosts.py.
FOR_HOSTS = SOURCES / "client_hosts.c"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("client_contract")
    return compile_c(SOURCE, directory / "client_contract", library_directory())


@pytest.fixture(scope="module")
def report(program: Path, real: Real) -> Report:
    return report_of(run([program], env=leading_to(real)))


@pytest.mark.parametrize("check", checks_of(SOURCE))
def test_client_check(report: Report, check: str) -> None:
    assert report.verdicts.get(check, report.output) == "ok"


def test_the_exit_code_agrees(report: Report) -> None:
    assert report.exit_code == 0, report.output


def test_every_function_of_a_client_is_checked() -> None:
    declared = set(re.findall(r"\bsm_client_\w+(?=\()", (ROOT / "include" / "sm_token.h").read_text()))
    called = set(re.findall(r"\bsm_client_\w+(?=\()", SOURCE.read_text() + FOR_HOSTS.read_text()))
    assert declared
    assert declared - called == set()


def test_memcheck_finds_nothing_in_a_client(program: Path, real: Real) -> None:
    done = run([need("valgrind"), *MEMCHECK, program], env=leading_to(real))
    assert done.returncode == 0, done.stdout + done.stderr
