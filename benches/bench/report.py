"""What the measurements came to, in Markdown and charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.numbers import number_text
from bench.rounds import Spread


@dataclass(frozen=True)
class Comparison:
    """One figure of this library beside one of a peer's; less is better."""

    what: str
    ours: Spread
    peer: str
    theirs: Spread
    unit: str
    ratio: Spread
    """Of both, within each round."""
    headline: bool = False
    """Whether it is one of the few that the page begins with."""


@dataclass
class Section:
    title: str
    blocks: list[str] = field(default_factory=list)
    charts: dict[str, str] = field(default_factory=dict)
    """SVG by file name, each shown by one of the blocks."""
    comparisons: list[Comparison] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def say(self, *sentences: str) -> None:
        self.blocks.append(" ".join(sentences))

    def show(self, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        self.blocks.append(table(header, rows))

    def draw(self, name: str, what: str, svg: str) -> None:
        self.charts[f"{name}.svg"] = svg
        self.blocks.append(f"![{what}](benchmarks/{name}.svg)")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column is text, the others are figures."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def with_spread(spread: Spread) -> str:
    if spread.least == spread.most:
        return number_text(spread.median)
    return f"{number_text(spread.median)} ({number_text(spread.least)}–{number_text(spread.most)})"


def ratio_text(spread: Spread) -> str:
    return f"{spread.median:.2f} ({spread.least:.2f}–{spread.most:.2f})"
