"""Bar charts as SVG, on a card of their own that follows the reader's light or dark theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bench.numbers import number_text
from bench.rounds import Spread

# All in pixels; of a character the most that it takes in the bold sans-serif fonts that browsers choose.
CHARACTER = 8
BARS = 380
FIGURES = 96
ROW = 30
TOP = 58
MARGIN = 20

STYLE = """
    .card { fill: #ffffff; stroke: #d0d7de }
    text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f }
    .title { font-size: 15px; font-weight: 600 }
    .note { font-size: 12px; fill: #57606a }
    .ours { fill: #0f766e }
    .theirs { fill: #afb8c1 }
    .spread { stroke: #24292f; stroke-width: 1.5 }
    .mark { stroke: #57606a; stroke-dasharray: 3 3 }
    .own { font-weight: 600 }
    @media (prefers-color-scheme: dark) {
      .card { fill: #0d1117; stroke: #30363d }
      text { fill: #e6edf3 }
      .note { fill: #9198a1 }
      .ours { fill: #2dd4bf }
      .theirs { fill: #4b535d }
      .spread { stroke: #e6edf3 }
      .mark { stroke: #9198a1 }
    }
"""


@dataclass(frozen=True)
class Bar:
    label: str
    spread: Spread
    ours: bool


def bars(title: str, note: str, unit: str, rows: Sequence[Bar], mark: float | None = None) -> str:
    """One bar for each row, its least and most as a line across its end; `mark` is a value to compare with."""
    labels = CHARACTER * max(len(row.label) for row in rows)
    width = MARGIN + labels + 10 + BARS + FIGURES + MARGIN
    height = TOP + ROW * len(rows) + MARGIN
    # A far outlier may leave the card: bars that can be compared are worth more.
    longest = max(row.spread.median for row in rows)
    longest = max(longest, min(max(row.spread.most for row in rows), 1.25 * longest), mark or 0)

    def x(value: float) -> float:
        return round(MARGIN + labels + 10 + BARS * min(value / longest, 1), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">',
        f"  <style>{STYLE}  </style>",
        f'  <rect class="card" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>',
        f'  <text class="title" x="{MARGIN}" y="26">{escape(title)}</text>',
        f'  <text class="note" x="{MARGIN}" y="45">{escape(note)}</text>',
    ]
    for number, row in enumerate(rows):
        middle = TOP + ROW * number + ROW // 2
        kind, weight = ("ours", ' class="own"') if row.ours else ("theirs", "")
        end = max(x(row.spread.median) - x(0), 1)
        parts += [
            f'  <text{weight} x="{MARGIN + labels}" y="{middle + 4}" text-anchor="end">{escape(row.label)}</text>',
            f'  <rect class="{kind}" x="{x(0)}" y="{middle - 9}" width="{end:.1f}" height="18" rx="2"/>',
            f'  <line class="spread" x1="{x(row.spread.least)}" x2="{x(row.spread.most)}" y1="{middle}" '
            f'y2="{middle}"/>',
            f'  <text{weight} x="{width - MARGIN}" y="{middle + 4}" text-anchor="end">'
            f"{escape(number_text(row.spread.median))}{escape(unit)}</text>",
        ]
    if mark is not None:
        parts.append(f'  <line class="mark" x1="{x(mark)}" x2="{x(mark)}" y1="{TOP}" y2="{TOP + ROW * len(rows)}"/>')
    return "\n".join([*parts, "</svg>", ""])
