"""What `order_text` writes is what `order_rows` reads."""

from __future__ import annotations

import json
from datetime import date
from functools import cache

from sqlmodel import Session, select

from kb.vocabulary import load_vocabulary
from policies.facts import OrderFacts
from shop import demo
from shop.database import make_engine
from shop.models import Customer, Order
from shop.order_text import as_row
from shop.orders_file import records_from_data
from shop.repository import SqlShopRepository


def test_written_and_read_again_an_order_is_the_same() -> None:
    orders, vocabulary = _every_demo_order(), load_vocabulary()
    assert len(orders) > 20
    rows = [json.loads(json.dumps(as_row(order, vocabulary))) for order in orders]
    read = records_from_data(orders=[{**row, "email": "client1@example.fr"} for row in rows])
    assert [record.facts for record in read] == list(orders)


def test_the_owner_is_never_written() -> None:
    vocabulary = load_vocabulary()
    for order in _every_demo_order():
        assert "@" not in json.dumps(as_row(order, vocabulary))


@cache
def _every_demo_order() -> tuple[OrderFacts, ...]:
    engine = make_engine(url="sqlite:///:memory:")
    Order.metadata.create_all(engine)
    demo.seed(engine=engine, today=date(2026, 11, 23))
    with Session(engine) as session:
        emails = session.exec(select(Customer.email)).all()
    shop = SqlShopRepository(engine=engine)
    return tuple(order for email in emails for order in shop.orders_of(email=email))
