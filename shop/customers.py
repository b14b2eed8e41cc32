"""What the shop's database holds of one customer: to be told to them, or deleted when the shop asks for that too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, false, inspect, or_, select

from shop.database import for_writing
from shop.identifiers import normalise_email, normalise_phone
from shop.models import Customer, ShopTable
from shop.related import Rows, delete_rows, plain, related_rows

_ENDS = frozenset({"promo_codes"})
"""A customer's own code is theirs; who else used it is not."""


def record_of(engine: Engine, *, email: str | None = None, phone: str | None = None) -> dict[str, list[dict[str, Any]]]:
    """Every row of the customers with this e-mail or phone, by table, as JSON; empty for nobody."""
    rows = _rows(engine, email=email, phone=phone)
    return {
        table: [{name: plain(value) for name, value in row.items()} for row in found] for table, found in rows.items()
    }


def delete(engine: Engine, *, email: str | None = None, phone: str | None = None) -> int:
    """Delete these customers with their orders; how many orders went."""
    rows = _rows(engine, email=email, phone=phone)
    with for_writing(engine).begin() as connection:
        delete_rows(connection, ShopTable.metadata, rows)
    return len(rows.get("orders", ()))


def _rows(engine: Engine, *, email: str | None, phone: str | None) -> Rows:
    customers = Customer.metadata.tables["customers"]
    known_email, known_phone = normalise_email(email or ""), normalise_phone(phone or "")
    by_email = customers.c.email == known_email if known_email else false()
    by_phone = customers.c.phone == known_phone if known_phone else false()
    if not inspect(engine).has_table(customers.name):
        # A shop whose orders have not been brought in yet knows nobody.
        return {}
    with engine.connect() as connection:
        ids = connection.execute(select(customers.c.id).where(or_(by_email, by_phone))).scalars().all()
        if not ids:
            return {}
        return related_rows(connection, ShopTable.metadata, table="customers", ids=ids, ends=_ENDS)
