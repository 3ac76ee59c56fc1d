"""No call waits for a refresh."""

from __future__ import annotations

import pytest

from harness.client_scene import Act, Scene, figure
from servers.authority import Authority
from servers.started import Real, Started

DELAY_MS = 500
LIFETIME_S = 10
CALLS = 100_000
PACE_MS = 60_000

# Half of the server's delay: who waited for the network waited longer.
BLOCKED_US = DELAY_MS * 1000 // 2


def paced_calls(base_url: str, server: Started, calls: int, pace_ms: int) -> Scene:
    ends_within_s = 60 + pace_ms // 1000
    return Scene(
        "client_pace", "paced", base_url, server, calls=calls, pace_ms=pace_ms, ends_within_s=ends_within_s
    )


@pytest.fixture(scope="module")
def a_minute(authority: Authority) -> tuple[Act, Act, int]:
    """The first call, the paced ones, and how many requests the server got."""
    arguments = ("--lifetime-s", str(LIFETIME_S), "--delay-ms", str(DELAY_MS))
    with Real("--authority", str(authority.directory), *arguments) as server:
        with paced_calls(server.base_url, server, CALLS, PACE_MS) as scene:
            first, paced = scene.act("first"), scene.act("paced")
        requests = int(server.counts()["token_requests"])
    figure(
        f"{CALLS} calls in {paced['took_ms'] / 1000:.1f} s, tokens of {LIFETIME_S} s, a server that takes "
        f"{DELAY_MS} ms: {requests} requests, {paced['tokens']} tokens; the first call "
        f"{first['slowest_us'] // 1000} ms, then the mean {paced['mean_us']} us and the slowest "
        f"{paced['slowest_us'] / 1000:.1f} ms (without {paced['machine_late_us'] / 1000:.1f} ms in which the "
        "machine ran nothing of this process)"
    )
    return first, paced, requests


def test_only_the_first_call_of_a_minute_waits_for_the_network(a_minute: tuple[Act, Act, int]) -> None:
    first, paced, _ = a_minute
    assert first["longest_us"] > DELAY_MS * 1000
    assert paced["slowest_us"] < BLOCKED_US


def test_no_call_of_a_minute_fails(a_minute: tuple[Act, Act, int]) -> None:
    _, paced, _ = a_minute
    assert paced["calls"] == CALLS
    assert paced["failures"] == 0


# promise: valid-token
def test_no_call_of_a_minute_gets_a_dead_token(a_minute: tuple[Act, Act, int]) -> None:
    _, paced, _ = a_minute
    assert paced["dead"] == 0


def test_a_minute_of_ten_second_tokens_costs_7_to_9_requests(a_minute: tuple[Act, Act, int]) -> None:
    _, paced, requests = a_minute
    assert 7 <= requests <= 9
    # One that came within the last moment may not have been handed out.
    assert requests - 1 <= paced["tokens"] <= requests
