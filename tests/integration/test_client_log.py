"""What a client tells its log handler: what happens to the token, on a calling thread, and no secret."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from integration.client_scene import SOON_STALE, STALE_MS, Act, Scene
from integration.probe import NAMES, spellings
from servers.credentials import CLIENT_ID, CLIENT_SECRET
from servers.named_scripts import ACCESS_TOKEN, TOKEN
from servers.started import Misbehaving

ERROR, WARN, INFO, DEBUG = 1, 2, 3, 4

# What came of a refresh has been told by then, and one that failed is not tried again yet.
PAST_ITS_LIFE_MS = 3800
BUSY = {"status": 503, "body": ""}
REFUSED = {"status": 401, "body": {"error": "invalid_client"}}

Told = Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Story:
    """What a server does, a part of each line to be told, how long it is called, and how often again."""

    steps: Sequence[object]
    told: Told
    calls_for_ms: int = 0
    max_retries: int = 0


FETCHED = (INFO, "fetched a token")
STORIES: Mapping[str, Story] = {
    "fetched": Story([TOKEN], [FETCHED]),
    "refreshed": Story(
        [SOON_STALE, TOKEN], [FETCHED, (INFO, "refreshed, behind the callers")], PAST_ITS_LIFE_MS
    ),
    "refresh failed": Story(
        [SOON_STALE, BUSY], [FETCHED, (WARN, "the old token stays in service")], PAST_ITS_LIFE_MS
    ),
    "refused": Story([REFUSED], [(ERROR, "(remembered for 60 s)")], 20),
    "failed in passing": Story([BUSY], [(ERROR, "(remembered for 1 s)")]),
    "tried again": Story([BUSY, TOKEN], [(WARN, "trying again in"), FETCHED], max_retries=1),
}


@pytest.fixture(scope="module")
def stories(misbehaving: Misbehaving) -> dict[str, Act]:
    """All at the same time."""
    with contextlib.ExitStack() as together:
        scenes = {}
        for name, story in STORIES.items():
            scene = Scene(
                "client_log",
                "story",
                misbehaving.play(*story.steps).base_url,
                misbehaving,
                calls_for_ms=story.calls_for_ms,
                max_retries=story.max_retries,
            )
            scenes[name] = together.enter_context(scene)
        return {name: scene.act("story") for name, scene in scenes.items()}


def lines(act: Act, level: int) -> list[str]:
    """What was said at this level."""
    return [text for its_level, text in act["lines"] if its_level == level]


def important(act: Act) -> list[tuple[int, str]]:
    """All but the attempts themselves."""
    return [(level, text) for level, text in act["lines"] if level < DEBUG]


def is_told(act: Act, expected: Told) -> bool:
    """Whether the important lines are these, each once."""
    said = important(act)
    pairs = zip(said, expected, strict=False)
    return len(said) == len(expected) and all(
        level == wanted and part in text for (level, text), (wanted, part) in pairs
    )


@pytest.mark.parametrize("story", STORIES)
def test_what_happens_to_a_token_is_told_once(story: str, stories: dict[str, Act]) -> None:
    assert is_told(stories[story], STORIES[story].told), important(stories[story])


def test_each_attempt_is_told_to_who_wants_to_know(stories: dict[str, Act]) -> None:
    attempts = lines(stories["tried again"], DEBUG)
    assert len(attempts) == 2
    assert all(text.startswith("asking localhost:") for text in attempts)


@pytest.mark.parametrize("story", STORIES)
def test_the_handler_is_called_on_a_thread_inside_a_call_only(story: str, stories: dict[str, Act]) -> None:
    assert stories[story]["lines"]
    assert stories[story]["outside_a_call"] == 0


@pytest.mark.parametrize("story", STORIES)
def test_no_line_holds_a_secret_or_a_token(story: str, stories: dict[str, Act]) -> None:
    secrets = {*spellings(CLIENT_ID, CLIENT_SECRET), ACCESS_TOKEN}
    leaks = [text for _, text in stories[story]["lines"] if any(secret in text for secret in secrets)]
    assert not leaks


def test_an_invalidation_is_told_and_one_that_is_ignored_too(misbehaving: Misbehaving) -> None:
    with Scene("client_log", "invalidated", misbehaving.play(TOKEN).base_url, misbehaving) as scene:
        act = scene.act("invalidated")
    invalidated, ignored = (INFO, "the token was invalidated"), (WARN, "invalidated again too soon")
    assert is_told(act, [FETCHED, invalidated, FETCHED, ignored, invalidated]), important(act)
    assert act["outside_a_call"] == 0


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


@pytest.mark.parametrize("steps", [(TOKEN,), (REFUSED,), (BUSY, TOKEN)], ids=["token", "refused", "busy"])
def test_a_handler_that_calls_the_client_does_not_deadlock(
    steps: tuple[object, ...], misbehaving: Misbehaving
) -> None:
    playing = misbehaving.play(*steps)
    with Scene("client_log", "called-back", playing.base_url, misbehaving, ends_within_s=20) as scene:
        act = scene.act("called back")
    assert NAMES[act["status"]] in ("OK", "INVALID_CLIENT", "SERVER")
    assert act["calls"] > 3
    assert act["deepest"] == 3


def test_a_handler_can_shut_its_client_down(misbehaving: Misbehaving) -> None:
    playing = misbehaving.play([{"sleep_ms": 300}, {"respond": TOKEN}])
    with Scene(
        "client_log", "shut-down-by-the-handler", playing.base_url, misbehaving, ends_within_s=20
    ) as scene:
        act = scene.act("shut down")
    assert NAMES[act["status"]] == "CANCELED"
