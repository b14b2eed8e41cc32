"""From an FAQ entry and an order to the decisions that answer it: which rule speaks for which entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from ecrin.stages import staged
from policies.changes import decide_change
from policies.decision import Decision
from policies.delivery import (
    decide_not_received,
    decide_not_shipped,
    decide_tracking,
    decide_transit,
    decide_whereabouts,
    status_meaning,
)
from policies.facts import OrderFacts
from policies.loyalty import decide_points
from policies.payment import decide_transfer
from policies.refunds import decide_refund, refund_means
from policies.returns import decide_return
from policies.value_types import Values

Rule = Callable[[OrderFacts, datetime, Values], Decision]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "return_order": lambda order, now, values: decide_return(order=order, now=now, values=values),
        "return_from_abroad": lambda order, now, values: decide_return(order=order, now=now, values=values),
        "refund_status": lambda order, now, values: decide_refund(order=order, now=now, values=values),
        "order_status_meaning": lambda order, now, values: status_meaning(status=order.status),
        "order_not_shipped": lambda order, now, values: decide_not_shipped(order=order, now=now, values=values),
        "cannot_track_parcel": lambda order, now, values: decide_tracking(order=order, now=now, values=values),
        "delivered_not_received": lambda order, now, values: decide_not_received(order=order, now=now, values=values),
        "shipped_not_delivered": lambda order, now, values: decide_transit(order=order, now=now, values=values),
        "track_order": lambda order, now, values: decide_whereabouts(order=order, now=now, values=values),
        "modify_order": lambda order, now, values: decide_change(order=order, now=now, values=values, kind="modify"),
        "cancel_order": lambda order, now, values: decide_change(order=order, now=now, values=values, kind="cancel"),
        "defective_item": lambda order, now, values: decide_return(
            order=order, now=now, values=values, reason="defective"
        ),
        "wrong_item": lambda order, now, values: decide_return(order=order, now=now, values=values, reason="wrong"),
        "loyalty_points": lambda order, now, values: decide_points(order=order, now=now, values=values),
        "payment_methods": lambda order, now, values: decide_transfer(order=order, now=now, values=values),
    }
)
"""The rule that speaks for an entry once the order is known. Entries not here answer everybody alike."""

INSTEAD: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("shipped_not_delivered", "not_shipped"): "order_not_shipped",
        ("order_not_shipped", "shipped"): "shipped_not_delivered",
    }
)
"""Entry and outcome of a question whose premise the order contradicts: the entry that tells more."""

MISFITS: frozenset[tuple[str, str]] = frozenset(
    {
        ("refund_status", "no_return"),
        ("delivered_not_received", "not_marked_delivered"),
        ("delivered_not_received", "not_shipped"),
        ("shipped_not_delivered", "delivered"),
        ("order_not_shipped", "delivered"),
        ("return_order", "not_delivered"),
        ("defective_item", "not_delivered"),
        ("wrong_item", "not_delivered"),
        ("cancel_order", "delivered"),
        ("modify_order", "delivered"),
    }
)
"""Entry and outcome of a question whose premise the order contradicts: a doubtful reading of a message is then another."""

BAD_NEWS = frozenset(
    {"too_late", "hygiene_refused", "placed_after_cutoff", "already_shipped", "void", "expired", "mixed"}
)

_FREE_ANSWER = frozenset({"defective_item", "wrong_item", "payment_methods"})
"""Entries whose general answer is what the customer needs; an order refines it only when already known."""

ASKS_FOR_ORDER = frozenset(RULES) - _FREE_ANSWER


@dataclass(frozen=True, slots=True)
class Told:
    """The decisions that answer one entry for one order; the first is the answer, the others add to it."""

    entry: str
    decisions: tuple[Decision, ...]


def fitting(entries: Sequence[str], *, order: OrderFacts, now: datetime, values: Values) -> str | None:
    """The first of several readings of a message that the order does not contradict."""
    for entry in entries:
        told = decide(entry, order=order, now=now, values=values)
        if told is not None and (entry, told.decisions[0].outcome) not in MISFITS:
            return entry
    return None


@staged("policy")
def decide(entry: str, *, order: OrderFacts, now: datetime, values: Values, opened: bool | None = None) -> Told | None:
    """Ask the rule of `entry`.

    `opened` is what the customer said of sealed articles. « Sealed » is believed of those the shop knows nothing of,
    « opened » of all: the shop knows how they left, not what happened since.

    None when the rule has nothing to say for this order (a transfer's deadline for an order paid by card).
    """
    rule = RULES.get(entry)
    if rule is None:
        return None
    if opened is not None:
        items = tuple(
            replace(item, opened=opened) if item.hygiene_sealed and (opened or item.opened is None) else item
            for item in order.items
        )
        order = replace(order, items=items)
    decision = rule(order, now, values)
    if (entry, decision.outcome) in INSTEAD:
        return decide(INSTEAD[entry, decision.outcome], order=order, now=now, values=values, opened=opened)
    if decision.outcome == "not_transfer":
        return None
    if entry == "refund_status" and decision.outcome != "no_return":
        return Told(entry, (decision, refund_means(order=order, now=now, values=values)))
    return Told(entry, (decision,))
