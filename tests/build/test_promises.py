"""A promise without a test is found, and a test of what nobody promises too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.c_program import ROOT, checked, run

COPIED = ("ci", "docs", "src", "tests", "bindings/python/tests")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "README.md", tmp_path)
    return tmp_path


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_promise_has_a_test_and_the_list_is_fresh() -> None:
    checked(["ci/promises.py", "--check"])


@pytest.mark.parametrize(
    ("page", "old", "new", "says"),
    [
        ("docs/abi.md", "promise: soname", "promise: other", "no test carries 'promise: other'"),
        ("docs/abi.md", "promise: soname", "promises nothing", "'promise: soname', which no page promises"),
        (
            "tests/build/test_install.py",
            "# promise: soname",
            "# soname",
            "no test carries 'promise: soname'",
        ),
        ("docs/abi.md", "<!-- promise: soname -->", "", "stands in the part: - **The soname**"),
        ("docs/promises.md", "`soname`", "`so-name`", "docs/promises.md is stale"),
    ],
)
def test_a_promise_that_is_out_of_step_is_named(page: str, old: str, new: str, says: str, copy: Path) -> None:
    assert run(["ci/promises.py", "--check"], cwd=copy).returncode == 0
    replaced(copy / page, old, new)
    done = run(["ci/promises.py", "--check"], cwd=copy)
    assert done.returncode == 1
    assert says in done.stderr
