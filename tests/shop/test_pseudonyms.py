"""The order check with pseudonyms: the same answers as with the e-mail or phone itself, and none without the secret."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from privacy.pseudonyms import Pseudonyms
from shop.records import PromoCodeRecord
from shop.repository import SqlShopRepository
from tests.shop.builders import EMAIL, NUMBER, a_record

KEYS = Pseudonyms("s" * 32)
PHONE = "+33612345678"
OTHER = "BJ-200001"


@pytest.fixture
def shop(engine: Engine) -> SqlShopRepository:
    repository = SqlShopRepository(engine=engine, pseudonyms=KEYS)
    repository.save_orders(
        [a_record(phone=PHONE), a_record(number=OTHER, email="paul@example.fr", phone="+33687654321")]
    )
    return repository


def test_a_pair_opens_its_order(shop: SqlShopRepository) -> None:
    assert shop.find_order(number=NUMBER, email=KEYS.email(EMAIL)) == shop.find_order(number=NUMBER, email=EMAIL)
    assert shop.find_order_for_customer(number="104233", customer_email=KEYS.email(EMAIL)) is not None
    assert shop.order_by_phone(number=NUMBER, phone=KEYS.phone(PHONE)) is not None


@pytest.mark.parametrize("number", [OTHER, "BJ-999999", "nothing"])
def test_any_other_pair_opens_nothing(shop: SqlShopRepository, number: str) -> None:
    assert shop.find_order(number=number, email=KEYS.email(EMAIL)) is None
    assert shop.order_by_phone(number=number, phone=KEYS.phone(PHONE)) is None


def test_a_pseudonym_of_another_kind_or_secret_opens_nothing(shop: SqlShopRepository, engine: Engine) -> None:
    assert shop.find_order(number=NUMBER, email=KEYS.phone(PHONE)) is None
    assert shop.order_by_phone(number=NUMBER, phone=KEYS.email(EMAIL)) is None
    assert shop.find_order(number=NUMBER, email=Pseudonyms("t" * 32).email(EMAIL)) is None
    assert SqlShopRepository(engine=engine).find_order(number=NUMBER, email=KEYS.email(EMAIL)) is None


def test_what_is_asked_without_an_order_finds_its_customer_too(shop: SqlShopRepository) -> None:
    key = KEYS.email(EMAIL)
    assert shop.customer_id(email=key) == shop.customer_id(email=EMAIL) != None  # noqa: E711
    assert [order.number for order in shop.orders_of(email=key)] == [NUMBER]
    code = PromoCodeRecord(
        code="CLAIRE10", valid_from=date(2025, 1, 1), valid_until=date(2025, 12, 31), owner_email=EMAIL
    )
    shop.save_promo_codes([code])
    found = shop.promo_code(code="CLAIRE10", customer_email=key)
    assert found is not None
    assert found.owner == shop.customer_id(email=key)
    assert shop.customer_id(email=KEYS.email("nobody@example.fr")) is None


def test_a_customer_whose_address_changed_is_not_the_old_one(shop: SqlShopRepository, engine: Engine) -> None:
    assert shop.customer_id(email=KEYS.email(EMAIL)) is not None
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE customers SET email = 'new@example.fr' WHERE email = 'claire.dupont@example.fr'"
        )
    assert shop.customer_id(email=KEYS.email(EMAIL)) is None
