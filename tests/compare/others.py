"""Those whom users compare with: each asks for a token as the environment tells it to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

FORM = "grant_type=client_credentials"

# Longer than a row takes that is no failure.
SECONDS = 4

PYTHON = f"""
import ssl, sys, urllib.error, urllib.request
class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
trusted = urllib.request.HTTPSHandler(context=ssl.create_default_context())
opener = urllib.request.build_opener(trusted, NoRedirects)
try:
    answer = opener.open(sys.argv[1], b"{FORM}", timeout={SECONDS})
except urllib.error.HTTPError as error:
    answer = error
answer.read()
print(answer.status)
"""


def ask_curl(url: str, environment: Mapping[str, str], directory: Path) -> int:
    """The HTTP status of the answer; 0 where curl got none."""
    command = ["curl", "--silent", "--max-time", str(SECONDS), "--data", FORM, "--output", "/dev/null"]
    done = _run([*command, "--write-out", "%{http_code}", url], environment, directory)
    return int(done.stdout) if done.returncode == 0 else 0


def ask_python(url: str, environment: Mapping[str, str], directory: Path) -> int:
    """As `ask_curl`."""
    done = _run([sys.executable, "-c", PYTHON, url], environment, directory)
    return int(done.stdout) if done.returncode == 0 else 0


def _run(
    command: list[str], environment: Mapping[str, str], directory: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        # Not the machine's proxies and settings.
        env={"PATH": "/usr/bin:/bin", "HOME": str(directory), **environment},
        cwd=directory,
        timeout=60,
    )
