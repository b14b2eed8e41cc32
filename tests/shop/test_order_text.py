"""What `order_text` writes is what `order_rows` reads."""

from __future__ import annotations

import json
from datetime import date

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
    orders = _every_demo_order()
    assert len(orders) > 20
    for order in orders:
        row = json.loads(json.dumps(as_row(order, load_vocabulary())))
        (read,) = records_from_data(orders=[{**row, "email": "client1@example.fr"}])
        assert read.facts == order


def test_the_owner_is_never_written() -> None:
    for order in _every_demo_order():
        assert "@" not in json.dumps(as_row(order, load_vocabulary()))


def _every_demo_order() -> list[OrderFacts]:
    engine = make_engine(url="sqlite:///:memory:")
    Order.metadata.create_all(engine)
    demo.seed(engine=engine, today=date(2026, 11, 23))
    with Session(engine) as session:
        emails = session.exec(select(Customer.email)).all()
    shop = SqlShopRepository(engine=engine)
    return [order for email in emails for order in shop.orders_of(email=email)]
