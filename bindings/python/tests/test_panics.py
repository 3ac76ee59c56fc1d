"""A defect of the native half is an exception like any other, and prints nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import sm_token

PANICS = """
import pickle, sm_token
from sm_token import _core
try:
    _core.panic_in_a_call()
except Exception as error:
    print(type(error).__name__, error.code, error.status, type(pickle.loads(pickle.dumps(error))).__name__)
"""


def test_a_panic_is_an_internal_error_and_silent(built_elsewhere: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [built_elsewhere, "-c", PANICS], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.stdout, done.stderr) == ("Error INTERNAL 90 Error\n", "")


def test_the_installed_package_has_no_such_function() -> None:
    assert not hasattr(sm_token._core, "panic_in_a_call")
