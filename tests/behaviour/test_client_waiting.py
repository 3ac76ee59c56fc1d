"""A name look-up that hangs holds no caller at shutdown, and no flight that hangs holds `sm_client_free`."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pytest

from harness.client_scene import AT_ONCE_US, SOON_STALE, STALE_MS, Act, Scene, figure
from harness.probe import NAMES
from servers.authority import PROXIED_NAME
from servers.named_scripts import HEAD
from servers.started import Misbehaving

# What a server does in each phase of a flight before it hangs.
PHASES: Mapping[str, object] = {
    "client hello": ["client_hello", "hang"],
    "handshake": [{"begin_handshake": 200}, "hang"],
    "request": ["handshake", "hang"],
    "status": ["read_request", "hang"],
    "headers": ["read_request", {"send": HEAD}, "hang"],
    "headers without end": ["read_request", {"endless_headers": {"text": "X", "every_ms": 20}}],
    "body": ["read_request", {"send": HEAD + "Content-Length: 100\r\n\r\n{"}, "hang"],
    "body without end": ["read_request", {"endless_body": {"every_ms": 20}}],
    "retry pause": {"status": 429, "headers": {"Retry-After": "15"}, "body": ""},
}


# ---- shutdown ----


def test_shutdown_lets_every_caller_go_at_once_from_a_look_up(misbehaving: Misbehaving) -> None:
    base_url = misbehaving.play(["hang"]).base_url.replace("localhost", PROXIED_NAME)
    with Scene("client_waiting", "shutdown-in-a-look-up", base_url, misbehaving) as scene:
        canceled, later, freed = scene.act("canceled"), scene.act("later"), scene.act("freed")
    figure(
        f"{canceled['callers']} callers have left {canceled['last_left_us']} us after shutdown, "
        f"free takes {freed['took_us']} us"
    )
    assert NAMES[canceled["status"]] == NAMES[later["status"]] == "CANCELED"
    assert canceled["alike"] == canceled["callers"]
    assert canceled["last_left_us"] < AT_ONCE_US
    assert later["slowest_us"] < AT_ONCE_US
    assert freed["took_us"] < AT_ONCE_US


# ---- free ----


@pytest.fixture(scope="module")
def frees(misbehaving: Misbehaving) -> dict[str, tuple[Act, Act]]:
    """In all phases, at the same time."""
    with contextlib.ExitStack() as together:
        scenes = {}
        for phase, hangs in PHASES.items():
            playing = misbehaving.play_on_a_port(SOON_STALE, hangs)
            scene = Scene(
                "client_waiting",
                "freed-under-a-flight",
                playing.base_url,
                misbehaving,
                calls_for_ms=STALE_MS,
                max_retries=3,
            )
            scenes[phase] = together.enter_context(scene), playing
        acts = {}
        for phase, (scene, playing) in scenes.items():
            acts[phase] = scene.act("under way"), scene.act("freed")
            assert len(playing.received(2, within_ms=5000)) >= 2
        return acts


@pytest.mark.parametrize("phase", PHASES)
# promise: free-does-not-wait
def test_free_does_not_wait_for_a_flight_that_hangs_in(phase: str, frees: dict[str, tuple[Act, Act]]) -> None:
    under_way, freed = frees[phase]
    figure(f"{phase}: free takes {freed['took_us']} us")
    assert under_way["flights"] == 1
    assert freed["took_us"] < AT_ONCE_US


@pytest.mark.parametrize("phase", PHASES)
# promise: free-does-not-wait
def test_nothing_is_left_of_a_freed_flight_that_hung_in(
    phase: str, frees: dict[str, tuple[Act, Act]]
) -> None:
    _, freed = frees[phase]
    assert freed["threads_left"] == 0
    assert freed["descriptors_left"] == 0
