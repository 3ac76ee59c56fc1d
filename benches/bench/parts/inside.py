"""What happens inside a process, under criterion."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from bench.report import Section, with_spread
from bench.rounds import Spread
from bench.scene import Scene

SECONDS_EACH = 3


def measure(scene: Scene) -> Section:
    section = Section("Inside a process")
    section.say(
        "By the Rust API, under [criterion](https://docs.rs/criterion), without TLS: what a token costs beside its",
        "connection. What goes over a socket goes in plain HTTP to a thread that answers at once; one such exchange",
        "without the library is there to compare with. Microseconds, median and its 95 % confidence interval.",
    )
    programs = scene.programs
    results = programs.rust_target / "criterion"
    shutil.rmtree(results, ignore_errors=True)  # of benchmarks that are no more
    done = subprocess.run(
        [
            *programs.cargo("bench", "bench-inside"),
            *("--quiet", "--", "--quiet", "--noplot", "--warm-up-time", "0.5"),
            *("--measurement-time", str(SECONDS_EACH)),
        ],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CRITERION_HOME": str(results)},
    )
    if done.returncode:
        raise RuntimeError(f"the benchmarks under criterion failed:\n{done.stderr}")
    programs.criterion_ran = True
    section.show(
        ["", "µs"],
        [
            [json.loads((file.parent / "benchmark.json").read_text())["full_id"], _median_us(file)]
            for file in _in_order(results)
        ],
    )
    return section


def _in_order(directory: Path) -> list[Path]:
    """Of each benchmark, as they were measured."""
    return sorted(directory.glob("*/new/estimates.json"), key=lambda file: file.stat().st_mtime)


def _median_us(estimates: Path) -> str:
    median = json.loads(estimates.read_text())["median"]
    interval = median["confidence_interval"]
    return with_spread(
        Spread(median["point_estimate"] / 1e3, interval["lower_bound"] / 1e3, interval["upper_bound"] / 1e3)
    )
