"""`make demo` shows a newcomer a token, without showing the token."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from harness.c_program import checked, leading_to, run
from servers.started import Real

# Empty counts as unset, for the demonstration as for the library.
NO_CREDENTIALS = {"SMX_CLIENT_ID": "", "SMX_CLIENT_SECRET": "", "SMX_BASE_URL": "", "SM_TOKEN_CA_FILE": ""}


@pytest.fixture(scope="module")
def shown() -> str:
    return checked(["make", "demo"], env=NO_CREDENTIALS)


def test_the_local_server_is_announced(shown: str) -> None:
    assert "a local server" in shown
    assert "django-oauth-toolkit" in shown


def test_the_c_example_shows_what_came_with_the_token(shown: str) -> None:
    assert re.search(r"^C, bindings/c/example\.c$", shown, re.MULTILINE)
    assert re.search(r"^  type     Bearer$", shown, re.MULTILINE)
    assert re.search(r"^  scope    all read write$", shown, re.MULTILINE)
    assert re.search(r"^  expires  in 3(600|59\d) seconds$", shown, re.MULTILINE)


def test_the_token_is_masked(shown: str) -> None:
    assert re.search(r"^  token    \w{4}\.\.\. \(\d+ characters\)$", shown, re.MULTILINE)
    assert not re.search(r"\b[A-Za-z0-9]{20,}\b", shown)


def test_an_environment_that_is_new_gets_the_wheel(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    checked([sys.executable, "-m", "venv", venv])
    (venv / ".complete").touch()
    for _ in range(2):
        checked(["make", "installed-wheel", f"VENV={venv}"])
        assert (
            checked([venv / "bin" / "python", "-c", "import sm_token; print(sm_token.__name__)"])
            == "sm_token\n"
        )


def test_credentials_in_the_environment_are_used_on_the_service_that_it_names(real: Real) -> None:
    shown = checked(["make", "demo"], env=leading_to(real))
    assert re.search(r"^Asking https://localhost:\d+ with the credentials", shown, re.MULTILINE)
    assert "a local server" not in shown
    assert re.search(r"^  type     Bearer$", shown, re.MULTILINE)


def test_a_wrong_secret_ends_the_demonstration_with_advice(real: Real) -> None:
    done = run(["make", "demo"], env={**leading_to(real), "SMX_CLIENT_SECRET": "not the secret"})
    assert done.returncode != 0
    assert "no token: " in done.stderr
    assert "mend the cause first" in done.stderr
