"""A rehearsal: the console plays a conversation with texts nobody has published and orders of its own.

`rehearsal` comes in the gateway's metadata, which no customer can write, and holds `texts` (`entry`, `path`, `text`)
and `orders` (rows of the orders file). The engine, the rules and what was understood are the real ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from actions.dialogue.services import Services
from privacy.pseudonyms import Pseudonyms
from shop.database import make_engine
from shop.identifiers import OrderNumbers
from shop.models import Order
from shop.order_rows import Reading
from shop.orders_file import records_from_data
from shop.repository import SqlShopRepository


def rehearsed(services: Services, rehearsal: Mapping[str, Any] | None) -> Services:
    """The services as the rehearsal wants them, the same ones without a rehearsal.

    KeyError for a text the FAQ does not have, OrdersFileError for orders that cannot be read.
    """
    if not rehearsal:
        return services
    faq = services.faq
    for text in rehearsal.get("texts") or ():
        faq = faq.with_text(text["entry"], text["path"], text["text"])
    shop = services.shop
    if "orders" in rehearsal:
        shop = _shop_of(json.dumps(rehearsal["orders"]), services.numbers, services.pseudonyms)
    return replace(services, faq=faq, shop=shop)


@lru_cache(maxsize=64)
def _shop_of(orders: str, numbers: OrderNumbers, pseudonyms: Pseudonyms | None) -> SqlShopRepository:
    """A shop in memory that holds these orders only; kept for the next messages of the same conversation."""
    engine = make_engine(url="sqlite:///:memory:")
    Order.metadata.create_all(engine)
    shop = SqlShopRepository(engine=engine, numbers=numbers, pseudonyms=pseudonyms)
    if rows := json.loads(orders):
        shop.save_orders(records_from_data(orders=rows, reading=_reading(numbers)))
    return shop


@lru_cache(maxsize=1)
def _reading(numbers: OrderNumbers) -> Reading:
    return Reading(numbers=numbers)
