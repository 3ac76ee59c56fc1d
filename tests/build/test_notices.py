"""The notices and the bills of materials name every crate that is linked, and nothing of the machine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.c_program import ROOT, checked

NOTICES = (ROOT / "THIRD-PARTY-NOTICES.txt").read_text(encoding="utf-8")
BILLS = {
    "sm-token": ROOT / "packaging" / "sm_token.cdx.json",
    "sm-token-python": ROOT / "bindings" / "python" / "sm_token-python.cdx.json",
}
TARGETS = (
    "aarch64-unknown-linux-gnu",
    "aarch64-unknown-linux-musl",
    "i686-pc-windows-gnu",
    "x86_64-pc-windows-gnu",
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
)

# A sentence of each license that has to be repeated with a binary.
TERMS = {
    "ring": "Permission to use, copy, modify, and/or distribute this software for any",
    "rustls-webpki": "Except as otherwise noted, this project is licensed under the following",
    "untrusted": "Copyright 2015-2016 Brian Smith.",
    "subtle": "3. Neither the name of the copyright holder nor the names of its",
    "bytes": "Copyright (c) 2018 Carl Lerche",
    "zmij": "Permission is hereby granted, free of charge, to any",
    "webpki-roots": "Community Data License Agreement - Permissive - Version 2.0",
}

# Rust's own that no library links: for tests, macros, profiles and the build of the standard library itself.
NOT_LINKED = re.compile("getopts|test|proc_macro|profiler_builtins|panic_abort|sysroot|rustc_(literal|std).*")


def linked(package: str) -> set[tuple[str, str]]:
    """The names and versions that cargo names, without the project's own."""
    features = ["--features=standalone"] if package == "sm-token" else []
    # The command is handed out with the library.
    packages = [package, *(["sm-token-command"] if package == "sm-token" else [])]
    tree = ["cargo", "tree", "--offline", *(f"--package={name}" for name in packages), *features]
    tree.append("--edges=normal,no-proc-macro")
    lines = [
        line
        for target in TARGETS
        for line in checked([*tree, f"--target={target}", "--prefix=none", "--format={p}"]).splitlines()
    ]
    found = {
        match.groups() for line in lines if (match := re.match(r"([\w-]+) v([\w.+-]+)(?: \(\*\))?$", line))
    }
    return {(name, version) for name, version in found}


def bill(package: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(BILLS[package].read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("package", BILLS)
def test_the_notices_name_every_crate_that_is_linked(package: str) -> None:
    expected = linked(package)
    assert TERMS.keys() <= {name for name, _ in expected}
    listed = re.findall(r"^  ([\w-]+) ([\w.+-]+) \(", NOTICES, re.MULTILINE)
    assert expected - {*listed} == set()
    with_text = re.findall(
        r"([\w-]+) (\d[\w.+-]*)", " ".join(re.findall(r"^={80}\n(.*)$", NOTICES, re.MULTILINE))
    )
    assert expected - {*with_text} == set()


@pytest.mark.parametrize("package", BILLS)
def test_a_bill_of_materials_lists_the_crates_that_are_linked_and_no_others(package: str) -> None:
    listed = {(item["name"], item["version"]) for item in bill(package)["components"] if "version" in item}
    assert listed == linked(package)


@pytest.mark.parametrize("package", BILLS)
def test_each_component_is_reached_from_the_product(package: str) -> None:
    content = bill(package)
    depends = {entry["ref"]: entry["dependsOn"] for entry in content["dependencies"]}
    seen: set[str] = set()
    waiting = [content["metadata"]["component"]["bom-ref"]]
    while waiting:
        new = {ref for ref in depends.get(waiting.pop(), []) if ref not in seen}
        seen |= new
        waiting += new
    assert seen == {item["bom-ref"] for item in content["components"]}


@pytest.mark.parametrize("package", BILLS)
def test_a_bill_of_materials_is_of_the_version_that_is_built(package: str) -> None:
    version = checked(["cargo", "pkgid", "--offline", "--package", package]).strip().rpartition("#")[2]
    assert bill(package)["metadata"]["component"]["version"] == version.rpartition("@")[2]


@pytest.mark.parametrize("crate", TERMS)
def test_the_notices_hold_the_terms_of(crate: str) -> None:
    sections = re.findall(r"^={80}\n(.*)\n((?s:.*?))(?=^={80}$|\Z)", NOTICES, re.MULTILINE)
    texts = "".join(text for users, text in sections if re.search(rf"(^|, ){crate} \d", users))
    assert TERMS[crate] in texts


def test_the_notices_hold_the_parts_of_the_standard_library() -> None:
    directory = Path(checked(["rustc", "--print=target-libdir"]).strip())
    parts = {match[1] for path in directory.glob("*.rlib") if (match := re.match(r"lib(\w+)-", path.name))}
    expected = {part for part in parts if not NOT_LINKED.fullmatch(part)}
    assert "std" in expected
    named = NOTICES.partition("\nRust's standard library\n")[2]
    assert [part for part in sorted(expected) if not re.search(rf"\b{part}\b", named)] == []


@pytest.mark.parametrize(
    "path", [ROOT / "THIRD-PARTY-NOTICES.txt", *BILLS.values()], ids=lambda path: path.name
)
def test_nothing_names_the_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("/root/", "/home/", ".cargo", "registry/src", str(ROOT), "file:"):
        assert word not in text


def test_what_is_committed_is_what_would_be_written() -> None:
    checked(["ci/notices.py", "--check"])
