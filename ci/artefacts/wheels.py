"""The Python package: a wheel for each platform, as ci/build-wheel left it, and the source distribution."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from artefacts.checkout import ROOT, build_time, run
from artefacts.platforms import Platform


def make(platforms: Sequence[Platform], place: Path) -> None:
    for platform in platforms:
        for wheel in platform.wheels():
            shutil.copyfile(wheel, place / wheel.name)
    run(
        ROOT / "target" / "venv" / "bin" / "maturin",
        "sdist",
        "--manifest-path",
        ROOT / "bindings" / "python" / "Cargo.toml",
        "--out",
        place,
        env={"SOURCE_DATE_EPOCH": str(build_time())},
    )
