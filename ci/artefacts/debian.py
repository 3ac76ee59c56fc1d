"""Three packages for Debian and its kin: the library, what compiles against it, and the command."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from artefacts import installed
from artefacts.checkout import (
    AUTHORS,
    HOMEPAGE,
    MAINTAINER,
    ROOT,
    SUMMARY,
    TERMS,
    build_time,
    run,
    soname,
    text,
    version,
)
from artefacts.platforms import Platform
from artefacts.tree import File, Tree

LIBRARY, DEVELOPMENT, COMMAND = "libsm-token0", "libsm-token-dev", "sm-token"
GLIBC = "libc6 (>= 2.17)"


@dataclass(frozen=True)
class Package:
    name: str
    section: str
    depends: str
    multi_arch: str
    description: str
    files: Tree
    control: Tree


def make(platform: Platform, place: Path) -> None:
    """Nothing for a platform without such packages."""
    if not platform.deb:
        return
    for package in packages(platform):
        pack(package, platform, place)


def packages(platform: Platform) -> list[Package]:
    libraries = f"usr/lib/{platform.triplet}"
    everything = installed.linux(platform, ["PREFIX=/usr", f"LIBDIR=/{libraries}"])
    runtime = everything.matching(f"{libraries}/{soname()}*", f"{libraries}/libsm_token.so.{version()}")
    development = everything.matching(
        "usr/include/*",
        f"{libraries}/libsm_token.a",
        f"{libraries}/libsm_token.so",
        f"{libraries}/pkgconfig/*",
        f"{libraries}/cmake/sm_token/*",
    )
    command = everything.matching("usr/bin/*", "usr/share/man/man1/*", "usr/share/*/completions/sm-token")
    command |= everything.matching("usr/share/zsh/*/_sm-token", "usr/share/fish/*/sm-token.fish")
    return [
        Package(
            LIBRARY,
            "libs",
            GLIBC,
            "same",
            f"{SUMMARY}: shared library",
            runtime,
            Tree(
                {
                    "shlibs": File(f"libsm_token 0 {LIBRARY} (>= {version()})\n".encode()),
                    "triggers": File(b"activate-noawait ldconfig\n"),
                }
            ),
        ),
        Package(
            DEVELOPMENT,
            "libdevel",
            f"{LIBRARY} (= {version()})",
            "same",
            f"{SUMMARY}: headers and static library",
            development,
            Tree(),
        ),
        Package(COMMAND, "utils", GLIBC, "foreign", f"{SUMMARY}: command", compressed_pages(command), Tree()),
    ]


def compressed_pages(files: Tree) -> Tree:
    """Debian's manual pages are compressed, and so that no time is in them."""
    found = Tree()
    for path in files:
        entry = files[path]
        if isinstance(entry, File) and "/man/" in path:
            found.add(f"{path}.gz", gzip.compress(entry.content, 9, mtime=0))
        else:
            found |= Tree({path: entry})
    return found


def pack(package: Package, platform: Platform, place: Path) -> None:
    files = package.files | documents(package.name)
    control = package.control | Tree(
        {
            "control": File(fields(package, platform, files).encode()),
            "md5sums": File(sums(files).encode()),
        }
    )
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        (files | control.below("DEBIAN")).write(root)
        root.chmod(0o755)
        archive = place / f"{package.name}_{version()}_{platform.deb}.deb"
        run(
            "dpkg-deb",
            "--root-owner-group",
            # Without threads, whose number would show in the result.
            "--threads-max=1",
            "-Zxz",
            "--build",
            root,
            archive,
            env={"SOURCE_DATE_EPOCH": str(build_time())},
        )


def documents(package: str) -> Tree:
    found = Tree()
    found.add(f"usr/share/doc/{package}/copyright", copyright_file())
    found.add(
        f"usr/share/doc/{package}/changelog.gz", gzip.compress(text("CHANGELOG.md").encode(), 9, mtime=0)
    )
    for terms in TERMS:
        if not terms.startswith("LICENSE"):
            found.add(f"usr/share/doc/{package}/{Path(terms).name}", ROOT / terms)
    return found


def copyright_file() -> str:
    """In Debian's form: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/."""
    licenses = (("Expat", "LICENSE-MIT"), ("Apache-2.0", "LICENSE-APACHE"))
    return "\n".join(
        [
            "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
            "Upstream-Name: sm-token",
            "Comment: the terms of what is compiled into it are in THIRD-PARTY-NOTICES.txt",
            "",
            "Files: *",
            f"Copyright: {AUTHORS}",
            "License: Expat or Apache-2.0",
            *(line for name, path in licenses for line in ["", f"License: {name}", *indented(text(path))]),
            "",
        ]
    )


def indented(paragraphs: str) -> list[str]:
    return [f" {line.rstrip() or '.'}" for line in paragraphs.strip().splitlines()]


def fields(package: Package, platform: Platform, files: Tree) -> str:
    kilobytes = sum(-(-len(e.content) // 1024) for p in files if isinstance(e := files[p], File))
    return (
        f"Package: {package.name}\n"
        "Source: sm-token\n"
        f"Version: {version()}\n"
        f"Architecture: {platform.deb}\n"
        f"Multi-Arch: {package.multi_arch}\n"
        f"Section: {package.section}\n"
        "Priority: optional\n"
        f"Maintainer: {MAINTAINER}\n"
        f"Homepage: {HOMEPAGE}\n"
        f"Depends: {package.depends}\n"
        f"Installed-Size: {kilobytes}\n"
        f"Description: {package.description}\n"
        " Gets access tokens by OAuth 2.0 client credentials and keeps one valid, for\n"
        " programs in C, C++ and every language that calls C.\n"
    )


def sums(files: Tree) -> str:
    contents = ((path, entry.content) for path in files if isinstance(entry := files[path], File))
    return "".join(
        f"{hashlib.md5(content, usedforsecurity=False).hexdigest()}  {path}\n" for path, content in contents
    )
