"""Without random bytes there is no TLS: the machine lacks them, and the library has no defect."""

from __future__ import annotations

import pytest

from harness.client_scene import Scene
from harness.probe import NAMES
from servers.started import Misbehaving


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_process_that_may_draw_no_random_bytes_is_told_so(scheme: str, misbehaving: Misbehaving) -> None:
    plain = str(misbehaving.description["plain_base_url"])
    base_url = misbehaving.base_url if scheme == "https" else plain
    with Scene("no_randomness", "refused", base_url, misbehaving) as scene:
        outcomes = [scene.act("client"), scene.act("fetch")]
    for outcome in outcomes:
        if scheme == "http":
            assert NAMES[outcome["status"]] == "OK", outcome["message"]
        else:
            assert NAMES[outcome["status"]] == "RESOURCES", outcome["message"]
            assert "random" in outcome["message"]
            assert outcome["retryable"]
