"""A mutant that timed out is looked at again, unless it can run for ever by itself."""

from __future__ import annotations

import json
from pathlib import Path

from harness.c_program import ROOT, checked


def looked_at_again(directory: Path, line: str) -> str:
    """What is said of a mutant of the function of `src/trust/pem.rs` that begins so."""
    lines = (ROOT / "src" / "trust" / "pem.rs").read_text(encoding="utf-8").splitlines()
    [start] = [number for number, text in enumerate(lines, 1) if text.startswith(line)]
    end = next(number for number, text in enumerate(lines, 1) if number > start and text == "}")
    span = {"start": {"line": start, "column": 1}, "end": {"line": end, "column": 2}}
    mutant = {
        "name": "changed",
        "file": "src/trust/pem.rs",
        "function": {"function_name": "changed", "span": span},
    }
    (directory / "mutants.json").write_text(json.dumps([mutant]))
    (directory / "timeout.txt").write_text("changed\n")
    return checked(["ci/timed_out_mutants.py", directory])


def test_one_that_repeats_is_not(tmp_path: Path) -> None:
    assert looked_at_again(tmp_path, "fn from_boundary(") == ""


def test_one_that_does_not_repeat_is(tmp_path: Path) -> None:
    assert looked_at_again(tmp_path, "fn ends(") == "^changed$\n"
