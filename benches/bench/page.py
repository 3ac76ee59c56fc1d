"""Writes docs/benchmarks.md and its charts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench import machine
from bench.chart import Bar, bars
from bench.report import Comparison, Section, ratio_text, table, with_spread

# What is nearer to 1 than this is called no difference.
ALIKE = 0.05


def write(directory: Path, sections: Sequence[Section], *, pairs: int, versions: Sequence[str], load: float) -> Path:
    page = directory / "benchmarks.md"
    charts = directory / "benchmarks"
    charts.mkdir(parents=True, exist_ok=True)
    comparisons = [comparison for section in sections for comparison in section.comparisons]
    glance = _at_a_glance([comparison for comparison in comparisons if comparison.headline])
    parts = [
        _introduction(pairs, versions, load),
        *([glance] if glance else []),
        _losses(comparisons),
        *sections,
        _left_out(sections),
    ]
    for part in parts:
        for name, svg in part.charts.items():
            (charts / name).write_text(svg)
    page.write_text("\n\n".join(block for part in parts for block in _blocks(part)) + "\n")
    return page


def _blocks(section: Section) -> list[str]:
    return [f"# {section.title}" if section.title == "Benchmarks" else f"## {section.title}", *section.blocks]


def _introduction(pairs: int, versions: Sequence[str], load: float) -> Section:
    section = Section("Benchmarks")
    section.say(
        "Written by `make bench`, which measures all of it side by side: in each round everything that is compared",
        "has one turn, in an order that changes, against the same server. A figure is",
        f"the median of {pairs} rounds, unless a section says fewer, with the least and the most in parentheses. A",
        "ratio is taken within each round, of these the median counts; below 1 this library takes less. Absolute",
        "figures are of one machine, ratios travel better.",
    )
    section.say(
        "The server is the token endpoint's own software (django-oauth-toolkit) on loopback under TLS 1.3, with an",
        "ECDSA certificate (P-256); the second server, where it is named, answers every request with the same token",
        "at once. Programs get an environment with nothing in it but what leads to the server. Every one is checked",
        "to have got a token, by its exit and by the server's count.",
    )
    section.say(
        f"Measured on {machine.in_words()}, where {load:.1f} other programs wanted to run before it began, with:"
    )
    section.say("\n".join(f"- {version}" for version in versions))
    return section


def _at_a_glance(comparisons: Sequence[Comparison]) -> Section | None:
    if not comparisons:
        return None
    section = Section("At a glance")
    rows = [Bar(comparison.what, comparison.ratio, ours=True) for comparison in comparisons]
    section.draw(
        "glance",
        "What this library takes of what its peer takes",
        bars(
            "What this library takes of what its peer takes",
            "the dashed line is the peer; shorter is better",
            "",
            rows,
            mark=1,
        ),
    )
    section.blocks.append(_table(comparisons))
    return section


def _table(comparisons: Sequence[Comparison]) -> str:
    return table(
        ["", "this library", "peer", "the peer's", "ratio"],
        [
            [
                comparison.what,
                f"{with_spread(comparison.ours)} {comparison.unit}".strip(),
                comparison.peer,
                f"{with_spread(comparison.theirs)} {comparison.unit}".strip(),
                ratio_text(comparison.ratio),
            ]
            for comparison in comparisons
        ],
    )


def _losses(comparisons: Sequence[Comparison]) -> Section:
    section = Section("Where it loses, and where there is no difference")
    lost = [comparison for comparison in comparisons if comparison.ratio.median > 1 + ALIKE]
    alike = [comparison for comparison in comparisons if abs(comparison.ratio.median - 1) <= ALIKE]
    won = len(comparisons) - len(lost) - len(alike)
    section.say(
        f"Of {len(comparisons)} comparisons on this page, this library takes less in {won}, more in {len(lost)}, and",
        f"within {ALIKE:.0%} the same in {len(alike)}.",
    )
    if lost:
        section.say("More:")
        section.blocks.append(_table(lost))
    if alike:
        section.say("The same:")
        section.blocks.append(_table(alike))
    return section


def _left_out(sections: Sequence[Section]) -> Section:
    section = Section("Left out")
    reasons = list(dict.fromkeys(reason for part in sections for reason in part.left_out))
    section.say("\n".join(f"- {reason}" for reason in reasons) or "Nothing.")
    return section
