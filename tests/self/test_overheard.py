"""The search that ends the run finds what it is there to find."""

from __future__ import annotations

import base64
import subprocess
import sys
from urllib.parse import quote_plus

import pytest

from harness.overheard import Overheard
from servers.credentials import CLIENT_ID, CLIENT_SECRET, ODD_CLIENT_SECRET
from servers.named_scripts import ACCESS_TOKEN

SECRETS = {
    "the_secret": CLIENT_SECRET,
    "another_in_a_form": quote_plus(ODD_CLIENT_SECRET),
    "the_header": base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode(),
}


def says(text: str, where: str) -> None:
    program = f"import sys; print({'what came: ' + text!r}, file=sys.{where}, end='')"
    subprocess.run([sys.executable, "-"], input=program, text=True, check=True, capture_output=True)


@pytest.mark.parametrize("where", ["stdout", "stderr"])
@pytest.mark.parametrize("secret", SECRETS.values(), ids=list(SECRETS))
# promise: output-searched
def test_a_secret_that_a_program_prints_is_found(secret: str, where: str) -> None:
    overheard = Overheard()
    with overheard.listening():
        says(secret, where)
    [leak] = overheard.leaks()
    assert "test_a_secret_that_a_program_prints_is_found[" in leak
    assert leak.endswith(f"what came: {secret}")


@pytest.mark.parametrize(("where", "found"), [("stdout", 0), ("stderr", 1)])
def test_a_token_may_be_printed_and_not_told_in_an_error(where: str, found: int) -> None:
    overheard = Overheard()
    with overheard.listening():
        says(ACCESS_TOKEN, where)
    assert len(overheard.leaks()) == found


def test_a_token_that_a_server_gave_out_is_found() -> None:
    overheard = Overheard()
    overheard.note("a log", "got a-token-of-today")
    assert overheard.leaks() == []
    overheard.hide(["a-token-of-today"])
    assert len(overheard.leaks()) == 1


@pytest.mark.parametrize("title", ["Captured stdout call", "Captured log call"])
def test_what_pytest_captured_is_searched(title: str) -> None:
    overheard = Overheard()
    for when in ("setup", "call", "teardown"):
        overheard.note_report(
            pytest.TestReport(
                "a test",
                ("", 0, ""),
                {},
                "passed",
                None,
                when,
                [(title, f"secret: {CLIENT_SECRET}")],
            )
        )
    assert len(overheard.leaks()) == 1
