"""Whoever waits for a flight that hangs leaves at the deadline, and at once at shutdown, wherever it is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from integration.client_scene import AT_ONCE_US, SOON_STALE, STALE_MS, Act, Scene, figure
from integration.probe import NAMES
from servers.named_scripts import HEAD
from servers.started import Misbehaving, Playing

TIMEOUT_MS = 600
LATE_US = 100_000

# What a server does in each phase of a flight before it hangs; `None` is done without a script.
PHASES: Mapping[str, list[object] | None] = {
    "connect": None,
    "client hello": ["client_hello", "hang"],
    "handshake": [{"begin_handshake": 200}, "hang"],
    "request": ["handshake", "hang"],
    "status": ["read_request", "hang"],
    "headers": ["read_request", {"send": HEAD}, "hang"],
    "headers without end": ["read_request", {"endless_headers": {"text": "X", "every_ms": 20}}],
    "body": ["read_request", {"send": HEAD + "Content-Length: 100\r\n\r\n{"}, "hang"],
    "body without end": ["read_request", {"endless_body": {"every_ms": 20}}],
}
RETRY_PAUSE = {"status": 429, "headers": {"Retry-After": "15"}, "body": ""}


class Hanging:
    """A server that hangs in a phase, and tells when it was reached."""

    def __init__(self, misbehaving: Misbehaving, phase: str, *before: object) -> None:
        steps = PHASES.get(phase, RETRY_PAUSE)
        self._playing: Playing | None = misbehaving.play_on_a_port(*before, steps) if steps else None
        self._reached_with = len(before) + 1
        self.base_url = (
            self._playing.base_url if self._playing else str(misbehaving.description["ports"]["full-backlog"])
        )

    def wait_until_reached(self) -> None:
        if self._playing:
            assert len(self._playing.received(self._reached_with, within_ms=5000)) >= self._reached_with
        else:
            wait_until(lambda: is_connecting_to(port_of(self.base_url)))


def port_of(base_url: str) -> int:
    port = urlsplit(base_url).port
    assert port
    return port


def is_connecting_to(port: int) -> bool:
    """Whether a connection to this port of this machine is asked for, and not answered (`SYN_SENT` is 2)."""
    connections = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(
        int(to.partition(":")[2], 16) == port and int(state, 16) == 2 for _, _, to, state, *_ in connections
    )


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.002)


# ---- deadlines ----


@pytest.fixture(scope="module")
def deadlines(misbehaving: Misbehaving) -> dict[str, Act]:
    """All phases at the same time."""
    with contextlib.ExitStack() as together:
        scenes = {
            phase: together.enter_context(
                Scene(
                    "client_waiting",
                    "deadline",
                    Hanging(misbehaving, phase).base_url,
                    misbehaving,
                    timeout_ms=TIMEOUT_MS,
                )
            )
            for phase in PHASES
        }
        return {phase: scene.act("deadline") for phase, scene in scenes.items()}


@pytest.mark.parametrize("phase", PHASES)
def test_the_deadline_of_each_caller_holds_while_a_flight_hangs_in(
    phase: str, deadlines: dict[str, Act]
) -> None:
    act = deadlines[phase]
    figure(
        f"{phase}: with a timeout of {TIMEOUT_MS} ms the slowest call takes {act['slowest_us'] / 1000:.0f} ms"
    )
    assert NAMES[act["status"]] == "TIMEOUT"
    assert act["alike"] == act["callers"]
    assert act["longest_us"] >= TIMEOUT_MS * 1000
    assert act["slowest_us"] < TIMEOUT_MS * 1000 + LATE_US


# ---- shutdown ----


@pytest.mark.parametrize("phase", [*PHASES, "retry pause", "look-up"])
def test_shutdown_lets_every_caller_go_at_once_from(phase: str, misbehaving: Misbehaving) -> None:
    hanging = Hanging(misbehaving, "status" if phase == "look-up" else phase)
    name = "shutdown-in-a-look-up" if phase == "look-up" else "shutdown"
    with Scene("client_waiting", name, hanging.base_url, misbehaving, max_retries=3) as scene:
        # It says that it waits once the look-up has begun.
        scene.act("waiting")
        if phase != "look-up":
            hanging.wait_until_reached()
        scene.go_on()
        canceled, later, freed = scene.act("canceled"), scene.act("later"), scene.act("freed")
    figure(
        f"{phase}: {canceled['callers']} callers have left {canceled['last_left_us']} us after shutdown, "
        f"free takes {freed['took_us']} us"
    )
    assert NAMES[canceled["status"]] == NAMES[later["status"]] == "CANCELED"
    assert canceled["alike"] == canceled["callers"]
    assert canceled["last_left_us"] < AT_ONCE_US
    assert later["slowest_us"] < AT_ONCE_US
    assert freed["took_us"] < AT_ONCE_US


# ---- free ----

# A flight that can't connect has no token before that would become stale.
AFTER_A_TOKEN = [*(phase for phase in PHASES if phase != "connect"), "retry pause"]


@pytest.fixture(scope="module")
def frees(misbehaving: Misbehaving) -> dict[str, tuple[Act, Act]]:
    """In all phases, at the same time."""
    with contextlib.ExitStack() as together:
        scenes = {}
        for phase in AFTER_A_TOKEN:
            hanging = Hanging(misbehaving, phase, SOON_STALE)
            scene = Scene(
                "client_waiting",
                "freed-under-a-flight",
                hanging.base_url,
                misbehaving,
                calls_for_ms=STALE_MS,
                max_retries=3,
            )
            scenes[phase] = together.enter_context(scene), hanging
        acts = {}
        for phase, (scene, hanging) in scenes.items():
            acts[phase] = scene.act("under way"), scene.act("freed")
            hanging.wait_until_reached()
        return acts


@pytest.mark.parametrize("phase", AFTER_A_TOKEN)
def test_free_does_not_wait_for_a_flight_that_hangs_in(phase: str, frees: dict[str, tuple[Act, Act]]) -> None:
    under_way, freed = frees[phase]
    figure(f"{phase}: free takes {freed['took_us']} us")
    assert under_way["flights"] == 1
    assert freed["took_us"] < AT_ONCE_US


@pytest.mark.parametrize("phase", AFTER_A_TOKEN)
def test_nothing_is_left_of_a_freed_flight_that_hung_in(
    phase: str, frees: dict[str, tuple[Act, Act]]
) -> None:
    _, freed = frees[phase]
    assert freed["threads_left"] == 0
    assert freed["descriptors_left"] == 0
