"""Where unsafe code may be."""

from __future__ import annotations

import re

from harness.c_program import ROOT

ALLOWED = ("src/ffi/", "src/sys/")


# promise: unsafe-confined
def test_unsafe_code_is_in_the_c_abi_and_the_calls_of_the_system_alone() -> None:
    holding = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("*.rs")
        if re.search(r"^[^/\n]*\bunsafe\b(?! code)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert any(path.startswith(ALLOWED) for path in holding)
    assert sorted(path for path in holding if not path.startswith(ALLOWED)) == []
