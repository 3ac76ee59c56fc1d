#!/usr/bin/env python3
"""Fails where files import each other in a circle: the Rust sources, and the Python packages and tests.

    ci/circles.py

A file imports another where a path in it leads to something that is defined there; a name that a module
hands on (`pub use`) counts for the file that defines it. Unit tests do not count.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

Imports = dict[str, set[str]]

# A path from a known start, or the tree of a `use`.
RUST_PATH = re.compile(r"\b(?:crate|super|self)(?:::\w+)+")
RUST_USE = re.compile(r"^\s*(pub(?:\([^)]*\))? )?use ([^;]+);", re.MULTILINE)
RUST_MODULE = re.compile(r"^\s*(?:pub(?:\([^)]*\))? )?mod (\w+);", re.MULTILINE)
RUST_TESTS = re.compile(r"^#\[cfg\((?:test|all\(test.*)\)\]\nmod tests", re.MULTILINE)


class RustModule:
    """A source file of a crate."""

    def __init__(self, path: Path, parent: RustModule | None) -> None:
        text = re.sub(r"//.*", "", path.read_text())
        tests = RUST_TESTS.search(text)
        self.text = text[: tests.start()] if tests else text
        self.path, self.parent = path, parent
        home = path.parent if path.name in ("lib.rs", "mod.rs") else path.with_suffix("")
        self.children: dict[str, RustModule] = {}
        for name in RUST_MODULE.findall(self.text):
            file = next(
                (file for file in (home / f"{name}.rs", home / name / "mod.rs") if file.exists()), None
            )
            if file:
                self.children[name] = RustModule(file, self)
        self.handed_on = {
            steps[-1]: steps
            for public, tree in RUST_USE.findall(self.text)
            if public
            for steps in leaves(tree)
        }

    @property
    def root(self) -> RustModule:
        return self.parent.root if self.parent else self

    def all(self) -> Iterator[RustModule]:
        yield self
        for child in self.children.values():
            yield from child.all()

    def lead(self, steps: list[str]) -> RustModule | None:
        """The file that defines what the path leads to, or None for another crate's."""
        first, *rest = steps
        if first == "crate":
            return self.root.inside(rest)
        if first == "self":
            return self.inside(rest)
        if first == "super":
            return (self.parent or self).lead(["self", *rest])
        return self.inside(steps) if first in self.children else None

    def inside(self, steps: list[str]) -> RustModule | None:
        if not steps:
            return self
        first, *rest = steps
        if first == "super":
            return (self.parent or self).inside(rest)
        if first in self.children:
            return self.children[first].inside(rest)
        if first in self.handed_on:
            return self.lead([*self.handed_on[first], *rest])
        return self

    def imports(self) -> set[str]:
        # The start of a `use` tree with braces leads nowhere by itself.
        paths = [path.split("::") for path in RUST_PATH.findall(RUST_USE.sub("", self.text))]
        paths += [steps for _, tree in RUST_USE.findall(self.text) for steps in leaves(tree)]
        found = {self.lead(steps) for steps in paths}
        # What a module hands on is no need of its own.
        found -= {self.lead(steps) for steps in self.handed_on.values()}
        return {str(module.path.relative_to(ROOT)) for module in found if module not in (None, self)}


def leaves(tree: str) -> list[list[str]]:
    """Each path of a `use` tree."""
    tree = re.sub(r"\s+as \w+", "", tree).strip()
    opened = tree.find("{")
    if opened < 0:
        return [[step for step in tree.split("::") if step.strip() != "*"]] if tree else []
    start = [step for step in tree[:opened].strip().split("::") if step]
    inner, depth, piece, found = tree[opened + 1 : tree.rindex("}")], 0, "", []
    for letter in [*inner, ","]:
        if letter == "," and depth == 0:
            found += [start + [step for step in steps if step != "self"] for steps in leaves(piece)]
            piece = ""
            continue
        depth += {"{": 1, "}": -1}.get(letter, 0)
        piece += letter
    return [[step.strip() for step in steps] for steps in found]


def of_rust(crate: Path) -> Imports:
    return {str(module.path.relative_to(ROOT)): module.imports() for module in RustModule(crate, None).all()}


def of_python(directory: Path, package: str) -> Imports:
    """The imports of the package at `directory / package`, in functions and for types as well."""

    @cache
    def file_of(name: str) -> str | None:
        path = directory / name.replace(".", "/")
        file = next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.exists()), None)
        return str(file.relative_to(ROOT)) if file else None

    found: Imports = {}
    for path in sorted((directory / package).rglob("*.py")):
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                names |= {name if file_of(name) else node.module for name in inner}
        here = str(path.relative_to(ROOT))
        found[here] = {file for name in names if (file := file_of(name)) and file != here}
    return found


def circles(imports: Imports) -> list[list[str]]:
    """The groups of files that reach each other."""

    def reached(start: str) -> set[str]:
        seen, left = set[str](), [start]
        while left:
            for file in imports.get(left.pop(), ()):
                if file not in seen:
                    seen.add(file)
                    left.append(file)
        return seen

    reach = {file: reached(file) for file in imports}
    groups = {frozenset(other for other in reach[file] if file in reach.get(other, ())) for file in imports}
    return sorted(sorted(group) for group in groups if group)


def main() -> int:
    imports = {
        **of_rust(ROOT / "src" / "lib.rs"),
        **of_rust(ROOT / "bindings" / "python" / "src" / "lib.rs"),
        **of_python(ROOT / "bindings" / "python" / "python", "sm_token"),
        **{
            file: names
            for package in ("harness", "servers", "soak")
            for file, names in of_python(ROOT / "tests", package).items()
        },
    }
    found = circles(imports)
    for group in found:
        print("these files import each other in a circle:", file=sys.stderr)
        for file in group:
            print(f"    {file} imports {', '.join(sorted(imports[file] & set(group)))}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
