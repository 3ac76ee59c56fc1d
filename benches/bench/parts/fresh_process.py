"""A whole process that starts, fetches one token and ends."""

from __future__ import annotations

import base64
import contextlib
import http.client
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.chart import Bar, bars
from bench.cost import Command, Cost, whole_process
from bench.report import Comparison, Section, ratio_text, with_spread
from bench.rounds import Rounds
from bench.scene import Scene, unless_missing

OURS = "this library"
LIBCURL = "libcurl + cJSON"
GO = "Go, x/oauth2"
RUST = "Rust, oauth2"
BARE = "the interpreter alone"
SERVER = "the server alone"

PYTHON_PEERS = {
    "requests": "fetch_requests.py",
    "httpx-auth": "fetch_httpx_auth.py",
    "Authlib": "fetch_authlib.py",
    "requests-oauthlib": "fetch_requests_oauthlib.py",
    "aiohttp": "fetch_aiohttp.py",
}

METRICS: dict[str, tuple[str, Callable[[Cost], float]]] = {
    "CPU": ("ms", lambda cost: cost.cpu_ms),
    "time": ("ms", lambda cost: cost.wall_ms),
    "memory": ("MiB", lambda cost: cost.peak_mib),
}


def measure_compiled(scene: Scene) -> Section:
    section = Section("One token for a compiled program")
    section.say(
        "The program starts, asks the real server for a token over TLS 1.3, prints it and ends. Its costs are those",
        "that the operating system tells of the whole process: CPU is user and system time of all threads, memory",
        "the most that was resident. The server's own work is part of the time, and told in a row of its own (a",
        "request on a connection that is open already); the last column is the time with a server that answers at",
        "once, where hardly more than the client is left.",
    )
    commands = _compiled(scene, section)
    _compiled_with(scene, section, commands, "one certificate authority", None)
    store = unless_missing(section, "the system's store", scene.store)
    if store is not None:
        authorities = store.read_bytes().count(b"BEGIN CERTIFICATE")
        _compiled_with(scene, section, commands, f"the system's store of {authorities}", store)
    return section


def _compiled(scene: Scene, section: Section) -> dict[str, Command]:
    built = {
        OURS: lambda: scene.programs.c("fetch_sm_token"),
        LIBCURL: lambda: scene.programs.libcurl,
        GO: lambda: scene.programs.go,
        RUST: lambda: scene.programs.rust,
    }
    programs = {name: unless_missing(section, name, build) for name, build in built.items()}
    arguments: dict[str, tuple[str, ...]] = {GO: ("fetch",)}
    return {name: (path, *arguments.get(name, ())) for name, path in programs.items() if path}


def _compiled_with(
    scene: Scene, section: Section, commands: dict[str, Command], trust_in_words: str, trust: Path | None
) -> None:
    real = _played(scene, commands, scene.real.base_url, trust, with_server_alone=True)
    alone = _played(scene, commands, scene.static.base_url, trust)
    rows = [[*_costs(real, name), with_spread(alone.spread(name, METRICS["time"][1]))] for name in commands]
    section.say(f"### Trusting {trust_in_words}")
    section.show(
        ["", "CPU, ms", "time, ms", "memory, MiB", "time, ms, server that answers at once"],
        [*rows, [*_server_alone(real), ""]],
    )
    name = "process-one-ca" if trust is None else "process-system-store"
    section.draw(
        name,
        f"CPU of a process for one token, trusting {trust_in_words}",
        bars(
            f"CPU of a process for one token, trusting {trust_in_words}",
            "milliseconds, user and system; less is better",
            " ms",
            [Bar(each, real.spread(each, METRICS["CPU"][1]), each == OURS) for each in commands],
        ),
    )
    peers = [name for name in commands if name != OURS]
    for peer in peers:
        for metric in METRICS:
            headline = peer == LIBCURL and metric != "memory"
            what = f"{metric} of a process in C, {trust_in_words}"
            section.comparisons.append(_comparison(what, real, peer, metric, headline=headline))
        what = f"time of a process in C, {trust_in_words}, server that answers at once"
        section.comparisons.append(_comparison(what, alone, peer, "time"))
    _show_ratios(section, peers, real, alone)


def _show_ratios(section: Section, peers: list[str], real: Rounds[Cost], alone: Rounds[Cost]) -> None:
    section.say("This library's share of what each peer takes, within each round:")
    section.show(
        ["", "CPU", "time", "memory", "time, server that answers at once"],
        [
            [
                peer,
                *(ratio_text(real.ratio(OURS, peer, of)) for _, of in METRICS.values()),
                ratio_text(alone.ratio(OURS, peer, METRICS["time"][1])),
            ]
            for peer in peers
        ],
    )


def _costs(rounds: Rounds[Cost], name: str) -> list[str]:
    return [name, *(with_spread(rounds.spread(name, of)) for _, of in METRICS.values())]


def _server_alone(rounds: Rounds[Cost]) -> list[str]:
    return [SERVER, "", with_spread(rounds.spread(SERVER, METRICS["time"][1])), ""]


def measure_python(scene: Scene) -> Section:
    section = Section("One token for a Python program")
    section.say(
        "The same for Python, from the wheel as it is installed. Each peer trusts the one certificate authority and",
        "does no more than its documentation shows.",
    )
    python = unless_missing(section, "Python", lambda: scene.programs.python)
    if python is None:
        return section
    scripts = Path(__file__).resolve().parents[2] / "python"
    commands: dict[str, Command] = {
        BARE: (python, "-c", "pass"),
        OURS: (python, scripts / "fetch_sm_token.py"),
    }
    commands |= {peer: (python, scripts / script) for peer, script in PYTHON_PEERS.items()}
    real = _played(scene, commands, scene.real.base_url, None, with_server_alone=True, without_token={BARE})
    cpu = METRICS["CPU"][1]

    section.show(
        ["", "CPU, ms", "time, ms", "memory, MiB", "CPU, this library's share of it"],
        [
            *(
                [*_costs(real, name), "" if name == OURS else ratio_text(real.ratio(OURS, name, cpu))]
                for name in commands
            ),
            [*_server_alone(real), ""],
        ],
    )
    section.draw(
        "process-python",
        "CPU of a Python process for one token",
        bars(
            "CPU of a Python process for one token",
            "milliseconds, user and system; less is better",
            " ms",
            [Bar(each, real.spread(each, cpu), each == OURS) for each in commands],
        ),
    )
    for metric in METRICS:
        best = _best(real, metric)
        what = f"{metric} of a process in Python"
        section.comparisons.append(_comparison(what, real, best, metric, headline=metric == "CPU"))
    return section


def _best(rounds: Rounds[Cost], metric: str) -> str:
    """The peer that is the best in this very figure."""
    _, of = METRICS[metric]
    return min(PYTHON_PEERS, key=lambda peer: rounds.spread(peer, of).median)


def _comparison(what: str, rounds: Rounds[Cost], peer: str, metric: str, *, headline: bool = False) -> Comparison:
    unit, of = METRICS[metric]
    ours, theirs = rounds.spread(OURS, of), rounds.spread(peer, of)
    return Comparison(what, ours, peer, theirs, unit, rounds.ratio(OURS, peer, of), headline)


def _played(
    scene: Scene,
    commands: dict[str, Command],
    base_url: str,
    trust: Path | None,
    *,
    with_server_alone: bool = False,
    without_token: frozenset[str] | set[str] = frozenset(),
) -> Rounds[Cost]:
    env = scene.env(base_url, trust)
    subjects = {name: whole_process(scene.programs.launcher, command, env) for name, command in commands.items()}
    tokens_before = _tokens_given(scene, base_url)
    with contextlib.ExitStack() as stack:
        if with_server_alone:
            subjects[SERVER] = stack.enter_context(_open_connection(scene))
        rounds = Rounds.play(scene.pairs, subjects)
    # A program that did not ask, or asked twice, would be measured at something else.
    expected = (scene.pairs + 1) * (len(subjects) - len(without_token))
    given = _tokens_given(scene, base_url) - tokens_before
    if given != expected:
        raise RuntimeError(f"the server gave {given} tokens where {expected} programs asked for one each")
    return rounds


def _tokens_given(scene: Scene, base_url: str) -> int:
    if base_url == scene.static.base_url:
        return scene.static.requests
    return int(scene.real.counts()["token_by_status"].get("200", 0))


@contextlib.contextmanager
def _open_connection(scene: Scene) -> Iterator[Callable[[], Cost]]:
    """What the server takes for a token where neither a process nor a connection has to be made."""
    env = scene.env(scene.real.base_url)
    pair = f"{env['SMX_CLIENT_ID']}:{env['SMX_CLIENT_SECRET']}"
    headers = {
        "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    trusted = ssl.create_default_context(cafile=env["SM_TOKEN_CA_FILE"])
    connection = http.client.HTTPSConnection("localhost", scene.real.port, context=trusted, timeout=30)

    def ask() -> Cost:
        began = time.perf_counter()
        connection.request("POST", "/o/token/", "grant_type=client_credentials", headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the server answers {answer.status}")
        return Cost(0, (time.perf_counter() - began) * 1e3, 0)

    with contextlib.closing(connection):
        yield ask
