"""Rule "transfer": how long an order paid by bank transfer waits for its money."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from policies.clock import add_days, paris_day
from policies.decision import Decision, Fact
from policies.facts import OrderFacts, OrderStatus, PaymentMethod
from policies.orders import order_inputs
from policies.trail import Trail
from policies.value_types import Values


class TransferOutcome(StrEnum):
    """What `decide_transfer` can answer."""

    WAITING = "waiting"
    CANCELLED_UNPAID = "cancelled_unpaid"
    NOT_TRANSFER = "not_transfer"
    RECEIVED = "received"


def decide_transfer(*, order: OrderFacts, now: datetime, values: Values) -> Decision:
    """Whether the transfer of `order` is still awaited; `deadline` and `cancel_on` are its last day to arrive."""
    trail = Trail(
        rule="transfer",
        sources=values.cite("payment.transfer_days"),
        inputs=order_inputs(order, now) | {"payment_method": order.payment_method.value},
    )
    today, placed_on = paris_day(now), paris_day(order.placed_at)
    cancel_on = add_days(placed_on, values.payment.transfer_days)
    facts: dict[str, Fact] = {
        "order_number": order.number,
        "total": order.total,
        "placed_on": placed_on,
        "cancel_on": cancel_on,
        "days_left": max(0, (cancel_on - today).days),
    }
    by_transfer = order.payment_method is PaymentMethod.TRANSFER
    if not trail.check("paid_by_transfer", by_transfer, payment_method=order.payment_method.value):
        return trail.decide(TransferOutcome.NOT_TRANSFER, facts=facts)
    if trail.check("cancelled", order.status is OrderStatus.CANCELLED, status=order.status.value):
        return trail.decide(TransferOutcome.CANCELLED_UNPAID, deadline=cancel_on, facts=facts)
    awaited = order.status is OrderStatus.AWAITING_PAYMENT
    if not trail.check("awaiting_payment", awaited, status=order.status.value):
        return trail.decide(TransferOutcome.RECEIVED, facts=facts)
    in_time = trail.check(
        "within_transfer_days",
        today <= cancel_on,
        placed_on=placed_on,
        transfer_days=values.payment.transfer_days,
        cancel_on=cancel_on,
        today=today,
    )
    outcome = TransferOutcome.WAITING if in_time else TransferOutcome.CANCELLED_UNPAID
    return trail.decide(outcome, deadline=cancel_on, facts=facts)
