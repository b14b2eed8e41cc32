"""Decides whether a message holds one request or several, from how its clauses are understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.text.clauses import announces_another, asks_generally, complains, demands

NOT_REQUESTS = frozenset({"greet", "goodbye", "thank_you", "affirm", "deny", "bot_challenge", "out_of_scope"})
"""Intents of clauses that surround a request without being one."""

NEIGHBOURS: tuple[frozenset[str], ...] = (
    frozenset(
        {
            "track_order",
            "order_not_shipped",
            "shipped_not_delivered",
            "cannot_track_parcel",
            "delivered_not_received",
            "order_status_meaning",
        }
    ),
    frozenset({"return_order", "return_from_abroad", "lost_return_slip", "refund_status"}),
    frozenset({"defective_item", "wrong_item", "missing_item", "return_order", "delivered_not_received"}),
    frozenset({"cancel_order", "modify_order", "overcharged", "track_order"}),
    frozenset({"price_changed", "promo_code", "overcharged", "refund_status", "loyalty_points"}),
    frozenset({"payment_refused", "overcharged", "payment_security", "payment_methods", "website_problem"}),
    frozenset({"product_not_found", "out_of_stock", "website_problem", "product_information", "price_changed"}),
    frozenset({"login_problem", "website_problem", "update_personal_information", "order_status_meaning"}),
    frozenset({"loyalty_points", "website_problem", "track_order", "promo_code"}),
)
"""Intents that often appear together in the telling of one and the same request."""

TOLD_AS_FACTS = frozenset(
    {
        "defective_item",
        "wrong_item",
        "missing_item",
        "overcharged",
        "payment_refused",
        "login_problem",
        "website_problem",
        "delivered_not_received",
        "shipped_not_delivered",
        "order_not_shipped",
        "promo_code",
    }
)
"""Intents whose requests are mostly put as a plain statement (« on m'a prélevé vingt euros de trop »)."""

ONE_PARCEL = frozenset({"track_order", "order_not_shipped", "shipped_not_delivered", "delivered_not_received"})
"""Intents of which one at a time is true of a parcel: « c'est marqué livré, je n'ai rien reçu » is a single complaint."""

MAX_REQUESTS = 3
_FEW_CLAUSES = 3
_CLEAR = 0.9
_ALONE = 0.7
_CERTAIN = 0.85
_LONG_WORDS = 25
_CLAUSE_SHARE = 0.25
_STORY_WEIGHT = 0.3
_MIN_CLAUSE = 0.6
"""Probability from which a clause counts as a request of its own."""
_NEIGHBOUR_WHOLE = 0.004
"""What a neighbour of the main request must keep in the reading of the whole message."""


@dataclass(frozen=True)
class Request:
    """One request: the part of the message that holds it, its intent and the probability."""

    text: str
    intent: str
    confidence: float


def requests_of(
    text: str, whole: np.ndarray, pieces: Sequence[tuple[str, np.ndarray]], classes: Sequence[str]
) -> tuple[Request, ...]:
    """Return the requests in order: one, unless clauses that ask clearly ask for different things.

    `whole` and each clause's vector have shape (classes,). Clauses of the same intent, and clauses that tell or greet,
    join their neighbour. A clause whose intent often belongs to the telling of another's counts only if it or another
    announces that there are two, or the reading of the whole message shows it too.
    """
    best = int(np.argmax(whole))
    single = (Request(text, classes[best], float(whole[best])),)
    found: list[Request] = []
    for piece, probabilities in pieces:
        index = int(np.argmax(probabilities))
        intent, confidence = classes[index], float(probabilities[index])
        known = next((i for i, request in enumerate(found) if request.intent == intent), None)
        if known is not None:
            same = found[known]
            found[known] = Request(f"{same.text} {piece}", intent, max(confidence, same.confidence))
        elif intent in NOT_REQUESTS or confidence < _MIN_CLAUSE or not _is_request(piece, intent, confidence):
            if found:
                found[-1] = Request(f"{found[-1].text} {piece}", found[-1].intent, found[-1].confidence)
        else:
            found.append(Request(piece, intent, confidence))
    few = len(pieces) <= _FEW_CLAUSES
    says_two = any(announces_another(request.text) for request in found)
    kept = [
        request
        for request in found
        if request.intent == single[0].intent
        or announces_another(request.text)
        or whole[classes.index(request.intent)] >= _NEIGHBOUR_WHOLE
        or (says_two and request.confidence >= _CERTAIN)
        or (few and request.confidence >= _ALONE and (demands(request.text) or not _has_neighbour(request, found)))
    ]
    parcel = max(
        (r for r in kept if r.intent in ONE_PARCEL), key=lambda r: whole[classes.index(r.intent)], default=None
    )
    two_parcels = [r for r in kept if says_two and r.confidence >= _CERTAIN]
    kept = [r for r in kept if r in two_parcels or r is parcel or r.intent not in ONE_PARCEL]
    is_of_the_whole = any(request.intent == single[0].intent for request in kept)
    if not 2 <= len(kept) <= MAX_REQUESTS or not (is_of_the_whole or all(r.confidence >= _CERTAIN for r in kept)):
        return single
    return tuple(kept)


def with_clauses(text: str, whole: np.ndarray, pieces: Sequence[np.ndarray], classes: Sequence[str]) -> np.ndarray:
    """Let the clauses of a long message vote: the one request may stand in a single sentence of a long story.

    Returns probabilities of shape (classes,). A clause that seems out of scope says little: most of a story does.
    """
    if len(pieces) < 2 or len(text.split()) < _LONG_WORDS:
        return whole
    weights = np.array([_STORY_WEIGHT if name in NOT_REQUESTS else 1.0 for name in classes])
    best = (np.stack(pieces) * weights).max(axis=0)
    mixed: np.ndarray = (1 - _CLAUSE_SHARE) * whole + _CLAUSE_SHARE * best / best.sum()
    return mixed


def _is_request(piece: str, intent: str, confidence: float) -> bool:
    if asks_generally(piece):
        return False
    return demands(piece) or complains(piece) or (intent in TOLD_AS_FACTS and confidence >= _CLEAR)


def _has_neighbour(request: Request, others: Sequence[Request]) -> bool:
    return any(_neighbours(request.intent, other.intent) for other in others if other is not request)


def _neighbours(one: str, other: str) -> bool:
    return any(one in group and other in group for group in NEIGHBOURS)
