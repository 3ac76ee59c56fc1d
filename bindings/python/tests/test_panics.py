"""A defect of the native half is an exception like any other, and prints nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sm_token
from integration.c_program import ROOT

Program = Callable[..., "subprocess.CompletedProcess[str]"]

PANICS = """
import pickle, sm_token
from sm_token import _core
try:
    _core.panic_in_a_call()
except Exception as error:
    print(type(error).__name__, error.code, error.status, type(pickle.loads(pickle.dumps(error))).__name__)
"""


@pytest.fixture(scope="module")
def package_that_panics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a package whose native half, built for this test, has a function that panics."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    subprocess.run(
        ["cargo", "build", "--quiet", "--locked", "-p", "sm-token-python", "--features", "panic-test"],
        check=True,
        cwd=ROOT,
        env={**os.environ, "CARGO_TARGET_DIR": str(target), "PYO3_BUILD_EXTENSION_MODULE": "1"},
    )
    directory = tmp_path_factory.mktemp("panics")
    package = shutil.copytree(Path(sm_token.__file__).parent, directory / "sm_token")
    shutil.copy(target / "debug" / "lib_core.so", package / "_core.abi3.so")
    return directory


def test_a_panic_is_an_internal_error_and_silent(package_that_panics: Path, program: Program) -> None:
    done = program("-c", PANICS, env={"PYTHONPATH": str(package_that_panics)})
    assert (done.stdout, done.stderr) == ("Error INTERNAL 90 Error\n", "")


def test_the_installed_package_has_no_such_function() -> None:
    assert not hasattr(sm_token._core, "panic_in_a_call")
