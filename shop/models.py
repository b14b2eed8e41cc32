"""The shop's tables. E-mails, phones and order numbers stand here only in the spelling of `shop.identifiers`.

No `from __future__ import annotations`: SQLModel resolves relationship types when the classes are made.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Optional

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from shop.columns import Euros, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class ShopTable(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """Root of the shop's tables, with a metadata of its own: other rooms may keep tables in the same database."""


class Customer(ShopTable, table=True):
    __tablename__ = "customers"

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, max_length=320)
    phone: str | None = Field(default=None, index=True, max_length=16)
    name: str | None = Field(default=None, max_length=200)
    locale: str = Field(default="fr-FR", max_length=16)
    country: str = Field(default="FR", max_length=2)

    orders: list["Order"] = Relationship(back_populates="customer")


class Order(ShopTable, table=True):
    """One order. `points_earned` is what the shop grants for it; the ledger of points is `LoyaltyEntry`."""

    __tablename__ = "orders"

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True, max_length=64)
    customer_id: int = Field(foreign_key="customers.id", index=True)
    placed_at: datetime = Field(sa_type=UtcDateTime)
    status: str = Field(max_length=32)
    status_since: datetime = Field(sa_type=UtcDateTime)
    payment_method: str = Field(max_length=32)
    total: Decimal = Field(sa_type=Euros)
    shipping_fee: Decimal = Field(default=Decimal(0), sa_type=Euros)
    country: str = Field(default="FR", max_length=2)
    restock_expected: date | None = None
    points_earned: int | None = None

    customer: Customer = Relationship(back_populates="orders")
    items: list["OrderItem"] = Relationship(
        cascade_delete=True, sa_relationship_kwargs={"order_by": "OrderItem.position"}
    )
    shipment: Optional["Shipment"] = Relationship(cascade_delete=True, sa_relationship_kwargs={"uselist": False})
    return_: Optional["Return"] = Relationship(cascade_delete=True, sa_relationship_kwargs={"uselist": False})
    refund: Optional["Refund"] = Relationship(cascade_delete=True, sa_relationship_kwargs={"uselist": False})


class OrderItem(ShopTable, table=True):
    """One article of an order. `opened` is NULL when nobody has told the shop."""

    __tablename__ = "order_items"

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", index=True, ondelete="CASCADE")
    position: int
    name: str = Field(max_length=300)
    category: str = Field(max_length=64)
    hygiene_sealed: bool = False
    opened: bool | None = None
    on_sale: bool = False
    price: Decimal | None = Field(default=None, sa_type=Euros)
    returned: bool = False
    stock: str = Field(default="in_stock", max_length=32)


class Shipment(ShopTable, table=True):
    """The parcel of an order, from the carrier's choice on."""

    __tablename__ = "shipments"

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", unique=True, ondelete="CASCADE")
    carrier: str | None = Field(default=None, max_length=32)
    carrier_status: str | None = Field(default=None, max_length=32)
    tracking_number: str | None = Field(default=None, max_length=64)
    shipped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Return(ShopTable, table=True):
    """A return the customer asked for, and its arrival in the warehouse."""

    __tablename__ = "returns"

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", unique=True, ondelete="CASCADE")
    requested_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Refund(ShopTable, table=True):
    """The money given back for an order, to its means of payment."""

    __tablename__ = "refunds"

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", unique=True, ondelete="CASCADE")
    refunded_at: datetime = Field(sa_type=UtcDateTime)


class PromoCode(ShopTable, table=True):
    """A promotional code, in upper case. `owner_id` makes it nominative; both days are included."""

    __tablename__ = "promo_codes"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=64)
    valid_from: date
    valid_until: date
    owner_id: int | None = Field(default=None, foreign_key="customers.id", index=True)
    excludes_sale_items: bool = False


class PromoRedemption(ShopTable, table=True):
    """One use of a code by one customer."""

    __tablename__ = "promo_redemptions"

    id: int | None = Field(default=None, primary_key=True)
    promo_code_id: int = Field(foreign_key="promo_codes.id", index=True, ondelete="CASCADE")
    customer_id: int = Field(foreign_key="customers.id", index=True, ondelete="CASCADE")
    order_id: int | None = Field(default=None, foreign_key="orders.id", index=True, ondelete="SET NULL")
    redeemed_at: datetime = Field(sa_type=UtcDateTime)


class LoyaltyAccount(ShopTable, table=True):
    __tablename__ = "loyalty_accounts"

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customers.id", unique=True, ondelete="CASCADE")


class LoyaltyEntry(ShopTable, table=True):
    """Points granted once. They count from `credited_on` to `expires_on` (both included) unless used or voided.

    A use spends whole entries (the FAQ: points are valid once), so an expiry never makes a balance negative.
    """

    __tablename__ = "loyalty_entries"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="loyalty_accounts.id", index=True, ondelete="CASCADE")
    order_id: int | None = Field(default=None, foreign_key="orders.id", index=True, ondelete="SET NULL")
    points: int
    credited_on: date
    expires_on: date
    used_on: date | None = None
    voided_on: date | None = None
