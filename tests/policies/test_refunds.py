"""Rules "refund" and "refund_means"."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.facts import OrderStatus, PaymentMethod
from policies.refunds import MEANS, decide_refund, refund_means
from tests.policies.builders import at, delivered, order, shop_values, step_facts

VALUES = shop_values()
INSTANTS = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2032, 12, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        ("2025-11-18 15:00", "refunded_recent"),
        ("2025-11-20 10:00", "refunded_recent"),
        ("2025-11-23 23:59:59", "refunded_recent"),
        ("2025-11-24 00:00:00", "refunded_overdue"),
        ("2025-11-23T23:00:00Z", "refunded_overdue"),
    ],
)
def test_money_is_due_until_the_end_of_day_5(now: str, outcome: str) -> None:
    paid = order(status=OrderStatus.REFUNDED, status_since=at("2025-11-18 15:00"))
    decision = decide_refund(order=paid, now=at(now), values=VALUES)
    expected = (decision.facts["refunded_on"], decision.facts["expected_from"], decision.facts["expected_until"])
    assert decision.outcome == outcome
    assert expected == (date(2025, 11, 18), date(2025, 11, 21), date(2025, 11, 23))


def test_the_date_of_the_refund_beats_the_date_of_the_status() -> None:
    paid = order(status=OrderStatus.REFUNDED, status_since=at("2025-11-18 15:00"), refunded_at=at("2025-11-17 09:00"))
    decision = decide_refund(order=paid, now=at("2025-11-20 10:00"), values=VALUES)
    assert decision.facts["refunded_on"] == date(2025, 11, 17)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (OrderStatus.AWAITING_PAYMENT, "no_return"),
        (OrderStatus.PAYMENT_AUTHORISED, "no_return"),
        (OrderStatus.PROCESSING, "no_return"),
        (OrderStatus.IN_PREPARATION, "no_return"),
        (OrderStatus.READY_TO_SHIP, "no_return"),
        (OrderStatus.SHIPPED, "no_return"),
        (OrderStatus.DELIVERED, "no_return"),
        (OrderStatus.REFUSED, "return_announced"),
        (OrderStatus.RETURNED, "returned_checked"),
        (OrderStatus.REFUNDED, "refunded_recent"),
        (OrderStatus.CANCELLED, "cancelled_refund"),
    ],
)
def test_every_status(status: OrderStatus, outcome: str) -> None:
    assert decide_refund(order=order(status=status), now=at("2025-09-18 12:00"), values=VALUES).outcome == outcome


def test_a_cancelled_order_already_paid_back_is_refunded() -> None:
    paid = order(status=OrderStatus.CANCELLED, refunded_at=at("2025-09-17 12:00"))
    assert decide_refund(order=paid, now=at("2025-09-18 12:00"), values=VALUES).outcome == "refunded_recent"


@pytest.mark.parametrize(
    ("requested", "received", "outcome", "due_by"),
    [
        ("2025-09-12 10:00", None, "return_announced", date(2025, 9, 26)),
        ("2025-09-12 23:59:59", None, "return_announced", date(2025, 9, 26)),
        ("2025-09-12T22:00:00Z", None, "return_announced", date(2025, 9, 27)),
        ("2025-09-12 10:00", "2025-09-16 10:00", "return_received", date(2025, 9, 26)),
        ("2025-09-12 10:00", "2025-09-26 10:00", "return_received", date(2025, 9, 26)),
        ("2025-09-12 10:00", "2025-09-30 10:00", "return_received", date(2025, 9, 30)),
        (None, "2025-09-16 10:00", "return_received", date(2025, 9, 30)),
    ],
)
def test_due_by_counts_14_days_from_the_withdrawal(
    requested: str | None, received: str | None, outcome: str, due_by: date
) -> None:
    parcel = delivered(
        at("2025-09-10 12:00"),
        return_requested_at=at(requested) if requested else None,
        return_received_at=at(received) if received else None,
    )
    decision = decide_refund(order=parcel, now=at("2025-09-20 12:00"), values=VALUES)
    assert (decision.outcome, decision.facts["due_by"], decision.deadline) == (outcome, due_by, due_by)


@pytest.mark.parametrize(("now", "late"), [("2025-09-26 23:59:59", False), ("2025-09-27 00:00", True)])
def test_past_due_starts_after_the_last_day(now: str, late: bool) -> None:
    parcel = delivered(at("2025-09-10 12:00"), return_requested_at=at("2025-09-12 10:00"))
    decision = decide_refund(order=parcel, now=at(now), values=VALUES)
    assert decision.facts["past_due"] is late
    assert step_facts(decision, "past_due")["due_days"] == 14


@pytest.mark.parametrize(
    ("method", "outcome"),
    [
        (PaymentMethod.CARD, "same_card"),
        (PaymentMethod.CARD_DEFERRED, "same_card_deferred"),
        (PaymentMethod.INSTALMENTS_3X, "same_card_instalments"),
        (PaymentMethod.INSTALMENTS_4X, "same_card_instalments"),
        (PaymentMethod.PAYPAL, "same_paypal"),
        (PaymentMethod.TRANSFER, "bank_details_needed"),
        (PaymentMethod.CHEQUE, "bank_details_needed"),
    ],
)
def test_money_goes_back_the_way_it_came(method: PaymentMethod, outcome: str) -> None:
    paid = order(status=OrderStatus.REFUNDED, payment_method=method)
    assert refund_means(order=paid, now=at("2025-09-18 12:00"), values=VALUES).outcome == outcome


def test_every_means_of_payment_has_an_answer() -> None:
    assert set(MEANS) == set(PaymentMethod)


@pytest.mark.parametrize(
    ("refunded", "month_end"),
    [
        ("2025-11-18 15:00", date(2025, 11, 30)),
        ("2025-11-27 15:00", date(2025, 11, 30)),
        ("2025-11-28 00:00", date(2025, 12, 31)),
        ("2025-12-31 15:00", date(2026, 1, 31)),
        ("2024-02-20 15:00", date(2024, 2, 29)),
    ],
)
def test_deferred_debit_waits_for_the_end_of_a_month_the_money_can_reach(refunded: str, month_end: date) -> None:
    paid = order(status=OrderStatus.REFUNDED, status_since=at(refunded), payment_method=PaymentMethod.CARD_DEFERRED)
    decision = refund_means(order=paid, now=at("2026-02-01 12:00"), values=VALUES)
    assert decision.facts["month_end"] == month_end


def test_deferred_debit_not_refunded_yet_counts_from_now() -> None:
    parcel = delivered(at("2025-09-10 12:00"), payment_method=PaymentMethod.CARD_DEFERRED)
    decision = refund_means(order=parcel, now=at("2025-09-12 12:00"), values=VALUES)
    assert decision.facts["month_end"] == date(2025, 9, 30)


@given(refunded=INSTANTS)
def test_deferred_debit_never_promises_money_before_it_can_arrive(refunded: datetime) -> None:
    paid = order(status=OrderStatus.REFUNDED, status_since=refunded, payment_method=PaymentMethod.CARD_DEFERRED)
    end = refund_means(order=paid, now=refunded, values=VALUES).facts["month_end"]
    arrival = decide_refund(order=paid, now=refunded, values=VALUES).facts["expected_from"]
    assert isinstance(end, date)
    assert isinstance(arrival, date)
    assert end >= arrival
    assert (end + timedelta(days=1)).day == 1


@given(
    requested=INSTANTS,
    travel=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40)),
)
def test_due_by_is_never_before_the_parcel_nor_before_day_14(requested: datetime, travel: timedelta) -> None:
    received = requested + travel
    parcel = delivered(requested, return_requested_at=requested, return_received_at=received)
    decision = decide_refund(order=parcel, now=received, values=VALUES)
    due_by, withdrawn_on = decision.facts["due_by"], decision.facts["withdrawn_on"]
    received_on = decision.facts["return_received_on"]
    assert isinstance(due_by, date)
    assert isinstance(withdrawn_on, date)
    assert isinstance(received_on, date)
    assert due_by == max(withdrawn_on + timedelta(days=14), received_on)
