"""The npm package, installed by npm in a program of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from artefacts.platforms import Platform
from harness.c_program import checked, need
from harness.dist import HOST, Machine, artefact, expect_a_token, on_this_machine, platforms
from harness.readme import blocks
from servers.started import Real

README = Path(__file__).parents[2] / "bindings" / "node" / "README.md"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a program that the package is installed for."""
    directory = tmp_path_factory.mktemp("program")
    (directory / "package.json").write_text('{ "name": "program", "private": true, "type": "module" }')
    package = artefact("sm-token-VERSION.tgz")
    checked([need("npm"), "install", "--ignore-scripts", "--no-audit", "--no-fund", package], cwd=directory)
    (directory / "first.js").write_text(blocks(README, "js")[0])
    return directory


@on_this_machine
def test_a_program_gets_a_token_with_the_library_of_the_package(program: Path, real: Real) -> None:
    node = Machine((), (need("node"),))
    # Node's own fetch trusts the server by this variable.
    more = {"NODE_EXTRA_CA_CERTS": real.ca_file, "LD_LIBRARY_PATH": ""}
    expect_a_token(lambda: node.run([program / "first.js"], None, real, **more), real, "200")


@on_this_machine
def test_it_is_the_library_of_the_package_that_is_loaded(program: Path) -> None:
    library = program / "node_modules" / "sm-token" / "prebuilt" / HOST.node / "libsm_token.so.0"
    script = """
        await import("sm-token");
        console.log((await import("node:fs")).readFileSync("/proc/self/maps", "utf8"));
    """
    maps = checked([need("node"), "--input-type=module", "--eval", script], cwd=program)
    assert str(library) in maps


@platforms()
def test_the_library_of_the_platform_is_in_the_package(platform: Platform, program: Path) -> None:
    name = "sm_token.dll" if platform.is_windows else "libsm_token.so.0"
    library = program / "node_modules" / "sm-token" / "prebuilt" / platform.node / name
    assert library.read_bytes() == platform.loaded.read_bytes()
