"""The demo shop: `demo_orders.yaml`, whose dates follow the day it is loaded, put into a database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from sqlalchemy import Engine

from shop.order_rows import Reading
from shop.orders_file import records_from_data
from shop.records import LoyaltyRecord, PromoCodeRecord, SaveReport
from shop.repository import SqlShopRepository

DEFAULT_PATH = Path(__file__).with_name("demo_orders.yaml")

_RELATIVE = re.compile(r"([+-]?[0-9]+)d(?: ([0-9]{2}:[0-9]{2}))?")


def seed(*, engine: Engine, today: date, path: Path | None = None, reading: Reading | None = None) -> SaveReport:
    """Loads the demo into a migrated database, as if `today` were the day of its writing.

    Safe to repeat: on a later day the demo's own orders move along, and no other order is touched. Raises
    OrdersFileError for a wrong file, ShopUnavailable for a database that fails; all orders go in or none.
    """
    reading = reading or Reading()
    raw = YAML(typ="safe", pure=True).load((path or DEFAULT_PATH).read_text(encoding="utf-8"))
    demo = _dated(raw, today, reading.zone)
    repository = SqlShopRepository(engine=engine, numbers=reading.numbers)
    saved = repository.save_orders(records_from_data(orders=demo["orders"], reading=reading))
    repository.save_promo_codes([_promo_code(entry) for entry in demo.get("promo_codes", [])])
    repository.save_loyalty([_points(entry) for entry in demo.get("loyalty", [])])
    return saved


def _dated(value: Any, today: date, zone: ZoneInfo) -> Any:
    """The same data with every relative date made absolute, in ISO 8601."""
    if isinstance(value, dict):
        return {key: _dated(item, today, zone) for key, item in value.items()}
    if isinstance(value, list):
        return [_dated(item, today, zone) for item in value]
    relative = _RELATIVE.fullmatch(value) if isinstance(value, str) else None
    if relative is None:
        return value
    day = today + timedelta(days=int(relative[1]))
    if relative[2] is None:
        return day.isoformat()
    return datetime.combine(day, time.fromisoformat(relative[2]), zone).isoformat()


def _promo_code(entry: Mapping[str, Any]) -> PromoCodeRecord:
    return PromoCodeRecord(
        code=entry["code"],
        valid_from=date.fromisoformat(entry["valid_from"]),
        valid_until=date.fromisoformat(entry["valid_until"]),
        owner_email=entry.get("owner"),
        excludes_sale_items=entry.get("excludes_sale_items", False),
        used_by=tuple((use["email"], datetime.fromisoformat(use["at"])) for use in entry.get("used_by", [])),
    )


def _points(entry: Mapping[str, Any]) -> LoyaltyRecord:
    return LoyaltyRecord(
        email=entry["email"],
        points=entry["points"],
        credited_on=date.fromisoformat(entry["credited"]),
        expires_on=date.fromisoformat(entry["expires"]),
        order_number=entry.get("order"),
        used_on=_day(entry.get("used")),
        voided_on=_day(entry.get("voided")),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
