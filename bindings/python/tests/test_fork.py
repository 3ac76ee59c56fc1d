"""A child of os.fork() fetches as its parent could."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest

Program = Callable[..., "subprocess.CompletedProcess[str]"]

FORKS = """
import os, sys, threading, warnings
import sm_token
# Newer interpreters warn of forks beside threads, which is what this is about.
warnings.simplefilter("ignore", DeprecationWarning)

def fetch():
    return sm_token.fetch(ca_file=os.environ["SSL_CERT_FILE"], timeout=20)

def child_fetches():
    child = os.fork()
    if child == 0:
        try:
            fetch()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""

WHEN = {
    "before any fetch": "print(child_fetches())",
    "after a fetch": "fetch(); print(child_fetches())",
    "while another thread fetches": """
over = threading.Event()
def go_on():
    while not over.is_set():
        fetch()
other = threading.Thread(target=go_on)
other.start()
try:
    print(max(child_fetches() for _ in range(10)))
finally:
    over.set()
    other.join()
""",
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("when", WHEN)
def test_a_forked_child_fetches(when: str, program: Program, real_environment: dict[str, str]) -> None:
    done = program("-c", FORKS + WHEN[when], env=real_environment)
    assert (done.stdout, done.stderr) == ("0\n", "")
