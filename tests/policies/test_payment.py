"""Rule "transfer": 30 days for the money to arrive."""

from __future__ import annotations

from datetime import date

import pytest

from policies.facts import OrderStatus, PaymentMethod
from policies.payment import decide_transfer
from tests.policies.builders import at, order, shop_values

VALUES = shop_values()


@pytest.mark.parametrize(
    ("now", "outcome", "days_left"),
    [
        ("2025-09-16 10:02", "waiting", 30),
        ("2025-10-15 23:59:59", "waiting", 1),
        ("2025-10-16 23:59:59", "waiting", 0),
        ("2025-10-17 00:00:00", "cancelled_unpaid", 0),
        ("2025-10-16T22:00:00Z", "cancelled_unpaid", 0),
    ],
)
def test_the_transfer_is_awaited_to_the_end_of_day_30(now: str, outcome: str, days_left: int) -> None:
    unpaid = order(status=OrderStatus.AWAITING_PAYMENT, payment_method=PaymentMethod.TRANSFER)
    decision = decide_transfer(order=unpaid, now=at(now), values=VALUES)
    assert (decision.outcome, decision.facts["days_left"]) == (outcome, days_left)
    assert decision.deadline == decision.facts["cancel_on"] == date(2025, 10, 16)


@pytest.mark.parametrize("status", set(OrderStatus) - {OrderStatus.AWAITING_PAYMENT, OrderStatus.CANCELLED})
def test_any_later_status_means_the_money_came(status: OrderStatus) -> None:
    paid = order(status=status, payment_method=PaymentMethod.TRANSFER)
    assert decide_transfer(order=paid, now=at("2025-12-01 12:00"), values=VALUES).outcome == "received"


def test_a_cancelled_order_is_cancelled_unpaid() -> None:
    gone = order(status=OrderStatus.CANCELLED, payment_method=PaymentMethod.TRANSFER)
    assert decide_transfer(order=gone, now=at("2025-10-20 12:00"), values=VALUES).outcome == "cancelled_unpaid"


@pytest.mark.parametrize("method", sorted(set(PaymentMethod) - {PaymentMethod.TRANSFER}))
def test_other_means_of_payment(method: PaymentMethod) -> None:
    paid = order(status=OrderStatus.AWAITING_PAYMENT, payment_method=method)
    assert decide_transfer(order=paid, now=at("2025-09-18 12:00"), values=VALUES).outcome == "not_transfer"
