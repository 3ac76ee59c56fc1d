"""A Debian of its own, in a directory, for what is installed by a system's own tools."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.c_program import ENDS_WITHIN_S, ROOT, checked, leading_to
from servers.started import Real

# .ci/install-platforms makes it, by debootstrap.
MADE = ROOT / "target" / "platforms" / "root-amd64"


class Root:
    """A copy of the one that was made."""

    def __init__(self, directory: Path) -> None:
        if not MADE.is_dir():
            pytest.skip(f"{MADE} is not there: run .ci/install-platforms")
        if os.geteuid() != 0:
            pytest.skip("only root can change its root directory")
        self.directory = directory / "root"
        checked(["cp", "--archive", "--reflink=auto", MADE, self.directory])
        (self.directory / "etc" / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")

    def take(self, file: Path, name: str | None = None) -> str:
        """Copies a file into it; where it is, seen from there."""
        (self.directory / "taken").mkdir(exist_ok=True)
        shutil.copy(file, self.directory / "taken" / (name or file.name))
        return f"/taken/{name or file.name}"

    def run(self, *command: str, real: Real | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a program in it, with an environment of its own."""
        known = {}
        if real:
            known = {**leading_to(real), "SM_TOKEN_CA_FILE": self.take(Path(real.ca_file), "ca.pem")}
        return subprocess.run(
            ["chroot", self.directory, *command],
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", **known},
            timeout=ENDS_WITHIN_S,
        )

    def checked(self, *command: str) -> str:
        done = self.run(*command)
        assert done.returncode == 0, f"{command} exits with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def files(self) -> set[str]:
        """All that is not a directory, but for what programs of the system write down."""
        left_out = ("taken/", "var/", "etc/ld.so.cache", "proc/", "sys/", "dev/")
        found = (path for path in self.directory.rglob("*") if path.is_symlink() or not path.is_dir())
        names = (str(path.relative_to(self.directory)) for path in found)
        return {name for name in names if not name.startswith(left_out)}

    def compile(self, compiler: Sequence[str | Path], source: Path, program: str, package: str) -> str:
        """Compiles a C file by the pkg-config files in it; where the program is, seen from there."""
        [place] = self.directory.glob(f"usr/lib*/**/pkgconfig/{package}.pc")
        environment = {
            "PKG_CONFIG_LIBDIR": str(place.parent),
            "PKG_CONFIG_PATH": "",
            "PKG_CONFIG_SYSROOT_DIR": str(self.directory),
            "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1",
            "PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1",
        }
        flags = checked(["pkg-config", "--cflags", "--libs", package], env=environment).split()
        (self.directory / "taken").mkdir(exist_ok=True)
        checked([*compiler, source, "-o", self.directory / "taken" / program, *flags])
        return f"/taken/{program}"
