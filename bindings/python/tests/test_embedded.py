"""A program in C that initializes Python, finalizes it, and initializes it again."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
import sm_token
from harness.c_program import need, run

PROGRAM = r"""
#include <Python.h>

static const char source[] =
    "import sys\n"
    "try:\n"
    "    import sm_token\n"
    "except ImportError as error:\n"
    "    print(error, flush=True)\n"
    "else:\n"
    "    print(sm_token.Client('id', 'secret', trust='bundled'), flush=True)\n"
    "    del sys.modules['sm_token'], sys.modules['sm_token._core']\n"
    "    import sm_token\n"
    "    print(sm_token.__version__, flush=True)\n";

int main(void)
{
    for (int round = 0; round < 3; round++) {
        Py_InitializeEx(0);
        if (PyRun_SimpleString(source) != 0 || Py_FinalizeEx() != 0)
            return 1;
    }
    return 0;
}
"""


def test_python_that_is_initialized_again_refuses_the_package(tmp_path: Path) -> None:
    if not sysconfig.get_config_var("Py_ENABLE_SHARED"):
        pytest.skip("this Python has no shared library to embed")
    (tmp_path / "embeds.c").write_text(PROGRAM)
    directory, version = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("LDVERSION")
    built = run(
        [need("cc"), "embeds.c", "-o", "embeds", f"-I{sysconfig.get_path('include')}", f"-L{directory}",
         f"-Wl,-rpath,{directory}", f"-lpython{version}"],
        cwd=tmp_path,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    packages = str(Path(sm_token.__file__).parents[1])
    done = run(
        [tmp_path / "embeds"], env={"PYTHONPATH": packages, "PYTHONHOME": sysconfig.get_config_var("prefix")}
    )
    first, again, *refusals = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert (first, again) == ("<sm_token.Client, client credentials hidden>", sm_token.__version__)
    assert len(refusals) == 2
    assert all("can't be imported again after Py_Finalize()" in refusal for refusal in refusals)
