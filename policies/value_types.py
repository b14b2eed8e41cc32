"""The typed values the rules read: one frozen dataclass a topic, one field a key of `policies/values/<topic>.yaml`.

A field without a default must be in the file; a field with one may be left out. Amounts are `Decimal` euros,
hours are Paris wall-clock times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time
from decimal import Decimal

from policies.decision import Fact, Source, Weekdays
from policies.facts import Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnValues:
    """The withdrawal window and the carriers a paid return can go through."""

    window_days: int
    carrier_relay: str
    carrier_post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundValues:
    """By when the shop refunds, and how long the money then travels."""

    due_days: int
    arrival_days_min: int
    arrival_days_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeValues:
    """Until when a placed order can change; `example_*` are the hours of the FAQ's own example."""

    cutoff: time
    example_ordered_at: time
    example_contacted_at: time
    restocking_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryValues:
    """Delays around the hand-over to the carrier, in calendar days."""

    ready_overdue_days: int
    trackable_after_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierValues:
    """One carrier. A delay is None where the FAQ publishes none; `parcel_url` takes the tracking number at its end."""

    name: str
    phone: str
    tracking_url: str
    service_url: str
    parcel_url: str | None = None
    delay_days_min: int | None = None
    delay_days_max: int | None = None
    delay_days_europe: int | None = None
    delay_hours: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockValues:
    """How many stock statuses the FAQ tells apart."""

    status_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionValues:
    """Limits of promotional codes."""

    max_uses: int
    max_codes_per_order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoyaltyValues:
    """When points appear and how long they last, in calendar days."""

    credit_delay_days: int
    validity_days: int
    max_uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralValues:
    """What a sponsor earns on either side of the threshold."""

    threshold: Decimal
    reward_below: Decimal
    reward_above: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentValues:
    """Means of payment: fees in euros, counts of instalments, how long a transfer is awaited."""

    card_processor: str
    instalments_provider: str
    instalments_3x_count: int
    instalments_3x_fee: Decimal
    instalments_4x_count: int
    instalments_4x_fee: Decimal
    transfer_days: int
    security_code_digits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalValues:
    """Articles the texts cite, the penalty the FAQ warns of, and whose public holidays count."""

    withdrawal_article: str
    deadline_shift_article: str
    refund_article: str
    hygiene_article: str
    false_statement_article: str
    false_statement_fine: Decimal
    false_statement_prison_years: int
    holiday_country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactValues:
    """Hours of the customer service and the pages of the shop's site."""

    days: Weekdays
    opens_at: time
    closes_at: time
    form_url: str
    account_url: str
    orders_url: str
    returns_url: str
    password_url: str
    size_guide_url: str
    search_url: str
    faq_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopValues:
    """Who the shop is and which country is home."""

    name: str
    assistant_name: str
    site_url: str
    home_country: str
    currency: str


Topic = (
    ReturnValues
    | RefundValues
    | ChangeValues
    | DeliveryValues
    | CarrierValues
    | StockValues
    | PromotionValues
    | LoyaltyValues
    | ReferralValues
    | PaymentValues
    | LegalValues
    | ContactValues
    | ShopValues
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Every value in force on one day. `sources` is keyed like `flat()`: "returns.window_days"."""

    returns: ReturnValues
    refunds: RefundValues
    changes: ChangeValues
    delivery: DeliveryValues
    carriers: Mapping[Carrier, CarrierValues]
    stock: StockValues
    promotions: PromotionValues
    loyalty: LoyaltyValues
    referral: ReferralValues
    payment: PaymentValues
    legal: LegalValues
    contact: ContactValues
    shop: ShopValues
    sources: Mapping[str, Source]

    def flat(self) -> Mapping[str, Fact]:
        """Every value that is set, under its dotted key; a delay nobody publishes has no key."""
        flat: dict[str, Fact] = {}
        for part in fields(self):
            topic = getattr(self, part.name)
            if part.name == "sources":
                continue
            if part.name == "carriers":
                for carrier, carrier_values in self.carriers.items():
                    flat |= _flatten(f"carriers.{carrier.value}", carrier_values)
            else:
                flat |= _flatten(part.name, topic)
        return flat

    def cite(self, *keys: str) -> tuple[Source, ...]:
        """Where these values come from, each source once, in the order of `keys`."""
        return tuple(dict.fromkeys(self.sources[key] for key in keys))


def _flatten(prefix: str, topic: Topic) -> dict[str, Fact]:
    pairs = ((f"{prefix}.{part.name}", getattr(topic, part.name)) for part in fields(topic))
    return {key: value for key, value in pairs if value is not None}
