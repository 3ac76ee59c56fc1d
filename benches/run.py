"""Measures the library beside its peers and writes docs/benchmarks.md with its charts.

    target/venv/bin/python benches/run.py [--pairs N] [--only PART ...] [--peers PEER ...]
                                             [--out DIRECTORY] [--library DIRECTORY]

It builds its programs and peers below target/bench, and takes the library as `make` and `make wheel` left it. What
can't be built for want of a tool is left out, and the page says so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benches"), str(ROOT / "tests")]

from bench import machine, page  # noqa: E402 - found by the line above
from bench.parts import cached_read, fresh_process, inside, many_callers, round_trips, size  # noqa: E402
from bench.programs import PEERS, Missing  # noqa: E402
from bench.report import Section  # noqa: E402
from bench.scene import Scene  # noqa: E402

PARTS: Mapping[str, Callable[[Scene], Section]] = {
    "compiled": fresh_process.measure_compiled,
    "python": fresh_process.measure_python,
    "cached": cached_read.measure,
    "herd": many_callers.measure_herd,
    "refresh": many_callers.measure_refresh,
    "trips": round_trips.measure,
    "size": size.measure,
    "inside": inside.measure,
}
LEAST_PAIRS = 31
IDLE = 0.5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=LEAST_PAIRS, help="rounds; more make medians steadier")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS), metavar="PEER")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="where the page goes")
    parser.add_argument("--library", type=Path, default=ROOT / "target" / "release")
    options = parser.parse_args()

    load = machine.load()
    if load > IDLE:
        print(f"this machine is busy (load {load:.1f}): expect noise", file=sys.stderr)
    try:
        with Scene.set_up(options.pairs, options.library.resolve(), options.peers) as scene:
            sections = [measured(name, scene) for name in PARTS if name in options.only]
            versions = scene.programs.versions()
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    print(page.write(options.out, sections, pairs=options.pairs, versions=versions, load=load))
    return 0


def measured(name: str, scene: Scene) -> Section:
    print(f"measuring: {name}", file=sys.stderr)
    section = PARTS[name](scene)
    for reason in section.left_out:
        print(f"  left out: {reason}", file=sys.stderr)
    return section


if __name__ == "__main__":
    sys.exit(main())
