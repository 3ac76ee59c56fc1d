"""uWSGI, which can run each application in a subinterpreter, told not to."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import sm_token
from harness.c_program import need

APPLICATION = """
import os, sm_token
client = sm_token.Client(ca_file=os.environ["SSL_CERT_FILE"])

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [client.authorization().split()[0].encode()]
"""


def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answer_of(port: int) -> bytes:
    until = time.monotonic() + 30
    while True:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as got,
        ):
            return bytes(got.read())
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_package_works_in_the_single_interpreter(
    real_environment: dict[str, str], tmp_path: Path
) -> None:
    # Its Python is the system's, for which the wheel is good as well.
    uwsgi = need("uwsgi_python3")
    (tmp_path / "application.py").write_text(APPLICATION)
    # The package alone: what is installed beside it belongs to another Python.
    (tmp_path / "sm_token").symlink_to(Path(sm_token.__file__).parent)
    port = unused_port()
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [uwsgi, "--http-socket", f"127.0.0.1:{port}", "--need-app", "--die-on-term",
             "--pythonpath", tmp_path, "--wsgi-file", tmp_path / "application.py", "--single-interpreter"],
            env=real_environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            assert answer_of(port) == b"Bearer"
        finally:
            server.terminate()
            server.wait(timeout=30)
