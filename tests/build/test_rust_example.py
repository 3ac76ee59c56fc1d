"""The Rust example fetches a token through the public API, and reports a failure without the secret."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from harness.c_program import ROOT, checked, leading_to, run
from servers.started import Real


@pytest.fixture(scope="module")
def example() -> Path:
    checked(["cargo", "build", "--locked", "--quiet", "--example", "first_token"])
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "debug" / "examples" / "first_token"


def test_the_example_shows_what_came_with_the_token_and_masks_it(real: Real, example: Path) -> None:
    shown = checked([example], env=leading_to(real))
    assert re.fullmatch(
        r"  type     Bearer\n"
        r"  scope    all read write\n"
        r"  expires  in 3(?:600|59\d) seconds\n"
        r"  token    \w{4}\.\.\. \(30 characters\)\n",
        shown,
    )


def test_a_refused_secret_ends_the_example_with_advice_and_without_the_secret(
    real: Real, example: Path
) -> None:
    secret = "this-secret-is-refused"
    done = run([example], env={**leading_to(real), "SMX_CLIENT_SECRET": secret})
    assert (done.returncode, done.stdout) == (1, "")
    assert "check client_id and client_secret" in done.stderr
    assert "trying again will not help" in done.stderr
    assert secret not in done.stderr
