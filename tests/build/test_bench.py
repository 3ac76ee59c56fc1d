"""The benchmarks run, and write the page from what they measured."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.c_program import ROOT, checked, need, release_directory

PARTS = ("compiled", "herd")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for tool in ("pkg-config", "curl-config"):
        need(tool)
    if not Path("/usr/include/cjson/cJSON.h").exists():
        pytest.skip("cJSON's header is not installed")
    out = tmp_path_factory.mktemp("bench")
    command = (
        sys.executable,
        ROOT / "benches" / "run.py",
        "--pairs",
        "1",
        "--only",
        *PARTS,
        "--peers",
        "libcurl",
    )
    checked([*command, "--out", out, "--library", release_directory()])
    return out


@pytest.fixture(scope="module")
def page(out: Path) -> str:
    return (out / "benchmarks.md").read_text()


def test_the_page_shows_what_a_process_costs_beside_libcurl(page: str) -> None:
    ours, libcurl = (
        float(found[1])
        for name in ("this library", "libcurl \\+ cJSON")
        if (found := re.search(rf"^\| {name} \| ([\d.]+)", page, re.MULTILINE))
    )
    assert 0 < ours < libcurl


def test_the_page_counts_the_requests_of_a_herd(page: str) -> None:
    assert re.search(r"^\| this library \| 1 \| \d", page, re.MULTILINE)


def test_every_chart_of_the_page_is_there_and_is_svg(page: str, out: Path) -> None:
    charts = re.findall(r"!\[.*?\]\((benchmarks/.*?\.svg)\)", page)
    assert charts
    for chart in charts:
        root = ElementTree.parse(out / chart).getroot()  # noqa: S314 - this run wrote it
        assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_what_was_not_asked_for_is_named_as_left_out(page: str) -> None:
    assert "Go, x/oauth2: not asked for" in page.partition("## Left out")[2]
