"""Where the bars of a chart stand: the template draws them as SVG, without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, FOOT = 640, 180, 22
_GAP = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar with its label and value."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int


def columns(values: Sequence[tuple[str, int]]) -> list[Bar]:
    """Upright bars, the highest as high as the chart."""
    if not values:
        return []
    most = max(1, *(value for _, value in values))
    step = WIDTH / len(values)
    return [
        Bar(
            x=round(step * (index + _GAP / 2), 1),
            y=round(HEIGHT - HEIGHT * value / most, 1),
            width=round(step * (1 - _GAP), 1),
            height=round(HEIGHT * value / most, 1),
            label=label,
            value=value,
        )
        for index, (label, value) in enumerate(values)
    ]


def rows(values: Sequence[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """Label, value, and the value's share of the largest in per cent."""
    most = max((value for _, value in values), default=1) or 1
    return [(label, value, round(100 * value / most)) for label, value in values]
