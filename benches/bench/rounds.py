"""Measures subjects in rounds, so that what disturbs the machine disturbs all of them alike.

In each round every subject has one turn; who goes first rotates, and every other round goes backwards. Two
subjects are compared within each round, and of these ratios the median counts.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Sample = TypeVar("Sample")


@dataclass(frozen=True)
class Spread:
    """The median of some samples, the least and the most of them."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        return cls(statistics.median(samples), min(samples), max(samples))


class Rounds(Generic[Sample]):
    """The samples of each subject, by round."""

    def __init__(self, samples: Mapping[str, Sequence[Sample]]) -> None:
        self._samples = samples

    @classmethod
    def play(cls, count: int, subjects: Mapping[str, Callable[[], Sample]]) -> Rounds[Sample]:
        for subject in subjects.values():
            subject()  # what is done on first use alone: files into the page cache, bytecode written
        samples: dict[str, list[Sample]] = {name: [] for name in subjects}
        for number in range(count):
            for name in _order(list(subjects), number):
                samples[name].append(subjects[name]())
        return cls(samples)

    def __contains__(self, subject: str) -> bool:
        return subject in self._samples

    def spread(self, subject: str, of: Callable[[Sample], float]) -> Spread:
        return Spread.of([of(sample) for sample in self._samples[subject]])

    def ratio(self, ours: str, theirs: str, of: Callable[[Sample], float]) -> Spread:
        pairs = zip(self._samples[ours], self._samples[theirs], strict=True)
        return Spread.of([of(one) / of(other) for one, other in pairs])

    def difference(self, one: str, other: str, of: Callable[[Sample], float]) -> Spread:
        pairs = zip(self._samples[one], self._samples[other], strict=True)
        return Spread.of([of(one) - of(other) for one, other in pairs])


def _order(names: list[str], number: int) -> list[str]:
    start = (number // 2) % len(names)
    rotated = names[start:] + names[:start]
    return rotated if number % 2 == 0 else rotated[::-1]
