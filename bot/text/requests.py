"""Decides whether a message holds one request or several, from how its clauses are understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NOT_REQUESTS = frozenset({"greet", "goodbye", "thank_you", "affirm", "deny", "out_of_scope"})
"""Intents of clauses that surround a request without being one."""

MAX_REQUESTS = 3
_MIN_CLAUSE = 0.55
"""Probability from which a clause counts as a request of its own."""
_MIN_SHARE = 0.6
"""Share of the whole message's probability that the requests found must explain together."""
_MIN_WHOLE = 0.06
"""Probability each request must keep in the reading of the whole message."""


@dataclass(frozen=True)
class Request:
    """One request: the part of the message that holds it, its intent and the probability."""

    text: str
    intent: str
    confidence: float


def requests_of(
    text: str, whole: np.ndarray, pieces: Sequence[tuple[str, np.ndarray]], classes: Sequence[str]
) -> tuple[Request, ...]:
    """Return the requests in order: one, unless two clauses clearly ask for different things and the whole shows both.

    `whole` and each clause's vector have shape (classes,). Clauses of the same intent, and clauses that surround a
    request (greetings, stories), join their neighbour.
    """
    best = int(np.argmax(whole))
    single = (Request(text, classes[best], float(whole[best])),)
    found: list[Request] = []
    for piece, probabilities in pieces:
        index = int(np.argmax(probabilities))
        intent, confidence = classes[index], float(probabilities[index])
        if intent in NOT_REQUESTS or confidence < _MIN_CLAUSE or whole[index] < _MIN_WHOLE:
            if found:
                found[-1] = Request(f"{found[-1].text} {piece}", found[-1].intent, found[-1].confidence)
            continue
        known = next((i for i, request in enumerate(found) if request.intent == intent), None)
        if known is None:
            found.append(Request(piece, intent, confidence))
        else:
            same = found[known]
            found[known] = Request(f"{same.text} {piece}", intent, max(confidence, same.confidence))
    if not 2 <= len(found) <= MAX_REQUESTS:
        return single
    explained = sum(float(whole[list(classes).index(request.intent)]) for request in found)
    return tuple(found) if explained >= _MIN_SHARE else single
