"""What `make install` leaves, used as a program's author would: by pkg-config and by CMake."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.c_program import (
    ROOT,
    c_compiler,
    checked,
    leading_to,
    need,
    release_directory,
    run,
)
from servers.started import Real

EXAMPLE = ROOT / "bindings" / "c" / "example.c"
README = ROOT / "bindings" / "c" / "README.md"
PREFIX = Path("/opt/standard-metrics")


def version() -> str:
    lines = (ROOT / "Cargo.toml").read_text().splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("version"))


@dataclass(frozen=True)
class Installed:
    """A tree that `make install` staged."""

    stage: Path
    lib: str
    variables: tuple[str, ...]

    @property
    def prefix(self) -> Path:
        return self.stage / PREFIX.relative_to("/")

    @property
    def libdir(self) -> Path:
        return self.prefix / self.lib

    def files(self) -> list[str]:
        found = (path for path in self.stage.rglob("*") if not path.is_dir())
        return sorted(str(path.relative_to(self.prefix)) for path in found)

    @property
    def pkg_config_environment(self) -> dict[str, str]:
        return {
            "PKG_CONFIG_LIBDIR": str(self.libdir / "pkgconfig"),
            "PKG_CONFIG_PATH": "",
            "PKG_CONFIG_SYSROOT_DIR": str(self.stage),
        }

    def pkg_config(self, *arguments: str) -> str:
        return checked([need("pkg-config"), *arguments], env=self.pkg_config_environment).strip()


def install(stage: Path, lib: str, *more: str) -> Installed:
    release_directory()
    variables = (f"DESTDIR={stage}", f"PREFIX={PREFIX}", f"LIBDIR={PREFIX / lib}")
    checked(["make", "install", *variables, *more])
    return Installed(stage, lib, variables)


@pytest.fixture(scope="module", params=["lib", "lib/x86_64-linux-gnu"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(tmp_path_factory.mktemp("stage"), request.param)


def needed_libraries(program: Path) -> str:
    return checked([need("readelf"), "--dynamic", program])


def expect_a_token(program: Path, real: Real, libdir: Path | None) -> None:
    """Runs the example; with `libdir` it finds its shared library there, else it must need none."""
    shown = checked([program], env={**leading_to(real), "LD_LIBRARY_PATH": str(libdir or "")})
    assert "Bearer" in shown


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
        ]
    )


def test_both_links_lead_to_the_library_and_one_is_its_soname(installed: Installed) -> None:
    library = installed.libdir / f"libsm_token.so.{version()}"
    assert (installed.libdir / "libsm_token.so").resolve() == library
    assert (installed.libdir / "libsm_token.so.0").resolve() == library
    assert "Library soname: [libsm_token.so.0]" in needed_libraries(library)


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
