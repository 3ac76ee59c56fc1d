"""The RPM packages, installed by rpm in a root of their own."""

from __future__ import annotations

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

NAMES = ("libsm-token", "libsm-token-devel", "sm-token")
of_rpm = platforms(lambda platform: platform.rpm)


def package(name: str, platform: Platform) -> Path:
    return artefact(f"{name}-VERSION-1.{platform.rpm}.rpm")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Root]:
    """All three are there, and afterwards nothing of them is."""
    root = Root(tmp_path_factory.mktemp("rpm"))
    # Where the loader of Fedora and RHEL looks without being told.
    (root.directory / "etc" / "ld.so.conf.d" / "lib64.conf").write_text("/usr/lib64\n")
    before = root.files()
    # The root's packages are Debian's, of which rpm does not know: what is needed is another test's.
    rpm: list[str | Path] = [need("rpm"), "--root", root.directory]
    checked([*rpm, "--install", "--nodeps", *(package(name, HOST) for name in NAMES)])
    yield root
    checked([*rpm, "--erase", *NAMES])
    left = {name for name in root.files() - before if not name.startswith("root/.rpmdb/")}
    assert left == set()


@on_this_machine
def test_a_program_runs_with_the_library_that_is_installed(installed: Root, real: Real) -> None:
    program = installed.compile(HERE.compiler, EXAMPLE, "example", "sm_token")
    assert "/usr/lib64/libsm_token.so.0" in installed.checked("ldconfig", "-p").replace(
        "=> /lib64", "=> /usr/lib64"
    )
    expect_a_token(lambda: installed.run(program, real=real), real, "Bearer")


@on_this_machine
def test_the_command_is_installed(installed: Root, real: Real) -> None:
    expect_the_installed_command_to_work(installed, real)


@of_rpm
def test_the_packages_need_glibc_and_one_another_and_nothing_else(platform: Platform) -> None:
    allowed = ("libc.so.6(", "libm.so.6(", "libdl.so.2(", "libpthread.so.0(", "librt.so.1(", "ld-linux-")
    for name in NAMES:
        needed = checked(
            [need("rpm"), "-qp", "--requires", "--nosignature", package(name, platform)]
        ).splitlines()
        others = {line for line in needed if not line.startswith((*allowed, "rpmlib(", "rtld(GNU_HASH)"))}
        more = {
            "libsm-token": {"/sbin/ldconfig"},
            "libsm-token-devel": {
                f"libsm-token({rpm_isa(platform)}) = {version()}-1",
                "/usr/bin/pkg-config",
            },
        }.get(name, set())
        assert others == more, name
        assert [line for line in needed if "GLIBC_2." in line and glibc(line) > 17] == []


def rpm_isa(platform: Platform) -> str:
    return {"x86_64": "x86-64", "aarch64": "aarch-64"}[platform.rpm]


def glibc(line: str) -> int:
    return int(line.split("GLIBC_2.")[1].split(")")[0].split(".")[0])


@of_rpm
def test_the_command_of_the_package_gets_a_token(platform: Platform, tmp_path: Path, real: Real) -> None:
    unpack = 'rpm2cpio "$1" | cpio --extract --make-directories --quiet'
    checked(["sh", "-c", unpack, "sh", package("sm-token", platform)], cwd=tmp_path)
    expect_the_command_to_get_a_token(tmp_path / "usr" / "bin" / "sm-token", machine(platform), real)
