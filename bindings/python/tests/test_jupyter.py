"""A cell of a notebook that waits, in a real kernel: its interruption, and the cells after it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.started import Misbehaving

Program = Callable[..., "subprocess.CompletedProcess[str]"]

# What a notebook's user notices, in seconds.
PROMPTLY = 1.0

# The frontend: it sends cells to a kernel, and interrupts the one that waits.
FRONTEND = """
import json, os, sys, time
from jupyter_client.manager import start_new_kernel

manager, kernel = start_new_kernel(kernel_name="python3")
try:
    kernel.execute_interactive(os.environ["FIRST_CELL"], output_hook=lambda _: None, timeout=30)
    kernel.execute(sys.argv[1])
    while kernel.get_iopub_msg(timeout=30)["content"].get("text") != "waits\\n":
        pass
    time.sleep(0.3)
    interrupted = time.monotonic()
    manager.interrupt_kernel()
    content = kernel.get_shell_msg(timeout=30)["content"]
    took = time.monotonic() - interrupted
    said = []
    kernel.execute_interactive(
        "print(client.token().token_type, await client.authorization_async() == client.authorization())",
        output_hook=lambda message: said.append(message["content"].get("text")),
        timeout=30,
    )
    print(json.dumps([content.get("ename"), took, [text for text in said if text]]))
finally:
    kernel.stop_channels()
    manager.shutdown_kernel(now=True)
"""

FIRST_CELL = """
import os, sm_token
def client_of(url):
    return sm_token.Client("id", "secret", base_url=url, ca_file=os.environ["CA_FILE"])
client = client_of(os.environ["BASE_URL"] + "/token")
hanging = client_of(os.environ["BASE_URL"] + "/hang-in-body")
"""

CELLS = {
    "token": "print('waits', flush=True); hanging.token()",
}


@pytest.mark.parametrize("cell", CELLS)
def test_an_interrupted_cell_ends_promptly_and_the_kernel_goes_on(
    cell: str, program: Program, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    if importlib.util.find_spec("ipykernel") is None:
        pytest.skip("ipykernel is not installed")
    env = {
        "HOME": str(tmp_path),
        "FIRST_CELL": FIRST_CELL,
        "BASE_URL": misbehaving.base_url,
        "CA_FILE": misbehaving.ca_file,
    }
    done = program("-W", "ignore", "-c", FRONTEND, CELLS[cell], env=env)
    assert done.returncode == 0, done.stderr
    raised, took, said = json.loads(done.stdout.splitlines()[-1])
    assert raised == "KeyboardInterrupt"
    assert took < PROMPTLY
    assert said == ["Bearer True\n"]
