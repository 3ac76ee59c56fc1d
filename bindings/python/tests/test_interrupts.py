"""Ctrl-C, other signals, and the end of the interpreter, while a fetch or a client hangs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness.interruptible import AT_ONCE, ENDED_BY_CTRL_C, interrupt, start
from harness.network import network, network_library
from servers.started import Misbehaving

# What a person notices, in seconds, for the whole end of an interpreter.
PROMPTLY = 1.0 if sys.platform != "win32" else 3.0

PHASES = {
    "in a TCP connect": "full-backlog",
    "before the handshake": "silent",
    "in the handshake": "hangs-in-handshake",
    "after the handshake": "hangs-after-handshake",
}
SCRIPTS = {"before the headers": "hang-before-headers", "in the body": "hang-in-body"}

FETCHES = """\
import os, signal, sys, threading, time
import sm_token

def options(timeout):
    return dict(base_url=os.environ["HANGS_AT"], ca_file=os.environ["CA_FILE"], timeout=timeout,
        connect_timeout=timeout, max_retries=0)

def fetch(timeout=30.0):
    return sm_token.fetch("id", "secret", **options(timeout))

def client(timeout=30.0):
    return sm_token.Client("id", "secret", **options(timeout))

print("ready", flush=True)
"""

# Tells how long after the signal the exception came.
TELLS_WHEN = """
try:
    fetch()
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
"""


@contextmanager
def running(
    source: str, url: str, misbehaving: Misbehaving, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A program that has said `ready` and is then inside what follows."""
    process = start(
        [sys.executable, "-c", FETCHES + source],
        env={
            "PATH": os.environ["PATH"],
            "HANGS_AT": url,
            "CA_FILE": misbehaving.ca_file,
            **(environment or {}),
        },
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        # Nothing tells that a connect hangs; where the server sees a connection it could be asked.
        time.sleep(0.15)
        yield process
    finally:
        process.kill()
        process.communicate()


def urls(misbehaving: Misbehaving) -> dict[str, str]:
    ports = {phase: misbehaving.description["ports"][name] for phase, name in PHASES.items()}
    return {**ports, **{phase: f"{misbehaving.base_url}/{name}" for phase, name in SCRIPTS.items()}}


# contract: wait-interrupted
@pytest.mark.parametrize("phase", [*PHASES, *SCRIPTS])
def test_ctrl_c_ends_a_fetch_at_once(phase: str, misbehaving: Misbehaving) -> None:
    with running(TELLS_WHEN, urls(misbehaving)[phase], misbehaving) as process:
        sent = time.monotonic()
        interrupt(process)
        told, complaints = process.communicate(timeout=20)
        assert float(told) - sent < AT_ONCE, complaints


@pytest.mark.parametrize("phase", [*PHASES, *SCRIPTS])
def test_an_interrupted_program_is_gone_promptly(phase: str, misbehaving: Misbehaving) -> None:
    with running("fetch()", urls(misbehaving)[phase], misbehaving) as process:
        sent = time.monotonic()
        interrupt(process)
        _, complaints = process.communicate(timeout=20)
        assert time.monotonic() - sent < PROMPTLY
        assert process.returncode == ENDED_BY_CTRL_C, complaints
        assert complaints.rstrip().endswith("KeyboardInterrupt")


FROM_FILES = """dict(
    client_id_file=os.environ["ID_FILE"], client_secret_file=os.environ["SECRET_FILE"],
    base_url=os.environ["HANGS_AT"], ca_file=os.environ["CA_FILE"], timeout=60.0)"""
READS = {
    "a client reads its CA file": ("ca.pem", "client()"),
    "a client reads its credentials": ("secret", f"sm_token.Client(**{FROM_FILES})"),
    "a fetch reads its CA file": ("ca.pem", "fetch()"),
    "a fetch reads its credentials": ("secret", f"sm_token.fetch(**{FROM_FILES})"),
    "a check reads its credentials": ("secret", f"sm_token._core.check(None, None, print, **{FROM_FILES})"),
}


@pytest.mark.parametrize("reads", READS)
def test_ctrl_c_ends_a_call_whose_file_hangs(reads: str, misbehaving: Misbehaving, tmp_path: Path) -> None:
    hangs, call = READS[reads]
    (tmp_path / "id").write_text("an-id")
    (tmp_path / "secret").write_text("not-read-in-time")
    (tmp_path / "ca.pem").write_bytes(Path(misbehaving.ca_file).read_bytes())
    environment = {
        **network(network_library(tmp_path), files=f"{tmp_path / hangs}=50000"),
        "ID_FILE": str(tmp_path / "id"),
        "SECRET_FILE": str(tmp_path / "secret"),
        "CA_FILE": str(tmp_path / "ca.pem"),
    }
    with running(call, misbehaving.base_url, misbehaving, environment) as process:
        sent = time.monotonic()
        interrupt(process)
        _, complaints = process.communicate(timeout=20)
        assert time.monotonic() - sent < 10
        assert process.returncode == ENDED_BY_CTRL_C, complaints


HUBS = {"gevent": "from gevent import monkey; monkey.patch_all()", "eventlet": """
import warnings
warnings.simplefilter("ignore")
import eventlet; eventlet.monkey_patch()
"""}  # fmt: skip

# The hub has patched the standard library: a thread is a greenlet of the main thread.
ASKS_IN_A_GREENLET = """
def ask():
    print("asks", flush=True)
    try:
        CALL
    except KeyboardInterrupt:
        print(time.monotonic(), flush=True)

thread = threading.Thread(target=ask)
thread.start()
thread.join()
"""


@pytest.mark.parametrize("call", ["fetch()", "client().token()"])
@pytest.mark.parametrize("hub", HUBS)
def test_ctrl_c_ends_the_call_of_a_greenlet_at_once(hub: str, call: str, misbehaving: Misbehaving) -> None:
    source = HUBS[hub] + ASKS_IN_A_GREENLET.replace("CALL", call)
    with running(source, urls(misbehaving)["in the body"], misbehaving) as process:
        assert process.stdout
        assert process.stdout.readline() == "asks\n"
        time.sleep(0.15)
        sent = time.monotonic()
        interrupt(process)
        told, complaints = process.communicate(timeout=50)
        assert float(told) - sent < AT_ONCE, complaints


def test_what_another_signals_handler_raises_ends_a_fetch(misbehaving: Misbehaving) -> None:
    source = """
class Enough(Exception):
    pass

def handler(number, frame):
    raise Enough

signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.1)
start = time.monotonic()
try:
    fetch()
except Enough:
    print(time.monotonic() - start)
"""
    with running(source, urls(misbehaving)["in the body"], misbehaving) as process:
        told, complaints = process.communicate(timeout=20)
        assert 0.1 <= float(told) < 0.1 + AT_ONCE, complaints


def test_a_signal_whose_handler_raises_nothing_does_not_end_a_fetch(
    misbehaving: Misbehaving,
) -> None:
    source = """
handled = []
signal.signal(signal.SIGALRM, lambda *_: handled.append(time.monotonic()))
signal.setitimer(signal.ITIMER_REAL, 0.1)
try:
    fetch(timeout=0.5)
except sm_token.TimeoutError:
    print(len(handled))
"""
    with running(source, urls(misbehaving)["in the body"], misbehaving) as process:
        told, complaints = process.communicate(timeout=20)
        assert told == "1\n", complaints


def test_the_interpreter_ends_promptly_though_a_daemon_thread_fetches(
    misbehaving: Misbehaving,
) -> None:
    source = """
threading.Thread(target=fetch, daemon=True).start()
time.sleep(0.2)
"""
    with running(source, urls(misbehaving)["in the body"], misbehaving) as process:
        start = time.monotonic()
        told, complaints = process.communicate(timeout=20)
        assert time.monotonic() - start < PROMPTLY
        assert (process.returncode, told, complaints) == (0, "", "")


def test_the_interpreter_ends_promptly_after_an_interrupted_fetch(misbehaving: Misbehaving) -> None:
    source = """
try:
    fetch()
except KeyboardInterrupt:
    pass
"""
    with running(source, urls(misbehaving)["in a TCP connect"], misbehaving) as process:
        sent = time.monotonic()
        interrupt(process)
        told, complaints = process.communicate(timeout=20)
        assert time.monotonic() - sent < PROMPTLY
        assert (process.returncode, told, complaints) == (0, "", "")


def test_an_interruption_in_a_log_handler_ends_the_call(misbehaving: Misbehaving) -> None:
    source = """
import logging

class Interrupted(logging.Handler):
    def emit(self, record):
        raise KeyboardInterrupt

logging.getLogger("sm_token").addHandler(Interrupted())
logging.getLogger("sm_token").setLevel(logging.DEBUG)
start = time.monotonic()
try:
    fetch()
except KeyboardInterrupt:
    print(time.monotonic() - start)
"""
    with running(source, urls(misbehaving)["in the body"], misbehaving) as process:
        told, complaints = process.communicate(timeout=20)
        assert float(told) < 0.5, complaints


# The others wait for the request that the first of them started.
WAITERS = {
    "for a request of its own": "",
    "for another thread's request": "threading.Thread(target=ours.token, daemon=True).start()",
}


@pytest.mark.parametrize("waits", WAITERS)
def test_ctrl_c_ends_a_clients_wait_at_once(waits: str, misbehaving: Misbehaving) -> None:
    source = f"""
ours = client()
{WAITERS[waits]}
time.sleep(0.05)
try:
    ours.token()
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
"""
    with running(source, urls(misbehaving)["in the body"], misbehaving) as process:
        sent = time.monotonic()
        interrupt(process)
        told, complaints = process.communicate(timeout=20)
        assert float(told) - sent < AT_ONCE, complaints
        assert time.monotonic() - sent < PROMPTLY


def test_ctrl_c_ends_the_wait_of_one_alone(misbehaving: Misbehaving) -> None:
    source = """
ours, outcomes = client(timeout=1.0), []

def wait():
    try:
        ours.token()
    except sm_token.Error as error:
        outcomes.append(type(error).__name__)

other = threading.Thread(target=wait)
other.start()
try:
    ours.token()
except KeyboardInterrupt:
    pass
other.join()
print(outcomes)
"""
    with running(source, urls(misbehaving)["in the body"], misbehaving) as process:
        interrupt(process)
        told, complaints = process.communicate(timeout=20)
        assert told == "['TimeoutError']\n", complaints


@pytest.mark.parametrize("kept", ["", "kept = ours", "import atexit; atexit.register(lambda: ours)"])
def test_the_interpreter_ends_promptly_though_a_client_hangs(kept: str, misbehaving: Misbehaving) -> None:
    source = f"""
ours = client()
threading.Thread(target=ours.token, daemon=True).start()
{kept}
time.sleep(0.2)
"""
    with running(source, urls(misbehaving)["in the body"], misbehaving) as process:
        start = time.monotonic()
        told, complaints = process.communicate(timeout=20)
        assert time.monotonic() - start < PROMPTLY
        assert (process.returncode, told, complaints) == (0, "", "")
