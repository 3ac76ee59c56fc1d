#!/usr/bin/env python3
"""Writes docs/promises.md: each promise of the pages, and the tests that fail where it is not kept.

    ci/promises.py             # writes the page
    ci/promises.py --check     # fails where it is stale, and says how to correct it

A page carries `promise: ID`, or several ids with blanks between them, in a comment behind what it promises; a
test carries the same in a comment before it. An id without a test is a failure, and a test with an id that no
page promises too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "docs" / "promises.md"

PAGES = (
    "README.md",
    "src/ffi/preface.h",
    "docs/security.md",
    "docs/threads.md",
    "docs/abi.md",
    "docs/threat-model.md",
)
TESTS = (
    "src/**/*.rs",
    "tests/*.rs",
    "tests/**/test_*.py",
    "tests/c/*.c",
    "tests/cpp/*.cpp",
    "bindings/python/tests/test_*.py",
)

IN_PAGES = re.compile(r"(?:<!-- |\[)promise: ([a-z0-9 -]*[a-z0-9])")
IN_TESTS = re.compile(r"^ *(?:#|//|/\*) promise: ([a-z0-9 -]*[a-z0-9])", re.MULTILINE)
NAME = re.compile(r"^\s*(?:async def|def|fn|CHECK\b)[ (](\w+)", re.MULTILINE)

HEAD = """\
# The promises

Each promise of the README, the [header](../include/sm_token.h) and the pages on security, threads,
the ABI and threats has an id, and a test that fails where the promise is not kept. `ci/promises.py`
writes this list from the comments `promise: ID` in the pages and in the tests. `make lint` refuses an
id without a test, and a test whose id no page has.

| id | promised in | tested by |
| --- | --- | --- |
"""


@dataclass(frozen=True)
class Place:
    """Where a mark stands."""

    path: str
    id: str
    name: str = ""


def marks_of_page(path: str) -> Iterator[Place]:
    for mark in IN_PAGES.finditer((ROOT / path).read_text(encoding="utf-8")):
        yield from (Place(path, promise) for promise in mark[1].split())


def marks_of_tests() -> Iterator[Place]:
    for pattern in TESTS:
        for path in sorted(ROOT.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            for mark in IN_TESTS.finditer(text):
                named = NAME.search(text, mark.end())
                where = str(path.relative_to(ROOT))
                yield from (Place(where, promise, named[1] if named else "") for promise in mark[1].split())


def unmarked(path: str) -> Iterator[str]:
    """The paragraphs, list items and rows of a page that promise nothing, and do not say so."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / path).read_text(encoding="utf-8"), flags=re.M | re.S)
    for part in re.split(r"\n\n+|\n(?=- )|\n(?=\| )", text):
        if (
            part.strip()
            and not part.startswith(("#", "| ---", "| who |"))
            and not re.search("promise(: |s nothing)", part)
        ):
            yield part.strip().splitlines()[0]


def complaints(promised: list[Place], tested: list[Place]) -> Iterator[str]:
    ids = {place.id for place in promised}
    proved = {place.id for place in tested}
    for place in promised:
        if place.id not in proved:
            yield f"{place.path}: no test carries 'promise: {place.id}'"
    for place in tested:
        if place.id not in ids:
            yield f"{place.path}: {place.name} carries 'promise: {place.id}', which no page promises"
    for path in PAGES[2:]:
        for line in unmarked(path):
            yield f"{path}: neither 'promise: ID' nor 'promises nothing' stands in the part: {line}"


def link(path: str) -> str:
    shown = "include/sm_token.h" if path == "src/ffi/preface.h" else path
    target = shown.removeprefix("docs/") if shown.startswith("docs/") else f"../{shown}"
    return f"[{Path(shown).name}]({target})"


def page(promised: list[Place], tested: list[Place]) -> str:
    rows = []
    for promise in sorted({place.id for place in promised}):
        pages = dict.fromkeys(link(place.path) for place in promised if place.id == promise)
        tests = dict.fromkeys(f"{link(place.path)} `{place.name}`" for place in tested if place.id == promise)
        rows.append(f"| `{promise}` | {', '.join(pages)} | {', '.join(tests)} |\n")
    return HEAD + "".join(rows)


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    promised = [place for path in PAGES for place in marks_of_page(path)]
    tested = list(marks_of_tests())
    found = list(complaints(promised, tested))
    for complaint in found:
        print(complaint, file=sys.stderr)
    written = page(promised, tested)
    if not arguments:
        LIST.write_text(written, encoding="utf-8")
    elif not LIST.exists() or LIST.read_text(encoding="utf-8") != written:
        print("docs/promises.md is stale: run 'ci/promises.py'", file=sys.stderr)
        return 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
