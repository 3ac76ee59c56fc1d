"""Soaks the client: `python -m soak.run --minutes 10`, with `tests` on the path.

A server fails at random, by a seed that is printed, in every phase of a connection; `soak.c` uses clients of
it in every way at once. What fails the soak: memory, descriptors or threads that grow from round to round, a
call that outlives its deadline by 100 ms, a caller that stays after a shutdown, a dead token, a status that
nothing explains, and a child that hangs or dies after a fork.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.c_program import compile_c, library_directory
from servers.credentials import CLIENT_ID, CLIENT_SECRET
from servers.named_scripts import HEAD, TOKEN
from servers.started import Misbehaving, Playing

SOURCE = Path(__file__).with_name("soak.c")

TIMEOUT_MS = 1500
CONNECT_TIMEOUT_MS = 400

# A script is begun anew before its steps are used up, and what the server noted of it is forgotten.
STEPS = 2000
BEGUN_ANEW_EVERY_S = 10

# What the allocator may still come to keep after the first rounds.
GROWTH_KIB = 4096

FAULTS = ("memory", "descriptor", "thread", "deadline", "dead-token", "child")

Round = Mapping[str, Any]


# ---- the server ----


def steps(seed: int) -> list[object]:
    """What the server does to one connection after the other: half of them get a token."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets

    def token(number: int) -> dict[str, object]:
        # Longer than any delay: a token that arrives expired would be handed to those who waited for it.
        lifetime_s = chance.randint(3, 8)
        return {"body": {**TOKEN["body"], "access_token": f"soak-{number}", "expires_in": lifetime_s}}

    def fault() -> object:
        return chance.choice(
            [
                ["reset"],
                ["cut"],
                ["hang"],
                ["client_hello", "reset"],
                ["client_hello", "hang"],
                ["client_hello", {"send": "this is no TLS at all\r\n"}, "cut"],
                [{"begin_handshake": chance.randint(1, 1500)}, chance.choice(["reset", "hang", "cut"])],
                ["handshake", chance.choice(["reset", "hang", "close"])],
                ["read_request", chance.choice(["reset", "hang", "close", "cut"])],
                ["read_request", {"send": HEAD}, chance.choice(["reset", "hang", "close", "cut"])],
                [
                    "read_request",
                    {"send": f"{HEAD}Content-Length: 100\r\n\r\n{{"},
                    chance.choice(["reset", "cut"]),
                ],
                ["read_request", {"endless_headers": {"text": "X", "every_ms": 20}}],
                ["read_request", {"endless_body": {"every_ms": 20}}],
                ["read_request", "endless_body"],
                {"status": chance.choice([408, 429, 500, 502, 503]), "body": ""},
                {"status": 429, "headers": {"Retry-After": "1"}, "body": ""},
                {"status": 401, "body": {"error": "invalid_client"}},
                {"status": 302, "headers": {"Location": "https://elsewhere.test/"}, "body": ""},
                {"body": "<html>"},
                {"body": " " * 70_000},
            ]
        )

    def one(number: int) -> object:
        drawn = chance.random()
        if drawn < 0.35:
            return token(number)
        if drawn < 0.5:
            return [{"sleep_ms": chance.randint(20, 800)}, "read_request", {"respond": token(number)}]
        return fault()

    return [*(one(number) for number in range(STEPS)), token(STEPS)]


@contextmanager
def begun_anew(playing: Playing) -> Iterator[None]:
    """The script begins anew from time to time, until the block ends."""
    over = threading.Event()

    def now_and_then() -> None:
        while not over.wait(BEGUN_ANEW_EVERY_S):
            playing.server.control("DELETE", f"/requests/{playing.key}")

    thread = threading.Thread(target=now_and_then)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


# ---- the judgement ----


def complaints(rounds: list[Round]) -> list[str]:
    """What went wrong. The first round is the warm-up, from which nothing may grow."""
    first, last = rounds[0], rounds[-1]
    growth = last["memory_kib"] - first["memory_kib"]
    found = [
        (growth > GROWTH_KIB, f"memory grew by {growth} KiB, from {first['memory_kib']} KiB"),
        (
            last["descriptors"] > first["descriptors"],
            f"{last['descriptors'] - first['descriptors']} descriptors more are open",
        ),
        (last["threads"] > 0, f"{last['threads']} threads are left"),
        (last["late_calls"] > 0, f"{last['late_calls']} calls outlived their deadline"),
        (last["late_leavers"] > 0, f"{last['late_leavers']} callers stayed after a shutdown"),
        (last["dead_tokens"] > 0, f"{last['dead_tokens']} dead tokens were handed out"),
        (last["odd_statuses"] > 0, f"{last['odd_statuses']} statuses are odd, such as {last['odd_status']}"),
        (last["odd_children"] > 0, f"{last['odd_children']} children hung or died"),
    ]
    # A soak in which nothing happened shows nothing.
    found += [
        (last[happened] == 0, f"there were no {happened}")
        for happened in ("tokens", "invalidations", "forks", "short_lives")
    ]
    return [complaint for is_so, complaint in found if is_so]


def summary(rounds: list[Round]) -> str:
    first, last = rounds[0], rounds[-1]
    return (
        f"{last['calls']} calls ({last['tokens']} got a token), {last['refreshes']} refreshes behind them, "
        f"{last['invalidations']} invalidations, {last['forks']} forks, {last['short_lives']} short-lived "
        f"clients; memory {first['memory_kib']} KiB after the first of {len(rounds)} rounds, "
        f"{last['memory_kib']} KiB after the last; descriptors {first['descriptors']} and "
        f"{last['descriptors']}; threads left {last['threads']}; the slowest call ended "
        f"{last['slowest_overrun_us'] / 1000:.0f} ms after its deadline"
    )


# ---- the run ----


def compiled_into(directory: Path) -> Path:
    return compile_c(SOURCE, directory / "soak", library_directory())


def soak(
    program: Path,
    server: Misbehaving,
    seconds: float,
    seed: int,
    fault: str | None = None,
    each_round: Callable[[Round], object] = lambda _: None,
) -> list[Round]:
    """Runs the program for so long, and gives what it said after each round."""
    count = max(2, min(20, int(seconds // 30)))
    playing = server.play_on_a_port(*steps(seed))
    environment = {
        "SMX_CLIENT_ID": CLIENT_ID,
        "SMX_CLIENT_SECRET": CLIENT_SECRET,
        "SMX_BASE_URL": playing.base_url,
        "SM_TOKEN_CA_FILE": server.ca_file,
        "SCENE_TIMEOUT_MS": str(TIMEOUT_MS),
        "SCENE_CONNECT_TIMEOUT_MS": str(CONNECT_TIMEOUT_MS),
        "SCENE_MAX_RETRIES": "1",
        "SCENE_ENDS_WITHIN_S": str(int(seconds) + 60 + 5 * count),
        "SOAK_MS": str(int(seconds * 1000)),
        "SOAK_ROUNDS": str(count),
        "SOAK_SEED": str(seed),
        **({"SOAK_FAULT": fault} if fault else {}),
    }
    rounds: list[Round] = []
    with (
        begun_anew(playing),
        subprocess.Popen(
            [program, "soak"], stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        ) as process,
    ):
        assert process.stdout
        for line in process.stdout:
            rounds.append(json.loads(line))
            each_round(rounds[-1])
    if process.returncode != 0 or len(rounds) != count:
        raise RuntimeError(
            f"the program ends with {process.returncode} after {len(rounds)} of {count} rounds"
        )
    return rounds


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m soak.run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--minutes", type=float)
    length.add_argument("--seconds", type=float)
    parser.add_argument("--seed", type=int, default=random.randrange(1, 1 << 31))  # noqa: S311
    parser.add_argument("--seed-fault", choices=FAULTS, help="a fault that the soak has to find")
    options = parser.parse_args()

    print(f"soak with --seed {options.seed}", flush=True)
    seconds = options.seconds or options.minutes * 60
    with tempfile.TemporaryDirectory(prefix="sm-token-soak-") as directory, Misbehaving() as server:
        rounds = soak(
            compiled_into(Path(directory)),
            server,
            seconds,
            options.seed,
            options.seed_fault,
            lambda one: print(json.dumps(one), flush=True),
        )
    print(summary(rounds))
    found = complaints(rounds)
    for complaint in found:
        print(f"FAILED: {complaint}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
