"""What goes into and comes out of the repository besides the rules' own facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from policies.facts import OrderFacts


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One order with its owner, as it is saved. `email`, `phone` and `facts.number` are already normalised.

    `phone` and `customer_name` None mean "not said": what the shop knew stays.
    """

    facts: OrderFacts
    email: str
    phone: str | None = None
    customer_name: str | None = None


@dataclass(frozen=True, slots=True)
class PromoCodeRecord:
    """One promotional code as it is saved; `used_by` holds every use, as (e-mail, instant)."""

    code: str
    valid_from: date
    valid_until: date
    owner_email: str | None = None
    excludes_sale_items: bool = False
    used_by: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class LoyaltyRecord:
    """Points of one customer as they are saved, with the order that earned them."""

    email: str
    points: int
    credited_on: date
    expires_on: date
    order_number: str | None = None
    used_on: date | None = None
    voided_on: date | None = None


@dataclass(frozen=True, slots=True)
class LoyaltyBalance:
    """The points a customer can use on a day, and the first day some of them expire (None without points)."""

    points: int
    next_expiry: date | None = None


@dataclass(frozen=True, slots=True)
class SaveReport:
    """The order numbers a save created, changed, and found already so."""

    created: tuple[str, ...] = field(default=())
    updated: tuple[str, ...] = field(default=())
    unchanged: tuple[str, ...] = field(default=())
