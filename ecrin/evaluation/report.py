"""Draws an evaluation as one HTML file that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ecrin.evaluation.charts import confusion_chart, reliability_chart
from ecrin.evaluation.labelled import Labelled
from ecrin.evaluation.metrics import Judged, Scores, worst_mistakes
from ecrin.evaluation.similarity import Index
from ecrin.evaluation.texts import load_texts

TEMPLATES = Path(__file__).with_name("templates")
_MISTAKES = 20
_NEIGHBOURS = 3
_CONFUSIONS = 12


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the figures come from, for the head and the foot of the report."""

    file: str
    model: str
    command: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Resembling:
    """A training example that resembles a mistake."""

    text: str
    label: str
    cosine: float
    same_label: bool


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake with its nearest training examples."""

    judged: Judged
    neighbours: tuple[Resembling, ...]


def explain_mistakes(judged: Sequence[Judged], training: Sequence[Labelled]) -> tuple[Mistake, ...]:
    """Return the surest mistakes, each with the training examples most like it."""
    mistakes = worst_mistakes(judged, _MISTAKES)
    if not mistakes or not training:
        return tuple(Mistake(one, ()) for one in mistakes)
    index = Index([example.text for example in training])
    return tuple(
        Mistake(
            one,
            tuple(
                Resembling(
                    training[n.index].text,
                    training[n.index].label,
                    n.cosine,
                    training[n.index].label == one.message.label,
                )
                for n in index.nearest(one.message.text, _NEIGHBOURS)
            ),
        )
        for one in mistakes
    )


def render(*, scores: Scores, mistakes: Sequence[Mistake], origin: Origin) -> str:
    """Return the HTML of the report."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    environment.filters["decimal"] = decimal
    return environment.get_template("report.html.j2").render(
        t=load_texts(),
        scores=scores,
        labels=sorted(scores.labels, key=lambda one: (one.f1, one.label)),
        confusion=confusion_chart(scores),
        confusions=scores.confusions[:_CONFUSIONS],
        reliability=reliability_chart(scores.calibration),
        overall=scores.overall,
        mistakes=mistakes,
        origin=origin,
        date=f"{origin.at:%d/%m/%Y %H:%M}",
    )


def percent(share: float) -> str:
    """Write a share as French percent: 0.934 → « 93,4 % » with a no-break space."""
    return f"{share * 100:.1f}".replace(".", ",") + "\u00a0%"


def decimal(value: float) -> str:
    """Write a number with two decimals and a comma."""
    return f"{value:.2f}".replace(".", ",")
