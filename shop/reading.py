"""Whole orders, each read in one statement.

Nearly every message asks for an order. The statements are built once, and read plain rows: putting a query together, or
rows under a session's watch, takes three times as long as running it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from policies.facts import OrderFacts
from shop.mapping import facts_of_rows
from shop.models import ShopTable

_TABLES = ShopTable.metadata.tables
_ORDER, _OWNER, _ITEM = _TABLES["orders"].c, _TABLES["customers"].c, _TABLES["order_items"].c
_SHIPMENT, _RETURN, _REFUND = _TABLES["shipments"].c, _TABLES["returns"].c, _TABLES["refunds"].c

OrderQuery = Select[Any]

_WHOLE: OrderQuery = (
    select(
        _TABLES["orders"],
        _OWNER.email, _OWNER.phone,
        _SHIPMENT.carrier, _SHIPMENT.carrier_status, _SHIPMENT.tracking_number, _SHIPMENT.shipped_at,
        _SHIPMENT.delivered_at,
        _RETURN.requested_at, _RETURN.received_at,
        _REFUND.refunded_at,
        _ITEM.position, _ITEM.name, _ITEM.category, _ITEM.hygiene_sealed, _ITEM.opened, _ITEM.on_sale, _ITEM.price,
        _ITEM.returned, _ITEM.stock,
    )
    .join_from(_TABLES["orders"], _TABLES["customers"])
    .outerjoin_from(_TABLES["orders"], _TABLES["shipments"])
    .outerjoin_from(_TABLES["orders"], _TABLES["returns"])
    .outerjoin_from(_TABLES["orders"], _TABLES["refunds"])
    .outerjoin_from(_TABLES["orders"], _TABLES["order_items"])
    .order_by(_ORDER.placed_at.desc(), _ORDER.number.desc(), _ITEM.position)
)  # fmt: skip

BY_NUMBER = _WHOLE.where(_ORDER.number == bindparam("number"))
BY_NUMBER_AND_EMAIL = BY_NUMBER.where(_OWNER.email == bindparam("email"))
BY_NUMBER_AND_PHONE = BY_NUMBER.where(_OWNER.phone == bindparam("phone"))
BY_EMAIL = _WHOLE.where(_OWNER.email == bindparam("email"))
BY_OWNER = _WHOLE.where(_OWNER.id == bindparam("owner"))


def rows_by_order(connection: Connection, query: OrderQuery, **given: str | int) -> list[Sequence[Row[Any]]]:
    """The rows of each order found, newest order first, a row an article: one without articles has one row all the same."""
    rows = connection.execute(query, given)
    return [tuple(of_order) for _, of_order in groupby(rows, key=lambda row: row.number)]


def read_orders(connection: Connection, query: OrderQuery, **given: str | int) -> tuple[OrderFacts, ...]:
    """The orders found, newest first."""
    return tuple(facts_of_rows(rows) for rows in rows_by_order(connection, query, **given))
