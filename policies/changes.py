"""Rule "change_cutoff": can a placed order still be modified or cancelled.

Possible strictly before the cutoff, on Paris clocks, on the calendar day of the order. An order placed at or after the
cutoff never had a window. Afterwards the customer refuses the parcel; a long wait for stock can be put to the service.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from policies.clock import at_paris, elapsed, paris, paris_day, whole_minutes
from policies.decision import Decision, Fact, Source
from policies.facts import OrderFacts, OrderStatus
from policies.orders import (
    SENT_BACK,
    Phase,
    delivered_at,
    order_inputs,
    phase,
    restock_facts,
    shipped_at,
    waits_for_stock,
)
from policies.trail import Trail
from policies.value_types import Values

Kind = Literal["modify", "cancel"]

NONE = timedelta(0)


class ChangeOutcome(StrEnum):
    """What `decide_change` can answer."""

    POSSIBLE = "possible"
    TOO_LATE = "too_late"
    PLACED_AFTER_CUTOFF = "placed_after_cutoff"
    ALREADY_SHIPPED = "already_shipped"
    DELIVERED = "delivered"
    RESTOCKING = "restocking"
    ALREADY_CANCELLED = "already_cancelled"
    ALREADY_RETURNED = "already_returned"


def decide_change(*, order: OrderFacts, now: datetime, values: Values, kind: Kind = "modify") -> Decision:
    """Judge a modification or cancellation asked for at `now`; `deadline` is the cutoff of the order's day.

    `minutes_left` counts complete minutes but never says 0 while a change is possible; `minutes_late` counts complete
    minutes since the deadline.
    """
    placed_at, asked_at = paris(order.placed_at), paris(now)
    placed_on, cutoff = placed_at.date(), values.changes.cutoff
    deadline = at_paris(placed_on, cutoff)
    trail = Trail(
        rule="change_cutoff",
        sources=(Source(faq=f"{kind}_order"), *values.cite("changes.cutoff")),
        inputs=order_inputs(order, now) | {"kind": kind},
    )
    facts: dict[str, Fact] = {
        "order_number": order.number,
        "cutoff": cutoff,
        "deadline": deadline,
        "placed_at": placed_at,
        "placed_on": placed_on,
        "now": asked_at,
        "minutes_left": 0,
        "minutes_late": 0,
    }

    if gone := _gone(trail, order):
        return trail.decide(gone, deadline=deadline, facts=facts)
    left = elapsed(since=now, until=deadline)
    had_window = trail.check(
        "placed_before_cutoff",
        elapsed(since=order.placed_at, until=deadline) > NONE,
        placed_at=placed_at,
        cutoff=cutoff,
    )
    minutes_left = max(1, whole_minutes(left)) if had_window and left > NONE else 0
    minutes_late = max(0, whole_minutes(-left))
    facts |= {"minutes_left": minutes_left, "minutes_late": minutes_late}
    in_time = trail.check(
        "asked_before_cutoff",
        had_window and left > NONE,
        placed_at=placed_at,
        deadline=deadline,
        now=asked_at,
        minutes_left=minutes_left,
        minutes_late=minutes_late,
    )
    if in_time:
        return trail.decide(ChangeOutcome.POSSIBLE, deadline=deadline, facts=facts)
    if kind == "cancel" and _long_wait(trail, order, now, values, facts):
        return trail.decide(ChangeOutcome.RESTOCKING, deadline=deadline, facts=facts)
    late = ChangeOutcome.TOO_LATE if had_window else ChangeOutcome.PLACED_AFTER_CUTOFF
    return trail.decide(late, deadline=deadline, facts=facts)


def _gone(trail: Trail, order: OrderFacts) -> ChangeOutcome | None:
    """The answer when the parcel has left or the order is over, whatever the hour."""
    status = order.status.value
    if trail.check("cancelled", order.status is OrderStatus.CANCELLED, status=status):
        return ChangeOutcome.ALREADY_CANCELLED
    if trail.check("sent_back", order.status in SENT_BACK, status=status):
        return ChangeOutcome.ALREADY_RETURNED
    if trail.check("delivered", phase(order) is Phase.DELIVERED, status=status, delivered_at=delivered_at(order)):
        return ChangeOutcome.DELIVERED
    if trail.check("shipped", phase(order) is Phase.SHIPPED, status=status, shipped_at=shipped_at(order)):
        return ChangeOutcome.ALREADY_SHIPPED
    return None


def _long_wait(trail: Trail, order: OrderFacts, now: datetime, values: Values, facts: dict[str, Fact]) -> bool:
    """The FAQ's exception for cancelling. An order out of stock stays in "payment authorised" (order_status_meaning),
    so days spent there are read as a wait for stock even when no article says so."""
    waited_days = (paris_day(now) - paris_day(order.status_since)).days
    facts |= {"waited_days": waited_days} | restock_facts(order, now)
    return trail.check(
        "long_wait_for_stock",
        order.status is OrderStatus.PAYMENT_AUTHORISED and waited_days >= values.changes.restocking_days,
        status=order.status.value,
        known_to_wait_for_stock=waits_for_stock(order),
        waited_days=waited_days,
        restocking_days=values.changes.restocking_days,
    )
