"""Geometry of the report's two drawings; the template only writes it down as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ecrin.evaluation.metrics import Bin, Scores

CELL = 17
MARGIN = 190
PLOT = 320


@dataclass(frozen=True, slots=True)
class Cell:
    """One square of the confusion matrix; `strength` between 0 and 1 is the share of the row's messages."""

    x: int
    y: int
    label: str
    predicted: str
    count: int
    strength: float
    right: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """A label and the middle of its row or column."""

    label: str
    at: float


@dataclass(frozen=True, slots=True)
class ConfusionChart:
    """Squares and axes; `size` is the side of the drawing without its margin."""

    size: int
    margin: int
    cell: int
    cells: tuple[Cell, ...]
    axes: tuple[Axis, ...]


def confusion_chart(scores: Scores) -> ConfusionChart:
    """Lay out the confusion matrix, labels in alphabetical order."""
    names = [one.label for one in scores.labels]
    support = {one.label: one.support for one in scores.labels}
    counts = {(one.label, one.label): one.right for one in scores.labels if one.right}
    counts.update({(label, predicted): n for label, predicted, n in scores.confusions})
    place = {name: index for index, name in enumerate(names)}
    return ConfusionChart(
        size=CELL * len(names),
        margin=MARGIN,
        cell=CELL,
        cells=tuple(
            Cell(
                x=place[predicted] * CELL,
                y=place[label] * CELL,
                label=label,
                predicted=predicted,
                count=count,
                strength=round(0.25 + 0.75 * count / support[label], 2),
                right=label == predicted,
            )
            for (label, predicted), count in sorted(counts.items())
        ),
        axes=tuple(Axis(name, (index + 0.5) * CELL) for index, name in enumerate(names)),
    )


@dataclass(frozen=True, slots=True)
class Dot:
    """One bin of the reliability diagram: its place in the plot, and what it stands for."""

    x: float
    y: float
    radius: float
    bin: Bin


@dataclass(frozen=True, slots=True)
class ReliabilityChart:
    """Dots in a square plot of side `size`, origin top left as SVG has it."""

    size: int
    dots: tuple[Dot, ...]
    line: str
    ticks: tuple[tuple[float, str], ...]


def reliability_chart(bins: Sequence[Bin]) -> ReliabilityChart:
    """Lay out the reliability diagram; a dot's area follows its number of messages."""
    most = max((one.count for one in bins), default=1)
    dots = tuple(
        Dot(
            x=round(one.confidence * PLOT, 1),
            y=round((1 - one.accuracy) * PLOT, 1),
            radius=round(3 + 13 * math.sqrt(one.count / most), 1),
            bin=one,
        )
        for one in bins
    )
    return ReliabilityChart(
        size=PLOT,
        dots=dots,
        line=" ".join(f"{dot.x},{dot.y}" for dot in dots),
        ticks=tuple((round(share * PLOT / 100, 1), f"{share}") for share in range(0, 101, 20)),
    )
