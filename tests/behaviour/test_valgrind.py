"""No memory error and no leak at the C boundary, as valgrind's memcheck sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.c_program import SOURCES, compile_c, leading_to, library_directory, need, run
from harness.memcheck import FOUND_SOMETHING, MEMCHECK
from servers.started import Real


@pytest.mark.parametrize("program", ["contract", "bad_arguments"])
# promise: freed-once
def test_memcheck_finds_nothing(program: str, real: Real, tmp_path: Path) -> None:
    valgrind = need("valgrind")
    binary = compile_c(SOURCES / f"{program}.c", tmp_path / program, library_directory())
    done = run([valgrind, *MEMCHECK, binary], env=leading_to(real))
    assert done.returncode == 0, done.stdout + done.stderr


def test_memcheck_would_find_a_handle_that_is_never_freed(tmp_path: Path) -> None:
    valgrind = need("valgrind")
    binary = compile_c(SOURCES / "leak.c", tmp_path / "leak", library_directory())
    done = run([valgrind, *MEMCHECK, binary])
    assert done.returncode == FOUND_SOMETHING
    assert "definitely lost" in done.stderr
