"""The command `sm-token`, as `cargo build` makes it."""

from __future__ import annotations

import functools
from pathlib import Path

from harness.c_program import ROOT, checked


@functools.cache
def command_program() -> Path:
    """Its path, up to date."""
    checked(["cargo", "build", "--quiet", "--package", "sm-token-command"])
    return ROOT / "target" / "debug" / "sm-token"
