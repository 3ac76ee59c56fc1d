"""The C++ face: its header under each compiler and standard, and its behaviour, check by check."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest

from integration.c_program import (
    ROOT,
    STRICT,
    Report,
    checked,
    checks_of,
    library_directory,
    need,
    report_of,
    run,
)
from integration.test_valgrind import MEMCHECK
from servers.started import Misbehaving, Real

SOURCES = ROOT / "tests" / "cpp"
BINDING = ROOT / "bindings" / "cpp"

COMPILERS = ("g++", "clang++")
STANDARDS = ("c++17", "c++20", "c++2b")
STRICTER = (*STRICT, "-Wconversion", "-Wshadow", "-fno-rtti")

each_compiler_and_standard = pytest.mark.parametrize(
    ("compiler", "standard"), list(itertools.product(COMPILERS, STANDARDS))
)


def compile_command(compiler: str, standard: str, *more: str | Path) -> list[str | Path]:
    return [need(compiler), f"-std={standard}", *STRICTER, f"-I{ROOT / 'include'}", *more]


def compile_cpp(compiler: str, standard: str, program: Path, *sources: Path) -> Path:
    """Compiles C++ files, strictly, into a program that finds the shared library where it was built."""
    library = library_directory()
    # Programs look for the library under its soname, which cargo does not make.
    with contextlib.suppress(FileExistsError):
        (library / "libsm_token.so.0").symlink_to("libsm_token.so")
    link = (f"-L{library}", "-lsm_token", f"-Wl,-rpath,{library}")
    checked(compile_command(compiler, standard, "-g", "-pthread", *sources, "-o", program, *link))
    return program


# ---- the header ----


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
@each_compiler_and_standard
def test_the_header_alone_compiles_without_a_warning(
    compiler: str, standard: str, times: int, tmp_path: Path
) -> None:
    source = tmp_path / "header_alone.cpp"
    source.write_text("#include <sm_token.hpp>\n" * times + "int main() { return SM_OK; }\n")
    checked(compile_command(compiler, standard, "-fsyntax-only", source))


@each_compiler_and_standard
def test_the_types_have_the_properties_that_they_promise(compiler: str, standard: str) -> None:
    checked(compile_command(compiler, standard, "-fsyntax-only", SOURCES / "properties.cpp"))


@pytest.mark.parametrize("compiler", COMPILERS)
def test_two_units_that_use_the_header_make_one_program(compiler: str, tmp_path: Path) -> None:
    units = (SOURCES / "two_units.cpp", SOURCES / "other_unit.cpp")
    checked([compile_cpp(compiler, "c++17", tmp_path / "two_units", *units)])


# ---- what it does ----

PROGRAMS = ("fetch", "options", "log")
# The oldest standard and the newest, so that each compiler has met both ends.
BUILDS = (("g++", "c++17"), ("clang++", "c++2b"))
CHECKS = [(program, check) for program in PROGRAMS for check in checks_of(SOURCES / f"{program}.cpp")]


class Programs:
    """The programs of `tests/cpp`, each compiled and run once, beside both servers."""

    def __init__(self, real: Real, misbehaving: Misbehaving, directory: Path) -> None:
        self._directory = directory
        self._environment = {
            "SMX_CLIENT_ID": str(real.description["client_id"]),
            "SMX_CLIENT_SECRET": str(real.description["client_secret"]),
            "SMX_BASE_URL": real.base_url,
            "SM_TOKEN_CA_FILE": real.ca_file,
            "SSL_CERT_FILE": real.ca_file,  # the system's store, for what leaves the CA file alone
            "SM_TOKEN_CONTROL_URL": str(real.description["control_url"]),
            "SM_TOKEN_MISBEHAVING_URL": misbehaving.base_url,
            "SM_TOKEN_SILENT_URL": str(misbehaving.description["ports"]["silent"]),
        }
        self._reports: dict[str, Report] = {}

    def environment(self, run_name: str) -> Mapping[str, str]:
        """What leads a program to the servers; no two runs may share a name, nor a script's progress."""
        return {**self._environment, "SM_TOKEN_RUN": run_name}

    def compiled(self, program: str, compiler: str, standard: str) -> Path:
        binary = self._directory / f"{program}-{compiler}-{standard}"
        if not binary.exists():
            compile_cpp(compiler, standard, binary, SOURCES / f"{program}.cpp")
        return binary

    def report(self, program: str, compiler: str, standard: str) -> Report:
        binary = self.compiled(program, compiler, standard)
        if binary.name not in self._reports:
            self._reports[binary.name] = report_of(run([binary], env=self.environment(binary.name)))
        return self._reports[binary.name]


@pytest.fixture(scope="module")
def programs(real: Real, misbehaving: Misbehaving, tmp_path_factory: pytest.TempPathFactory) -> Programs:
    return Programs(real, misbehaving, tmp_path_factory.mktemp("cpp"))


@pytest.mark.parametrize(("compiler", "standard"), BUILDS)
@pytest.mark.parametrize(("program", "check"), CHECKS, ids=[check for _, check in CHECKS])
def test_cpp_check(programs: Programs, program: str, check: str, compiler: str, standard: str) -> None:
    report = programs.report(program, compiler, standard)
    assert report.verdicts.get(check, report.output) == "ok"


@pytest.mark.parametrize(("compiler", "standard"), BUILDS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_exit_code_agrees(programs: Programs, program: str, compiler: str, standard: str) -> None:
    assert programs.report(program, compiler, standard).exit_code == 0


@pytest.mark.parametrize("chained_on", ["temporary", "name"])
def test_chained_options_reach_the_server(
    programs: Programs, misbehaving: Misbehaving, chained_on: str
) -> None:
    programs.report("options", *BUILDS[0])
    check = f"every_option_can_be_chained_on_a_{chained_on}"
    (request,) = misbehaving.received(f"token~options-{'-'.join(BUILDS[0])}-{check}")
    assert request.headers
    assert request.headers["user-agent"] == "chained/1"
    assert request.body == "grant_type=client_credentials&scope=read+write"


@pytest.mark.parametrize("program", PROGRAMS)
def test_memcheck_finds_nothing(programs: Programs, program: str) -> None:
    valgrind = need("valgrind")
    binary = programs.compiled(program, *BUILDS[0])
    done = run([valgrind, *MEMCHECK, binary], env=programs.environment(f"{program}-valgrind"))
    assert done.returncode == 0, done.stdout + done.stderr
