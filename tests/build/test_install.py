"""What `make install` leaves, used as a program's author would: by pkg-config and by CMake."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.c_program import (
    ROOT,
    c_compiler,
    checked,
    need,
    release_directory,
    run,
)
from harness.installed import PREFIX, Installed, expect_a_token, install, version
from servers.started import Real

EXAMPLE = ROOT / "bindings" / "c" / "example.c"
README = ROOT / "bindings" / "c" / "README.md"


@pytest.fixture(scope="module", params=["lib", "lib/x86_64-linux-gnu"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(tmp_path_factory.mktemp("stage"), request.param)


def needed_libraries(program: Path) -> str:
    return checked([need("readelf"), "--dynamic", program])


# ---- the tree ----


def test_these_files_are_installed_and_no_others(installed: Installed) -> None:
    lib, headers = installed.lib, [path.name for path in (ROOT / "include").glob("*.h*")]
    assert installed.files() == sorted(
        [
            *(f"include/{header}" for header in headers),
            f"{lib}/libsm_token.a",
            f"{lib}/libsm_token.so",
            f"{lib}/libsm_token.so.0",
            f"{lib}/libsm_token.so.{version()}",
            f"{lib}/pkgconfig/sm_token.pc",
            f"{lib}/pkgconfig/sm_token-static.pc",
            f"{lib}/cmake/sm_token/sm_token-config.cmake",
            f"{lib}/cmake/sm_token/sm_token-config-version.cmake",
            "bin/sm-token",
            "share/man/man1/sm-token.1",
            "share/bash-completion/completions/sm-token",
            "share/zsh/site-functions/_sm-token",
            "share/fish/vendor_completions.d/sm-token.fish",
            "share/doc/sm_token/LICENSE-APACHE",
            "share/doc/sm_token/LICENSE-MIT",
            "share/doc/sm_token/THIRD-PARTY-NOTICES.txt",
            "share/doc/sm_token/sm_token.cdx.json",
        ]
    )


def test_every_user_may_read_what_is_installed_whatever_the_umask(tmp_path: Path) -> None:
    release_directory()
    stage = tmp_path / "stage"
    checked(["bash", "-c", f"umask 077; make install 'DESTDIR={stage}' PREFIX={PREFIX}"])
    for path in stage.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or ".so." in path.name or path.parent.name == "bin"
            assert path.stat().st_mode & 0o777 == (0o755 if runs else 0o644), path


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ("PREFIX=usr", "PREFIX is not an absolute path: usr"),
        ("LIBDIR=lib", "LIBDIR is not an absolute path: lib"),
        ("INCLUDEDIR=include", "INCLUDEDIR is not an absolute path: include"),
        ("PREFIX=", "PREFIX is empty or holds a blank: ''"),
        ("PREFIX=/opt/my own", "PREFIX is empty or holds a blank: '/opt/my own'"),
        ("PREFIX=/opt/a|b", "PREFIX holds the character |"),
        ("DOCDIR=doc", "DOCDIR is not an absolute path: doc"),
        ('DESTDIR=/opt/a"b', 'DESTDIR holds the character "'),
        ("CARGO_HOME=/home/o'neill/.cargo", "CARGO_HOME holds the character '"),
        ("LIBDIR=/opt/a`b", "LIBDIR holds the character `"),
    ],
)
def test_a_place_that_no_file_can_name_is_refused(variable: str, says: str, tmp_path: Path) -> None:
    done = run(["make", "install", f"DESTDIR={tmp_path}", variable])
    assert done.returncode != 0
    assert says in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_second_install_mends_the_modes_of_the_first(tmp_path: Path) -> None:
    installed = install(tmp_path, "lib")
    pkg_config = installed.libdir / "pkgconfig" / "sm_token.pc"
    pkg_config.chmod(0o600)
    installed.libdir.chmod(0o2775)
    install(tmp_path, "lib")
    assert pkg_config.stat().st_mode & 0o7777 == 0o644
    assert installed.libdir.stat().st_mode & 0o7777 == 0o2775


def test_several_installs_at_once_leave_what_one_leaves(tmp_path: Path) -> None:
    alone, together = install(tmp_path / "alone", "lib"), tmp_path / "together"
    command = ["make", "install", f"DESTDIR={together}", *alone.variables[1:]]
    for _ in range(10):
        under_way = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        ended = [(process.communicate()[1], process.returncode) for process in under_way]
        assert ended == [("", 0)] * 4
    assert Installed(together, "lib", ()).files() == alone.files()


def test_uninstall_removes_no_file_that_a_pattern_names(tmp_path: Path) -> None:
    release_directory()
    other = tmp_path / "opt" / "ab" / "lib" / "libsm_token.a"
    other.parent.mkdir(parents=True)
    other.touch()
    variables = (f"DESTDIR={tmp_path}", "PREFIX=/opt/a*")
    checked(["make", "install", *variables])
    assert (tmp_path / "opt" / "a*" / "lib" / "libsm_token.a").exists()
    checked(["make", "uninstall", *variables])
    assert other.exists()
    assert not (tmp_path / "opt" / "a*" / "lib" / "libsm_token.a").exists()


def checkout_in(directory: Path) -> Path:
    """The files of this checkout, as they are now, in a directory that is made for them."""
    directory.mkdir()
    names = checked(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]).split("\0")
    for name in filter(None, names):
        if (ROOT / name).exists():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, directory / name)
    return directory


def test_a_checkout_in_a_path_with_blanks_builds_and_installs(tmp_path: Path) -> None:
    checkout = checkout_in(tmp_path / "a path with blanks (and more)")
    stage = tmp_path / "its stage"
    checked(["make", "all", "install", f"DESTDIR={stage}", f"PREFIX={PREFIX}"], cwd=checkout)
    found = {path.name for path in stage.rglob("*") if not path.is_dir()}
    assert {"libsm_token.a", f"libsm_token.so.{version()}", "sm_token-static.pc"} <= found
    program = checkout / "target" / "examples" / "c"
    checked(["make", str(program.relative_to(checkout))], cwd=checkout)
    assert run([program], env={"SMX_CLIENT_ID": "", "SMX_CLIENT_SECRET": ""}).returncode == 1


@pytest.mark.parametrize("character", "'\"\\`$%#,:|&")
def test_a_checkout_in_a_path_that_can_not_be_quoted_is_refused(character: str, tmp_path: Path) -> None:
    directory = tmp_path / f"the owner{character}s"
    directory.mkdir()
    shutil.copy(ROOT / "Makefile", directory)
    done = run(["make", "all"], cwd=directory)
    assert done.returncode != 0
    assert f"the path of this checkout holds the character {character}" in done.stderr


# promise: soname
def test_both_links_lead_to_the_library_and_one_is_its_soname(installed: Installed) -> None:
    library = installed.libdir / f"libsm_token.so.{version()}"
    assert (installed.libdir / "libsm_token.so").resolve() == library
    assert (installed.libdir / "libsm_token.so.0").resolve() == library
    assert "Library soname: [libsm_token.so.0]" in needed_libraries(library)


# promise: only-glibc
def test_the_shared_library_needs_the_c_library_alone(installed: Installed) -> None:
    needed = re.findall(
        r"Shared library: \[([\w-]+)\.", needed_libraries(installed.libdir / "libsm_token.so")
    )
    assert "libc" in needed
    # The loader is glibc's, the unwinder GCC's.
    assert [name for name in needed if not re.fullmatch(r"libc|libgcc_s|ld-linux\S*", name)] == []


def test_the_library_is_stripped(installed: Installed) -> None:
    sections = checked([need("readelf"), "--sections", "--wide", installed.libdir / "libsm_token.so"])
    assert ".dynsym" in sections
    assert ".symtab" not in sections
    assert ".debug_info" not in sections


def test_no_template_is_left_unfilled(installed: Installed) -> None:
    for path in [*installed.libdir.rglob("*.pc"), *installed.libdir.rglob("*.cmake")]:
        assert "@" not in path.read_text(), path


def test_uninstall_leaves_nothing(tmp_path: Path) -> None:
    installed = install(tmp_path, "lib")
    assert installed.files() != []
    checked(["make", "uninstall", *installed.variables])
    assert installed.files() == []
    assert not (installed.libdir / "cmake" / "sm_token").exists()
    assert not (installed.prefix / "share" / "doc" / "sm_token").exists()


def test_installing_what_is_built_compiles_nothing(tmp_path: Path) -> None:
    assert install(tmp_path, "lib", "CARGO=false", "CC=false").files() != []


def test_another_build_in_its_place_is_not_installed(tmp_path: Path) -> None:
    release_directory()
    release = tmp_path / "release"
    release.mkdir()
    for name in ("libsm_token.so", "libsm_token.a", "libsm_token.native-libs"):
        (release / name).write_text("the product of a plain cargo build")
    (release / "libsm_token.cksum").write_text("that of another\n")
    stage = tmp_path / "stage"
    done = run(["make", "install", f"RELEASE={release}", f"DESTDIR={stage}"])
    assert done.returncode != 0
    assert "run 'make' first" in done.stderr
    assert not stage.exists()


# ---- pkg-config ----


def compile_as_the_readme_says(installed: Installed, package: str, directory: Path) -> Path:
    """Compiles the example by the very command that the README gives for this package."""
    need("pkg-config")
    (command,) = re.findall(rf"^cc .* {package}\)(?=\s)", README.read_text(), re.MULTILINE)
    shutil.copy(EXAMPLE, directory)
    checked(["sh", "-c", command], cwd=directory, env=installed.pkg_config_environment)
    return directory / "example"


def test_pkg_config_knows_the_version(installed: Installed) -> None:
    assert installed.pkg_config("--modversion", "sm_token") == version()


def test_pkg_config_names_what_the_static_library_needs(installed: Installed) -> None:
    told = (release_directory() / "libsm_token.native-libs").read_text().split()
    assert told != []
    private = installed.pkg_config("--static", "--libs-only-l", "sm_token").split()
    # The compiler adds its own unwinder, which a wholly static program needs in another form.
    assert private == ["-lsm_token", *(library for library in told if library != "-lgcc_s")]


def test_a_program_links_the_shared_library_by_pkg_config(
    installed: Installed, real: Real, tmp_path: Path
) -> None:
    program = compile_as_the_readme_says(installed, "sm_token", tmp_path)
    assert "[libsm_token.so.0]" in needed_libraries(program)
    expect_a_token(program, real, installed.libdir)


# promise: static-library
def test_a_program_links_the_static_library_by_pkg_config(
    installed: Installed, real: Real, tmp_path: Path
) -> None:
    program = compile_as_the_readme_says(installed, "sm_token-static", tmp_path)
    assert "libsm_token" not in needed_libraries(program)
    expect_a_token(program, real, None)


# ---- CMake ----

PROJECT = """\
cmake_minimum_required(VERSION 3.16)
project(example C)
find_package(sm_token {version} REQUIRED)
add_executable(dynamic {example})
target_link_libraries(dynamic PRIVATE sm_token::sm_token)
add_executable(static {example})
target_link_libraries(static PRIVATE sm_token::static)
"""


def test_a_wholly_static_program_links_by_pkg_config(installed: Installed, tmp_path: Path) -> None:
    flags = installed.pkg_config("--static", "--cflags", "--libs", "sm_token").split()
    # glibc warns that a name look-up will load shared modules of the same version.
    checked([c_compiler(), "-static", EXAMPLE, "-o", tmp_path / "example", *flags])
    assert "NEEDED" not in needed_libraries(tmp_path / "example")


def configure(installed: Installed, directory: Path, wanted_version: str) -> list[str | Path]:
    """The command that configures a project which asks for this version of the package."""
    text = PROJECT.format(version=wanted_version, example=EXAMPLE)
    (directory / "CMakeLists.txt").write_text(text)
    return [need("cmake"), "-S", directory, "-B", directory, f"-DCMAKE_PREFIX_PATH={installed.prefix}"]


@pytest.fixture(scope="module")
def built_by_cmake(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("cmake")
    checked(configure(installed, directory, version()))
    checked([need("cmake"), "--build", directory])
    return directory


def test_a_program_links_the_shared_library_by_cmake(
    installed: Installed, real: Real, built_by_cmake: Path
) -> None:
    assert "[libsm_token.so.0]" in needed_libraries(built_by_cmake / "dynamic")
    expect_a_token(built_by_cmake / "dynamic", real, installed.libdir)


def test_a_program_links_the_static_library_by_cmake(real: Real, built_by_cmake: Path) -> None:
    assert "libsm_token" not in needed_libraries(built_by_cmake / "static")
    expect_a_token(built_by_cmake / "static", real, None)


@pytest.mark.parametrize("wanted", ["0.0.1", "0.1"])
def test_cmake_takes_the_package_for_an_older_version(
    installed: Installed, tmp_path: Path, wanted: str
) -> None:
    checked(configure(installed, tmp_path, wanted))


@pytest.mark.parametrize("wanted", ["0.99", "1", "7.1"])
def test_cmake_refuses_the_package_for_a_newer_version(
    installed: Installed, tmp_path: Path, wanted: str
) -> None:
    done = run(configure(installed, tmp_path, wanted))
    assert done.returncode != 0
    assert "sm_token" in done.stderr
