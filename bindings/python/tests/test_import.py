"""What `import sm_token` brings along, and what it costs."""

from __future__ import annotations

import importlib.metadata
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sm_token
from harness.c_program import checked, need
from sm_token import _core

Program = Callable[..., "subprocess.CompletedProcess[str]"]

# Over the interpreter's own start, in seconds.
MOST_OF_AN_IMPORT = 0.003

HEAVY = (
    "asyncio",
    "datetime",
    "httpx",
    "json",
    "logging",
    "requests",
    "typing",
    "dataclasses",
    "socket",
    "ssl",
)


def test_the_package_under_test_is_the_one_that_is_installed() -> None:
    assert "site-packages" in Path(sm_token.__file__).parts


# contract: version
def test_it_is_of_the_version_that_is_installed() -> None:
    assert sm_token.__version__ == importlib.metadata.version("sm-token")


def test_all_that_is_promised_is_there() -> None:
    assert all(hasattr(sm_token, name) for name in sm_token.__all__)


ADAPTERS = ["HttpxAuth", "RequestsAuth"]


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_is_listed_but_in_no_star_import(name: str) -> None:
    assert name in dir(sm_token)
    assert name not in sm_token.__all__


def test_listing_the_names_makes_no_adapter(program: Program) -> None:
    source = "import sm_token, sys; dir(sm_token); print({'httpx', 'requests'} & set(sys.modules))"
    assert program("-c", source).stdout == "set()\n"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    assert not hasattr(sm_token, "Clinet")


@pytest.mark.parametrize("module", HEAVY)
def test_an_import_brings_along_nothing_heavy(module: str, program: Program) -> None:
    # Without site, whose .pth files may import anything.
    source = f"""
import sys
before = set(sys.modules)
sys.path.append({str(Path(sm_token.__file__).parents[1])!r})
import sm_token
print({module!r} in set(sys.modules) - before)
"""
    assert program("-S", "-c", source).stdout == "False\n"


def test_an_import_costs_at_most_three_milliseconds() -> None:
    def seconds(source: str) -> float:
        """The processor time of an interpreter: what else the machine does is not its fault."""
        command = [sys.executable, "-I", "-c", source]
        _, status, used = os.wait4(os.posix_spawn(sys.executable, command, {}), 0)
        assert status == 0
        return used.ru_utime + used.ru_stime

    seconds("import sm_token")
    # In pairs, so that a processor that changes its speed does so for both.
    pairs = [(seconds("import sm_token"), seconds("pass")) for _ in range(25)]
    assert statistics.median(ours - bare for ours, bare in pairs) < MOST_OF_AN_IMPORT


def test_the_extension_module_exports_its_init_symbol_alone() -> None:
    listed = checked([need("nm"), "-D", "--defined-only", "--format=just-symbols", _core.__file__])
    assert listed.split() == ["PyInit__core"]


def test_the_extension_module_does_not_pass_for_the_c_library() -> None:
    dynamic = checked([need("readelf"), "--dynamic", "--wide", _core.__file__])
    assert "libsm_token" not in dynamic
