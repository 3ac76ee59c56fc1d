"""The unit tests of the core, compiled for Windows and run there. `.ci/platforms` runs this."""

from __future__ import annotations

from harness.c_program import ROOT, checked

TARGET = "x86_64-pc-windows-gnu"


def test_the_unit_tests_of_the_core_pass() -> None:
    environment = {
        "CC_x86_64_pc_windows_gnu": "x86_64-w64-mingw32-gcc",
        "AR_x86_64_pc_windows_gnu": "x86_64-w64-mingw32-ar",
        "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER": str(ROOT / "ci" / "wine"),
    }
    told = checked(["cargo", "test", "--lib", "--target", TARGET], env=environment)
    assert "test result: ok. " in told
