from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.dialects import sqlite

from shop.columns import Euros
from shop.errors import InexactAmount, NaiveInstant
from shop.repository import SqlShopRepository
from tests.shop.builders import EMAIL, NUMBER, PLACED, a_record


def test_an_instant_comes_back_aware_and_the_same(repository: SqlShopRepository) -> None:
    written = datetime(2025, 10, 26, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    repository.save_orders([a_record(placed_at=written)])
    order = repository.find_order(number=NUMBER, email=EMAIL)
    assert order is not None
    assert (order.placed_at, order.placed_at.utcoffset()) == (written, timedelta(0))


def test_an_instant_without_zone_is_refused_and_nothing_is_written(repository: SqlShopRepository) -> None:
    with pytest.raises(NaiveInstant):
        repository.save_orders([a_record(), a_record(number="BJ-104234", placed_at=PLACED.replace(tzinfo=None))])
    assert repository.orders_of(email=EMAIL) == ()


def test_amounts_are_whole_cents_in_the_database(repository: SqlShopRepository, engine: Engine) -> None:
    repository.save_orders([a_record(total=Decimal("0.10"))])
    with engine.connect() as connection:
        assert connection.execute(text("SELECT total FROM orders")).scalar_one() == 10


def test_a_fraction_of_a_cent_is_refused(repository: SqlShopRepository) -> None:
    with pytest.raises(InexactAmount):
        repository.save_orders([a_record(total=Decimal("1.005"))])


@given(st.decimals(min_value=0, max_value=10_000_000, places=2))
def test_every_amount_survives(amount: Decimal) -> None:
    column, dialect = Euros(), sqlite.dialect()
    assert column.process_result_value(column.process_bind_param(amount, dialect), dialect) == amount


def test_utc_is_what_sqlite_holds(repository: SqlShopRepository, engine: Engine) -> None:
    repository.save_orders([a_record(placed_at=datetime(2025, 9, 16, 10, 2, tzinfo=timezone(timedelta(hours=2))))])
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT placed_at FROM orders")).scalar_one()
    instant = datetime.fromisoformat(str(stored))
    assert (instant if instant.tzinfo else instant.replace(tzinfo=UTC)) == PLACED
