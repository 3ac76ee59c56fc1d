"""docs/dependencies.md gives a reason for each crate that Cargo.toml names, and for no other."""

from __future__ import annotations

import json
import re

from harness.c_program import ROOT, checked

PAGE = (ROOT / "docs" / "dependencies.md").read_text()


def test_a_row_gives_more_than_the_name() -> None:
    assert [name for name, reason in rows().items() if len(reason.split()) < 3] == []


# promise: reasons
def test_each_direct_dependency_has_a_row() -> None:
    command = ["cargo", "metadata", "--no-deps", "--offline", "--format-version=1"]
    packages = json.loads(checked(command))["packages"]
    (library,) = (package for package in packages if package["name"] == "sm-token")
    named = {dependency["rename"] or dependency["name"] for dependency in library["dependencies"]}
    assert named == set(rows()), "docs/dependencies.md and Cargo.toml differ"


def test_the_number_of_direct_dependencies_is_right() -> None:
    told = re.search(r"(\d+) are named in `Cargo.toml`", PAGE)
    assert told is not None
    in_the_linux_library = set(rows()) - {"cbindgen", "loom", "rustls-platform-verifier"}
    assert int(told[1]) == len(in_the_linux_library)


def test_the_number_of_crates_in_the_library_is_right() -> None:
    told = re.search(r"(\d+) crates end up in the C library on Linux", PAGE)
    assert told is not None
    # What runs while compiling, a `(proc-macro)` and what only such bring, is in no library.
    tree = ["cargo", "tree", "--offline", "--features=standalone", "--edges=normal,no-proc-macro"]
    crates = checked([*tree, "--target=x86_64-unknown-linux-gnu", "--prefix=none"]).splitlines()
    named = {line.removesuffix(" (*)") for line in crates if line} - {crates[0]}
    assert int(told[1]) == len(named), sorted(named)


def rows() -> dict[str, str]:
    """What the first column names, and the reason in the second."""
    table = re.findall(r"^\| (`.*?) \| (.+?) \|", PAGE, re.MULTILINE)
    return {
        name: reason for names, reason in table for name in re.findall(r"`([\w-]+)`", names.split("(")[0])
    }
