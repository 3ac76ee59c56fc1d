"""Hosts that may not block: bounded waits, waits that the host ends, callbacks and signals."""

from __future__ import annotations

import pytest

from harness.c_program import need, run
from harness.client_scene import AT_ONCE_US, Act, Scene, figure, program
from harness.memcheck import MEMCHECK
from harness.probe import NAMES
from servers.credentials import CLIENT_ID, CLIENT_SECRET
from servers.named_scripts import TOKEN
from servers.started import Misbehaving

MANY = 10_000
SLOW = [{"sleep_ms": 300}, {"respond": TOKEN}]
# Past its margin when it arrives: the server takes longer than the tenth of its life.
ARRIVES_DEAD = [{"sleep_ms": 950}, {"respond": {"body": {**TOKEN["body"], "expires_in": 1}}}]
REFUSED = {"status": 401, "body": {"error": "invalid_client"}}


def assert_all_called(act: Act, calls: int, *, tokens: int) -> None:
    assert (act["calls"], act["tokens"], act["errors"]) == (calls, tokens, calls - tokens)
    assert act["on_own_thread"] == 0


# ---- callbacks ----


# promise: when-ready
def test_ten_thousand_callbacks_come_of_one_request(misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(SLOW)
    with Scene("client_hosts", "many", playing.base_url, misbehaving) as scene:
        assert_all_called(scene.act("cold"), MANY, tokens=MANY)
        assert_all_called(scene.act("warm"), MANY, tokens=MANY)
        assert scene.act("after")["threads_left"] == 0
    assert len(playing.received()) == 1


def test_a_failure_is_called_back_too(misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(REFUSED)
    with Scene("client_hosts", "many", playing.base_url, misbehaving) as scene:
        for name in ("cold", "warm"):
            act = scene.act(name)
            assert_all_called(act, MANY, tokens=0)
            assert NAMES[act["last"]] == "INVALID_CLIENT"
        scene.act("after")
    assert len(playing.received()) == 1


@pytest.mark.parametrize("steps", [TOKEN, ["hang"]], ids=["token", "hang"])
def test_who_registers_while_another_shuts_down_is_called_once_or_refused(
    steps: object, misbehaving: Misbehaving
) -> None:
    with Scene("client_hosts", "shut-down-amid", misbehaving.play(steps).base_url, misbehaving) as scene:
        act = scene.act("shut down")
    assert act["calls"] == act["registered"]


def test_free_has_those_who_registered_called_at_once(misbehaving: Misbehaving) -> None:
    with Scene("client_hosts", "canceled", misbehaving.play(["hang"]).base_url, misbehaving) as scene:
        freed, left = scene.act("freed"), scene.act("left")
    assert_all_called(freed, 2, tokens=0)
    assert NAMES[freed["last"]] == "CANCELED"
    assert left["took_us"] < AT_ONCE_US + 50_000
    assert left["threads_left"] == 0


# promise: when-ready
def test_a_callback_may_free_its_client(misbehaving: Misbehaving) -> None:
    with Scene(
        "client_hosts", "freed-by-its-callback", misbehaving.play(TOKEN).base_url, misbehaving
    ) as scene:
        assert_all_called(scene.act("called"), 100, tokens=100)


# promise: when-ready-fork
def test_a_child_calls_nobody_back_for_its_parent(misbehaving: Misbehaving) -> None:
    with Scene("client_hosts", "forked", misbehaving.play(SLOW).base_url, misbehaving) as scene:
        by_the_callback, beside = scene.act("forked by the callback"), scene.act("forked beside")
    # Beyond the child's answer and that of the parent's second call.
    assert (by_the_callback["exit"], by_the_callback["further_answers"]) == (0, 0)
    assert (beside["exit"], beside["parents_calls"]) == (0, 1)


@pytest.mark.parametrize("exits_after_ms", [0, 1, 20, 310, 330])
# promise: when-ready-exit
def test_nobody_is_called_back_once_the_process_exits(exits_after_ms: int, misbehaving: Misbehaving) -> None:
    for _ in range(5):
        playing = misbehaving.play(TOKEN if exits_after_ms < 300 else SLOW)
        with Scene("client_hosts", "exits", playing.base_url, misbehaving, exits_after_ms=exits_after_ms):
            pass


# ---- signals ----


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [(SLOW, "OK"), (ARRIVES_DEAD, "OK"), ([{"sleep_ms": 300}, {"respond": REFUSED}], "INVALID_CLIENT")],
    ids=["token", "dead token", "refusal"],
)
def test_a_wait_of_zero_gets_the_outcome_after_the_signal(
    steps: object, outcome: str, misbehaving: Misbehaving
) -> None:
    playing = misbehaving.play(steps)
    with Scene("client_hosts", "signaled", playing.base_url, misbehaving) as scene:
        not_yet, signaled, eventfd = scene.act("not yet"), scene.act("signaled"), scene.act("eventfd")
    assert (NAMES[not_yet["status"]], not_yet["retry_after_ms"]) == ("TIMEOUT", -1)
    assert not_yet["took_us"] < AT_ONCE_US
    assert NAMES[signaled["status"]] == outcome
    assert signaled["took_us"] < AT_ONCE_US
    assert eventfd["value"] == 1
    assert len(playing.received()) == 1


def test_nothing_is_written_to_a_file_that_took_the_number_of_a_closed_descriptor(
    misbehaving: Misbehaving,
) -> None:
    with Scene(
        "client_hosts", "closed-before-the-signal", misbehaving.play(["hang"]).base_url, misbehaving
    ) as scene:
        act = scene.act("closed")
    assert act["file_size"] == 0
    assert NAMES[act["read_end"]] == NAMES[act["not_open"]] == "INVALID_ARGUMENT"


# ---- waits ----

TIMEOUT_MS = 800


@pytest.fixture(scope="module")
def waits(misbehaving: Misbehaving) -> dict[str, Act]:
    names = (
        "a fetch that is let go",
        "no wait",
        "a bounded wait",
        "a call that is let go",
        "below -1",
        "longer than the timeout",
        "a remembered failure",
    )
    playing = misbehaving.play(["hang"])
    with Scene("client_hosts", "kept-waiting", playing.base_url, misbehaving, timeout_ms=TIMEOUT_MS) as scene:
        acts = {name: scene.act(name) for name in names}
    # One of the client for all its callers, and the fetch's if that was not let go before.
    assert len(playing.received()) in (1, 2)
    return acts


@pytest.mark.parametrize(
    ("wait", "status"),
    [
        ("a fetch that is let go", "CANCELED"),
        ("no wait", "TIMEOUT"),
        ("a bounded wait", "TIMEOUT"),
        ("a call that is let go", "CANCELED"),
        ("below -1", "INVALID_ARGUMENT"),
        ("longer than the timeout", "TIMEOUT"),
        ("a remembered failure", "TIMEOUT"),
    ],
)
def test_a_wait_ends_with_its_status(wait: str, status: str, waits: dict[str, Act]) -> None:
    assert NAMES[waits[wait]["status"]] == status


def test_a_wait_of_zero_and_one_that_is_refused_ask_nobody(waits: dict[str, Act]) -> None:
    for wait in ("no wait", "below -1", "a remembered failure"):
        assert waits[wait]["asked"] == 0
        assert waits[wait]["took_us"] < AT_ONCE_US


# promise: keep-waiting-thread
def test_a_host_is_asked_often_enough_on_the_waiting_thread(waits: dict[str, Act]) -> None:
    for wait in ("a bounded wait", "longer than the timeout"):
        act = waits[wait]
        figure(f"{wait}: asked {act['asked']} times, the longest gap is {act['longest_gap_us']} us")
        assert act["asked"] > 2
        assert act["elsewhere"] == 0
        assert act["longest_gap_us"] <= 100_000


# promise: bounded-wait
def test_a_host_that_lets_go_is_obeyed_at_once(waits: dict[str, Act]) -> None:
    for wait in ("a fetch that is let go", "a call that is let go"):
        assert waits[wait]["asked"] == 1
        assert waits[wait]["took_us"] < 150_000


# promise: bounded-wait
def test_a_bounded_wait_ends_when_it_is_told_to(waits: dict[str, Act]) -> None:
    wait = waits["a bounded wait"]
    assert wait["took_at_most_us"] >= 350_000
    assert wait["took_us"] < 350_000 + AT_ONCE_US


def test_only_a_remembered_failure_tells_when_to_come_again(waits: dict[str, Act]) -> None:
    assert waits["no wait"]["retry_after_ms"] == waits["a bounded wait"]["retry_after_ms"] == -1
    assert waits["a remembered failure"]["retry_after_ms"] >= 0


# ---- the machine ----


def test_without_a_thread_or_a_descriptor_nobody_is_called(misbehaving: Misbehaving) -> None:
    with Scene("client_hosts", "no-resources", misbehaving.play(TOKEN).base_url, misbehaving) as scene:
        act, again = scene.act("none left"), scene.act("again")
    assert act["without_descriptors"]
    assert act["without_threads"]
    assert act["calls"] == 0
    assert NAMES[act["status"]] == "RESOURCES"
    assert NAMES[again["status"]] == "OK", "never remembered"


@pytest.mark.parametrize("scene", ["many", "canceled", "freed-by-its-callback", "signaled", "kept-waiting"])
def test_memcheck_finds_nothing(scene: str, misbehaving: Misbehaving) -> None:
    valgrind = need("valgrind")
    playing = misbehaving.play(SLOW)
    environment = {
        "SMX_CLIENT_ID": CLIENT_ID,
        "SMX_CLIENT_SECRET": CLIENT_SECRET,
        "SMX_BASE_URL": playing.base_url,
        "SM_TOKEN_CA_FILE": misbehaving.ca_file,
        "SCENE_MANY": "200",
    }
    done = run([valgrind, *MEMCHECK, program("client_hosts"), scene], env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
