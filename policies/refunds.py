"""Rules "refund" (where the refund stands, by when) and "refund_means" (where the money goes)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from policies.clock import add_days, month_end, paris_day
from policies.decision import Decision, Fact, Source
from policies.facts import OrderFacts, OrderStatus, PaymentMethod
from policies.orders import order_inputs, refunded_at
from policies.trail import Trail
from policies.value_types import Values

FAQ = Source(faq="refund_status")


class RefundOutcome(StrEnum):
    """What `decide_refund` can answer."""

    NO_RETURN = "no_return"
    RETURN_ANNOUNCED = "return_announced"
    RETURN_RECEIVED = "return_received"
    RETURNED_CHECKED = "returned_checked"
    REFUNDED_RECENT = "refunded_recent"
    REFUNDED_OVERDUE = "refunded_overdue"
    CANCELLED_REFUND = "cancelled_refund"


class RefundMeans(StrEnum):
    """What `refund_means` can answer."""

    SAME_CARD = "same_card"
    SAME_CARD_DEFERRED = "same_card_deferred"
    SAME_PAYPAL = "same_paypal"
    BANK_DETAILS_NEEDED = "bank_details_needed"
    SAME_CARD_INSTALMENTS = "same_card_instalments"


MEANS: Mapping[PaymentMethod, RefundMeans] = {
    PaymentMethod.CARD: RefundMeans.SAME_CARD,
    PaymentMethod.CARD_DEFERRED: RefundMeans.SAME_CARD_DEFERRED,
    PaymentMethod.INSTALMENTS_3X: RefundMeans.SAME_CARD_INSTALMENTS,
    PaymentMethod.INSTALMENTS_4X: RefundMeans.SAME_CARD_INSTALMENTS,
    PaymentMethod.PAYPAL: RefundMeans.SAME_PAYPAL,
    PaymentMethod.TRANSFER: RefundMeans.BANK_DETAILS_NEEDED,
    PaymentMethod.CHEQUE: RefundMeans.BANK_DETAILS_NEEDED,
}


def decide_refund(*, order: OrderFacts, now: datetime, values: Values) -> Decision:
    """Where the refund of `order` stands; `deadline` is the day by which the shop pays, or the money arrives."""
    trail = Trail(
        rule="refund",
        sources=(*values.cite("refunds.due_days", "refunds.arrival_days_max"), FAQ),
        inputs=order_inputs(order, now) | {"return_requested_at": order.return_requested_at},
    )
    today = paris_day(now)
    facts: dict[str, Fact] = {"order_number": order.number, "total": order.total}

    paid_back = refunded_at(order)
    refunded = trail.check("refunded", paid_back is not None, status=order.status.value, refunded_at=paid_back)
    if refunded and paid_back is not None:
        arrival = _arrival(paid_back, values)
        recent = trail.check("arrival_still_due", today <= arrival["expected_until"], today=today, **arrival)
        outcome = RefundOutcome.REFUNDED_RECENT if recent else RefundOutcome.REFUNDED_OVERDUE
        return trail.decide(outcome, deadline=arrival["expected_until"], facts=facts | arrival)
    if trail.check("cancelled", order.status is OrderStatus.CANCELLED, status=order.status.value):
        return trail.decide(RefundOutcome.CANCELLED_REFUND, facts=facts)
    if trail.check("returned_and_checked", order.status is OrderStatus.RETURNED, status=order.status.value):
        return _owed(trail, RefundOutcome.RETURNED_CHECKED, order, today, values, facts)
    received = order.return_received_at
    if trail.check("return_received", received is not None, return_received_at=received):
        return _owed(trail, RefundOutcome.RETURN_RECEIVED, order, today, values, facts)
    refused = order.status is OrderStatus.REFUSED
    if trail.check(
        "return_announced",
        order.return_requested_at is not None or refused,
        return_requested_at=order.return_requested_at,
        parcel_refused=refused,
    ):
        return _owed(trail, RefundOutcome.RETURN_ANNOUNCED, order, today, values, facts)
    return trail.decide(RefundOutcome.NO_RETURN, facts=facts)


def _arrival(paid_back: datetime, values: Values) -> dict[str, date]:
    refunded_on = paris_day(paid_back)
    return {
        "refunded_on": refunded_on,
        "expected_from": add_days(refunded_on, values.refunds.arrival_days_min),
        "expected_until": add_days(refunded_on, values.refunds.arrival_days_max),
    }


def _owed(
    trail: Trail, outcome: RefundOutcome, order: OrderFacts, today: date, values: Values, facts: dict[str, Fact]
) -> Decision:
    """Counts from the withdrawal; without its date, from the reception, else from the status that proves it.

    The FAQ lets the shop wait for the parcel and its control: a parcel that came after the day counted moves it.
    """
    received_on = paris_day(order.return_received_at) if order.return_received_at else None
    withdrawn_on = paris_day(order.return_requested_at or order.return_received_at or order.status_since)
    due_by = add_days(withdrawn_on, values.refunds.due_days)
    if received_on is not None:
        due_by = max(due_by, received_on)
    late = trail.check(
        "past_due",
        today > due_by,
        withdrawn_on=withdrawn_on,
        return_received_on=received_on,
        due_days=values.refunds.due_days,
        due_by=due_by,
        today=today,
    )
    owed: dict[str, Fact] = {
        "withdrawn_on": withdrawn_on,
        "return_received_on": received_on,
        "due_by": due_by,
        "past_due": late,
    }
    return trail.decide(outcome, deadline=due_by, facts=facts | owed)


def refund_means(*, order: OrderFacts, now: datetime, values: Values) -> Decision:
    """To which means of payment the refund goes; the customer cannot choose another.

    A deferred-debit card shows it at the end of the month in which it can have arrived at the earliest.
    """
    means = MEANS[order.payment_method]
    trail = Trail(
        rule="refund_means",
        sources=(FAQ, *values.cite("refunds.arrival_days_min")),
        inputs=order_inputs(order, now) | {"payment_method": order.payment_method.value},
    )
    trail.check("paid_with", True, payment_method=order.payment_method.value, means=means.value)
    facts: dict[str, Fact] = {"order_number": order.number, "payment_method": order.payment_method.value}
    if means is not RefundMeans.SAME_CARD_DEFERRED:
        return trail.decide(means, facts=facts)
    paid_back = refunded_at(order)
    counted_from = paris_day(paid_back or now)
    end = month_end(add_days(counted_from, values.refunds.arrival_days_min))
    trail.check("already_refunded", paid_back is not None, counted_from=counted_from, month_end=end)
    return trail.decide(means, facts=facts | {"month_end": end})
