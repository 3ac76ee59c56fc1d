"""The examples of a shared client run as they stand, and ask for no more tokens than they must."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.c_program import (
    ROOT,
    STRICT,
    checked,
    compile_c,
    leading_to,
    library_directory,
    need,
    run,
)
from servers.started import Real

EXAMPLES = ROOT / "bindings"


def token_requests(real: Real) -> int:
    return sum(real.counts()["token_by_status"].values())


@pytest.fixture(autouse=True)
def _from_zero(real: Real) -> None:
    real.reset()


def test_a_pool_of_c_workers_makes_one_request_for_a_token(real: Real, tmp_path: Path) -> None:
    program = compile_c(EXAMPLES / "c" / "worker_pool.c", tmp_path / "pool", library_directory())
    assert checked([program], env=leading_to(real)) == "8 workers made 8000 requests with one client\n"
    assert token_requests(real) == 1


def test_a_pool_of_cpp_workers_fetches_once_more_for_a_token_that_all_see_refused(
    real: Real, tmp_path: Path
) -> None:
    library, program = library_directory(), tmp_path / "pool"
    compiler = os.environ.get("CXX", "c++")
    source = EXAMPLES / "cpp" / "worker_pool.cpp"
    linked = [f"-L{library}", "-lsm_token", f"-Wl,-rpath,{library}", "-lpthread"]
    checked([compiler, "-std=c++17", *STRICT, f"-I{ROOT / 'include'}", source, "-o", program, *linked])
    assert checked([program], env=leading_to(real)) == "8 workers made 8000 requests with one client\n"
    assert token_requests(real) == 2


@pytest.fixture(scope="module")
def request_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    curl = run([need("pkg-config"), "--cflags", "--libs", "libcurl"])
    if curl.returncode != 0:
        pytest.skip("libcurl's headers are not installed")
    program = tmp_path_factory.mktemp("request") / "request"
    return compile_c(EXAMPLES / "c" / "request.c", program, library_directory(), *curl.stdout.split())


def test_a_request_is_answered(real: Real, request_program: Path) -> None:
    shown = checked([request_program, "/v1/companies/"], env=leading_to(real))
    assert '"results"' in shown
    assert shown.endswith("HTTP 200\n")


def test_a_revoked_token_is_replaced_and_the_request_sent_again(real: Real, request_program: Path) -> None:
    with subprocess.Popen(
        [request_program, "/v1/companies/", "2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **leading_to(real)},
    ) as program:
        assert program.stdout is not None
        while "HTTP 200" not in program.stdout.readline():
            pass
        assert real.revoke_all() > 0
        shown, _ = program.communicate("\n", timeout=30)
    assert shown.endswith("HTTP 200\n")
    assert token_requests(real) == 2


def test_a_forbidden_request_costs_no_further_token(real: Real, request_program: Path) -> None:
    done = run([request_program, "/v1/forbidden/"], env=leading_to(real))
    assert done.stdout.endswith("HTTP 403\n")
    assert token_requests(real) == 1
