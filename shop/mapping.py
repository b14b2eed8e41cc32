"""Between rows and facts. A row's text for an enum is turned back here, so a foreign value fails at once and by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Row
from sqlalchemy.orm import QueryableAttribute, joinedload
from sqlalchemy.sql.base import ExecutableOption

from policies.facts import Carrier, CarrierStatus, ItemFacts, OrderFacts, OrderStatus, PaymentMethod, StockStatus
from shop.models import Order, OrderItem, Refund, Return, Shipment


def whole_orders() -> tuple[ExecutableOption, ...]:
    """Query options that load an order's parts with it, in one statement; its result has to be made `unique`."""
    parts = (Order.items, Order.shipment, Order.return_, Order.refund)
    return tuple(joinedload(cast("QueryableAttribute[object]", part)) for part in parts)


def facts_of(order: Order) -> OrderFacts:
    """The facts of an order whose items, shipment, return and refund are loaded."""
    return _facts(order, items=order.items, shipment=order.shipment, returned=order.return_, refund=order.refund)


def facts_of_rows(rows: Sequence[Row[Any]]) -> OrderFacts:
    """The facts of an order read as plain rows (`shop.reading`): each has all of it, and one of its articles."""
    whole = rows[0]
    items = () if whole.position is None else rows
    return _facts(whole, items=items, shipment=whole, returned=whole, refund=whole)


def _facts(order: Any, *, items: Iterable[Any], shipment: Any, returned: Any, refund: Any) -> OrderFacts:
    return OrderFacts(
        number=order.number,
        placed_at=order.placed_at,
        status=OrderStatus(order.status),
        status_since=order.status_since,
        payment_method=PaymentMethod(order.payment_method),
        total=order.total,
        items=tuple(_item_facts(item) for item in items),
        carrier=Carrier(shipment.carrier) if shipment and shipment.carrier else None,
        carrier_status=CarrierStatus(shipment.carrier_status) if shipment and shipment.carrier_status else None,
        tracking_number=shipment.tracking_number if shipment else None,
        shipped_at=shipment.shipped_at if shipment else None,
        delivered_at=shipment.delivered_at if shipment else None,
        country=order.country,
        restock_expected=order.restock_expected,
        return_requested_at=returned.requested_at if returned else None,
        return_received_at=returned.received_at if returned else None,
        refunded_at=refund.refunded_at if refund else None,
        shipping_fee=order.shipping_fee,
        points_earned=order.points_earned,
    )


def _item_facts(item: Any) -> ItemFacts:
    return ItemFacts(
        name=item.name,
        category=item.category,
        hygiene_sealed=item.hygiene_sealed,
        opened=item.opened,
        on_sale=item.on_sale,
        price=item.price,
        returned=item.returned,
        stock=StockStatus(item.stock),
    )


def new_order(facts: OrderFacts, *, customer_id: int) -> Order:
    """A row for an order not stored yet, its parts empty (not « not loaded », which would cost a query each)."""
    order = Order(
        number=facts.number,
        customer_id=customer_id,
        placed_at=facts.placed_at,
        status=facts.status.value,
        status_since=facts.status_since,
        payment_method=facts.payment_method.value,
        total=facts.total,
    )
    order.items, order.shipment, order.return_, order.refund = [], None, None, None
    return order


def write_facts(order: Order, facts: OrderFacts, *, order_id: int) -> None:
    """Makes a stored order and its parts say exactly what `facts` say.

    Single parts are changed in place: SQLAlchemy inserts before it deletes, and one order has one of each.
    """
    order.placed_at = facts.placed_at
    order.status = facts.status.value
    order.status_since = facts.status_since
    order.payment_method = facts.payment_method.value
    order.total = facts.total
    order.shipping_fee = facts.shipping_fee
    order.country = facts.country
    order.restock_expected = facts.restock_expected
    order.points_earned = facts.points_earned
    order.items = [_item_row(item, position, order_id) for position, item in enumerate(facts.items)]
    _write_shipment(order, facts, order_id)
    _write_return(order, facts, order_id)
    _write_refund(order, facts, order_id)


def _item_row(item: ItemFacts, position: int, order_id: int) -> OrderItem:
    return OrderItem(
        order_id=order_id,
        position=position,
        name=item.name,
        category=item.category,
        hygiene_sealed=item.hygiene_sealed,
        opened=item.opened,
        on_sale=item.on_sale,
        price=item.price,
        returned=item.returned,
        stock=item.stock.value,
    )


def _write_shipment(order: Order, facts: OrderFacts, order_id: int) -> None:
    parts = (facts.carrier, facts.carrier_status, facts.tracking_number, facts.shipped_at, facts.delivered_at)
    if all(part is None for part in parts):
        order.shipment = None
        return
    shipment = order.shipment or Shipment(order_id=order_id)
    shipment.carrier = facts.carrier.value if facts.carrier else None
    shipment.carrier_status = facts.carrier_status.value if facts.carrier_status else None
    shipment.tracking_number = facts.tracking_number
    shipment.shipped_at = facts.shipped_at
    shipment.delivered_at = facts.delivered_at
    order.shipment = shipment


def _write_return(order: Order, facts: OrderFacts, order_id: int) -> None:
    if facts.return_requested_at is None and facts.return_received_at is None:
        order.return_ = None
        return
    returned = order.return_ or Return(order_id=order_id)
    returned.requested_at = facts.return_requested_at
    returned.received_at = facts.return_received_at
    order.return_ = returned


def _write_refund(order: Order, facts: OrderFacts, order_id: int) -> None:
    if facts.refunded_at is None:
        order.refund = None
        return
    refund = order.refund or Refund(order_id=order_id, refunded_at=facts.refunded_at)
    refund.refunded_at = facts.refunded_at
    order.refund = refund
