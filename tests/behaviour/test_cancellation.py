"""`pthread_cancel` of a thread inside a call takes place after the call, which does its work to the end."""

from __future__ import annotations

import pytest

from harness.client_scene import Scene, figure
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
