"""Rule "return_window": may this order, or this article of it, be sent back, until when, and at whose cost.

Art. L221-18 gives the window, L221-19 counts it (from the day after reception, to the end of a working day), L221-28
takes unsealed hygiene articles out of it. Asking in time is what counts: a return already announced is judged by the
day it was announced.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from policies.clock import add_days, paris_day
from policies.decision import Decision, Fact
from policies.facts import ItemFacts, OrderFacts, OrderStatus
from policies.orders import SENT_BACK, Phase, delivered_at, joined, order_inputs, phase, refunded_at
from policies.trail import Trail
from policies.value_types import Values
from policies.working_days import first_working_day

Reason = Literal["withdrawal", "defective", "wrong"]


class ReturnOutcome(StrEnum):
    """What `decide_return` can answer."""

    ELIGIBLE = "eligible"
    TOO_LATE = "too_late"
    NOT_DELIVERED = "not_delivered"
    HYGIENE_REFUSED = "hygiene_refused"
    HYGIENE_UNKNOWN = "hygiene_unknown"
    ALREADY_RETURNED = "already_returned"
    ALREADY_REFUNDED = "already_refunded"
    MIXED = "mixed"
    CANCELLED = "cancelled"
    FREE_LABEL = "free_label"


def last_return_day(*, delivered_at: datetime, values: Values) -> date:
    """The last Paris calendar day, to its end, on which a return can be asked for."""
    return first_working_day(_unmoved_last_day(delivered_at, values), country=values.legal.holiday_country)


def decide_return(
    *, order: OrderFacts, now: datetime, values: Values, item: ItemFacts | None = None, reason: Reason = "withdrawal"
) -> Decision:
    """Judge one `item`, or without it the articles of the order not sent back yet.

    `deadline` is the last day to ask. An unknown seal comes before any other answer about hygiene: the question has to
    be asked first. A defective or wrong article has neither window nor hygiene rule, but must have left the shop.
    """
    asked_at = order.return_requested_at or now
    trail = Trail(
        rule="return_window",
        sources=values.cite("returns.window_days", "legal.deadline_shift_article", "legal.hygiene_article"),
        inputs=order_inputs(order, now)
        | {"reason": reason, "item": item.name if item else None, "delivered_at": order.delivered_at},
    )
    candidates = (item,) if item else order.items
    open_items = tuple(candidate for candidate in candidates if not candidate.returned)
    facts: dict[str, Fact] = {
        "order_number": order.number,
        "item": joined(open_items or candidates),
        "abroad": order.country != values.shop.home_country,
        "requested_on": paris_day(order.return_requested_at) if order.return_requested_at else None,
    }

    if closed := _closed(trail, order, candidates, open_items):
        return trail.decide(closed, facts=facts)
    if trail.check("fault_of_the_shop", reason != "withdrawal", reason=reason):
        left = trail.check("left_the_shop", phase(order) is not Phase.NOT_SHIPPED, status=order.status.value)
        return trail.decide(ReturnOutcome.FREE_LABEL if left else ReturnOutcome.NOT_DELIVERED, facts=facts)

    received = delivered_at(order)
    if (
        not trail.check("delivered", received is not None, status=order.status.value, delivered_at=received)
        or received is None
    ):
        return trail.decide(ReturnOutcome.NOT_DELIVERED, facts=facts)
    facts |= _window_facts(trail, received, now, values)
    last_day = last_return_day(delivered_at=received, values=values)
    in_time = trail.check(
        "asked_in_time",
        paris_day(asked_at) <= last_day,
        asked_at=asked_at,
        announced=order.return_requested_at is not None,
        last_day=last_day,
        days_late=max(0, (paris_day(asked_at) - last_day).days),
    )
    if not in_time:
        return trail.decide(ReturnOutcome.TOO_LATE, deadline=last_day, facts=facts)
    outcome, split = _hygiene(trail, open_items)
    return trail.decide(outcome, deadline=last_day, facts=facts | split)


def _closed(
    trail: Trail, order: OrderFacts, candidates: tuple[ItemFacts, ...], open_items: tuple[ItemFacts, ...]
) -> ReturnOutcome | None:
    status = order.status.value
    if trail.check("cancelled", order.status is OrderStatus.CANCELLED, status=status):
        return ReturnOutcome.CANCELLED
    refunded = refunded_at(order)
    if trail.check("refunded", refunded is not None, status=status, refunded_at=refunded):
        return ReturnOutcome.ALREADY_REFUNDED
    back = order.status in SENT_BACK or order.return_received_at is not None
    all_returned = bool(candidates) and not open_items
    if trail.check(
        "sent_back",
        back or all_returned,
        status=status,
        return_received_at=order.return_received_at,
        returned_items=joined(candidate for candidate in candidates if candidate.returned),
    ):
        return ReturnOutcome.ALREADY_RETURNED
    return None


def _unmoved_last_day(delivered_at: datetime, values: Values) -> date:
    return add_days(paris_day(delivered_at), values.returns.window_days)


def _window_facts(trail: Trail, received: datetime, now: datetime, values: Values) -> dict[str, Fact]:
    unmoved = _unmoved_last_day(received, values)
    last_day = last_return_day(delivered_at=received, values=values)
    moved = trail.check(
        "last_day_moved",
        last_day != unmoved,
        delivered_on=paris_day(received),
        window_days=values.returns.window_days,
        counted_last_day=unmoved,
        last_day=last_day,
    )
    return {
        "delivered_on": paris_day(received),
        "counted_last_day": unmoved,
        "last_day": last_day,
        "days_left": max(0, (last_day - paris_day(now)).days),
        "days_late": max(0, (paris_day(now) - last_day).days),
        "moved": moved,
    }


def _hygiene(trail: Trail, items: tuple[ItemFacts, ...]) -> tuple[ReturnOutcome, dict[str, Fact]]:
    refused = tuple(item for item in items if item.hygiene_sealed and item.opened)
    unknown = tuple(item for item in items if item.hygiene_sealed and item.opened is None)
    returnable = tuple(item for item in items if item not in refused and item not in unknown)
    for item in items:
        trail.check(
            "hygiene_seal_allows",
            item not in refused and item not in unknown,
            item=item.name,
            category=item.category,
            hygiene_sealed=item.hygiene_sealed,
            opened=item.opened,
        )
    split: dict[str, Fact] = {
        "refused_items": joined(refused),
        "returnable_items": joined(returnable),
        "unknown_items": joined(unknown),
    }
    if unknown:
        return ReturnOutcome.HYGIENE_UNKNOWN, split | {"item": joined(unknown)}
    if refused and returnable:
        return ReturnOutcome.MIXED, split
    if refused:
        return ReturnOutcome.HYGIENE_REFUSED, split | {"item": joined(refused)}
    return ReturnOutcome.ELIGIBLE, split
