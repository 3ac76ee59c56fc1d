"""Many callers of one client: before there is a token, and while it is refreshed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.cost import Command, said_by
from bench.numbers import number_text
from bench.report import Comparison, Section, with_spread
from bench.rounds import Rounds
from bench.scene import Scene, leading_to, unless_missing
from servers.started import Real

HERD = 256
HERD_DELAY_MS = 300
HERD_ROUNDS = 7

LIFETIME_S = 10
DELAY_MS = 500
LASTS_S = 20
CALLS_A_SECOND = 1000
BLOCKED_MS = 100

OURS = "this library"
GO = "Go's ReuseTokenSource"


@dataclass(frozen=True)
class Herd:
    requests: float
    slowest_ms: float


def measure_herd(scene: Scene) -> Section:
    section = Section("256 callers without a token")
    section.say(
        f"{HERD} threads (goroutines) ask one client at the same moment, and it has no token yet. The server takes",
        f"{HERD_DELAY_MS} ms. Written by hand, without a lock around the fetch, that is {HERD} requests.",
        f"{HERD_ROUNDS} rounds.",
    )
    commands: dict[str, Command] = {OURS: (scene.programs.c("cold_herd"), str(HERD))}
    go = unless_missing(section, "Go", lambda: scene.programs.go)
    if go is not None:
        commands[GO] = (go, "herd", str(HERD))
    env = scene.env(scene.real.base_url)

    def counted(command: Command) -> Callable[[], Herd]:
        def run() -> Herd:
            scene.real.reset()
            slowest_ms = said_by(command, env)["slowest_ms"]
            return Herd(scene.real.counts()["token_requests"], slowest_ms)

        return run

    scene.real.settings(delay_ms=HERD_DELAY_MS)
    rounds = Rounds.play(min(scene.pairs, HERD_ROUNDS), {name: counted(command) for name, command in commands.items()})
    scene.real.settings(delay_ms=0)
    metrics: tuple[Callable[[Herd], float], ...] = (lambda herd: herd.requests, lambda herd: herd.slowest_ms)
    section.show(
        ["", "requests at the server", "slowest caller, ms"],
        [[name, *(with_spread(rounds.spread(name, of)) for of in metrics)] for name in commands],
    )
    if go is not None:
        requests = metrics[0]
        section.comparisons.append(
            Comparison(
                f"requests of {HERD} cold callers",
                rounds.spread(OURS, requests),
                GO,
                rounds.spread(GO, requests),
                "",
                rounds.ratio(OURS, GO, requests),
            )
        )
    return section


def measure_refresh(scene: Scene) -> Section:
    section = Section("Across a refresh")
    section.say(
        f"One thread calls {CALLS_A_SECOND} times a second for {LASTS_S} s. The server takes {DELAY_MS} ms for a",
        f"token, so a call over {BLOCKED_MS} ms has waited for the network. All run at the same time, each against",
        "a server of its own; once, not in rounds. Go counts every token as expired 10 s early, so one of",
        f"{LIFETIME_S} s is of no use to it: in a second row it gets tokens that it may keep as long.",
    )
    ours: Command = (scene.programs.c("across_refresh"),)
    runs: dict[str, tuple[Command, int]] = {f"{OURS}, tokens of {LIFETIME_S} s": (ours, LIFETIME_S)}
    go = unless_missing(section, "Go", lambda: scene.programs.go)
    if go is not None:
        runs[f"{GO}, tokens of {LIFETIME_S} s"] = ((go, "refresh"), LIFETIME_S)
        runs[f"{GO}, tokens of {2 * LIFETIME_S} s"] = ((go, "refresh"), 2 * LIFETIME_S)
    arguments = (str(LASTS_S), str(CALLS_A_SECOND), str(BLOCKED_MS))

    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(len(runs)))
        under_way = {}
        for name, (command, lifetime_s) in runs.items():
            options = ("--lifetime-s", str(lifetime_s), "--delay-ms", str(DELAY_MS))
            server = stack.enter_context(Real("--authority", str(scene.authority.directory), *options))
            env = leading_to(server)
            under_way[name] = pool.submit(said_by, (*command, *arguments), env)
        said = {name: future.result() for name, future in under_way.items()}
    section.show(
        ["", "calls", f"over {BLOCKED_MS} ms", "slowest, ms"],
        [[name, str(one["calls"]), str(one["blocked"]), number_text(one["slowest_ms"])] for name, one in said.items()],
    )
    return section
