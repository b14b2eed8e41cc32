"""The real texts and rules over a real SQLite shop with the orders of two customers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from actions.dialogue.services import Identity, Scene, Services
from actions.server import order_numbers
from policies.facts import Carrier, CarrierStatus, ItemFacts, OrderStatus, PaymentMethod
from shop.database import make_engine, sqlite_url
from shop.migrations import upgrade
from shop.records import OrderRecord, PromoCodeRecord
from shop.repository import SqlShopRepository
from tests.actions.conversation import CLAIRE, DELIVERED, EARRINGS, NOW, PAUL, PAULS, SHIPPED, Conversation
from tests.policies.builders import order

_NOW = datetime.fromisoformat(NOW)
_BRACELET = ItemFacts(name="Jonc argent martelé", category="bracelet", opened=False)


def _delivered(number: str, *items: ItemFacts, **changes: Any) -> Any:
    facts = order(
        status=OrderStatus.DELIVERED,
        placed_at=_NOW - timedelta(days=6),
        status_since=_NOW - timedelta(days=3),
        delivered_at=_NOW - timedelta(days=3),
        items=items,
        **changes,
    )
    return _numbered(facts, number)


def _numbered(facts: Any, number: str) -> Any:
    from dataclasses import replace

    return replace(facts, number=number)


def _orders() -> list[OrderRecord]:
    earrings = ItemFacts(name="Créoles torsadées", category="earrings", hygiene_sealed=True)
    onyx = ItemFacts(name="Chevalière onyx", category="ring", opened=False)
    shipped = order(
        status=OrderStatus.SHIPPED,
        placed_at=_NOW - timedelta(days=3),
        status_since=_NOW - timedelta(days=2),
        shipped_at=_NOW - timedelta(days=2),
        items=(_BRACELET,),
    )
    return [
        OrderRecord(_delivered(DELIVERED, _BRACELET), CLAIRE, phone="+33612345678"),
        OrderRecord(_numbered(shipped, SHIPPED), CLAIRE),
        OrderRecord(_delivered(EARRINGS, earrings), CLAIRE),
        OrderRecord(
            _delivered(PAULS, onyx, payment_method=PaymentMethod.CHEQUE),
            PAUL,
            phone="+33687654321",
            customer_name="Paul Martin",
        ),
    ]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlShopRepository]:
    """A migrated database with the orders; actions only read it."""
    engine = make_engine(url=sqlite_url(tmp_path_factory.mktemp("shop") / "shop.db"))
    upgrade(engine)
    repository = SqlShopRepository(engine=engine, numbers=order_numbers("BJ"))
    repository.save_orders(_orders())
    repository.save_promo_codes(
        [PromoCodeRecord(code="NOEL25", valid_from=date(2025, 9, 1), valid_until=date(2025, 9, 21))]
    )
    yield repository
    engine.dispose()


@pytest.fixture(scope="session")
def services(shop: SqlShopRepository) -> Services:
    return Services.load(shop=shop, numbers=shop.numbers)


@pytest.fixture
def scene(services: Services) -> Scene:
    return Scene.at(services, now=_NOW, identity=Identity())


@pytest.fixture
def customer(services: Services) -> Conversation:
    """A customer who has not said anything yet."""
    return Conversation(services)
