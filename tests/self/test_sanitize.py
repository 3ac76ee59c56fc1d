"""`ci/sanitize/run` says what it lacks, and fails for it only where nothing may be left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.c_program import run


@pytest.mark.parametrize(("require_all", "status"), [("", 0), ("1", 1)])
@pytest.mark.parametrize("sanitizer", ["address", "thread"])
def test_clang_without_its_runtime_is_told(
    sanitizer: str, require_all: str, status: int, tmp_path: Path
) -> None:
    for name in ("clang", "clang++"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'ld: cannot find libclang_rt' >&2\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = run(["ci/sanitize/run", sanitizer], env={"PATH": path, "SM_TOKEN_REQUIRE_ALL": require_all})
    assert done.returncode == status
    assert done.stderr.startswith(f"the {sanitizer} sanitizer was left out: clang has no runtime for it")
