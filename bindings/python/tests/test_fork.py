"""Processes that share a client: children of a fork, multiprocessing's, and gunicorn's workers."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from servers.started import Misbehaving, Real

Program = Callable[..., "subprocess.CompletedProcess[str]"]

FORKS = """
import asyncio, os, sys, threading, warnings
import sm_token
# Newer interpreters warn of forks beside threads, which is what this is about.
warnings.simplefilter("ignore", DeprecationWarning)

CA_FILE = os.environ["SSL_CERT_FILE"]

def fetch():
    return sm_token.fetch(ca_file=CA_FILE, timeout=20)

def in_a_child(do):
    child = os.fork()
    if child == 0:
        try:
            do()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def meanwhile(do, then):
    over = threading.Event()
    def go_on():
        while not over.is_set():
            do()
    other = threading.Thread(target=go_on)
    other.start()
    try:
        return max(then() for _ in range(10))
    finally:
        over.set()
        other.join()

client = sm_token.Client(ca_file=CA_FILE, timeout=20)

def another():
    client.invalidate()
    return client.authorization()

async def another_awaited():
    client.invalidate()
    return await client.authorization_async()

def is_kept():
    assert client.authorization() == before
"""

WHEN = {
    "before any fetch": "print(in_a_child(fetch))",
    "after a fetch": "fetch(); print(in_a_child(fetch))",
    "while another thread fetches": "print(meanwhile(fetch, lambda: in_a_child(fetch)))",
    "with a client that has no token": "print(in_a_child(client.token))",
    "with a client whose token is dropped": "client.token(); print(in_a_child(another))",
    "while another thread uses the client": "print(meanwhile(another, lambda: in_a_child(another)))",
    "and awaits a token": "client.token(); print(in_a_child(lambda: asyncio.run(another_awaited())))",
    "while a task awaits a token": """
async def wait():
    waiting = asyncio.create_task(client.token_async())
    await asyncio.sleep(0)
    print(in_a_child(lambda: asyncio.run(another_awaited())))
    await waiting
asyncio.run(wait())
""",
    "and keeps the token": "before = client.authorization(); print(in_a_child(is_kept))",
}

if_forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@if_forks
@pytest.mark.parametrize("when", WHEN)
def test_a_forked_child_goes_on(when: str, program: Program, real_environment: dict[str, str]) -> None:
    done = program("-c", FORKS + WHEN[when], env=real_environment)
    assert (done.stdout, done.stderr) == ("0\n", "")


# The handler runs on the main thread, while that waits in fetch().
FORKING_HANDLER = """
import os, signal, sys, threading, time
import sm_token

child = None

def fork(*_):
    global child
    child = os.fork()
    if child == 0:
        sys.exit(7)

signal.signal(signal.SIGUSR1, fork)
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGUSR1)).start()
token = sm_token.fetch("id", "secret", base_url=sys.argv[1], ca_file=sys.argv[2], max_retries=0)
print(token.token_type, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@if_forks
def test_a_child_that_a_signal_handler_forks_leaves_its_parents_request_alone(
    program: Program, misbehaving: Misbehaving
) -> None:
    token = {"access_token": "the-parents", "expires_in": 3600, "token_type": "Bearer"}
    playing = misbehaving.play(["read_request", {"sleep_ms": 1500}, {"respond": {"body": token}}])
    done = program("-c", FORKING_HANDLER, playing.base_url, misbehaving.ca_file)
    assert (done.stdout, done.stderr) == ("Bearer 7\n", "")


WORKERS = """
import multiprocessing, os, sys
import sm_token

client = sm_token.Client(ca_file=os.environ["SSL_CERT_FILE"])

def work(_):
    return client.authorization()

if __name__ == "__main__":
    ours = client.authorization()
    with multiprocessing.get_context(sys.argv[1]).Pool(4) as pool:
        theirs = pool.map(work, range(16))
    print(ours in theirs, len(set(theirs)) <= 4)
"""


@pytest.mark.parametrize(
    ("method", "outcome"),
    [
        pytest.param("fork", "True True\n", marks=if_forks),
        ("spawn", "False True\n"),
        pytest.param("forkserver", "False True\n", marks=if_forks),
    ],
)
def test_the_workers_of_multiprocessing_have_a_token(
    method: str, outcome: str, program: Program, real_environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "workers.py").write_text(WORKERS)
    done = program(
        "-W", "ignore::DeprecationWarning", str(tmp_path / "workers.py"), method, env=real_environment
    )
    assert (done.stdout, done.stderr) == (outcome, "")


# The client, and with it a token, is there before gunicorn forks its workers.
APPLICATION = """
import json, os
import sm_token

client = sm_token.Client(ca_file=os.environ["SSL_CERT_FILE"])
client.token()

def application(environ, start_response):
    if environ["PATH_INFO"] == "/refused":
        client.invalidate(client.authorization())
    told = {"worker": os.getpid(), "authorization": client.authorization()}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]
"""


# Says a byte for each worker that listens to signals.
CONFIGURATION = """
import os

def post_worker_init(worker):
    os.write({ready}, b".")
"""


@contextmanager
def gunicorn(directory: Path, environment: dict[str, str]) -> Iterator[int]:
    """Two workers that were forked from a process that loaded the application; gives their port.

    It begins when both are ready: a worker that is told to stop before it has its own signal
    handlers loses the signal in gunicorn's queue, and gunicorn then waits 30 s for it, whatever the
    application.
    """
    ready, says_ready = os.pipe()
    (directory / "service.py").write_text(APPLICATION)
    (directory / "gunicorn.conf.py").write_text(CONFIGURATION.format(ready=says_ready))
    with os.fdopen(ready, "rb") as told, socket.create_server(("127.0.0.1", 0)) as listener:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--preload", "--workers", "2", "--no-control-socket",
             "--bind", f"fd://{listener.fileno()}", "service:application"],
            pass_fds=[listener.fileno(), says_ready],
            cwd=directory,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], **environment},
        )  # fmt: skip
        os.close(says_ready)
        try:
            assert told.read(2) == b".."
            yield listener.getsockname()[1]
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()


def ask(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    told = json.load(connection.getresponse())
    connection.close()
    return told["worker"], told["authorization"]


@if_forks
def test_the_workers_of_gunicorn_begin_with_the_token_of_the_process_that_forked_them(
    real: Real, real_environment: dict[str, str], tmp_path: Path
) -> None:
    real.reset()
    with gunicorn(tmp_path, real_environment) as port:
        seen: dict[int, str] = {}
        give_up = time.monotonic() + 20
        while len(seen) < 2 and time.monotonic() < give_up:
            seen |= [ask(port, "/")]
    assert len(seen) == 2
    assert len(set(seen.values())) == 1
    assert real.counts()["token_requests"] == 1


@if_forks
def test_a_worker_of_gunicorn_fetches_another_where_that_one_is_refused(
    real: Real, real_environment: dict[str, str], tmp_path: Path
) -> None:
    with gunicorn(tmp_path, real_environment) as port:
        _, first = ask(port, "/")
        _, another = ask(port, "/refused")
    assert another != first
    assert real.get("/v1/companies/", headers={"Authorization": another})[0] == 200
