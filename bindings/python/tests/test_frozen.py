"""A program that PyInstaller has frozen, with the package in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Each part of the package that is imported late.
PROGRAM = """
import asyncio, logging, os
import sm_token, trio

records = []
handler = logging.Handler()
handler.emit = records.append
logging.getLogger("sm_token").addHandler(handler)
logging.getLogger("sm_token").setLevel(logging.DEBUG)

client = sm_token.Client(ca_file=os.environ["SSL_CERT_FILE"])
print(asyncio.run(client.authorization_async()).split()[0], len(records))
client.invalidate()
print(trio.run(client.token_async).expires_at.tzinfo)
print(sm_token.RequestsAuth(client))
print(sm_token.HttpxAuth(client))
try:
    sm_token.fetch(timeout=-1)
except sm_token.ConfigError as error:
    print(error.code)
"""

SAID = """\
Bearer 2
UTC
RequestsAuth(<sm_token.Client, client credentials hidden>)
HttpxAuth(<sm_token.Client, client credentials hidden>)
INVALID_ARGUMENT
"""


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, as PyInstaller freezes it without being told anything."""
    directory = tmp_path_factory.mktemp("frozen")
    (directory / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--log-level=ERROR", "program.py"],
        check=False,
        capture_output=True,
        text=True,
        cwd=directory,
    )
    assert done.returncode == 0, done.stderr
    return directory / "dist" / "program" / "program"


def test_all_that_is_imported_late_is_there(
    frozen: Path, real_environment: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [frozen], check=False, capture_output=True, text=True, env=real_environment, cwd=tmp_path, timeout=60
    )
    assert (done.stdout, done.stderr) == (SAID, "")
