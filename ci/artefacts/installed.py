"""The C library and the command as they are installed, in a tree that can be moved."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from artefacts.checkout import ROOT, TERMS, run, text, version
from artefacts.platforms import Platform
from artefacts.tree import Tree

# Where `make install` puts its files before they are taken from there.
PREFIX = "/sm_token"


def tree(platform: Platform) -> Tree:
    """What lies below the prefix, for a packager who knows no prefix."""
    if platform.is_windows:
        return windows(platform)
    return linux(platform, [f"PREFIX={PREFIX}", "PKGCONFIG_PREFIX=$${pcfiledir}/../.."]).taken(PREFIX[1:])


def linux(platform: Platform, variables: Sequence[str]) -> Tree:
    """What `make install` leaves below the root, of another platform's build."""
    programs = [platform.built(name) for name in ("libsm_token.so", "libsm_token.a", "sm-token")]
    platform.built("libsm_token.native-libs")
    release = platform.directory.relative_to(ROOT)
    with tempfile.TemporaryDirectory() as stage:
        # `make install` wants to see that it is what was built: nothing else writes there.
        built = Path(stage) / "cksum"
        built.write_text(run("cksum", *(program.relative_to(ROOT) for program in programs)))
        root = Path(stage) / "root"
        run(
            "make", "install", f"DESTDIR={root}", f"RELEASE={release}", f"BUILT={built}", *variables, env=MAKE
        )
        return Tree.of(root)


# A make that calls this one must not pass its own variables on.
MAKE = {"MAKEFLAGS": "", "MAKEOVERRIDES": "", "MFLAGS": "", "LC_ALL": os.environ.get("LC_ALL", "C.UTF-8")}


# Windows has no place for what a developer installs, and a library of no version in its name.
def windows(platform: Platform) -> Tree:
    found = Tree()
    found.add("bin/sm_token.dll", platform.built("sm_token.dll"))
    found.add("bin/sm-token.exe", platform.built("sm-token.exe"))
    for library in ("libsm_token.dll.a", "sm_token.lib", "sm_token.def"):
        found.add(f"lib/{library}", platform.built(library))
    for header in sorted((ROOT / "include").glob("sm_token.h*")):
        found.add(f"include/{header.name}", header)
    for terms in TERMS:
        found.add(f"share/doc/sm_token/{Path(terms).name}", text(terms))
    cmake = "lib/cmake/sm_token/sm_token-config"
    found.add("lib/pkgconfig/sm_token.pc", filled_in("sm_token.pc.in"))
    found.add(f"{cmake}.cmake", filled_in("sm_token-config-windows.cmake.in"))
    found.add(f"{cmake}-version.cmake", filled_in("sm_token-config-version.cmake.in"))
    return found


def filled_in(template: str) -> str:
    """As the Makefile does it for what `make install` installs."""
    filled = text(f"packaging/{template}")
    for name, value in {
        "VERSION": version(),
        "PREFIX": "${pcfiledir}/../..",
        "LIBDIR": "${prefix}/lib",
        "INCLUDEDIR": "${prefix}/include",
        "NATIVE_LIBS": "",
    }.items():
        filled = filled.replace(f"@{name}@", value)
    return filled
