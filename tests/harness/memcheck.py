"""How valgrind's memcheck is called, and how it says that it found something."""

from harness.c_program import SOURCES

FOUND_SOMETHING = 99
MEMCHECK = (
    "--quiet",
    "--leak-check=full",
    "--show-leak-kinds=definite",
    "--errors-for-leak-kinds=definite",
    f"--error-exitcode={FOUND_SOMETHING}",
    f"--suppressions={SOURCES / 'valgrind.supp'}",
)
