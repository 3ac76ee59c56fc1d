"""The command `sm-token`, as `cargo build` makes it, or as SM_TOKEN_COMMAND names it."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from harness.c_program import ROOT, checked


@functools.cache
def command_program() -> Path:
    """Its path, up to date."""
    if given := os.environ.get("SM_TOKEN_COMMAND"):
        return Path(given)
    checked(["cargo", "build", "--quiet", "--package", "sm-token-command"])
    return ROOT / "target" / "debug" / "sm-token"
