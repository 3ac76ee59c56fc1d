"""The C++ face: its header under each compiler and standard, its behaviour by check, and its README."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.c_program import (
    ROOT,
    STRICT,
    Report,
    checked,
    checks_of,
    leading_to,
    library_directory,
    linked_with,
    need,
    report_of,
    run,
)
from harness.installed import Installed, expect_a_token, install
from harness.memcheck import MEMCHECK
from harness.readme import blocks
from servers.started import Misbehaving, Real

SOURCES = ROOT / "tests" / "cpp"
BINDING = ROOT / "bindings" / "cpp"

# CXX, where it is set, is a compiler for another platform.
COMPILERS = (os.environ["CXX"],) if "CXX" in os.environ else ("g++", "clang++")
STANDARDS = ("c++17", "c++20", "c++2b")
STRICTER = (*STRICT, "-Wconversion", "-Wshadow", "-fno-rtti")

each_compiler_and_standard = pytest.mark.parametrize(
    ("compiler", "standard"), list(itertools.product(COMPILERS, STANDARDS))
)


def compile_command(compiler: str, standard: str, *more: str | Path) -> list[str | Path]:
    return [need(compiler), f"-std={standard}", *STRICTER, f"-I{ROOT / 'include'}", *more]


def compile_cpp(compiler: str, standard: str, program: Path, *sources: str | Path) -> Path:
    """Compiles C++ files, strictly, into a program that finds the shared library where it was built."""
    link = linked_with(library_directory())
    checked(compile_command(compiler, standard, "-g", "-pthread", *sources, "-o", program, *link))
    return program


# ---- the header ----


@each_compiler_and_standard
def test_the_header_alone_compiles_without_a_warning(compiler: str, standard: str, tmp_path: Path) -> None:
    source = tmp_path / "header_alone.cpp"
    source.write_text("#include <sm_token.hpp>\n" * 2 + "int main() { return SM_OK; }\n")
    checked(compile_command(compiler, standard, "-fsyntax-only", source))


@each_compiler_and_standard
def test_the_types_have_the_properties_that_they_promise(compiler: str, standard: str) -> None:
    checked(compile_command(compiler, standard, "-fsyntax-only", SOURCES / "properties.cpp"))


@pytest.mark.parametrize("compiler", COMPILERS)
def test_two_units_that_use_the_header_make_one_program(compiler: str, tmp_path: Path) -> None:
    units = (SOURCES / "two_units.cpp", SOURCES / "other_unit.cpp")
    checked([compile_cpp(compiler, "c++17", tmp_path / "two_units", *units)])


# ---- what must not compile ----

# Each mistake beside what was meant; that one compiles shows that the other fails for its own reason.
MISTAKES = {
    "a_token_is_not_copied": (
        "sm::token one = sm::fetch(); sm::token other = one;",
        "sm::token one = sm::fetch(); sm::token other = std::move(one);",
    ),
    "options_are_not_copied": (
        "sm::options one; sm::options other = one;",
        "sm::options one; sm::options other = std::move(one);",
    ),
    "const_options_are_not_changed": (
        'const sm::options options; options.scope("read");',
        'sm::options options; options.scope("read");',
    ),
    "an_id_alone_is_no_credentials": (
        'sm::fetch("id");',
        'sm::fetch("id", "secret");',
    ),
    "a_number_is_no_duration": (
        "sm::options().timeout(10);",
        "sm::options().timeout(std::chrono::seconds(10));",
    ),
    "a_client_is_not_copied": (
        "sm::client one; sm::client other = one;",
        "sm::client one; sm::client other = std::move(one);",
    ),
    "a_const_client_is_not_shut_down": (
        "const sm::client client; client.shutdown();",
        "sm::client client; client.shutdown();",
    ),
    "a_number_is_no_trust": (
        "sm::options().trust(1);",
        "sm::options().trust(sm::trust::bundled);",
    ),
    "a_log_handler_hears_a_level_and_a_text": (
        "sm::options().log(sm::log_level::info, [](int) {});",
        "sm::options().log(sm::log_level::info, [](sm::log_level, std::string_view) {});",
    ),
}
# What only clang sees.
DANGLING = {
    "a_view_of_a_temporary_token": (
        "std::string_view text = sm::fetch().access_token(); (void)text;",
        "std::string text(sm::fetch().access_token());",
    ),
    "the_handle_of_temporary_options": (
        "const sm_options *handle = sm::options().get(); (void)handle;",
        "const sm::options options; const sm_options *handle = options.get(); (void)handle;",
    ),
}
CASES = [
    *((compiler, mistake) for compiler in COMPILERS for mistake in MISTAKES),
    *(("clang++", mistake) for mistake in DANGLING if "clang++" in COMPILERS),
]


def compiles(compiler: str, source: Path, *lines: str) -> bool:
    """Whether these lines do, each in a function of its own."""
    functions = (f"void in_{number}()\n{{\n    {line}\n}}\n" for number, line in enumerate(lines))
    source.write_text("#include <sm_token.hpp>\n" + "".join(functions))
    return run(compile_command(compiler, "c++17", "-fsyntax-only", source)).returncode == 0


@pytest.mark.parametrize(("compiler", "mistake"), CASES)
def test_a_mistake_does_not_compile(compiler: str, mistake: str, tmp_path: Path) -> None:
    wrong, _ = (MISTAKES | DANGLING)[mistake]
    assert not compiles(compiler, tmp_path / "wrong.cpp", wrong)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_what_was_meant_compiles(compiler: str, tmp_path: Path) -> None:
    meant = [right for _, right in (MISTAKES | DANGLING).values()]
    assert compiles(compiler, tmp_path / "meant.cpp", *meant)


# ---- what it does ----

PROGRAMS = ("fetch", "options", "log", "client", "hosts", "wiping")
# The oldest standard and the newest, so that each compiler has met both ends.
BUILDS = ((COMPILERS[0], "c++17"), (COMPILERS[-1], "c++2b"))
CHECKS = [(program, check) for program in PROGRAMS for check in checks_of(SOURCES / f"{program}.cpp")]


# An optimiser might leave out a wiping that nobody looks at.
FLAGS = {"wiping": ("-O2",)}

LONGEST_TOKEN = {"body": {"access_token": "t" * 16 * 1024, "expires_in": 3600, "token_type": "Bearer"}}


def name_of(program: str, compiler: str, standard: str) -> str:
    return f"{program}-{Path(compiler).name}-{standard}"


class Programs:
    """The programs of `tests/cpp`, each compiled and run once, beside both servers."""

    def __init__(self, real: Real, misbehaving: Misbehaving, directory: Path) -> None:
        self._directory = directory
        self._environment = {
            **leading_to(real),
            "SSL_CERT_FILE": real.ca_file,  # the system's store, for what leaves the CA file alone
            "SM_TOKEN_CONTROL_URL": str(real.description["control_url"]),
            "SM_TOKEN_MISBEHAVING_URL": misbehaving.base_url,
            "SM_TOKEN_SILENT_URL": str(misbehaving.description["ports"]["silent"]),
            "SM_TOKEN_LONGEST_TOKEN_URL": misbehaving.play(LONGEST_TOKEN).base_url,
        }
        self._reports: dict[str, Report] = {}

    def environment(self, run_name: str) -> Mapping[str, str]:
        """What leads a program to the servers; no two runs may share a name, nor a script's progress."""
        return {**self._environment, "SM_TOKEN_RUN": run_name}

    def compiled(self, program: str, compiler: str, standard: str) -> Path:
        binary = self._directory / name_of(program, compiler, standard)
        if not binary.exists():
            compile_cpp(compiler, standard, binary, SOURCES / f"{program}.cpp", *FLAGS.get(program, ()))
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
@pytest.mark.parametrize(
    ("program", "check"), CHECKS, ids=[f"{program}-{check}" for program, check in CHECKS]
)
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
    (request,) = misbehaving.received(f"token~{name_of('options', *BUILDS[0])}-{check}")
    assert request.headers
    assert request.headers["user-agent"] == "chained/1"
    assert request.body == "grant_type=client_credentials&scope=read+write"


# contract: freed
# `wiping` brings its own operator delete, which valgrind would replace.
@pytest.mark.parametrize("program", [program for program in PROGRAMS if program != "wiping"])
def test_memcheck_finds_nothing(programs: Programs, program: str) -> None:
    valgrind = need("valgrind")
    binary = programs.compiled(program, *BUILDS[0])
    done = run([valgrind, *MEMCHECK, binary], env=programs.environment(f"{program}-valgrind"))
    assert done.returncode == 0, done.stdout + done.stderr


# promise: handler-returns
@pytest.mark.parametrize("way", ["exception", "pthread_exit"])
@pytest.mark.parametrize("handler", ["log", "keep_waiting", "ready", "step"])
def test_a_handler_that_is_left_without_a_return_ends_the_process(
    programs: Programs, handler: str, way: str
) -> None:
    done = run([programs.compiled("unwinding", *BUILDS[0]), handler, way])
    assert (done.returncode, done.stdout) == (-signal.SIGABRT, "")


# ---- the example and the README ----

EXAMPLE = BINDING / "example.cpp"
README = BINDING / "README.md"

# What the README's fragments stand in: a client, and an API that refuses the first token it is sent.
AROUND_A_FRAGMENT = """\
#include <cstdlib>
#include <iostream>
#include <set>
#include <sm_token.hpp>

using namespace std::chrono_literals;

[[maybe_unused]] static const std::string client_id = std::getenv("SMX_CLIENT_ID");
[[maybe_unused]] static const std::string client_secret = std::getenv("SMX_CLIENT_SECRET");
static const sm::client client;
static std::set<std::string> sent;

[[maybe_unused]] static int get(const char *, const std::string &authorization)
{
    sent.insert(authorization);
    return sent.size() == 1 ? 401 : 200;
}
[[maybe_unused]] static void use(const sm::token &) {}
[[maybe_unused]] static void tell_a_person(const char *what) { std::cout << "told: " << what << std::endl; }
[[maybe_unused]] static void try_again_in(std::chrono::milliseconds) {}

int main()
{
@FRAGMENT@
    std::cout << "tokens sent: " << sent.size() << std::endl;
}
"""


class Readme:
    """The C++ of the README, compiled without a warning and run beside the real server."""

    def __init__(self, programs: Programs, directory: Path) -> None:
        self._environment = programs.environment("readme")
        self._directory = directory
        # The CA file that the README names.
        shutil.copy(self._environment["SM_TOKEN_CA_FILE"], directory / "ca.pem")

    def says(self, holds: str, **environment: str) -> str:
        """What the one block that holds this text prints."""
        (block,) = (block for block in blocks(README, "cpp") if holds in block)
        source = self._directory / "block.cpp"
        source.write_text(block if "int main" in block else AROUND_A_FRAGMENT.replace("@FRAGMENT@", block))
        program = self._directory / "block"
        # A fragment may have a client of its own.
        compile_cpp(*BUILDS[0], program, source, "-Wno-shadow")
        return checked([program], cwd=self._directory, env={**self._environment, **environment})


@pytest.fixture
def readme(programs: Programs, tmp_path: Path) -> Readme:
    return Readme(programs, tmp_path)


def test_the_readme_shows_a_first_token(readme: Readme) -> None:
    assert re.fullmatch(r"all read write, for 3(600|59\d) s\n", readme.says("sm::fetch();"))


def test_the_readme_shows_credentials_and_options(readme: Readme) -> None:
    assert readme.says("sm::options{}") == "tokens sent: 0\n"


def test_the_readme_shows_a_client_that_replaces_a_refused_token(readme: Readme) -> None:
    assert readme.says("sm::client client;") == "tokens sent: 2\n"


def test_the_readme_shows_what_to_do_about_an_error(readme: Readme) -> None:
    assert readme.says("SM_ERROR_INVALID_CLIENT", SMX_CLIENT_SECRET="not the secret").startswith("told: ")


def test_each_cpp_block_of_the_readme_was_run() -> None:
    assert len(blocks(README, "cpp")) == 4


@pytest.mark.parametrize(("compiler", "standard"), BUILDS)
def test_the_example_shows_a_masked_token(
    programs: Programs, compiler: str, standard: str, tmp_path: Path
) -> None:
    example = compile_cpp(compiler, standard, tmp_path / "example", EXAMPLE)
    shown = checked([example], env=programs.environment("example"))
    assert re.fullmatch(
        r"  type     Bearer\n"
        r"  scope    all read write\n"
        r"  expires  in 3(600|59\d) seconds\n"
        r"  token    \w{4}\.\.\. \(\d+ characters\)\n",
        shown,
    )


def test_the_example_gives_advice_on_a_wrong_secret(programs: Programs, tmp_path: Path) -> None:
    example = compile_cpp(*BUILDS[0], tmp_path / "example", EXAMPLE)
    done = run([example], env={**programs.environment("example"), "SMX_CLIENT_SECRET": "not the secret"})
    assert done.returncode != 0
    assert "no token: " in done.stderr
    assert "mend the cause first" in done.stderr


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_coroutine_awaits_a_token(programs: Programs, compiler: str, tmp_path: Path) -> None:
    example = compile_cpp(compiler, "c++20", tmp_path / "await", BINDING / "await.cpp")
    shown = checked([example], env=programs.environment("await"))
    assert re.fullmatch(r"(Bearer token, good for 3(600|59\d) s\n){2}", shown)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(tmp_path_factory.mktemp("stage"), "lib")


def test_the_readmes_command_builds_the_example(installed: Installed, real: Real, tmp_path: Path) -> None:
    need("pkg-config")
    (command,) = blocks(README, "sh")
    shutil.copy(EXAMPLE, tmp_path)
    checked(["sh", "-c", command], cwd=tmp_path, env=installed.pkg_config_environment)
    expect_a_token(tmp_path / "example", real, installed.libdir)


def test_the_readmes_cmake_builds_the_example(installed: Installed, real: Real, tmp_path: Path) -> None:
    cmake = need("cmake")
    (found,) = blocks(README, "cmake")
    shutil.copy(EXAMPLE, tmp_path)
    project = (
        "cmake_minimum_required(VERSION 3.16)\nproject(example CXX)\nadd_executable(example example.cpp)\n"
    )
    (tmp_path / "CMakeLists.txt").write_text(project + found)
    checked([cmake, "-S", tmp_path, "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={installed.prefix}"])
    checked([cmake, "--build", tmp_path])
    expect_a_token(tmp_path / "example", real, installed.libdir)
