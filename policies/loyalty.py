"""Rule "loyalty": when the points of an order appear, how long they last, what voids them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from policies.clock import add_days, paris_day
from policies.decision import Decision, Fact
from policies.facts import OrderFacts, OrderStatus
from policies.orders import SENT_BACK, SHIPPED_OR_LATER, order_inputs, shipped_at
from policies.trail import Trail
from policies.value_types import Values


class LoyaltyOutcome(StrEnum):
    """What `decide_points` can answer."""

    NOT_SHIPPED = "not_shipped"
    PENDING = "pending"
    CREDITED = "credited"
    EXPIRED = "expired"
    VOID = "void"
    CANCELLED = "cancelled"


def decide_points(*, order: OrderFacts, now: datetime, values: Values) -> Decision:
    """The points earned by `order`; `deadline` is their last usable day.

    They appear on the day `credit_delay_days` after shipping and are usable to the end of day `validity_days` after
    that. Asking to return anything voids them, whenever it is asked.
    """
    trail = Trail(
        rule="loyalty",
        sources=values.cite("loyalty.credit_delay_days", "loyalty.validity_days"),
        inputs=order_inputs(order, now) | {"shipped_at": order.shipped_at, "points_earned": order.points_earned},
    )
    today, status = paris_day(now), order.status.value
    facts: dict[str, Fact] = {"order_number": order.number, "points": order.points_earned}
    if trail.check("cancelled", order.status is OrderStatus.CANCELLED, status=status):
        return trail.decide(LoyaltyOutcome.CANCELLED, facts=facts)
    if trail.check(
        "return_asked_for",
        order.status in SENT_BACK or order.return_requested_at is not None or any(i.returned for i in order.items),
        status=status,
        return_requested_at=order.return_requested_at,
    ):
        return trail.decide(LoyaltyOutcome.VOID, facts=facts)
    left = shipped_at(order)
    if left is None and order.status in SHIPPED_OR_LATER:
        left = order.status_since
    if not trail.check("shipped", left is not None, status=status, shipped_at=left) or left is None:
        return trail.decide(LoyaltyOutcome.NOT_SHIPPED, facts=facts)
    shipped_on = paris_day(left)
    credit_on = add_days(shipped_on, values.loyalty.credit_delay_days)
    valid_until = add_days(credit_on, values.loyalty.validity_days)
    facts |= {
        "shipped_on": shipped_on,
        "credit_on": credit_on,
        "valid_until": valid_until,
        "days_left": max(0, (valid_until - today).days),
    }
    if not trail.check("credited", today >= credit_on, shipped_on=shipped_on, credit_on=credit_on, today=today):
        return trail.decide(LoyaltyOutcome.PENDING, deadline=valid_until, facts=facts)
    usable = trail.check("still_valid", today <= valid_until, valid_until=valid_until, today=today)
    return trail.decide(
        LoyaltyOutcome.CREDITED if usable else LoyaltyOutcome.EXPIRED, deadline=valid_until, facts=facts
    )
