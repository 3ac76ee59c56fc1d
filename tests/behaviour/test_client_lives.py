"""Clients come and go, and so does the library, and nothing is left of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.c_program import ROOT, SOURCES, STRICT, c_compiler, checked, shared_library
from harness.client_scene import Act, Scene, figure
from servers.started import Misbehaving

LIVES = 1000
WARM_UP = 200
# What the C library's allocator may still grow by, once warm; a client that leaks a page shows with 4000.
GROWTH_KIB = 1024


@pytest.fixture(scope="module")
def lives(misbehaving: Misbehaving) -> tuple[Act, Act]:
    base_url = f"{misbehaving.base_url}/token"
    with Scene("client_lives", "lives", base_url, misbehaving, lives=LIVES, warm_up=WARM_UP) as scene:
        warm, after = scene.act("warm"), scene.act("after")
    figure(
        f"{LIVES} clients made, used and freed: memory {warm['memory_kib']} KiB before, "
        f"{after['memory_kib']} KiB after; descriptors {warm['descriptors']} and {after['descriptors']}; "
        f"threads {after['threads']}"
    )
    return warm, after


def test_the_memory_of_a_thousand_clients_is_given_back(lives: tuple[Act, Act]) -> None:
    warm, after = lives
    assert after["memory_kib"] - warm["memory_kib"] < GROWTH_KIB


def test_the_descriptors_of_a_thousand_clients_are_closed(lives: tuple[Act, Act]) -> None:
    warm, after = lives
    assert after["descriptors"] == warm["descriptors"]


# promise: no-thread-stays
def test_the_threads_of_a_thousand_clients_have_ended(lives: tuple[Act, Act]) -> None:
    _, after = lives
    assert after["threads"] == 0


# promise: stays-loaded
def test_the_library_can_be_loaded_and_closed_a_hundred_times_with_flights_under_way(
    misbehaving: Misbehaving, tmp_path: Path
) -> None:
    rounds = 100
    flags = ("-std=c99", *STRICT, "-g", "-pthread", f"-I{ROOT / 'include'}")
    program = tmp_path / "client_dlopen"
    checked([c_compiler(), *flags, SOURCES / "client_dlopen.c", "-o", program, "-ldl"])
    base_url = f"{misbehaving.description['plain_base_url']}/hang-before-headers"
    told = json.loads(checked([program, shared_library(), str(rounds)], env={"SMX_BASE_URL": base_url}))
    assert told == {"rounds": rounds, "timed_out": rounds, "still_loaded": 1}
