"""An archive for each platform, which is unpacked anywhere and used by CMake, by pkg-config or by hand."""

from __future__ import annotations

from pathlib import Path

from artefacts import installed
from artefacts.checkout import NAME, build_time, version
from artefacts.platforms import Platform


def make(platform: Platform, place: Path) -> None:
    name = f"{NAME}-{version()}-{platform.archive}"
    packed = installed.tree(platform).below(name)
    if platform.is_windows:
        packed.zip(place / f"{name}.zip", build_time())
    else:
        packed.tar_xz(place / f"{name}.tar.xz", build_time())
