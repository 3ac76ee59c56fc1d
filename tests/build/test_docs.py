"""Every page of the documentation is listed in the index, and what the pages name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.c_program import ROOT

DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"

# Where nothing is written by hand.
NOT_OURS = {"target", "node_modules", ".git", ".pytest_cache", ".venv"}
PAGES = sorted(page for page in ROOT.rglob("*.md") if not NOT_OURS & {*page.relative_to(ROOT).parts})

# The pages for those who change the project: each path and each make target that they name must exist.
FOR_MAINTAINERS = [
    ROOT / "CONTRIBUTING.md",
    ROOT / "RELEASING.md",
    DOCS / "architecture.md",
    *sorted((DOCS / "how-to").glob("*.md")),
]
TOP = "src|tests|bindings|include|docs|ci|benches|fuzz|packaging|examples|.ci|.github"
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def without_code(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[str]:
    """The targets of a page's links that lead to a file of the repository."""
    found = re.findall(r"\]\(([^)\s]+)\)", without_code(page))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", without_code(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


def test_the_index_links_every_page_of_the_documentation() -> None:
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in links(INDEX)}
    pages = {page for page in PAGES if page.is_relative_to(DOCS)} - {INDEX}
    assert pages
    assert sorted(name_of(page) for page in pages - linked) == []


@pytest.mark.parametrize("page", FOR_MAINTAINERS, ids=name_of)
def test_every_path_that_a_page_for_maintainers_names_exists(page: Path) -> None:
    named = re.findall(rf"`((?:{TOP})/[\w./-]*)`", page.read_text(encoding="utf-8"))
    # LANGUAGE stands for any.
    assert [path for path in named if not (ROOT / path.replace("LANGUAGE", "go")).exists()] == []


@pytest.mark.parametrize("page", FOR_MAINTAINERS, ids=name_of)
def test_every_make_target_that_a_page_for_maintainers_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`make ([a-z-]+)`", text) + re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)
    assert set(named) - TARGETS == set()
