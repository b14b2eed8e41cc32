"""One customer's record: told whole, deleted whole, and nobody else's."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from shop import customers
from shop.records import PromoCodeRecord
from shop.repository import SqlShopRepository
from tests.shop.builders import EMAIL, NUMBER, a_record

PHONE = "+33612345678"
PAUL = "paul@example.fr"


@pytest.fixture
def shop(engine: Engine) -> SqlShopRepository:
    repository = SqlShopRepository(engine=engine)
    shipped = datetime(2025, 9, 17, tzinfo=UTC)
    repository.save_orders(
        [
            a_record(phone=PHONE, name="Claire Dupont", delivered_at=shipped, tracking_number="XY774411FR"),
            a_record(number="BJ-200001", email=PAUL, name="Paul Martin"),
        ]
    )
    everyone = PromoCodeRecord(
        code="CLAIRE10", valid_from=date(2025, 1, 1), valid_until=date(2025, 12, 31), owner_email=EMAIL
    )
    repository.save_promo_codes([everyone])
    return repository


@pytest.mark.parametrize("who", [{"email": "Claire.Dupont@Example.fr"}, {"phone": "06 12 34 56 78"}])
def test_the_record_tells_everything_and_nobody_else(
    shop: SqlShopRepository, engine: Engine, who: dict[str, str]
) -> None:
    told = json.dumps(customers.record_of(engine, **who), ensure_ascii=False)
    for fact in (EMAIL, PHONE, "Claire Dupont", NUMBER, "XY774411FR", "Jonc argent martelé", "49.90", "CLAIRE10"):
        assert fact in told
    assert "paul" not in told.lower()


def test_nobody_has_no_record(shop: SqlShopRepository, engine: Engine) -> None:
    assert customers.record_of(engine, email="nobody@example.fr") == {}
    assert customers.record_of(engine) == {}
    assert customers.delete(engine, email="") == 0


def test_deleting_leaves_only_the_others(shop: SqlShopRepository, engine: Engine) -> None:
    assert customers.delete(engine, email=EMAIL) == 1
    assert customers.record_of(engine, email=EMAIL) == {}
    assert shop.find_order(number=NUMBER, email=EMAIL) is None
    assert shop.find_order(number="BJ-200001", email=PAUL) is not None
