"""docs/errors.md, the header and the tests know the same statuses, by the same numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.c_program import ROOT
from harness.faults import FAULTS
from harness.probe import STATUS

HEADER = (ROOT / "include" / "sm_token.h").read_text()
DECLARED = {
    name: int(number)
    for name, number in re.findall(r"^#define SM_(OK|ERROR_\w+) (\d+)$", HEADER, re.MULTILINE)
}

ROW = re.compile(r"^\| (\d+) \| `SM_(\w+)` \| (.*) \| (.*) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs" / "errors.md").read_text())

# What no answer of a server can cause, and so no row of the table of faults: the test that causes it.
CAUSED_IN = {
    "ERROR_INVALID_ARGUMENT": "tests/c/bad_arguments.c",
    "ERROR_NO_CREDENTIALS": "tests/c/bad_arguments.c",
    "ERROR_BUFFER_TOO_SMALL": "tests/c/contract.c",
    "ERROR_INSECURE_URL": "tests/behaviour/test_faults.py",
    "ERROR_DNS": "tests/behaviour/test_faults.py",
    "ERROR_PROXY": "tests/behaviour/test_proxies.py",
    "ERROR_CANCELED": "tests/behaviour/test_client_waiting.py",
    "ERROR_RESOURCES": "tests/behaviour/test_network.py",
    "ERROR_CERTIFICATE": "tests/behaviour/test_tls.py",
    "ERROR_NO_TRUST_ROOTS": "tests/behaviour/test_tls.py",
    "ERROR_INTERNAL": "tests/panic_guard.rs",
}
CAUSED_BY_FAULTS = {
    "OK" if status == "OK" else f"ERROR_{status}" for fault in FAULTS for status in fault.status.split("|")
}


# promise: errors-page
def test_the_page_has_a_row_for_each_status_in_the_order_of_their_numbers() -> None:
    assert [(f"SM_{name}", int(number)) for number, name, _, _ in ROWS] == [
        (f"SM_{name}", number) for name, number in sorted(DECLARED.items(), key=lambda item: item[1])
    ]


@pytest.mark.parametrize(("cause", "cure"), [row[2:] for row in ROWS], ids=[row[1] for row in ROWS])
def test_a_row_names_cause_and_cure(cause: str, cure: str) -> None:
    assert len(cause.split()) > 1
    assert len(cure) > 1


def test_the_probe_reads_the_numbers_that_the_header_declares() -> None:
    assert {name.removeprefix("ERROR_"): number for name, number in DECLARED.items()} == STATUS


@pytest.mark.parametrize("status", sorted(DECLARED))
def test_a_status_is_caused_by_a_fault_or_by_a_test_that_is_named_here(status: str) -> None:
    if status in CAUSED_BY_FAULTS:
        return
    source = ROOT / CAUSED_IN[status]
    assert expected_in(source, status), f"{CAUSED_IN[status]} expects no {status}"


def test_only_what_no_fault_causes_is_named() -> None:
    assert CAUSED_BY_FAULTS & CAUSED_IN.keys() == set()


def expected_in(source: Path, status: str) -> bool:
    """Whether a test compares with the status: by its constant, or by its name in the probe's words."""
    if source.suffix == ".rs":
        return f"Status::{status.removeprefix('ERROR_').title()}" in source.read_text()
    spelling = rf'"{status.removeprefix("ERROR_")}"' if source.suffix == ".py" else rf"\bSM_{status}\b"
    return re.search(spelling, source.read_text()) is not None
