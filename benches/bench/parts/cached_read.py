"""The token that is there already: what a program waits for with each request that it sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bench.chart import Bar, bars
from bench.cost import figure_of
from bench.numbers import counted
from bench.report import Comparison, Section, ratio_text, with_spread
from bench.rounds import Rounds
from bench.scene import Scene, unless_missing

CALLS = 2_000_000
PYTHON_CALLS = 500_000

ONE = "this library, one thread"
SHARED = "this library, two threads on one client"
APART = "this library, two threads with a client each"
GO_ONE = "Go's ReuseTokenSource, one goroutine"
GO_TWO = "Go's ReuseTokenSource, two goroutines"

PY_OURS = "this library, the header"
PY_AUTHLIB = "Authlib's is_expired, no header"
PY_AUTHLIB_ACTIVE = "Authlib's ensure_active_token, no header"
PY_HTTPX_AUTH = "httpx-auth, the header on a request"


def measure(scene: Scene) -> Section:
    section = Section("The cached token")
    section.say(
        "`sm_client_authorization` copies `Bearer TOKEN` into the caller's buffer, after it has looked at two clocks.",
        "Go's `ReuseTokenSource.Token()` gives a pointer to the token, of which a header is still to be made.",
        f"Nanoseconds a call, over {counted(CALLS)} calls a thread.",
    )
    env = scene.env(scene.real.base_url)
    program = scene.programs.c("cached_read")
    subjects: dict[str, Callable[[], float]] = {
        name: figure_of((program, threads, clients, str(CALLS)), env, "ns")
        for name, threads, clients in ((ONE, "1", "1"), (SHARED, "2", "1"), (APART, "2", "2"))
    }
    go = unless_missing(section, "Go", lambda: scene.programs.go)
    if go is not None:
        for name, goroutines in ((GO_ONE, "1"), (GO_TWO, "2")):
            subjects[name] = figure_of((go, "read", goroutines, str(CALLS)), env, "ns")
    rounds = Rounds.play(scene.pairs, subjects)
    _show(section, rounds, subjects, "cached-read", "A cached token, from compiled programs")
    _compare(section, rounds, "a cached read, one thread", ONE, GO_ONE)
    _compare(section, rounds, "a cached read, two threads on one client", SHARED, GO_TWO)
    _compare(section, rounds, "a cached read, two threads: one client or one each", SHARED, APART)
    _measure_python(scene, section)
    return section


def _measure_python(scene: Scene, section: Section) -> None:
    section.say(
        "### From Python\n\n"
        "`Client.authorization()` gives the header as a string. Authlib is asked only whether its token is good",
        "still, of which a header is to be made; httpx-auth puts the header on a request.",
    )
    python = unless_missing(section, "Python's client", lambda: scene.programs.python_client)
    if python is None:
        return
    script = Path(__file__).resolve().parents[2] / "python" / "read_cached.py"
    env = scene.env(scene.real.base_url)
    functions = {
        PY_OURS: "sm_token_authorization",
        PY_AUTHLIB: "authlib_validity",
        PY_AUTHLIB_ACTIVE: "authlib_ensure_active",
        PY_HTTPX_AUTH: "httpx_auth_header",
    }
    subjects = {
        name: figure_of((python, script, function, str(PYTHON_CALLS)), env, "ns")
        for name, function in functions.items()
    }
    rounds = Rounds.play(scene.pairs, subjects)
    _show(section, rounds, subjects, "cached-read-python", "A cached token, from Python")
    for peer in (PY_AUTHLIB, PY_AUTHLIB_ACTIVE, PY_HTTPX_AUTH):
        _compare(section, rounds, "a cached read from Python", PY_OURS, peer, headline=peer == PY_AUTHLIB)


def _show(section: Section, rounds: Rounds[float], subjects: Mapping[str, object], chart: str, title: str) -> None:
    section.show(["", "ns a call"], [[name, with_spread(rounds.spread(name, float))] for name in subjects])
    section.draw(
        chart,
        title,
        bars(
            title,
            "nanoseconds a call; less is better",
            " ns",
            [Bar(name, rounds.spread(name, float), name.startswith("this library")) for name in subjects],
        ),
    )


def _compare(
    section: Section, rounds: Rounds[float], what: str, ours: str, theirs: str, *, headline: bool = True
) -> None:
    if theirs not in rounds:
        return
    ratio = rounds.ratio(ours, theirs, float)
    mine, other = rounds.spread(ours, float), rounds.spread(theirs, float)
    section.comparisons.append(Comparison(what, mine, theirs, other, "ns", ratio, headline))
    section.say(f"- {what}: {ratio_text(ratio)} of *{theirs}*")
