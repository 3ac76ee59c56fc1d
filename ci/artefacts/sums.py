"""The bill of materials beside the artefacts, their sums, and their signature where there is a key."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from artefacts.checkout import NAME, ROOT, version
from artefacts.platforms import Platform

SUMS = "SHA256SUMS"
# The variable that names the file of a key that minisign made.
KEY = "SM_TOKEN_MINISIGN_KEY"


def make(_: Sequence[Platform], place: Path) -> None:
    """Must come last: it sums up all that is there."""
    bill = (ROOT / "packaging" / "sm_token.cdx.json").read_bytes()
    (place / f"{NAME}-{version()}.cdx.json").write_bytes(bill)
    files = sorted(path for path in place.iterdir() if path.is_file())
    lines = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (place / SUMS).write_text("".join(lines), encoding="utf-8")
    if os.environ.get(KEY) and sign(place) != 0:
        raise SystemExit("the sums are not signed")


def sign(place: Path) -> int:
    """minisign's exit code. It reads the key's password from the terminal, or its standard input."""
    key = os.environ.get(KEY)
    if not key:
        print(f"{KEY} names no file with a key", file=sys.stderr)
        return 2
    comment = f"{NAME} {version()}"
    told = ("-t", comment, "-c", f"signature of {comment}")
    return subprocess.run(["minisign", "-S", "-s", key, "-m", place / SUMS, *told], check=False).returncode
