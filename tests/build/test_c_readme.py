"""The C in the C README compiles as it stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.c_program import ROOT, STRICT, c_compiler, checked
from harness.readme import blocks

# What is for Windows alone, tests/platforms/test_windows_callers.py compiles.
BLOCKS = [block for block in blocks(ROOT / "bindings" / "c" / "README.md", "c") if "windows.h" not in block]

# What a fragment, which is no program, stands in.
AROUND_A_FRAGMENT = """\
#include <sm_token.h>
void fragment(sm_status status, const sm_error *error);
void fragment(sm_status status, const sm_error *error) {{
(void)status, (void)error;
{}
}}
"""


@pytest.mark.parametrize("block", BLOCKS, ids=[f"block-{number}" for number in range(1, len(BLOCKS) + 1)])
def test_the_readmes_c_compiles_without_a_warning(block: str, tmp_path: Path) -> None:
    source = tmp_path / "block.c"
    source.write_text(block if "int main" in block else AROUND_A_FRAGMENT.format(block))
    checked([c_compiler(), "-std=c99", *STRICT, f"-I{ROOT / 'include'}", "-fsyntax-only", source])


def test_the_readme_shows_c() -> None:
    assert len(BLOCKS) >= 2
