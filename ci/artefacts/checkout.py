"""What this checkout says of itself: its version, its time, its texts."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLATFORMS = ROOT / "target" / "platforms"

NAME = "sm_token"
SUMMARY = "Access tokens for the Standard Metrics API"
HOMEPAGE = "https://api.standardmetrics.io"
AUTHORS = "The sm-token authors"
MAINTAINER = f"{AUTHORS} <sm-token@example.invalid>"
LICENSE = "MIT OR Apache-2.0"

# The terms of what the library holds, and a list of it: every artefact has them.
TERMS = ("LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-NOTICES.txt", "packaging/sm_token.cdx.json")


class Missing(Exception):
    """What an artefact is made of is not there."""


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def version() -> str:
    found = re.search(r'^version = "(.+)"', text("Cargo.toml"), re.MULTILINE)
    assert found, "Cargo.toml has no version"
    return found[1]


def soname() -> str:
    found = re.search(r"-soname,(libsm_token[^\"]*)", text("build.rs"))
    assert found, "build.rs has no soname"
    return found[1]


def build_time() -> int:
    """Seconds since 1970, of all that an artefact holds: SOURCE_DATE_EPOCH, else the last commit's."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return int(given or run("git", "log", "-1", "--format=%ct"))


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """Runs a command that has to succeed, and gives its output."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} exits with {done.returncode}:\n{done.stdout}")
    return done.stdout
