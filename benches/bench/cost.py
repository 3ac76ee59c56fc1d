"""What a whole process costs, as the operating system counts it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Command = tuple["str | Path", ...]

# Far longer than anything here takes.
ENDS_WITHIN_S = 120


@dataclass(frozen=True)
class Cost:
    cpu_ms: float
    """User and system time, all threads."""
    wall_ms: float
    peak_mib: float
    """Most resident memory."""


def whole_process(launcher: Path, command: Command, env: Mapping[str, str]) -> Callable[[], Cost]:
    """Runs a command from start to end, which has to succeed."""

    def run() -> Cost:
        told = said_by((launcher, *command), env)
        if not told["succeeded"]:
            raise RuntimeError(f"{command[0]} failed")
        return Cost(told["cpu_us"] / 1e3, told["wall_us"] / 1e3, told["peak_kib"] / 1024)

    return run


def said_by(command: Command, env: Mapping[str, str]) -> dict[str, Any]:
    """The JSON that a command prints."""
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=_clean(env), timeout=ENDS_WITHIN_S).stdout
    figures: dict[str, Any] = json.loads(said)
    return figures


def figure_of(command: Command, env: Mapping[str, str], name: str) -> Callable[[], float]:
    """Runs a command that tells one figure of itself."""
    return lambda: float(said_by(command, env)[name])


def _clean(env: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the caller's that leads a program elsewhere, or that one reads and another does not."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "LANG") if name in os.environ}
    return {**kept, **env}
