"""A client works on in a child, whatever its parent was doing when it forked."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from integration.client_scene import AT_ONCE_US, Act, Scene, figure
from integration.probe import NAMES
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


def test_no_child_hangs_or_dies(forked: tuple[Act, Act, dict[str, int]]) -> None:
    act, _, _ = forked
    assert act["ended_well"] == act["forks"]


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


# ---- during the first flight ----


def test_a_fork_waits_for_the_first_look_up_so_that_its_lock_is_free_in_the_child(
    misbehaving: Misbehaving,
) -> None:
    with Scene("client_fork", "in-the-first-look-up", plain(misbehaving), look_up_ms=200) as scene:
        forked = scene.act("forked")
    figure(
        f"a fork in a look-up of 200 ms takes {forked['fork_took_us'] // 1000} ms, the child's call "
        f"{forked['took_us'] // 1000} ms"
    )
    assert forked["ended_well"]
    assert NAMES[forked["status"]] == "OK"


def test_a_first_look_up_does_not_begin_while_a_fork_is_under_way(misbehaving: Misbehaving) -> None:
    scene_of = "just-before-the-first-look-up"
    with Scene("client_fork", scene_of, plain(misbehaving), timeout_ms=3000) as scene:
        forked, parent = scene.act("forked"), scene.act("parent")
    assert forked["ended_well"]
    assert NAMES[forked["status"]] == NAMES[parent["status"]] == "OK"


def test_a_look_up_without_end_holds_up_neither_the_fork_nor_the_child(misbehaving: Misbehaving) -> None:
    with Scene(
        "client_fork", "in-the-first-look-up", plain(misbehaving), look_up_ms=3200, timeout_ms=500
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
        play = Scene("client_fork", "fresh", plain(misbehaving), tries=500, latest_us=1000)
    else:
        play = Scene("client_fork", "fresh", misbehaving.base_url, misbehaving, tries=250, latest_us=5000)
    with play as scene:
        act = scene.act("fresh")
    figure(f"{scheme}: {act['tries']} processes fork during their first flight: {act['ended_well']} end well")
    assert act["ended_well"] == act["tries"]


def plain(misbehaving: Misbehaving) -> str:
    """Without TLS, by name, and with a token for all."""
    return str(misbehaving.description["plain_base_url"])
