"""The npm package with the library for each platform in it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from artefacts.checkout import ROOT, TERMS, run, soname
from artefacts.platforms import Platform
from artefacts.tree import Tree

SOURCES = ROOT / "bindings" / "node"
# Where lib/native.js looks first.
PREBUILT = "prebuilt"


def make(platforms: Sequence[Platform], place: Path) -> None:
    package = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))
    packed = Tree()
    for listed in [*package["files"], "README.md"]:
        found = Tree.of(SOURCES / listed).below(listed) if (SOURCES / listed).is_dir() else None
        if found is None:
            packed.add(listed, SOURCES / listed)
        else:
            packed |= found
    for terms in TERMS:
        packed.add(Path(terms).name, ROOT / terms)
    for platform in platforms:
        name = "sm_token.dll" if platform.is_windows else soname()
        packed.add(f"{PREBUILT}/{platform.node}/{name}", platform.loaded, is_executable=True)
    package["files"] += [PREBUILT, *(Path(terms).name for terms in TERMS)]
    packed.add("package.json", json.dumps(package, indent=2) + "\n")

    with tempfile.TemporaryDirectory() as directory:
        packed.write(Path(directory))
        # It writes the same bytes for the same files: with one time for all, and modes of its own.
        run("npm", "pack", "--silent", "--pack-destination", place, cwd=Path(directory))
