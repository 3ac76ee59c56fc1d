"""How large it is, and how long Python takes to load it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from bench.cost import Command, Cost, whole_process
from bench.numbers import counted, number_text
from bench.report import Comparison, Section, with_spread
from bench.rounds import Rounds, Spread
from bench.scene import Scene, unless_missing

# Every program has these.
C_LIBRARY = re.compile(r"^(linux-vdso|ld-linux.*|libc|libm|libdl|librt|libpthread|libresolv|libgcc_s)\.")

IMPORTS = ("sm_token", "requests", "httpx_auth", "authlib.integrations.requests_client", "aiohttp")


def measure(scene: Scene) -> Section:
    section = Section("Size")
    section.say(
        "A program in C brings along the shared libraries that it loads, beside the C library's own; libcurl's are",
        "on most systems already. Go and Rust programs hold everything.",
    )
    files: dict[str, int] = {
        "libsm_token.so": scene.programs.library.stat().st_size,
    }
    libcurl = unless_missing(section, "libcurl", lambda: scene.programs.libcurl)
    if libcurl is not None:
        loaded = _loaded_by(libcurl)
        files[f"what libcurl + cJSON load, {len(loaded)} libraries"] = sum(loaded)
    go = unless_missing(section, "Go", lambda: scene.programs.go)
    if go is not None:
        files["the program in Go"] = go.stat().st_size
    rust = unless_missing(section, "Rust", lambda: scene.programs.rust)
    if rust is not None:
        files["the program in Rust with oauth2"] = rust.stat().st_size
    section.show(["", "bytes"], [[name, counted(size)] for name, size in files.items()])
    for peer, size in list(files.items())[1:]:
        ours = Spread.of([files["libsm_token.so"] / 2**20])
        theirs = Spread.of([size / 2**20])
        ratio = Spread.of([ours.median / theirs.median])
        section.comparisons.append(Comparison("size of the library", ours, peer, theirs, "MiB", ratio))
    python = unless_missing(section, "Python", lambda: scene.programs.python)
    if python is not None:
        _measure_python(scene, section, python)
    return section


def _loaded_by(program: Path) -> list[int]:
    """The sizes of the shared libraries that a program loads."""
    said = subprocess.run(["ldd", program], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = re.findall(r"=> (/\S+)", said)
    return [Path(path).resolve().stat().st_size for path in found if not C_LIBRARY.match(Path(path).name)]


def _measure_python(scene: Scene, section: Section, python: Path) -> None:
    script = Path(__file__).resolve().parents[2] / "python" / "installed_size.py"
    said = subprocess.run([python, script], check=True, stdout=subprocess.PIPE, text=True).stdout
    sizes: dict[str, dict[str, int]] = json.loads(said)
    section.say(
        f"### In Python\n\nThe wheel has {counted(scene.programs.wheel.stat().st_size)} bytes.",
        "Installed, with what each brings along, bytecode left out:",
    )
    section.show(
        ["", "packages", "bytes"],
        [[name, str(one["packages"]), counted(one["bytes"])] for name, one in sizes.items()],
    )
    ours = Spread.of([sizes["sm-token"]["bytes"] / 2**20])
    for peer in list(sizes)[1:]:
        theirs = Spread.of([sizes[peer]["bytes"] / 2**20])
        ratio = Spread.of([ours.median / theirs.median])
        section.comparisons.append(
            Comparison("size of the Python package, installed", ours, peer, theirs, "MiB", ratio)
        )

    bare = "the interpreter alone"
    commands: dict[str, Command] = {bare: (python, "-c", "pass")}
    commands |= {f"import {module}": (python, "-c", f"import {module}") for module in IMPORTS}
    env: dict[str, str] = {}
    rounds = Rounds.play(
        scene.pairs,
        {name: whole_process(scene.programs.launcher, command, env) for name, command in commands.items()},
    )
    section.say("Starting an interpreter that imports it, and what that adds to starting one, within each round:")
    section.show(
        ["", "CPU, ms", "time, ms", "time added, ms"],
        [
            [
                name,
                with_spread(rounds.spread(name, _cpu)),
                with_spread(rounds.spread(name, _wall)),
                "" if name == bare else number_text(rounds.difference(name, bare, _wall).median),
            ]
            for name in commands
        ],
    )


def _cpu(cost: Cost) -> float:
    return cost.cpu_ms


def _wall(cost: Cost) -> float:
    return cost.wall_ms
