"""The package belongs to the main interpreter, and says so elsewhere."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

Program = Callable[..., "subprocess.CompletedProcess[str]"]

# As a web server that embeds Python makes one for each application. Python has no public module that does.
IN_A_SUBINTERPRETER = """
import sys
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
    interpreter = interpreters.create("legacy")
else:
    import _xxsubinterpreters as interpreters
    interpreter = interpreters.create(isolated=False)
interpreters.run_string(interpreter, '''
try:
    import sm_token
except ImportError as error:
    print(error, flush=True)
''')
"""


def test_it_refuses_a_subinterpreter_and_says_what_to_do(program: Program) -> None:
    done = program("-c", IN_A_SUBINTERPRETER)
    assert "under mod_wsgi set WSGIApplicationGroup %{GLOBAL}" in done.stdout, done.stderr
    assert "under uWSGI single-interpreter" in done.stdout
