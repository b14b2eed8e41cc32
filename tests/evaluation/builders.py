"""Judged messages written in one line."""

from __future__ import annotations

from ecrin.evaluation.labelled import Labelled
from ecrin.evaluation.metrics import Judged
from ecrin.nlu_worker import Decision, Parsed, Ranked


def judged(
    label: str,
    intent: str,
    *,
    confidence: float = 0.9,
    decision: Decision = "answer",
    style: str = "",
    text: str = "message",
    out: float = 0.0,
) -> Judged:
    """Build a message of `label` understood as `intent`; `out` is the probability of out of scope."""
    ranking = sorted((Ranked(intent, confidence), Ranked("out_of_scope", out)), key=lambda one: -one.confidence)
    parsed = Parsed(text, intent, confidence, decision, (intent,), tuple(ranking), text)
    return Judged(Labelled(text, label, style), parsed)
