"""The archive of each platform, unpacked somewhere and moved: by pkg-config, by CMake, and the command."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from artefacts.platforms import Platform
from harness.c_program import checked, need
from harness.dist import (
    EXAMPLE,
    Machine,
    artefact,
    expect_a_token,
    expect_the_command_to_get_a_token,
    machine,
    platforms,
)
from harness.installed import version
from servers.started import Real

PROJECT = """\
cmake_minimum_required(VERSION 3.16)
project(example C)
find_package(sm_token {version} REQUIRED)
add_executable(dynamic {example})
target_link_libraries(dynamic PRIVATE sm_token::sm_token)
if(WITH_STATIC)
  add_executable(static {example})
  target_link_libraries(static PRIVATE sm_token::static)
endif()
"""


def unpacked(platform: Platform, directory: Path) -> Path:
    """The tree of the archive, moved after it was unpacked."""
    archive = artefact(f"sm_token-VERSION-{platform.archive}.{'zip' if platform.is_windows else 'tar.xz'}")
    shutil.unpack_archive(archive, directory)
    [top] = directory.iterdir()
    assert top.name == f"sm_token-{version()}-{platform.archive}"
    return top.rename(directory / "moved")


def libraries(platform: Platform, tree: Path) -> Path:
    return tree / ("bin" if platform.is_windows else "lib")


def flags(tree: Path, package: str) -> list[str]:
    """What pkg-config says of the tree, and of no other."""
    environment = {"PKG_CONFIG_LIBDIR": str(tree / "lib" / "pkgconfig"), "PKG_CONFIG_PATH": ""}
    return checked([need("pkg-config"), "--cflags", "--libs", package], env=environment).split()


def run_example(program: Path, found: Machine, place: Path | None, real: Real) -> None:
    authority = found.in_its_words(Path(real.ca_file))
    expect_a_token(lambda: found.run([program], place, real, SM_TOKEN_CA_FILE=authority), real, "Bearer")


@platforms()
def test_a_program_is_compiled_by_pkg_config(platform: Platform, tmp_path: Path, real: Real) -> None:
    found, tree, program = machine(platform), unpacked(platform, tmp_path), tmp_path / "example.exe"
    found.compile(program, *flags(tree, "sm_token"))
    run_example(program, found, libraries(platform, tree), real)


@platforms(lambda platform: not platform.is_windows)
def test_a_program_links_the_static_library_by_pkg_config(
    platform: Platform, tmp_path: Path, real: Real
) -> None:
    found, tree, program = machine(platform), unpacked(platform, tmp_path), tmp_path / "example"
    found.compile_statically(program, *flags(tree, "sm_token-static"))
    run_example(program, found, None, real)


@platforms()
def test_a_program_is_compiled_by_cmake(platform: Platform, tmp_path: Path, real: Real) -> None:
    found, tree = machine(platform), unpacked(platform, tmp_path)
    project = tmp_path / "project"
    project.mkdir()
    (project / "CMakeLists.txt").write_text(PROJECT.format(version=version(), example=EXAMPLE))
    compiler, *first = found.compiler
    has_static = not platform.is_windows and not found.static
    settings = {
        "WITH_STATIC": "ON" if has_static else "OFF",
        "CMAKE_PREFIX_PATH": tree,
        "CMAKE_C_COMPILER": need(str(compiler)),
        "CMAKE_C_COMPILER_ARG1": " ".join(map(str, first)),
        # Nothing that is tried while configuring has to run here.
        "CMAKE_TRY_COMPILE_TARGET_TYPE": "STATIC_LIBRARY",
        **({"CMAKE_SYSTEM_NAME": "Windows"} if platform.is_windows else {}),
    }
    defined = (f"-D{name}={value}" for name, value in settings.items())
    checked([need("cmake"), "-S", project, "-B", project, *defined])
    checked([need("cmake"), "--build", project])
    ending = ".exe" if platform.is_windows else ""
    run_example(project / f"dynamic{ending}", found, libraries(platform, tree), real)
    if has_static:
        run_example(project / "static", found, None, real)


@platforms()
def test_the_command_goes_every_step_to_a_token(platform: Platform, tmp_path: Path, real: Real) -> None:
    found, tree = machine(platform), unpacked(platform, tmp_path)
    command = tree / "bin" / ("sm-token.exe" if platform.is_windows else "sm-token")
    expect_the_command_to_get_a_token(command, found, real)


@platforms()
def test_the_command_names_what_to_do_about_a_wrong_secret(
    platform: Platform, tmp_path: Path, real: Real
) -> None:
    found, tree = machine(platform), unpacked(platform, tmp_path)
    command = tree / "bin" / ("sm-token.exe" if platform.is_windows else "sm-token")
    arguments: list[str | Path] = [command, "--ca-file", found.in_its_words(Path(real.ca_file))]
    done = found.run(arguments, None, real, SMX_CLIENT_SECRET="wrong")
    assert done.returncode == 6
    assert "check client_id and client_secret" in done.stderr


@platforms(lambda platform: not platform.is_windows)
def test_the_soname_is_a_link_of_the_archive(platform: Platform, tmp_path: Path) -> None:
    tree = unpacked(platform, tmp_path)
    library = (tree / "lib" / f"libsm_token.so.{version()}").resolve()
    assert (tree / "lib" / "libsm_token.so").resolve() == library
    assert (tree / "lib" / "libsm_token.so.0").resolve() == library


@pytest.mark.parametrize("name", ["sm-token.1", "sm-token.bash", "_sm-token", "sm-token.fish"])
@platforms(lambda platform: not platform.is_windows)
def test_the_commands_pages_are_there(platform: Platform, tmp_path: Path, name: str) -> None:
    tree = unpacked(platform, tmp_path)
    named = {"sm-token.bash": "bash-completion/completions/sm-token"}.get(name, f"*/{name}")
    assert list((tree / "share").rglob(named))
