"""The real texts and rules over a real SQLite shop with the orders of two customers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from actions.dialogue.services import Identity, Scene, Services
from actions.server import order_numbers
from policies.facts import Carrier, ItemFacts, OrderStatus, PaymentMethod
from shop.database import make_engine, sqlite_url
from shop.migrations import upgrade
from shop.records import OrderRecord, PromoCodeRecord
from shop.repository import SqlShopRepository
from tests.actions.conversation import (
    CLAIRE,
    CLAIRES_PHONE,
    DELIVERED,
    EARRINGS,
    EXPIRED_CODE,
    LEA,
    LEAS,
    NINA,
    NINAS,
    NOW,
    PAUL,
    PAULS,
    SHIPPED,
    Conversation,
)
from tests.shop.builders import a_record

_NOW = datetime.fromisoformat(NOW)
_RECEIVED = {
    "status": OrderStatus.DELIVERED,
    "placed_at": _NOW - timedelta(days=6),
    "status_since": _NOW - timedelta(days=3),
    "delivered_at": _NOW - timedelta(days=3),
}


def _orders() -> list[OrderRecord]:
    return [
        a_record(number=DELIVERED, email=CLAIRE, phone=CLAIRES_PHONE, **_RECEIVED),
        a_record(
            number=SHIPPED,
            email=CLAIRE,
            status=OrderStatus.SHIPPED,
            placed_at=_NOW - timedelta(days=3),
            status_since=_NOW - timedelta(days=2),
            shipped_at=_NOW - timedelta(days=2),
            carrier=Carrier.MONDIAL_RELAY,
            tracking_number="53419920",
        ),
        a_record(
            number=EARRINGS,
            email=CLAIRE,
            items=(ItemFacts(name="Créoles torsadées", category="earrings", hygiene_sealed=True),),
            **_RECEIVED,
        ),
        a_record(
            number=LEAS,
            email=LEA,
            items=(
                ItemFacts(name="Créoles zircon", category="earrings", hygiene_sealed=True, opened=False),
                ItemFacts(name="Jonc perlé", category="bracelet"),
            ),
            **_RECEIVED,
        ),
        a_record(
            number=PAULS,
            email=PAUL,
            phone="+33687654321",
            name="Paul Martin",
            items=(ItemFacts(name="Chevalière onyx", category="ring", opened=False),),
            payment_method=PaymentMethod.CHEQUE,
            carrier=Carrier.CHRONOPOST,
            tracking_number="XY774411FR",
            **_RECEIVED,
        ),
        a_record(
            number=NINAS,
            email=NINA,
            status=OrderStatus.AWAITING_PAYMENT,
            placed_at=_NOW - timedelta(days=3),
            status_since=_NOW - timedelta(days=3),
            payment_method=PaymentMethod.TRANSFER,
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
        [PromoCodeRecord(code=EXPIRED_CODE, valid_from=date(2025, 9, 1), valid_until=date(2025, 9, 21))]
    )
    yield repository
    engine.dispose()


@pytest.fixture(scope="session")
def services(shop: SqlShopRepository) -> Services:
    return Services.load(shop=shop, numbers=shop.numbers)


@pytest.fixture
def scene(services: Services) -> Scene:
    """Claire's instant, nobody vouched for."""
    return Scene.at(services, now=_NOW, identity=Identity())


@pytest.fixture
def customer(services: Services) -> Conversation:
    """A customer who has not said anything yet."""
    return Conversation(services)
