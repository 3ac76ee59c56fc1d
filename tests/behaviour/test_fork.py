"""A client works on in a child, whatever its parent was doing when it forked."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from harness.client_scene import AT_ONCE_US, Act, Scene, figure
from harness.probe import NAMES
from servers.authority import PROXIED_NAME
from servers.named_scripts import HEAD, TOKEN
from servers.started import Misbehaving, Real

# Of a fetch by a child, beside three others and busy threads.
FETCHED_WITHIN_US = 5_000_000


def token(text: str, **changes: object) -> dict[str, object]:
    return {"body": {**TOKEN["body"], "access_token": text, **changes}}


@pytest.fixture(scope="module")
def forked(real: Real, misbehaving: Misbehaving) -> tuple[Act, Act, dict[str, int]]:
    """200 forks, and the statuses with which the server answered."""
    real.reset()
    stale = misbehaving.play([{"sleep_ms": 200}, {"respond": token("soon-stale", expires_in=2)}])
    with Scene("client_fork", "busy", real.base_url, real, stale_url=stale.base_url) as scene:
        forked, parent = scene.act("forked"), scene.act("parent")
    statuses: dict[str, int] = real.counts()["token_by_status"]
    figure(
        f"{forked['forks']} forks amid four busy threads ({forked['parents_rounds']} rounds, answers "
        f"{statuses}, {len(stale.received())} slow refreshes): the slowest call from memory takes "
        f"{forked['slowest_from_memory_us']} us, the slowest fetch {forked['slowest_fetch_us'] // 1000} ms"
    )
    return forked, parent, statuses


# promise: fork
def test_no_child_hangs_or_dies(forked: tuple[Act, Act, dict[str, int]]) -> None:
    act, _, _ = forked
    assert act["ended_well"] == act["forks"]


# promise: no-lock
def test_every_child_is_served_the_parents_token_from_memory(
    forked: tuple[Act, Act, dict[str, int]],
) -> None:
    act, _, _ = forked
    assert act["served_from_memory"] == act["forks"]
    assert act["slowest_from_memory_us"] < AT_ONCE_US


def test_every_child_fetches_a_token_of_its_own_after_an_invalidation(
    forked: tuple[Act, Act, dict[str, int]],
) -> None:
    act, _, _ = forked
    assert act["fetched_their_own"] == act["forks"]
    assert act["slowest_fetch_us"] < FETCHED_WITHIN_US


def test_no_two_processes_get_the_same_answer(forked: tuple[Act, Act, dict[str, int]]) -> None:
    act, _, _ = forked
    assert act["tokens_seen_twice"] == 0


# promise: fork
def test_the_parent_is_not_disturbed(forked: tuple[Act, Act, dict[str, int]]) -> None:
    act, parent, _ = forked
    assert act["parents_failures"] == 0
    assert NAMES[parent["status"]] == "OK"


def test_no_request_of_any_process_is_garbled(forked: tuple[Act, Act, dict[str, int]]) -> None:
    assert forked[2].keys() == {"200"}


# ---- in the middle of a flight ----

LATER = {"sleep_ms": 600}
BODY = json.dumps(token("the-parents")["body"])
FLIGHTS: Mapping[str, list[object]] = {
    "handshake": ["client_hello", LATER, "read_request", {"respond": token("the-parents")}],
    "headers": ["read_request", LATER, {"respond": token("the-parents")}],
    "body": [
        "read_request",
        {"send": f"{HEAD}Content-Length: {len(BODY)}\r\n\r\n{BODY[:20]}"},
        LATER,
        {"send": BODY[20:]},
    ],
}


@pytest.mark.parametrize("phase", FLIGHTS)
# promise: fork
def test_a_child_neither_uses_nor_ends_the_flight_of_its_parent_in(
    phase: str, misbehaving: Misbehaving
) -> None:
    playing = misbehaving.play_on_a_port(FLIGHTS[phase], token("the-childs"))
    with Scene("client_fork", "in-a-flight", playing.base_url, misbehaving) as scene:
        scene.act("under way")
        playing.received(at_least=1)
        scene.go_on()
        child, parent = scene.act("child"), scene.act("parent")
    assert child["ended_well"]
    assert (NAMES[child["status"]], child["authorization"]) == ("OK", "Bearer the-childs")
    assert (NAMES[parent["status"]], parent["authorization"]) == ("OK", "Bearer the-parents")
    assert [connection.method for connection in playing.received()] == ["POST", "POST"]


@pytest.mark.parametrize("caller", ["fetch", "client"])
@pytest.mark.parametrize("handler", ["log", "signal"])
# promise: fork-in-a-call
def test_a_child_that_is_forked_inside_a_call_leaves_it_and_does_not_disturb_its_parent(
    handler: str, caller: str, misbehaving: Misbehaving
) -> None:
    playing = misbehaving.play_on_a_port(
        ["read_request", {"sleep_ms": 2000}, {"respond": token("the-parents")}]
    )
    with Scene(
        "client_fork",
        "inside-a-call",
        playing.base_url,
        misbehaving,
        by_signal=int(handler == "signal"),
        with_client=int(caller == "client"),
    ) as scene:
        parent, child = scene.act("parent"), scene.act("child")
    assert (NAMES[parent["status"]], parent["authorization"]) == ("OK", "Bearer the-parents")
    assert child["ended_well"]
    assert NAMES[child["status"]] == "CANCELED"
    # Well before the parent's answer comes.
    assert child["took_us"] < 1_500_000
    assert len(playing.received()) == 1


# ---- during the first flight ----


# promise: fork-waits
def test_a_fork_waits_for_the_first_look_up_so_that_its_lock_is_free_in_the_child(
    misbehaving: Misbehaving,
) -> None:
    with Scene(
        "client_fork", "in-the-first-look-up", named(misbehaving), misbehaving, look_up_ms=200
    ) as scene:
        forked = scene.act("forked")
    figure(
        f"a fork in a look-up of 200 ms takes {forked['fork_took_us'] // 1000} ms, the child's call "
        f"{forked['took_us'] // 1000} ms"
    )
    assert forked["ended_well"]
    assert NAMES[forked["status"]] == "OK"


def test_a_first_look_up_does_not_begin_while_a_fork_is_under_way(misbehaving: Misbehaving) -> None:
    scene_of = "just-before-the-first-look-up"
    with Scene("client_fork", scene_of, named(misbehaving), misbehaving, timeout_ms=3000) as scene:
        forked, parent = scene.act("forked"), scene.act("parent")
    assert forked["ended_well"]
    assert NAMES[forked["status"]] == NAMES[parent["status"]] == "OK"


# promise: fork-waits
def test_a_look_up_without_end_holds_up_neither_the_fork_nor_the_child(misbehaving: Misbehaving) -> None:
    with Scene(
        "client_fork",
        "in-the-first-look-up",
        named(misbehaving),
        misbehaving,
        look_up_ms=3200,
        timeout_ms=500,
    ) as scene:
        forked = scene.act("forked")
    figure(
        f"a fork in a look-up without end takes {forked['fork_took_us'] // 1000} ms, the child's call "
        f"{forked['took_us'] // 1000} ms with a timeout of 500 ms"
    )
    assert forked["fork_took_us"] < 3_000_000
    assert forked["ended_well"]
    assert NAMES[forked["status"]] == "TIMEOUT"
    assert forked["took_us"] < 500_000 + AT_ONCE_US


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_fork_at_any_moment_of_the_first_flight_leaves_a_child_that_works(
    scheme: str, misbehaving: Misbehaving
) -> None:
    # For as long as a first flight takes, on a quick machine and a slow one.
    if scheme == "http":
        base_url, server, tries, latest_us = plain(misbehaving), None, 500, 1000
    else:
        base_url, server, tries, latest_us = named(misbehaving), misbehaving, 250, 5000
    # Hundreds of processes, one after the other, on a machine with other work.
    play = Scene(
        "client_fork", "fresh", base_url, server, tries=tries, latest_us=latest_us, ends_within_s=600
    )
    with play as scene:
        act = scene.act("fresh")
    figure(f"{scheme}: {act['tries']} processes fork during their first flight: {act['ended_well']} end well")
    # A machine that stands still for 2 s is no moment of a flight.
    assert act["without_a_wait"] <= 2
    assert act["ended_well"] + act["without_a_wait"] == act["tries"], act


def named(misbehaving: Misbehaving) -> str:
    """By a name that has to be looked up."""
    return misbehaving.base_url.replace("localhost", PROXIED_NAME)


def plain(misbehaving: Misbehaving) -> str:
    """Without TLS, and with a token for all."""
    return str(misbehaving.description["plain_base_url"])
