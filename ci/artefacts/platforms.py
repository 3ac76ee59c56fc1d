"""The platforms that artefacts are made for, and what each packager calls them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from artefacts.checkout import PLATFORMS, ROOT, Missing


@dataclass(frozen=True)
class Platform:
    # As ci/build-platform knows it, and as an archive is named.
    name: str
    archive: str
    # The architecture of a deb and of an rpm, and Debian's name of the directory of libraries.
    deb: str = ""
    rpm: str = ""
    triplet: str = ""
    # A directory of native code in each language's package; "" where there is none.
    nuget: str = ""
    jna: str = ""
    node: str = ""
    go: str = ""
    go_condition: str = ""

    @property
    def is_windows(self) -> bool:
        return self.name.startswith("windows-")

    @property
    def directory(self) -> Path:
        return PLATFORMS / self.name

    def built(self, name: str) -> Path:
        """A file that ci/build-platform left."""
        path = self.directory / name
        if not path.is_file():
            shown = path.relative_to(ROOT)
            raise Missing(f"{shown} is not there: run 'ci/build-platform {self.name}'")
        return path

    @property
    def loaded(self) -> Path:
        """The library that a program loads at run time."""
        return self.built("sm_token.dll" if self.is_windows else "libsm_token.so")

    def wheels(self) -> list[Path]:
        """What ci/build-wheel left."""
        found = sorted(self.directory.glob("*.whl"))
        if not found:
            shown = self.directory.relative_to(ROOT)
            raise Missing(f"{shown} holds no wheel: run 'ci/build-wheel {self.name}'")
        return found


ALL = (
    Platform(
        "linux-gnu2.17-x86_64",
        "linux-x86_64",
        deb="amd64",
        rpm="x86_64",
        triplet="x86_64-linux-gnu",
        nuget="linux-x64",
        jna="linux-x86-64",
        node="linux-x64",
        go="linux_amd64",
        go_condition="linux,amd64,!musl",
    ),
    Platform(
        "linux-gnu2.17-aarch64",
        "linux-aarch64",
        deb="arm64",
        rpm="aarch64",
        triplet="aarch64-linux-gnu",
        nuget="linux-arm64",
        jna="linux-aarch64",
        node="linux-arm64",
        go="linux_arm64",
        go_condition="linux,arm64,!musl",
    ),
    Platform(
        "linux-musl-x86_64",
        "linux-musl-x86_64",
        nuget="linux-musl-x64",
        node="linux-x64-musl",
        go="linux_amd64_musl",
        go_condition="linux,amd64,musl",
    ),
    Platform(
        "linux-musl-aarch64",
        "linux-musl-aarch64",
        nuget="linux-musl-arm64",
        node="linux-arm64-musl",
        go="linux_arm64_musl",
        go_condition="linux,arm64,musl",
    ),
    Platform(
        "windows-x86_64",
        "windows-x86_64",
        nuget="win-x64",
        jna="win32-x86-64",
        node="win32-x64",
        go="windows_amd64",
        go_condition="windows,amd64",
    ),
    Platform(
        "windows-x86",
        "windows-x86",
        nuget="win-x86",
        jna="win32-x86",
        node="win32-ia32",
        go="windows_386",
        go_condition="windows,386",
    ),
)
