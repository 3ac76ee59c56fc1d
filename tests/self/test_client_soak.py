"""The soak, for some seconds: it finds nothing, and finds each fault that it is given to find."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from soak.run import FAULTS, Round, compiled_into, complaints, soak, summary

from harness.client_scene import figure
from servers.started import Misbehaving

SEED = 20260101
SECONDS = 3.0

FOUND = {
    "memory": "memory grew",
    "descriptor": "descriptors more are open",
    "thread": "threads are left",
    "deadline": "outlived their deadline",
    "dead-token": "dead tokens were handed out",
    "child": "children hung or died",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_into(tmp_path_factory.mktemp("soak"))


# promise: any-thread
def test_a_short_soak_finds_nothing(program: Path, misbehaving: Misbehaving) -> None:
    rounds = soak(program, misbehaving, SECONDS, SEED)
    figure(summary(rounds))
    assert not complaints(rounds)


@pytest.fixture(scope="module")
def faulty(program: Path, misbehaving: Misbehaving) -> dict[str, list[Round]]:
    """A soak with each fault, all at the same time."""
    with ThreadPoolExecutor(len(FAULTS)) as together:
        soaks = {fault: together.submit(soak, program, misbehaving, SECONDS, SEED, fault) for fault in FAULTS}
    return {fault: under_way.result() for fault, under_way in soaks.items()}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_short_soak_finds_a_seeded_fault(fault: str, faulty: dict[str, list[Round]]) -> None:
    found = complaints(faulty[fault])
    assert any(FOUND[fault] in complaint for complaint in found), summary(faulty[fault])
