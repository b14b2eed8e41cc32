"""Accepted marks in the format of `data/nlu.yml`, to be read by the person who adds them there."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BRACKETS = re.compile(r"[\[\]{}()]")


def as_training_data(examples: Iterable[tuple[str, str]]) -> str:
    """`(intent, text)` pairs as Rasa reads them: one line each, doubles left out, no brackets that mean an entity."""
    by_intent: dict[str, dict[str, None]] = {}
    for intent, text in examples:
        line = " ".join(_BRACKETS.sub(" ", text).split()).lstrip("-/ ")
        if line:
            by_intent.setdefault(intent, {})[line] = None
    parts = ['version: "3.1"', "nlu:"]
    for intent, lines in sorted(by_intent.items()):
        parts += [f"- intent: {intent}", "  examples: |", *(f"    - {line}" for line in lines)]
    return "\n".join(parts) + "\n"
