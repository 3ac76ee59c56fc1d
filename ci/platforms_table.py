"""The platforms that the library is built for, and what of the tests runs there.

`.ci/platforms` runs these rows; docs/platforms.md shows them. To add a platform, add a `Platform`; to have
more run on one, add a `Suite` to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LeftOut:
    """Tests of a suite that do not run on a platform."""

    test: str
    """As pytest's `--deselect` takes it, from the repository's root."""
    why: str


@dataclass(frozen=True)
class Suite:
    """What one call of pytest runs."""

    name: str
    tests: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    is_retried: bool = False
    """What fails is run once more."""
    config: str = "tests/pyproject.toml"
    pytest: tuple[str, ...] = ()
    """The command, where it is not that of the Python that runs here."""


@dataclass(frozen=True)
class Platform:
    name: str
    """As `ci/build-platform` takes it; also the directory of what is built, in `target/platforms`."""
    title: str
    built_with: str
    needs: str
    run_on: str
    library: str
    """The file whose size is told."""
    compiler: str
    """The C compiler of the tests' programs."""
    suites: tuple[Suite, ...]
    session: tuple[str, ...] = ()
    """A command that runs while the tests do, and ends when its input is closed."""


# ---- what is left out ----

CLIENT_MEMCHECK = "tests/behaviour/test_client_contract.py::test_memcheck_finds_nothing_in_a_client"
CONTRACT = "tests/behaviour/test_c_contract.py"

NO_MEMCHECK = LeftOut(CLIENT_MEMCHECK, "memcheck needs the symbols that a release leaves out")
NO_SIGPIPE = tuple(
    LeftOut(f"{CONTRACT}::{test}", "Windows has no SIGPIPE")
    for test in (
        "test_c_check[a_peer_that_hangs_up_in_the_request_is_an_error]",
        "test_c_check[sigpipe_is_still_at_its_default]",
        "test_the_exit_code_agrees[sigpipe]",
    )
)
NO_NSS_WRAPPER = tuple(
    LeftOut(f"tests/behaviour/{test}", "nss_wrapper, which keeps names from resolving, needs a newer glibc")
    for test in (
        "test_real_server.py::test_an_empty_base_url_counts_as_unset",
        "test_faults.py::test_a_host_that_nobody_knows_is_a_dns_failure",
    )
)
NO_FORK_BESIDE_THREADS = LeftOut(
    "tests/behaviour/test_client_hosts.py::test_a_child_calls_nobody_back_for_its_parent",
    "qemu-user 7.2 ends the child of a process with threads by an assertion of its own",
)
# All that an emulator can't run.
NOT_EMULATED = (
    NO_FORK_BESIDE_THREADS,
    LeftOut(
        "tests/behaviour/test_client_hosts.py::test_free_has_those_who_registered_called_at_once",
        "it measures milliseconds, which are the emulator's",
    ),
)


# ---- what runs ----

BEHAVIOUR = (
    CONTRACT,
    "tests/behaviour/test_client_contract.py",
    "tests/behaviour/test_real_server.py",
    "tests/behaviour/test_faults.py",
    "tests/behaviour/test_client_lives.py::"
    "test_the_library_can_be_loaded_and_closed_a_hundred_times_with_flights_under_way",
)
# Many callers on one client.
HERDS = (
    "tests/behaviour/test_client_hosts.py::test_ten_thousand_callbacks_come_of_one_request",
    "tests/behaviour/test_client_hosts.py::test_a_failure_is_called_back_too",
    "tests/behaviour/test_client_hosts.py::test_who_registers_while_another_shuts_down_is_called_once_or_refused",
    "tests/behaviour/test_client_hosts.py::test_free_has_those_who_registered_called_at_once",
    "tests/behaviour/test_client_hosts.py::test_a_callback_may_free_its_client",
    "tests/behaviour/test_client_hosts.py::test_a_child_calls_nobody_back_for_its_parent",
)
FILES = "tests/platforms/test_built_files.py"
WITHOUT_GLIBC = "tests/platforms/test_root_without_glibc.py"
EXPORTS = f"{FILES}::test_the_library_exports_the_committed_list"
# Where neither the static library nor the command is built.
FILES_OF_LIBRARY = (
    EXPORTS,
    f"{FILES}::test_the_library_is_named_for_its_abi_and_stays_loaded",
    f"{FILES}::test_it_needs_no_newer_c_library[library]",
    f"{FILES}::test_it_needs_the_c_library_alone[library]",
)


# What is different on Windows.
WINDOWS = (
    "tests/platforms/test_windows_files.py",
    "tests/platforms/test_windows.py",
    "tests/platforms/test_declare.py",
)

# The package's own tests, and those of both commands. bindings/python/tests/conftest.py says what is out.
WHEEL_ON_WINDOWS = Suite(
    "wheel",
    ("bindings/python/tests",),
    config="bindings/python/pyproject.toml",
    pytest=("ci/windows-python", "-m", "pytest"),
    is_retried=True,
)


# What calls the library in the languages that have a runtime for Windows here.
CALLERS_ON_WINDOWS = Suite("callers", ("tests/platforms/test_windows_callers.py",), is_retried=True)

CPP = "tests/behaviour/test_cpp.py"
CPP_ON_WINDOWS = Suite(
    "cpp",
    (
        f"{CPP}::test_the_header_alone_compiles_without_a_warning",
        f"{CPP}::test_two_units_that_use_the_header_make_one_program",
        f"{CPP}::test_cpp_check",
        f"{CPP}::test_the_exit_code_agrees",
        f"{CPP}::test_chained_options_reach_the_server",
        f"{CPP}::test_the_example_shows_a_masked_token",
        f"{CPP}::test_the_example_gives_advice_on_a_wrong_secret",
        f"{CPP}::test_a_coroutine_awaits_a_token",
        "tests/build/test_client_examples.py::test_a_pool_of_c_workers_makes_one_request_for_a_token",
        "tests/build/test_client_examples.py::"
        "test_a_pool_of_cpp_workers_fetches_once_more_for_a_token_that_all_see_refused",
    ),
    left_out=tuple(
        LeftOut(f"{CPP}::test_cpp_check[{check}", "no variable leads Windows to another store of authorities")
        for check in (
            "client-a_client_without_arguments_reads_the_environment",
            "fetch-fetch_without_arguments_reads_the_environment",
            "options-bundled_trust_does_not_know_the_systems_authorities",
            "options-null_means_the_default_again",
            "options-the_credential_files_take_the_place_of_the_environment",
        )
    ),
    environment={"CXX": "ci/windows-c++"},
    is_retried=True,
)
# The header needs no threads of C++11, which this compiler has not.
CPP_WITHOUT_THREADS = Suite(
    "cpp-without-threads",
    (
        f"{CPP}::test_the_header_alone_compiles_without_a_warning",
        f"{CPP}::test_the_example_shows_a_masked_token",
    ),
    environment={"CXX": "ci/windows-c++-win32"},
    is_retried=True,
)


# What an emulator takes for the cryptography of a handshake exceeds the deadlines of the tests.
EMULATED = {"SM_TOKEN_TIMES_SLOWER": "10"}


# ---- the rows ----


def windows(name: str, *suites: Suite, title: str, needs: str, compiler: str) -> Platform:
    return Platform(
        name,
        title=title,
        built_with="MinGW",
        needs=needs,
        run_on="wine 8 alone; never on Windows itself",
        library="sm_token.dll",
        compiler=compiler,
        suites=(
            Suite(
                "behaviour",
                (*BEHAVIOUR, *WINDOWS),
                left_out=(LeftOut(CLIENT_MEMCHECK, "memcheck knows no program under wine"), *NO_SIGPIPE),
                # wine 8 now and then kills a program that ends at the moment at which a thread of it ends,
                # also one without this library.
                is_retried=True,
            ),
            *suites,
        ),
        session=("ci/wine-session", name),
    )


def linux(name: str, *suites: Suite, title: str, needs: str, run_on: str) -> Platform:
    return Platform(
        name,
        title=title,
        built_with="zig's C compiler",
        needs=needs,
        run_on=run_on,
        library="libsm_token.so",
        compiler="ci/linux-compiler",
        suites=suites,
    )


PLATFORMS = (
    windows(
        "windows-x86_64",
        Suite("unit", ("tests/platforms/test_unit_tests.py",), is_retried=True),
        WHEEL_ON_WINDOWS,
        CALLERS_ON_WINDOWS,
        CPP_ON_WINDOWS,
        CPP_WITHOUT_THREADS,
        title="Windows x86-64",
        needs="Windows 7 SP1 or Server 2008 R2, or newer",
        compiler="ci/windows-compiler",
    ),
    windows(
        "windows-x86",
        title="Windows x86",
        needs="Windows 10 or Server 2016, or newer",
        compiler="ci/windows-x86-compiler",
    ),
    linux(
        "linux-gnu2.17-x86_64",
        Suite("behaviour", (*BEHAVIOUR, *HERDS, FILES), left_out=(NO_MEMCHECK, *NO_NSS_WRAPPER)),
        title="Linux x86-64, glibc 2.17",
        needs="glibc 2.17 or newer",
        run_on="glibc 2.17, its loader and its libraries, on the kernel of Debian 12",
    ),
    linux(
        "linux-gnu2.17-aarch64",
        Suite(
            "behaviour",
            (*BEHAVIOUR, *HERDS, FILES),
            left_out=(NO_MEMCHECK, *NOT_EMULATED),
            environment=EMULATED,
        ),
        title="Linux arm64, glibc 2.17",
        needs="glibc 2.17 or newer",
        run_on="qemu-user 7.2, glibc 2.17; never on a processor of that kind",
    ),
    linux(
        "linux-musl-x86_64",
        Suite("behaviour", (*BEHAVIOUR, *HERDS, FILES, WITHOUT_GLIBC), left_out=(NO_MEMCHECK,)),
        title="Linux x86-64, musl",
        needs="musl 1.2",
        run_on="musl 1.2.3, and a root of musl 1.2.5 and busybox; not on Alpine itself",
    ),
    linux(
        "linux-musl-aarch64",
        Suite(
            "behaviour",
            (*BEHAVIOUR, *HERDS, FILES),
            left_out=(NO_MEMCHECK, *NOT_EMULATED),
            environment=EMULATED,
        ),
        title="Linux arm64, musl",
        needs="musl 1.2",
        run_on="qemu-user 7.2, musl 1.2.3 of Debian 12; never on a processor of that kind",
    ),
    linux(
        "linux-gnu2.17-armv7",
        Suite(
            "behaviour",
            (*BEHAVIOUR, *HERDS, *FILES_OF_LIBRARY),
            left_out=(NO_MEMCHECK, *NOT_EMULATED),
            environment=EMULATED,
        ),
        title="Linux armv7, glibc 2.17",
        needs="glibc 2.17 or newer, and a floating-point unit",
        run_on="qemu-user 7.2, glibc 2.36; never on a processor of that kind",
    ),
    linux(
        "linux-gnu2.17-i686",
        Suite(
            "behaviour",
            (*BEHAVIOUR, *HERDS, *FILES_OF_LIBRARY),
            left_out=(NO_MEMCHECK,),
        ),
        title="Linux i686, glibc 2.17",
        needs="glibc 2.17 or newer, and SSE2",
        run_on="glibc 2.36, by an x86-64 processor and kernel",
    ),
)
