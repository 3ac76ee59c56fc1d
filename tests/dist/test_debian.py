"""The Debian packages, installed by apt in a Debian of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from artefacts.platforms import Platform
from harness.c_program import checked, need
from harness.dist import (
    EXAMPLE,
    HERE,
    HOST,
    artefact,
    expect_a_token,
    expect_the_command_to_get_a_token,
    expect_the_installed_command_to_work,
    machine,
    on_this_machine,
    platforms,
)
from harness.installed import version
from harness.roots import Root
from servers.started import Real

NAMES = ("libsm-token0", "libsm-token-dev", "sm-token")
of_debian = platforms(lambda platform: platform.deb)


def package(name: str, platform: Platform) -> Path:
    return artefact(f"{name}_VERSION_{platform.deb}.deb")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Root:
    return Root(tmp_path_factory.mktemp("debian"))


@pytest.fixture(scope="module")
def installed(root: Root) -> Iterator[Root]:
    """All three are there, and afterwards nothing of them is."""
    before = root.files()
    taken = [root.take(package(name, HOST)) for name in NAMES]
    root.checked("apt-get", "install", "--yes", *taken)
    yield root
    root.checked("apt-get", "purge", "--yes", *NAMES)
    assert root.files() - before == set()


@on_this_machine
def test_a_program_runs_with_the_library_that_is_installed(installed: Root, real: Real) -> None:
    program = installed.compile(HERE.compiler, EXAMPLE, "example", "sm_token")
    # By the loader's cache, which the package has renewed.
    assert "libsm_token.so.0" in installed.checked("ldconfig", "-p")
    expect_a_token(lambda: installed.run(program, real=real), real, "Bearer")


@on_this_machine
def test_a_program_links_the_static_library(installed: Root, real: Real) -> None:
    program = installed.compile(HERE.compiler, EXAMPLE, "static", "sm_token-static")
    expect_a_token(lambda: installed.run(program, real=real), real, "Bearer")


@on_this_machine
def test_the_command_is_installed(installed: Root, real: Real) -> None:
    expect_the_installed_command_to_work(installed, real)
    assert installed.checked("dpkg", "--verify", *NAMES) == ""


@of_debian
@pytest.mark.parametrize("name", NAMES)
def test_a_package_says_what_it_needs(platform: Platform, name: str) -> None:
    fields = checked([need("dpkg-deb"), "--field", package(name, platform)])
    assert f"Architecture: {platform.deb}\n" in fields
    assert f"Version: {version()}\n" in fields
    needs = f"libsm-token0 (= {version()})" if name == "libsm-token-dev" else "libc6 (>= 2.17)"
    assert f"Depends: {needs}\n" in fields


@of_debian
def test_the_files_of_a_package_belong_to_root_and_are_readable(platform: Platform) -> None:
    for name in NAMES:
        listed = checked([need("dpkg-deb"), "--contents", package(name, platform)])
        for line in listed.splitlines():
            assert re.match(r"(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|lrwxrwxrwx) root/root ", line), line


@of_debian
def test_the_command_of_the_package_gets_a_token(platform: Platform, tmp_path: Path, real: Real) -> None:
    checked([need("dpkg-deb"), "--extract", package("sm-token", platform), tmp_path])
    expect_the_command_to_get_a_token(tmp_path / "usr" / "bin" / "sm-token", machine(platform), real)


@of_debian
def test_no_library_is_needed_beyond_those_that_the_package_names(platform: Platform, tmp_path: Path) -> None:
    for name, program in (
        ("libsm-token0", f"usr/lib/{platform.triplet}/libsm_token.so.0"),
        ("sm-token", "usr/bin/sm-token"),
    ):
        checked([need("dpkg-deb"), "--extract", package(name, platform), tmp_path / name])
        dynamic = checked([need("readelf"), "--dynamic", tmp_path / name / program])
        needed = set(re.findall(r"Shared library: \[(.+)\]", dynamic))
        of_glibc = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1"}
        assert {library for library in needed - of_glibc if not library.startswith("ld-linux")} == set()
