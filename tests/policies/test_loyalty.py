"""Rule "loyalty": credited 7 days after shipping, 90 days long, void on return."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.facts import OrderFacts, OrderStatus
from policies.loyalty import decide_points
from tests.policies.builders import BRACELET, at, order, shop_values

VALUES = shop_values()


def shipped(**facts: object) -> OrderFacts:
    """An order shipped on 6 May 2025 at 17:00."""
    return order(status=OrderStatus.SHIPPED, status_since=at("2025-05-06 17:00"), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        ("2025-05-06 17:00", "pending"),
        ("2025-05-12 23:59:59", "pending"),
        ("2025-05-13 00:00:00", "credited"),
        ("2025-05-12T22:00:00Z", "credited"),
        ("2025-08-11 23:59:59", "credited"),
        ("2025-08-12 00:00:00", "expired"),
    ],
)
def test_life_of_points(now: str, outcome: str) -> None:
    decision = decide_points(order=shipped(), now=at(now), values=VALUES)
    assert (decision.outcome, decision.facts["credit_on"]) == (outcome, date(2025, 5, 13))
    assert decision.deadline == decision.facts["valid_until"] == date(2025, 8, 11)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (OrderStatus.AWAITING_PAYMENT, "not_shipped"),
        (OrderStatus.PAYMENT_AUTHORISED, "not_shipped"),
        (OrderStatus.PROCESSING, "not_shipped"),
        (OrderStatus.IN_PREPARATION, "not_shipped"),
        (OrderStatus.READY_TO_SHIP, "not_shipped"),
        (OrderStatus.SHIPPED, "pending"),
        (OrderStatus.DELIVERED, "pending"),
        (OrderStatus.RETURNED, "void"),
        (OrderStatus.REFUNDED, "void"),
        (OrderStatus.REFUSED, "void"),
        (OrderStatus.CANCELLED, "cancelled"),
    ],
)
def test_every_status(status: OrderStatus, outcome: str) -> None:
    assert decide_points(order=order(status=status), now=at("2025-09-18 12:00"), values=VALUES).outcome == outcome


@pytest.mark.parametrize(
    "parcel",
    [
        shipped(return_requested_at=at("2025-05-10 12:00")),
        shipped(items=(BRACELET, replace(BRACELET, returned=True))),
    ],
    ids=["return_asked_for", "one_article_returned"],
)
@pytest.mark.parametrize("now", ["2025-05-11 12:00", "2025-06-11 12:00", "2026-05-11 12:00"])
def test_a_return_voids_points_at_any_time(parcel: OrderFacts, now: str) -> None:
    assert decide_points(order=parcel, now=at(now), values=VALUES).outcome == "void"


@given(
    shipped_at=st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC)),
    wait=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=120)),
    more=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=120)),
)
def test_points_only_ever_move_on(shipped_at: datetime, wait: timedelta, more: timedelta) -> None:
    life = ["pending", "credited", "expired"]
    parcel = order(status=OrderStatus.SHIPPED, shipped_at=shipped_at)
    early = decide_points(order=parcel, now=shipped_at + wait, values=VALUES).outcome
    late = decide_points(order=parcel, now=shipped_at + wait + more, values=VALUES).outcome
    assert life.index(early) <= life.index(late)
