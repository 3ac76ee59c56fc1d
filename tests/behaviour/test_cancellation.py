"""`pthread_cancel` of a thread inside a call takes place after the call, which does its work to the end."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from harness.client_scene import Scene, figure, program
from servers.credentials import CLIENT_ID, CLIENT_SECRET
from servers.started import Misbehaving


# promise: cancellation
@pytest.mark.parametrize("calls", ["fetches", "clients", "reads"])
def test_a_thread_that_is_canceled_in_a_call_ends_after_it_and_leaves_nothing_behind_in(
    calls: str, misbehaving: Misbehaving
) -> None:
    with Scene("client_cancel", f"in-{calls}", misbehaving.base_url, misbehaving) as scene:
        act = scene.act("canceled")
    figure(f"{act['threads']} threads were canceled amid {act['calls']} calls in {calls}")
    assert act["canceled"] == act["threads"] <= act["calls"]
    assert act["failures"] == 0
    assert act["threads_left"] == act["descriptors_left"] == 0


# promise: handler-returns
def test_a_handler_that_ends_its_thread_ends_the_process(misbehaving: Misbehaving) -> None:
    plain = str(misbehaving.description["plain_base_url"])
    given = {"SMX_CLIENT_ID": CLIENT_ID, "SMX_CLIENT_SECRET": CLIENT_SECRET, "SMX_BASE_URL": plain}
    done = subprocess.run(
        [program("client_cancel"), "a-handler-that-leaves"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **given},
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (-signal.SIGABRT, "")
