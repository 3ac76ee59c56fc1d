"""Numbers as they are read."""

from __future__ import annotations

import math


def number_text(value: float) -> str:
    """Three figures: more are not known. A whole number is a count."""
    if value == round(value):
        return counted(round(value))
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{round(value, digits):,.{digits}f}".replace(",", " ")


def counted(number: int) -> str:
    """A count, exactly."""
    return f"{number:,}".replace(",", " ")
