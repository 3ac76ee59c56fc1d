#!/usr/bin/env python3
"""Names the mutants that timed out though nothing in them repeats, as patterns for `cargo mutants --re`.

    ci/timed_out_mutants.py target/mutants/mutants.out

A mutant whose function repeats until something changes can run for ever, and its timeout is a test that
noticed it. Anywhere else a slow machine may be the cause, and it takes a second look to tell.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

# A `for` over what there is ends by itself.
REPEATS = re.compile(r"\b(loop|while|from_fn|successors|repeat_with)\b")


def repeats(mutant: dict[str, Any]) -> bool:
    function = mutant.get("function")
    if not function:
        return False
    lines = (ROOT / mutant["file"]).read_text(encoding="utf-8").splitlines()
    span = function["span"]
    body = "\n".join(lines[span["start"]["line"] - 1 : span["end"]["line"]])
    return REPEATS.search(re.sub(r"//.*", "", body)) is not None


def doubtful(directory: Path) -> list[str]:
    """The names of the mutants that may have timed out for no reason of their own."""
    mutants = {mutant["name"]: mutant for mutant in json.loads((directory / "mutants.json").read_text())}
    timed_out = (directory / "timeout.txt").read_text().splitlines()
    return [name for name in timed_out if not repeats(mutants[name])]


if __name__ == "__main__":
    for name in doubtful(Path(sys.argv[1])):
        print(f"^{re.escape(name)}$")
