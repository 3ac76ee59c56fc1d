"""The types that the package promises are those that it has."""

from __future__ import annotations

import ast
import inspect
import operator
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sm_token import _core

HERE = Path(__file__).parents[1]
CONFIG = HERE / "pyproject.toml"

# What a user writes, judged against the installed package.
USE = """\
from collections.abc import Callable, Coroutine
from typing import Any
from datetime import datetime, timedelta
from pathlib import Path
import httpx
import requests.auth
from typing_extensions import assert_type
import sm_token

token = sm_token.fetch("id", "secret", timeout=timedelta(seconds=1), ca_file=Path("ca.pem"), trust="bundled")
sm_token.fetch(ca_file=b"ca.pem")
assert_type(token, sm_token.Token)
assert_type(token.expires_at, datetime)
assert_type(token.expires_in, timedelta)
try:
    sm_token.fetch()
except sm_token.TimeoutError as error:
    assert_type(error.retry_after, float | None)

with sm_token.Client("id", "secret", scope="read") as client:
    assert_type(client, sm_token.Client)
    assert_type(client.token(), sm_token.Token)
    assert_type(client.authorization(), str)
    client.invalidate()
    client.invalidate(token)
    client.invalidate(token.authorization)
    auth: requests.auth.AuthBase = sm_token.RequestsAuth(client)
    requests.get("https://h", auth=auth)
    httpx.get("https://h", auth=sm_token.HttpxAuth(client))

async def wait() -> None:
    coroutine_function: Callable[[], Coroutine[Any, Any, sm_token.Token]] = client.token_async
    assert_type(await coroutine_function(), sm_token.Token)
    assert_type(await client.token_async(), sm_token.Token)
    assert_type(await client.authorization_async(), str)
"""

MISUSE = {
    "a secret in bytes": 'sm_token.fetch("id", b"secret")',
    "an unknown keyword": "sm_token.fetch(secret='s')",
    "an unknown trust": 'sm_token.fetch(trust="everyone")',
    "a change": "sm_token.fetch().scope = 'all'",
    "a child of a final class": "class Mine(sm_token.Client): ...",
    "a misspelled name": "sm_token.Clinet()",
    "a token that is none": "sm_token.Client().invalidate(7)",
    "a client that is none": "sm_token.RequestsAuth(sm_token.fetch())",
}


FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def judged(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], check=False, capture_output=True, text=True, cwd=cwd
    )


def test_the_stub_says_what_the_native_half_has(tmp_path: Path) -> None:
    done = judged("mypy.stubtest", "sm_token._core", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stub_tells_what_help_tells() -> None:
    stub = ast.parse((HERE / "python" / "sm_token" / "_core.pyi").read_text())
    told = {node.name: node for node in stub.body if isinstance(node, ast.ClassDef | FUNCTION)}
    for kind in ("Client", "Token"):
        methods = [node for node in told[kind].body if isinstance(node, FUNCTION)]
        told |= {f"{kind}.{node.name}": node for node in methods}
    for name, node in told.items():
        if in_the_stub := ast.get_docstring(node):
            native = operator.attrgetter(name)(_core)
            assert (inspect.getdoc(native) or "").split() == in_the_stub.split(), name


def test_mypy_finds_nothing_in_the_package_and_its_tests(tmp_path: Path) -> None:
    done = judged("mypy", "--strict", "--config-file", CONFIG, "--cache-dir", tmp_path, cwd=HERE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pyright_finds_nothing_in_the_package(tmp_path: Path) -> None:
    done = judged("pyright", "--project", CONFIG, "--pythonpath", sys.executable, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "checker", [("mypy", "--strict"), ("pyright", "--pythonpath", sys.executable)], ids=str
)
def test_a_users_program_is_found_right(checker: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(USE)
    done = judged(*checker, "use.py", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def lines_found_wrong(tmp_path_factory: pytest.TempPathFactory) -> set[int]:
    """The lines that mypy finds wrong in a program that makes every mistake, each on a line of its own."""
    directory = tmp_path_factory.mktemp("misuse")
    (directory / "misuse.py").write_text("\n".join(["import sm_token", *MISUSE.values()]) + "\n")
    found = judged("mypy", "--strict", "misuse.py", cwd=directory).stdout
    return {int(line) for line in re.findall(r"^misuse\.py:(\d+): error:", found, re.MULTILINE)}


@pytest.mark.parametrize("misuse", MISUSE)
def test_a_users_mistake_is_found(misuse: str, lines_found_wrong: set[int]) -> None:
    assert list(MISUSE).index(misuse) + 2 in lines_found_wrong


def test_what_is_right_is_not_found_wrong(lines_found_wrong: set[int]) -> None:
    assert 1 not in lines_found_wrong
