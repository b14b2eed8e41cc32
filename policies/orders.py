"""What several rules ask about an order: where it is in its life, when it left, when it arrived."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from policies.clock import paris_day
from policies.decision import Fact
from policies.facts import CarrierStatus, ItemFacts, OrderFacts, OrderStatus, StockStatus

SHIPPED_OR_LATER = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED})
SENT_BACK = frozenset({OrderStatus.RETURNED, OrderStatus.REFUNDED, OrderStatus.REFUSED})


class Phase(StrEnum):
    """The life of an order in four parts; `CLOSED` is back at the shop, paid back or cancelled."""

    NOT_SHIPPED = "not_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CLOSED = "closed"


def phase(order: OrderFacts) -> Phase:
    """The order's status decides; a carrier saying "delivered" is believed before the order's status follows."""
    if order.status is OrderStatus.CANCELLED or order.status in SENT_BACK:
        return Phase.CLOSED
    if order.status is OrderStatus.DELIVERED or order.delivered_at is not None:
        return Phase.DELIVERED
    if order.status is OrderStatus.SHIPPED:
        return Phase.DELIVERED if order.carrier_status is CarrierStatus.DELIVERED else Phase.SHIPPED
    return Phase.NOT_SHIPPED


def shipped_at(order: OrderFacts) -> datetime | None:
    """When the parcel was handed to the carrier; the date of status "shipped" stands in for a missing one."""
    if order.shipped_at is not None:
        return order.shipped_at
    return order.status_since if order.status is OrderStatus.SHIPPED else None


def delivered_at(order: OrderFacts) -> datetime | None:
    """When the parcel was received; the date of status "delivered" stands in for a missing one."""
    if order.delivered_at is not None:
        return order.delivered_at
    return order.status_since if order.status is OrderStatus.DELIVERED else None


def refunded_at(order: OrderFacts) -> datetime | None:
    """When the shop paid back; the date of status "refunded" stands in for a missing one."""
    if order.refunded_at is not None:
        return order.refunded_at
    return order.status_since if order.status is OrderStatus.REFUNDED else None


def waits_for_stock(order: OrderFacts) -> bool:
    """Whether the shop knows that an article of this order is being restocked."""
    return order.restock_expected is not None or any(item.stock is StockStatus.RESTOCKING for item in order.items)


def joined(items: Iterable[ItemFacts]) -> str:
    """The names of `items` for a text."""
    return ", ".join(item.name for item in items)


def order_inputs(order: OrderFacts, now: datetime) -> dict[str, Fact]:
    """The inputs every rule about an order starts from."""
    return {
        "order_number": order.number,
        "status": order.status.value,
        "status_since": order.status_since,
        "placed_at": order.placed_at,
        "now": now,
    }


def restock_facts(order: OrderFacts, now: datetime) -> dict[str, Fact]:
    """The day the missing article is expected back: `restock_expected` until it comes, `restock_missed` once it is past."""
    expected = order.restock_expected
    missed = expected is not None and expected < paris_day(now)
    return {"restock_expected": None if missed else expected, "restock_missed": expected if missed else None}
