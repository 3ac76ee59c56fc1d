"""What a client tells its log handler after a fork, and once it is freed."""

from __future__ import annotations

from harness.client_scene import SOON_STALE, STALE_MS, Act, Scene
from servers.named_scripts import TOKEN
from servers.started import Misbehaving

DEBUG = 4


def lines(act: Act, level: int) -> list[str]:
    """What was said at this level."""
    return [text for its_level, text in act["lines"] if its_level == level]


def test_a_fork_is_told_in_the_child_alone(misbehaving: Misbehaving) -> None:
    with Scene("client_log", "forked", misbehaving.play(TOKEN).base_url, misbehaving) as scene:
        child, parent = scene.act("child"), scene.act("parent")
    assert [text for text in lines(child, DEBUG) if text.startswith("forked")]
    assert not [text for text in lines(parent, DEBUG) if text.startswith("forked")]
    assert child["outside_a_call"] == parent["outside_a_call"] == 0


def test_nothing_is_told_once_the_client_is_freed(misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(SOON_STALE, ["hang"])
    with Scene("client_log", "freed", playing.base_url, misbehaving, calls_for_ms=STALE_MS) as scene:
        act = scene.act("freed")
    assert act["under_way"]
    assert act["threads_left"] == 0
    assert act["heard_after"] == act["outside_a_call"] == 0
