"""The bill of materials beside the artefacts, their sums, and their signature where there is a key."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from artefacts.checkout import NAME, ROOT, version
from artefacts.platforms import Platform

SUMS = "SHA256SUMS"


def make(_: Sequence[Platform], place: Path) -> None:
    """Must come last: it sums up all that is there."""
    bill = (ROOT / "packaging" / "sm_token.cdx.json").read_bytes()
    (place / f"{NAME}-{version()}.cdx.json").write_bytes(bill)
    files = sorted(path for path in place.iterdir() if path.is_file())
    lines = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (place / SUMS).write_text("".join(lines), encoding="utf-8")
    if key := os.environ.get("SM_TOKEN_MINISIGN_KEY"):
        sign(place / SUMS, key)


def sign(sums: Path, key: str) -> None:
    """minisign reads the key's password from the terminal, or its standard input: never an argument."""
    comment = f"{NAME} {version()}"
    subprocess.run(
        ["minisign", "-S", "-s", key, "-m", sums, "-t", comment, "-c", f"signature of {comment}"], check=True
    )
