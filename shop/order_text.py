"""An order in the words of the orders file: what `shop.order_rows` reads, written; without its owner."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kb.vocabulary import Vocabulary
from policies.clock import paris
from policies.facts import ItemFacts, OrderFacts

_SECTIONS = {
    "status": "order_status",
    "carrier": "carrier",
    "carrier_status": "carrier_status",
    "payment_method": "payment_method",
    "stock": "stock_status",
}
_ORDER = (
    "number", "placed_at", "status", "status_since", "carrier", "carrier_status", "tracking_number", "shipped_at",
    "delivered_at", "return_requested_at", "return_received_at", "refunded_at", "restock_expected", "payment_method",
    "total", "shipping_fee", "points_earned", "country",
)  # fmt: skip
_ITEM = ("name", "category", "hygiene_sealed", "opened", "price", "on_sale", "returned", "stock")


def as_row(order: OrderFacts, vocabulary: Vocabulary) -> dict[str, Any]:
    """Plain JSON values under the file's keys; what is not known is left out. Neither name, e-mail nor address."""
    row = _written(order, _ORDER, vocabulary)
    return row | {"items": [_written(item, _ITEM, vocabulary) for item in order.items]}


def _written(facts: OrderFacts | ItemFacts, keys: tuple[str, ...], vocabulary: Vocabulary) -> dict[str, Any]:
    values = ((key, getattr(facts, key)) for key in keys)
    return {key: _plain(key, value, vocabulary) for key, value in values if value is not None}


def _plain(key: str, value: object, vocabulary: Vocabulary) -> object:
    if isinstance(value, StrEnum):
        return vocabulary.label(_SECTIONS[key], value.value)
    if isinstance(value, datetime):
        return paris(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if key == "category":
        return (
            vocabulary.label("product_category", str(value)) if value in vocabulary.ids("product_category") else value
        )
    return value
