"""Where the bars of a chart stand: the template draws them as SVG, without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 160
_GAP = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar, or one storey of it; `kind` is its colour, `title` what it stands for."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars, what the top line stands for, and whether there is anything to see."""

    name: str
    bars: Sequence[Bar]
    top: float
    is_empty: bool


Column = tuple[str, Sequence[tuple[str, float]]]
"""A label and its storeys from below: kind and value."""


def chart(name: str, columns: Sequence[Column], *, most: float | None = None) -> Chart:
    """Upright bars, the highest as high as the chart, or as `most` wants."""
    heights = [sum(value for _, value in storeys) for _, storeys in columns]
    top = most if most is not None else max(heights, default=0.0)
    step = WIDTH / max(1, len(columns))
    bars = []
    for index, (label, storeys) in enumerate(columns):
        below = 0.0
        for kind, value in storeys:
            height = HEIGHT * value / top if top else 0.0
            below += height
            if value:
                bars.append(
                    Bar(
                        x=round(step * (index + _GAP / 2), 1),
                        y=round(HEIGHT - below, 1),
                        width=round(step * (1 - _GAP), 1),
                        height=round(height, 1),
                        kind=kind,
                        title=label,
                    )
                )
    return Chart(name=name, bars=bars, top=top, is_empty=not any(heights))


def rows(values: Sequence[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """Label, value, and the value's share of the largest in per cent."""
    most = max((value for _, value in values), default=1) or 1
    return [(label, value, round(100 * value / most)) for label, value in values]
