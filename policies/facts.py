"""The plain typed facts the rules read. `shop` builds them; nothing here touches a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class OrderStatus(StrEnum):
    """The eight statuses of FAQ entry `order_status_meaning`, and three the shop's database needs besides."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAYMENT_AUTHORISED = "payment_authorised"
    PROCESSING = "processing"
    IN_PREPARATION = "in_preparation"
    READY_TO_SHIP = "ready_to_ship"
    SHIPPED = "shipped"
    RETURNED = "returned"
    REFUNDED = "refunded"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUSED = "refused"


class CarrierStatus(StrEnum):
    """The six parcel statuses of FAQ entry `shipped_not_delivered`."""

    PARCEL_READY = "parcel_ready"
    IN_TRANSIT = "in_transit"
    SORTED = "sorted"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    INSTRUCTION_RECEIVED = "instruction_received"


class Carrier(StrEnum):
    """The four carriers of FAQ entry `cannot_track_parcel`."""

    LA_POSTE = "la_poste"
    CHRONOPOST = "chronopost"
    MONDIAL_RELAY = "mondial_relay"
    LETTRE_SUIVIE = "lettre_suivie"


class PaymentMethod(StrEnum):
    """The means of payment of FAQ entry `payment_methods`, and the cheque that `refund_status` speaks of."""

    CARD = "card"
    CARD_DEFERRED = "card_deferred"
    INSTALMENTS_3X = "instalments_3x"
    INSTALMENTS_4X = "instalments_4x"
    PAYPAL = "paypal"
    TRANSFER = "transfer"
    CHEQUE = "cheque"


class StockStatus(StrEnum):
    """The three stock statuses of FAQ entry `out_of_stock`."""

    IN_STOCK = "in_stock"
    RESTOCKING = "restocking"
    SOLD_OUT = "sold_out"


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One article of an order. `opened` is None when nobody has told the shop."""

    name: str
    category: str
    hygiene_sealed: bool = False
    opened: bool | None = None
    on_sale: bool = False
    price: Decimal | None = None
    returned: bool = False
    stock: StockStatus = StockStatus.IN_STOCK


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One order as the shop knows it. Every instant carries a time zone; `total` is in euros, shipping included."""

    number: str
    placed_at: datetime
    status: OrderStatus
    status_since: datetime
    payment_method: PaymentMethod
    total: Decimal
    items: tuple[ItemFacts, ...]
    carrier: Carrier | None = None
    carrier_status: CarrierStatus | None = None
    tracking_number: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    country: str = "FR"
    restock_expected: date | None = None
    return_requested_at: datetime | None = None
    return_received_at: datetime | None = None
    refunded_at: datetime | None = None
    shipping_fee: Decimal = Decimal(0)
    points_earned: int | None = None


@dataclass(frozen=True, slots=True)
class PromoCodeFacts:
    """One promotional code. `owner` is a customer id for a nominative code, `uses` the customer's past uses."""

    code: str
    valid_from: date
    valid_until: date
    owner: str | None = None
    uses: int = 0
    excludes_sale_items: bool = False


@dataclass(frozen=True, slots=True)
class BasketFacts:
    """What the customer is about to buy. `customer` is None when not logged in."""

    customer: str | None
    items: tuple[ItemFacts, ...]
    codes_applied: tuple[str, ...] = ()
