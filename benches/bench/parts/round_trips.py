"""How often a client waits for a far server, and what a second token costs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from bench.cost import Command, said_by, whole_process
from bench.relay import Relay
from bench.report import Comparison, Section, with_spread
from bench.rounds import Rounds, Spread
from bench.scene import Scene, unless_missing

ONE_WAY_MS = 50
ROUNDS = 5
TOKENS = 50


@dataclass(frozen=True)
class Trip:
    round_trips: float
    wall_in_trips: float
    bytes_both_ways: float


def measure(scene: Scene) -> Section:
    section = Section("Round trips")
    section.say(
        f"A relay on loopback holds every piece back for {ONE_WAY_MS} ms each way, and counts how often the client",
        "sends something and then hears from the server. Making the TCP connection is a round trip too. The relay",
        f"can't delay that one itself, so it adds it to the client's first piece. {ROUNDS} rounds.",
    )
    commands: dict[str, Command] = {"this library": (scene.programs.c("fetch_sm_token"),)}
    libcurl = unless_missing(section, "libcurl", lambda: scene.programs.libcurl)
    if libcurl is not None:
        commands["libcurl"] = (libcurl,)
    go = unless_missing(section, "Go", lambda: scene.programs.go)
    if go is not None:
        commands["Go"] = (go, "fetch")

    with contextlib.closing(Relay(scene.static.port, ONE_WAY_MS)) as relay:
        env = scene.env(relay.base_url)

        def counted(command: Command) -> Callable[[], Trip]:
            run = whole_process(scene.programs.launcher, command, env)

            def once() -> Trip:
                wall_ms = run().wall_ms
                counted = relay.take_count()
                transferred = counted.bytes_up + counted.bytes_down
                return Trip(counted.round_trips, wall_ms / (2 * ONE_WAY_MS), transferred)

            return once

        rounds = Rounds.play(min(scene.pairs, ROUNDS), {name: counted(command) for name, command in commands.items()})
    section.show(
        ["", "round trips", "time of the process, in round trips", "bytes both ways"],
        [
            [
                name,
                with_spread(rounds.spread(name, lambda trip: trip.round_trips)),
                with_spread(rounds.spread(name, lambda trip: trip.wall_in_trips)),
                with_spread(rounds.spread(name, lambda trip: trip.bytes_both_ways)),
            ]
            for name in commands
        ],
    )
    section.say("One is TCP's, one TLS 1.3's, one the request's: no client of this endpoint can do with fewer.")
    _measure_second_token(scene, section)
    return section


def _measure_second_token(scene: Scene, section: Section) -> None:
    section.say(
        "### The next token of a process that runs\n\n"
        "A client reads its certificate authorities once, a single call each time. Neither keeps a TLS session:",
        "resuming one would save the server's certificate and the CPU to verify it, but no round trip in TLS 1.3",
        "(only early data would, which a request that must not be replayed can't use). Against the server that",
        "answers at once:",
    )
    program = scene.programs.c("fetch_again")
    stores = {"one certificate authority": scene.env(scene.static.base_url)}
    store = unless_missing(section, "the system's store", scene.store)
    if store is not None:
        stores["the system's store"] = scene.env(scene.static.base_url, store)

    rows = []
    for trust, env in stores.items():
        by_client, once = f"by a client, {trust}", f"by single calls, {trust}"
        rounds = Rounds.play(
            scene.pairs,
            {
                by_client: _second_token(scene, (program, "client", str(TOKENS)), env),
                once: _second_token(scene, (program, "once", str(TOKENS)), env),
            },
        )
        cpu: Callable[[Next], float] = lambda token: token.cpu_us  # noqa: E731
        for name in (by_client, once):
            rows.append(
                [
                    name,
                    with_spread(rounds.spread(name, cpu)),
                    with_spread(rounds.spread(name, lambda token: token.wall_us)),
                    with_spread(rounds.spread(name, lambda token: token.resumed_share)),
                ]
            )
        section.comparisons.append(
            Comparison(
                f"CPU of the next token by a client, {trust}",
                rounds.spread(by_client, cpu),
                "a single call",
                rounds.spread(once, cpu),
                "µs",
                rounds.ratio(by_client, once, cpu),
            )
        )
    section.show(["", "CPU, µs", "time, µs", "sessions resumed, %"], rows)
    trips = _round_trips_of_a_second_token(scene)
    section.say(f"Round trips of a client's first and second token together, counted by the relay: {trips}.")


@dataclass(frozen=True)
class Next:
    cpu_us: float
    wall_us: float
    resumed_share: float


def _second_token(scene: Scene, command: Command, env: dict[str, str]) -> Callable[[], Next]:
    def run() -> Next:
        resumed_before = scene.static.resumed
        said = said_by(command, env)
        resumed = scene.static.resumed - resumed_before
        return Next(said["cpu_us"], said["wall_us"], 100 * resumed / TOKENS)

    return run


def _round_trips_of_a_second_token(scene: Scene) -> str:
    with contextlib.closing(Relay(scene.static.port, ONE_WAY_MS)) as relay:
        said_by((scene.programs.c("fetch_again"), "client", "1"), scene.env(relay.base_url))
        return with_spread(Spread.of([relay.take_count().round_trips]))
