"""Greenlets of gevent and eventlet, with a log handler that switches between them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from servers.started import Real

Program = Callable[..., "subprocess.CompletedProcess[str]"]

HUBS = {
    "gevent": "from gevent import monkey; monkey.patch_all()",
    "eventlet": """
import warnings
warnings.simplefilter("ignore")
import eventlet; eventlet.monkey_patch()
""",
}

# The hub has patched the standard library: threads are greenlets, and sockets switch between them.
ASKS = """
import http.server, logging.handlers, os, threading
import sm_token

class Log(http.server.BaseHTTPRequestHandler):
    records = 0
    def do_GET(self):
        Log.records += 1
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Log)
threading.Thread(target=server.serve_forever, daemon=True).start()
logger = logging.getLogger("sm_token")
logger.addHandler(logging.handlers.HTTPHandler(f"127.0.0.1:{server.server_port}", "/"))
logger.setLevel(logging.INFO)

client = sm_token.Client(ca_file=os.environ["SSL_CERT_FILE"])

def ask():
    for _ in range(20):
        assert client.authorization().startswith("Bearer ")
        client.invalidate()

def fetch():
    for _ in range(20):
        assert sm_token.fetch(ca_file=os.environ["SSL_CERT_FILE"]).token_type == "Bearer"

for tasks in [(ask, ask), (fetch, ask, fetch)]:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(Log.records > 60)
"""


# As the README has it: a wait holds up the greenlets of its thread, unless a thread of the hub's pool waits.
WAITS = """
import os, threading, time
import sm_token

client = sm_token.Client(ca_file=os.environ["SSL_CERT_FILE"])
beats = 0

def beat():
    global beats
    while True:
        time.sleep(0.01)
        beats += 1

threading.Thread(target=beat, daemon=True).start()
time.sleep(0.05)
before = beats
authorization = WAIT
print(authorization.split()[0], beats - before > 10)
"""

POOLS = {
    "gevent": "__import__('gevent').get_hub().threadpool.apply(client.authorization)",
    "eventlet": "__import__('eventlet.tpool').tpool.execute(client.authorization)",
}


@pytest.mark.usefixtures("at_real")
@pytest.mark.parametrize("in_pool", [True, False])
@pytest.mark.parametrize("hub", HUBS)
def test_other_greenlets_run_while_a_thread_of_the_pool_waits(
    hub: str, in_pool: bool, program: Program, real: Real, real_environment: dict[str, str]
) -> None:
    real.settings(delay_ms=500)
    wait = POOLS[hub] if in_pool else "client.authorization()"
    done = program("-c", HUBS[hub] + WAITS.replace("WAIT", wait), env=real_environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"Bearer {in_pool}\n", "")


@pytest.mark.parametrize("hub", HUBS)
def test_a_log_handler_that_switches_greenlets_does_no_harm(
    hub: str, program: Program, real_environment: dict[str, str]
) -> None:
    done = program("-c", HUBS[hub] + ASKS, env=real_environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")
