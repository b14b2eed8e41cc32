"""Orders for tests: everything has a value, a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from policies.facts import ItemFacts, OrderFacts, OrderStatus, PaymentMethod
from shop.records import OrderRecord

NUMBER = "BJ-104233"
EMAIL = "claire.dupont@example.fr"
PLACED = datetime(2025, 9, 16, 8, 2, tzinfo=UTC)


def an_order(**changes: Any) -> OrderFacts:
    """Facts of a plain order."""
    order = OrderFacts(
        number=NUMBER,
        placed_at=PLACED,
        status=OrderStatus.PAYMENT_AUTHORISED,
        status_since=PLACED,
        payment_method=PaymentMethod.CARD,
        total=Decimal("49.90"),
        items=(ItemFacts(name="Jonc argent martelé", category="bracelet", opened=False),),
    )
    return replace(order, **changes)


def a_record(*, email: str = EMAIL, phone: str | None = None, name: str | None = None, **changes: Any) -> OrderRecord:
    """That order with its owner."""
    return OrderRecord(facts=an_order(**changes), email=email, phone=phone, customer_name=name)
